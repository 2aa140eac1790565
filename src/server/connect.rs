//! A connection from accept to join: limits, text or TLS, HELLO, authentication.
//!
//! | step | file | work |
//! | --- | --- | --- |
//! | 0 | `bind.rs` | binds the listening sockets |
//! | 1 | `accept.rs` | accepts sockets, and gives each connection a thread |
//! | - | `listener.rs` | waits for a connection, and stops waiting |
//! | 2 | `limits.rs` | limits unauthenticated connections, and connections per network |
//! | 3 | `new_connection.rs` | the thread of one connection: runs the following steps, joins, then runs the session |
//! | 4 | `sniff.rs`, `tls/` | tells text from TLS by the first byte, and shows the server's certificate |
//! | 5 | `hello.rs` | reads HELLO against a deadline |
//! | 6 | `auth.rs`, `throttle.rs` | authenticates by password, and delays the check after wrong ones |
//! | - | `reject.rs` | sends a connection that gets no thread the reason |
//! | - | `keepalive.rs` | finds dead peers |
//! | - | `fd_limit.rs` | raises the limit of file descriptors |
//!
//! An accept thread runs steps 1 and 2 and never blocks on a client. Each connection's own thread runs the rest, and
//! may block: nothing else waits for it.

pub(crate) mod accept;
pub(crate) mod auth;
pub(crate) mod bind;
pub(crate) mod fd_limit;
pub(crate) mod hello;
pub(crate) mod keepalive;
pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod new_connection;
pub(crate) mod reject;
pub(crate) mod sniff;
pub(crate) mod throttle;
#[cfg_attr(feature = "tls", path = "connect/tls/enabled.rs")]
#[cfg_attr(not(feature = "tls"), path = "connect/tls/disabled.rs")]
pub(crate) mod tls;
