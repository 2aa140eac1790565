//! The stop of a server whose program is ended by its toolkit.
//!
//! When the screen is gone (the X server died, a connection of `ssh -X` broke), Xlib ends the program from within whatever call
//! notices it: FLTK's handler calls exit(3), and nothing in Rust is asked or returns. But exit(3) drops the main thread's
//! thread-local values first, where the system does that for threads that end (on Linux, glibc's `__cxa_thread_atexit_impl`).
//! So the main thread keeps one, and its drop has the operator stop the server.

use std::cell::RefCell;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::worker::Reply;
use crate::logging;

/// How long the operator may take: a stop takes two seconds, and what is being stored longer on a slow disk.
const LIMIT: Duration = Duration::from_secs(20);

thread_local! {
    static LAST: RefCell<Option<LastStop>> = const { RefCell::new(None) };
}

/// Dropping it has the operator finish, and waits until it has.
#[derive(Debug)]
pub struct LastStop {
    /// Nothing is ever sent. With its end, the operator's thread finishes.
    pub(super) alive: Option<Sender<Infallible>>,
    /// Disconnected once the operator's thread is at its end.
    pub(super) notices: Receiver<Reply>,
}

impl Drop for LastStop {
    fn drop(&mut self) {
        self.alive = None;
        let deadline = Instant::now() + LIMIT;
        while self.notices.recv_deadline(deadline).is_ok() {}
        logging::flush();
    }
}

/// Keeps it until the main thread ends, in whatever way, or another takes its place.
pub fn keep(last_stop: LastStop) {
    LAST.set(Some(last_stop));
}
