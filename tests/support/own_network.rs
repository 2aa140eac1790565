//! A network namespace for one test: it may listen on every address, take addresses away, and change the rules of its system.

use std::io::Write as _;
use std::process::Command;

/// Runs the program `ip` within the namespace.
pub(crate) fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status().unwrap();
    assert!(status.success(), "ip {arguments}");
}

/// Runs an ignored test of this program in a process and a network of its own. Where the system allows nobody to have one, the test
/// is skipped.
pub(crate) fn run_in_own_network(test: &str) {
    let own_network = |arguments: &[&str]| Command::new("unshare").args(["-r", "-n"]).args(arguments).output();
    let works = |arguments: &[&str]| own_network(arguments).is_ok_and(|output| output.status.success());
    if !works(&["ip", "link"]) {
        // In CI only a system that does not allow it is an excuse, and a missing program is none.
        assert!(std::env::var_os("CI").is_none() || !works(&["true"]), "the program ip is missing");
        // Not `println`, which the test harness swallows when a test passes.
        let skipped = "skipped: this system gives nobody a network of their own (unshare -r -n)";
        let mut stderr = std::io::stderr();
        writeln!(stderr, "{skipped}").unwrap();
        return;
    }
    let program = std::env::current_exe().unwrap();
    let output = own_network(&[program.to_str().unwrap(), "--exact", test, "--ignored", "--nocapture"]).unwrap();
    let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "there is no test {test}: {printed}");
}
