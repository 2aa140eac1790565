//! Everything that shows what a server does: events, snapshots, and the activity of each thread.
//!
//! The lowest of the server's rooms: all others report to it, and it imports none of them. It never blocks the thread that
//! reports.

pub(crate) mod activity;
pub(crate) mod event;
pub(crate) mod snapshot;
pub(crate) mod thread_info;
pub(crate) mod threads;
