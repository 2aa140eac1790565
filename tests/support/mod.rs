//! What tests share: programs that are started and ended, raw connections, a desktop to click on.

// Each test program compiles all of this and uses some of it; and what fails here is to fail the test.
#![allow(dead_code, clippy::expect_used, clippy::unwrap_used)]

#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod desktop;
pub(crate) mod program;
pub(crate) mod raw;

use std::io::{BufRead as _, BufReader, Read};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};

/// Longer than anything here takes, on a machine however busy.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What comes out of a pipe or a socket, line by line, so that it can be waited for with a deadline.
pub(crate) fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = unbounded();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
