//! What a watcher can see of a server: events, snapshots, and what each thread does.

pub(crate) mod activity;
pub(crate) mod event;
pub(crate) mod snapshot;
pub(crate) mod thread_info;
pub(crate) mod threads;
