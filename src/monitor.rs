//! The monitor: a window on a running server, and the thread that starts and stops the server for it.
//!
//! ```text
//!   window (main thread) --- Order ---> operator (its own thread) --- owns ---> Server
//!      ^                                    |                                     |
//!      +--- Notice, Snapshot (4 a second) --+                                     |
//!      +--- Event (bounded, never waits) -----------------------------------------+
//! ```
//!
//! Starting and stopping a server take time: an address may have to be looked up, a stop waits for the last words to
//! everybody. So the window never holds the [`Server`](crate::server::Server). It gives orders to the [`operator`], and a timer
//! carries what comes back into the [`model`], which has no window in it and decides what is to be seen. Only `window` and
//! what is below it name the toolkit.

pub mod last_stop;
pub mod model;
#[cfg(feature = "gui")]
pub mod window;
pub mod worker;
