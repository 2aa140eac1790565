//! Stops the server when the toolkit ends the program.
//!
//! When the screen is gone (the X server died, a connection of `ssh -X` broke), Xlib ends the program from within the call
//! that notices it: FLTK's handler calls exit(3), so no Rust function returns and no destructor on the stack runs. But
//! exit(3) first drops the main thread's thread-local values, on systems that do so for ending threads (on Linux, glibc's
//! `__cxa_thread_atexit_impl`). So the main thread keeps a [`LastStop`] in one, whose drop makes the server worker stop the
//! server.
//!
//! Runs on the main thread. It must name no widget, since the toolkit is in the middle of its own exit.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::messages::{Command, Reply};

/// Maximum time to wait for the server worker. A stop takes two seconds, and longer if messages are being stored on a slow
/// disk.
const LIMIT: Duration = Duration::from_secs(20);

thread_local! {
    static LAST: Cell<Option<LastStop>> = const { Cell::new(None) };
}

/// Guard that stops the server when dropped: tells the server worker to finish, waits for that, and flushes the log.
#[derive(Debug)]
pub struct LastStop {
    pub(super) commands: Sender<Command>,
    /// Disconnected once the worker's thread has ended.
    pub(super) replies: Receiver<Reply>,
}

impl Drop for LastStop {
    fn drop(&mut self) {
        // It fails only if the thread has ended.
        let _ = self.commands.send(Command::Finish);
        let deadline = Instant::now() + LIMIT;
        while self.replies.recv_deadline(deadline).is_ok() {}
        // The last lines wait for the log's own thread, which exit(3) would kill.
        log::logger().flush();
    }
}

/// Keeps `last_stop` until the main thread ends, however it ends, or until another one replaces it.
pub fn keep(last_stop: LastStop) {
    LAST.set(Some(last_stop));
}
