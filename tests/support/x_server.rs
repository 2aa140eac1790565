//! An X server of the test's own (Xvfb): no other test moves its focus, its mouse or its selection, and a test can stop it.

use std::process::{Child, Command, Stdio};

use super::{DEADLINE, lines};

/// The X server. Dropping it ends it.
pub(crate) struct XServer {
    process: Child,
    pub(crate) display: String,
}

impl XServer {
    /// Starts an X server whose screen is so many pixels wide.
    pub(crate) fn start(width: u16) -> XServer {
        let size = format!("{width}x1000x24");
        let mut process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is needed: script/bootstrap installs it");
        let number = lines(process.stdout.take().unwrap()).recv_timeout(DEADLINE).expect("Xvfb does not start");
        XServer { process, display: format!(":{number}") }
    }
}

impl Drop for XServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
