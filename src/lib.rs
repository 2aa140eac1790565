//! A multi-user chat with a desktop window at both ends, made of blocking sockets and OS threads.
//!
//! The program is to be used (the README says how) and to be read. This page is the way in: it follows one message from a
//! key press to another person's screen, and says at each step which file, which thread and which lock.
//!
//! # One message
//!
//! Ann types `hello`, and Ben reads it.
//!
//! | step | file | thread | lock |
//! | ---- | ---- | ------ | ---- |
//! | 1. Enter is pressed: the window gives the text to the model, which shows it pale and gives it to the connection | `client/window.rs`, [`client::model`] | main, in Ann's client | |
//! | 2. A bounded channel carries the line to a thread that may block | `client/connection.rs` | main: `try_send` | |
//! | 3. `MSG ann hello` is written to the socket | `client/connection/pump.rs` | `writer` | |
//! | 4. The server reads it: Ann's thread was blocked in `read` | `server/session.rs`, [`protocol::framing`] | `client #1`, in the server | |
//! | 5. Bytes become a line, and the line a [`ClientLine`](protocol::ClientLine); a wrong one is answered with `ERR` | [`protocol`] | `client #1` | |
//! | 6. The line gets its stamp and is pushed to every outbox, so all see one order | `server/registry.rs`, `server/outbox.rs` | `client #1` | registry, and within it one outbox at a time |
//! | 7. The outboxes that nobody else is writing from are written to their sockets, one system call each | `server/delivery.rs` | `client #1` | none, but the outbox for each take |
//! | 8. Ben's client reads it, and puts an [`Event`](client) into a bounded channel | `client/connection/pump.rs` | `reader`, in Ben's client | |
//! | 9. A timer drains the channel, thirty times a second; the model settles the line, the window appends it | `client/model.rs`, `client/window/talk/transcript.rs` | main, in Ben's client | |
//! | 10. Ann asked for an `echo`: the same line comes back to her, and the pale one takes its place in the order | as 8 and 9 | `reader`, main | |
//!
//! If Ben has stopped reading (Ctrl-Z on his client), step 7 finds his socket full: Ann's thread leaves his outbox to a
//! thread `drain ben`, which waits in her place, and goes on. The monitor shows how much waits. After a while he is
//! ended with `TOO_SLOW`; at no time does anybody wait for him.
//!
//! # The threads
//!
//! | process | thread | lives | blocks in |
//! | ------- | ------ | ----- | --------- |
//! | server | main | always | the window's event loop; with `--headless`, a channel that Ctrl-C feeds |
//! | | `operator` | with a window | a channel of orders; it owns the [`Server`](server::Server) and takes its [snapshots](server::Snapshot), and lists [what its threads do](server::Thread) if somebody looks |
//! | | `accept` | from start to stop | `accept` |
//! | | `client #<n>` | one per connection | `read` |
//! | | `drain <name>` | while that client's socket is full | `write` |
//! | | `relief` | while others speak, or come and go, so fast that there is always more to write | nothing: it writes |
//! | client | main | always | the window's event loop |
//! | | `resolve` | until the host name is looked up | the system's resolver |
//! | | `reader` | from Connect to the end | `connect`, then `read` |
//! | | `writer` | while connected | a channel of lines, then `write` |
//! | | `save`, `browse` | for one errand: a file, a link | a disk; the program that opens links |
//! | either, with a window | `settings` | until what is remembered is written, soon after a change | a disk |
//!
//! A window's thread never waits: for the network, a disk, a lock or a name. It takes what is in its channels, and draws.
//!
//! # The locks
//!
//! There are two that are ever held together, always in this order: **the registry's, then one outbox's.** Nothing is
//! written to a socket, sent to a channel or read from a file under either. All the others (the lobby's, the crew's, the
//! counters') are taken alone, for a few assignments; the bans have one for their list and one for their file, and only
//! the operator ever takes the latter. Each is named where it lives, in `src/server/`.
//!
//! # The shape
//!
//! Dependencies point one way: window, model, events, network, [`protocol`]. Only the window files know the toolkit; the
//! models and the network build and are tested without it (`--no-default-features`). State travels as snapshots,
//! happenings travel over channels.
//!
//! # Where to read next
//!
//! 1. [`protocol`]: what is said on the wire, with a session. It is pure, so it is the easiest to read.
//! 2. `src/server/outbox.rs`: the one clever thing here; then `delivery.rs`, which uses it, and
//!    `outbox/interleavings.rs`, which shows that it holds, and what breaks without each of its steps.
//! 3. [`server`]: the life of a connection (`accept.rs`, `entrance.rs`, `greeting.rs`, `session.rs`), and the stop in five
//!    numbered steps.
//! 4. [`transport`]: text or TLS between all that and the socket, and how one thread reads while others write.
//! 5. [`client`]: the same seen from the other end, and how a window stays awake.

pub mod client;
pub mod clock;
pub mod files;
pub mod protocol;
mod scripts;
pub mod server;
mod sync;
pub mod transport;
#[cfg(feature = "gui")]
pub mod ui;
pub mod wire;
