//! The monitor: a window on a running server, and the thread that starts and stops the server for it.
//!
//! ```text
//!   window (main thread) --- Command ---> server worker (its own thread) --- owns ---> Server
//!      ^                                    |                                            |
//!      +--- Reply, Update (4 a second) -----+                                            |
//!      +--- Event (bounded, never blocks) -----------------------------------------------+
//! ```
//!
//! Starting and stopping a server take time: an address may have to be looked up, and a stop waits until the clients have
//! been sent their last line. So the window never holds the [`Server`](crate::server::Server). It sends commands to the
//! [`worker`], and a timer carries the replies into the [`model`]. The model names no widget and decides what is shown.
//! Only `window` and the files below it name the toolkit.
//!
//! The imports point one way: `window` -> `worker` and `model` -> `messages` and `units`.
//!
//! A column of the client table is declared in `model/client_columns.rs` (title, width, text, sort key), one of the thread
//! list in `model/thread_list.rs`.

pub mod hints;
pub mod last_stop;
pub mod messages;
pub mod model;
pub mod units;
#[cfg(feature = "gui")]
pub mod window;
pub mod worker;
