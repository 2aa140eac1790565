//! The client: one person's side of the chat, from the socket to the window.
//!
//! Each layer knows only the ones below it, and can be read, and tested, without those above:
//!
//! | file | owns | runs on |
//! | --- | --- | --- |
//! | `window.rs` | the widgets; the only files here that name fltk | the UI thread |
//! | `model.rs` | what is known and shown: the talks, who is here, status, what was not sent | the UI thread |
//! | `event.rs` | what the network tells the model | made by `reader`, read by the UI thread |
//! | `connection.rs` | a socket and its two threads | `reader`, `writer` |
//! | `errand.rs` | what takes time and is no talking: saving a conversation, opening a link | threads `save`, `browse` |
//! | `visit.rs`, `encryption.rs` | whereto, who, with which password, encrypted or not | any |
//! | `known_servers.rs` | the servers that are known to encrypt, and their fingerprints, in a file | `reader` |
//! | `address.rs` | reading `HOST:PORT` as people write it | any |
//!
//! # The threads of one connection
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | main | always | the FLTK loop; looks at the channel of events 30 times a second, and never waits |
//! | `resolve` | until the system has answered | asks for the addresses of a host name |
//! | `reader` | from Connect to the end of the connection | connects, sees whom to, says HELLO, blocks in read |
//! | `writer` | while connected | takes lines from a channel and blocks in write |
//! | `save`, `browse` | for one errand | writes a file; hands a link to the browser |

mod address;
mod connection;
pub(crate) mod dial;
mod encryption;
mod event;
mod fault_injection;
mod known_servers;
mod options;
pub(crate) mod security;

pub use crate::password::{PASSWORD_VARIABLE, Password};
pub use address::{BadAddress, DEFAULT_PORT, ServerAddress};
pub use connection::{Connection, NotSent};
pub use encryption::{Encryption, Security, Trust};
pub use event::{ConnectionError, Event, Line, Said};
pub use fault_injection::{Experiment, FLOOD_MAX, FaultInjection};
pub use known_servers::{Known, KnownServers};
pub use options::{ConnectOptions, TrustPolicy};
