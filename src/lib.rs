//! A multi-user chat with a desktop window at both ends, made of blocking sockets and OS threads.
//!
//! A server and a client in one process, through the library (`examples/rung11_bot.rs` is a longer program):
//!
//! ```
//! use multichat::client::{ConnectOptions, Connection, Event, Said};
//! use multichat::protocol::{Capabilities, ClientLine, Username};
//! use multichat::server::{Config, EventSink, Server};
//!
//! let server = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() }, EventSink::default())?;
//! let name = Username::parse("ann").map_err(|why| why.to_string())?;
//! let capabilities = Capabilities { echo: true, ..Capabilities::default() };
//! let options = ConnectOptions::new(server.addr().to_string().parse()?, name);
//! let ann = Connection::open(ConnectOptions { capabilities, ..options });
//!
//! let mut received = Vec::new();
//! for event in ann.events() {
//!     let Event::Received { lines, .. } = event else { continue };
//!     received.extend(lines.into_iter().map(|line| line.said));
//!     match &received[..] {
//!         [Said::Hello(_)] => drop(ann.send(&ClientLine::Msg { username: "ann", text: "hello" })),
//!         [Said::Hello(_), Said::Msg { from, text }] => {
//!             assert_eq!((from.as_str(), text.as_str()), ("ann", "hello"));
//!             break;
//!         }
//!         other => panic!("received instead: {other:?}"),
//!     }
//! }
//! server.stop();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
// The rest of the page is docs/tour.md, which has its own table of links at its end, for readers on a forge. Of several
// definitions of a link the first counts (CommonMark, 4.7), so here the same links lead to the documentation.
//! [`chat/background.rs`]: ../src/multichat/chat/background.rs.html
//! [`chat/state.rs`]: ../src/multichat/chat/state.rs.html
//! [`chat/state/backfill.rs`]: ../src/multichat/chat/state/backfill.rs.html
//! [`chat/state/outgoing.rs`]: ../src/multichat/chat/state/outgoing.rs.html
//! [`chat/state/receive.rs`]: ../src/multichat/chat/state/receive.rs.html
//! [`chat/state/send.rs`]: ../src/multichat/chat/state/send.rs.html
//! [`chat/window.rs`]: ../src/multichat/chat/window.rs.html
//! [`chat/window/conversation/transcript.rs`]: ../src/multichat/chat/window/conversation/transcript.rs.html
//! [`chat/window/conversation/writing.rs`]: ../src/multichat/chat/window/conversation/writing.rs.html
//! [`client/connection.rs`]: ../src/multichat/client/connection.rs.html
//! [`client/connection/reader.rs`]: ../src/multichat/client/connection/reader.rs.html
//! [`client/connection/writer.rs`]: ../src/multichat/client/connection/writer.rs.html
//! [`client/dial.rs`]: ../src/multichat/client/dial.rs.html
//! [`client/event.rs`]: ../src/multichat/client/event.rs.html
//! [`client/fault_injection.rs`]: ../src/multichat/client/fault_injection.rs.html
//! [`client/known_servers.rs`]: ../src/multichat/client/known_servers.rs.html
//! [`client/security.rs`]: ../src/multichat/client/security.rs.html
//! [`logging.rs`]: ../src/multichat/logging.rs.html
//! [`monitor/model/client_columns.rs`]: ../src/multichat/monitor/model/client_columns.rs.html
//! [`monitor/window.rs`]: ../src/multichat/monitor/window.rs.html
//! [`monitor/worker.rs`]: ../src/multichat/monitor/worker.rs.html
//! [`protocol.rs`]: ../src/multichat/protocol.rs.html
//! [`protocol/client_line.rs`]: ../src/multichat/protocol/client_line.rs.html
//! [`protocol/escape.rs`]: ../src/multichat/protocol/escape.rs.html
//! [`protocol/framing.rs`]: ../src/multichat/protocol/framing.rs.html
//! [`protocol/name_key.rs`]: ../src/multichat/protocol/name_key.rs.html
//! [`protocol/server_line.rs`]: ../src/multichat/protocol/server_line.rs.html
//! [`protocol/username.rs`]: ../src/multichat/protocol/username.rs.html
//! [`server.rs`]: ../src/multichat/server.rs.html
//! [`server/admin.rs`]: ../src/multichat/server/admin.rs.html
//! [`server/connect/accept.rs`]: ../src/multichat/server/connect/accept.rs.html
//! [`server/connect/auth.rs`]: ../src/multichat/server/connect/auth.rs.html
//! [`server/connect/hello.rs`]: ../src/multichat/server/connect/hello.rs.html
//! [`server/connect/keepalive.rs`]: ../src/multichat/server/connect/keepalive.rs.html
//! [`server/connect/limits.rs`]: ../src/multichat/server/connect/limits.rs.html
//! [`server/connect/new_connection.rs`]: ../src/multichat/server/connect/new_connection.rs.html
//! [`server/connect/reject.rs`]: ../src/multichat/server/connect/reject.rs.html
//! [`server/connect/sniff.rs`]: ../src/multichat/server/connect/sniff.rs.html
//! [`server/connect/throttle.rs`]: ../src/multichat/server/connect/throttle.rs.html
//! [`server/delivery.rs`]: ../src/multichat/server/delivery.rs.html
//! [`server/delivery/batch.rs`]: ../src/multichat/server/delivery/batch.rs.html
//! [`server/delivery/budget.rs`]: ../src/multichat/server/delivery/budget.rs.html
//! [`server/delivery/claim.rs`]: ../src/multichat/server/delivery/claim.rs.html
//! [`server/delivery/client.rs`]: ../src/multichat/server/delivery/client.rs.html
//! [`server/delivery/drain.rs`]: ../src/multichat/server/delivery/drain.rs.html
//! [`server/delivery/linger.rs`]: ../src/multichat/server/delivery/linger.rs.html
//! [`server/delivery/outbox.rs`]: ../src/multichat/server/delivery/outbox.rs.html
//! [`server/network.rs`]: ../src/multichat/server/network.rs.html
//! [`server/observe/activity.rs`]: ../src/multichat/server/observe/activity.rs.html
//! [`server/observe/event.rs`]: ../src/multichat/server/observe/event.rs.html
//! [`server/observe/snapshot.rs`]: ../src/multichat/server/observe/snapshot.rs.html
//! [`server/observe/threads.rs`]: ../src/multichat/server/observe/threads.rs.html
//! [`server/permits.rs`]: ../src/multichat/server/permits.rs.html
//! [`server/registry.rs`]: ../src/multichat/server/registry.rs.html
//! [`server/registry/roster.rs`]: ../src/multichat/server/registry/roster.rs.html
//! [`server/registry/updates.rs`]: ../src/multichat/server/registry/updates.rs.html
//! [`server/session.rs`]: ../src/multichat/server/session.rs.html
//! [`server/session/join_guard.rs`]: ../src/multichat/server/session/join_guard.rs.html
//! [`server/session/quotas.rs`]: ../src/multichat/server/session/quotas.rs.html
//! [`server/session/rate_limit.rs`]: ../src/multichat/server/session/rate_limit.rs.html
//! [`server/shutdown.rs`]: ../src/multichat/server/shutdown.rs.html
//! [`server/stamps.rs`]: ../src/multichat/server/stamps.rs.html
//! [`server/storage/bans.rs`]: ../src/multichat/server/storage/bans.rs.html
//! [`server/storage/history/enabled.rs`]: ../src/multichat/server/storage/history/enabled.rs.html
//! [`server/storage/history/normalize.rs`]: ../src/multichat/server/storage/history/normalize.rs.html
//! [`server/storage/history/ring.rs`]: ../src/multichat/server/storage/history/ring.rs.html
//! [`server/storage/history/trusted_time.rs`]: ../src/multichat/server/storage/history/trusted_time.rs.html
//! [`server/storage/history/writer.rs`]: ../src/multichat/server/storage/history/writer.rs.html
//! [`server/storage/members/enabled.rs`]: ../src/multichat/server/storage/members/enabled.rs.html
//! [`server/storage/members/hashing.rs`]: ../src/multichat/server/storage/members/hashing.rs.html
//! [`server/storage/sqlite.rs`]: ../src/multichat/server/storage/sqlite.rs.html
//! [`signals.rs`]: ../src/multichat/signals.rs.html
//! [`sync.rs`]: ../src/multichat/sync.rs.html
//! [`transport.rs`]: ../src/multichat/transport.rs.html
//! [`transport/tls/enabled.rs`]: ../src/multichat/transport/tls/enabled.rs.html
//! [`ui/rows.rs`]: ../src/multichat/ui/rows.rs.html
//! [`ui/settings.rs`]: ../src/multichat/ui/settings.rs.html
//! [`ui/timer.rs`]: ../src/multichat/ui/timer.rs.html
//! [`wire.rs`]: ../src/multichat/wire.rs.html
//! [`wire/redact.rs`]: ../src/multichat/wire/redact.rs.html
//! [`ClientLine`]: protocol::ClientLine
//! [`Event`]: client::Event
//! [`TOO_SLOW`]: protocol::ErrorCode::TooSlow
//! [`Transport`]: transport::Transport
//! [`Tap`]: wire::Tap
//! [`Server`]: server::Server
//! [`Snapshot`]: server::Snapshot
//! [`ErrorCode`]: protocol::ErrorCode
//! [`DisconnectReason`]: server::DisconnectReason
//! [`Server::stop`]: server::Server::stop
//! [ladder]: guide::ladder
//! [exercises]: guide::exercises
//! [reading]: guide::reading
//! [why-threads]: guide::why_threads
//! [many-machines]: guide::many_machines
//! [glossary]: guide::glossary
//!
#![doc = include_str!("../docs/tour.md")]

#[macro_use]
mod words;

pub mod chat;
pub mod client;
pub mod clock;
pub mod files;
#[cfg(doc)]
pub mod guide;
pub mod logging;
pub mod monitor;
pub mod mood;
mod password;
pub mod protocol;
mod ring_log;
pub mod server;
pub mod signals;
pub mod sorting;
mod sync;
mod text_runs;
pub mod transport;
#[cfg(feature = "gui")]
pub mod ui;
pub mod wire;
