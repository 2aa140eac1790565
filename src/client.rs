//! The network client: a connection to a server, from the address that a user typed to the lines that a program or a window
//! reads. Begin with [`Connection`].
//!
//! It knows nothing of windows; `chat` uses it, and so can a program without one. Each file knows only those below
//! it in this table:
//!
//! | file | owns | runs on |
//! | --- | --- | --- |
//! | `connection.rs` | the handle of a connection, and its bounded channels | the UI thread |
//! | `connection/blocking.rs` | the calls that wait | any but the UI thread |
//! | `connection/reader.rs`, `connection/writer.rs` | the two threads of a connection | `reader`, `writer` |
//! | `security.rs` | plain text or TLS, and which certificate to trust | `reader` |
//! | `dial.rs` | name resolution and connecting, with a timeout | `reader`, `resolve` |
//! | `race.rs` | the attempts to connect to the addresses of one name | `reader`, `connect` |
//! | `options.rs`, `encryption.rs` | the options of a connection, and its security | any |
//! | `event.rs` | the events of a connection, and the reasons why it ended | made by `reader`, read by the UI thread |
//! | `fault_injection.rs` | switches that make a connection misbehave, for experiments | set by the UI thread |
//! | `known_servers.rs` | the servers known to support TLS, and their keys, in a file | `reader` |
//! | `address.rs` | parsing of `HOST:PORT` | any |
//!
//! # The threads of a connection
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `reader` | from opening to the end of the connection | connects, checks the certificate, sends HELLO, blocks in read |
//! | `writer` | while connected | takes lines from a channel and blocks in write |
//! | `resolve` | until the system has answered | resolves a host name |
//! | `connect`, four at most | until the system has answered | connects to one of the host's addresses |
//!
//! In a program with a window, the UI thread owns the [`Connection`], polls the channel of events, and never blocks.

mod address;
mod connection;
pub(crate) mod dial;
mod encryption;
mod event;
mod fault_injection;
mod known_servers;
mod options;
mod race;
pub(crate) mod security;

pub use crate::password::{PASSWORD_VARIABLE, Password, PasswordError};
pub use address::{BadAddress, DEFAULT_PORT, ServerAddress};
pub use connection::{Connection, NotSent};
pub use encryption::{Encryption, Security, Trust};
pub use event::{ConnectionError, Event, Line, Said};
pub(crate) use fault_injection::Fault;
pub use known_servers::{KnownServers, Pin};
pub use options::{ConnectOptions, TrustPolicy};
