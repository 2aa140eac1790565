use std::os::unix::net::UnixListener;
use std::time::Instant;

use super::*;

#[test]
fn a_silent_bus_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    // The system takes the connection, and nobody answers.
    let _listener = UnixListener::bind(&path).unwrap();
    let begin = Instant::now();
    assert!(greet(&format!("unix:path={}", path.display())).is_err());
    assert!(begin.elapsed() < 2 * ANSWER, "{:?}", begin.elapsed());
}
