//! The server: its threads and its parts.
//!
//! A [`Server`] owns a handful of threads:
//!
//! | thread | work | file |
//! | --- | --- | --- |
//! | `accept`, one for each address | accepts connections | `connect/accept.rs` |
//! | `announce` | learns the name under which the server is announced on the local network | `announce.rs` |
//! | `client #<n>` | one connection: HELLO, authentication, then the read loop | `connect/new_connection.rs` |
//! | `rejection` | sends a connection for which there is no room the reason | `connect/reject.rs` |
//! | `drain <name>` | writes to one client while its socket is full | `delivery/drain.rs` |
//! | `flusher` | takes over the writes of a thread that could not keep up, or announces many joins and leaves at once | `delivery.rs` |
//! | `history` | stores messages | `storage/history/writer.rs` |
//!
//! They share a `ServerContext`, and report each [`Event`]. Nothing below this file knows of a window, and nothing
//! below this file imports from it: it only names the parts. A [`Server`] is in `running.rs`, and what an operator does
//! with it in `admin.rs`.
//!
//! | folder | owns |
//! | --- | --- |
//! | `connect/` | a connection until it has joined |
//! | `session/` | a client's read loop |
//! | `registry/` | the clients that have joined, and the order of all lines |
//! | `delivery/` | send queues, and the writes to sockets |
//! | `storage/` | history, members, bans |
//! | `observe/` | events, snapshots, the threads and what each is doing |

pub(crate) mod admin;
pub(crate) mod announce;
pub(crate) mod changes;
pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod context;
pub(crate) mod delivery;
pub(crate) mod error;
pub(crate) mod id;
pub(crate) mod listen;
pub(crate) mod live;
pub(crate) mod network;
pub(crate) mod observe;
#[cfg(feature = "storage")]
pub(crate) mod permits;
pub(crate) mod proof;
pub(crate) mod recent;
pub(crate) mod registry;
pub(crate) mod running;
pub(crate) mod session;
pub(crate) mod shutdown;
pub(crate) mod stamps;
pub(crate) mod storage;

pub use crate::password::{PASSWORD_VARIABLE, Password, PasswordError};
pub use admin::HasLeft;
pub(crate) use admin::REASON_MAX;
pub use changes::Changes;
pub use config::{Certificate, Config};
pub use connect::tls::CertificateError;
pub use error::StartError;
pub use id::ConnectionId;
pub use listen::Listen;
pub use network::Subnet;
pub(crate) use observe::event::EventSink;
pub use observe::event::{DisconnectReason, Event, EventKind};
pub use observe::snapshot::{ClientInfo, Snapshot, Totals};
pub use observe::thread_info::ThreadInfo;
pub use running::Server;
pub use storage::bans::{Ban, BanTarget};
pub(crate) use storage::history::types::SENDER;
pub use storage::history::types::{Deletion, HistoryError, HistorySummary, StoredMessage};
pub use storage::members::error::MembersError;
pub use storage::members::{Member, Members};

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
