//! A multi-user chat made of blocking sockets and OS threads: a server, a client, and a desktop window for each.
//!
//! The library is three modules. [`server`] runs a chat server inside your program. [`client`] connects to one: in the
//! style of `std::net`, where a call waits, or with a channel of events, where none does. [`protocol`] is the wire format,
//! whose page is its specification.
//!
//! ```
//! use multichat::client::{ConnectOptions, Connection, Said};
//! use multichat::protocol::Username;
//! use multichat::server::{Config, Server};
//!
//! let (server, _events) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() })?;
//! let ann = Connection::connect(ConnectOptions::new(server.addr().into(), Username::parse("ann")?))?;
//! let ben = Connection::connect(ConnectOptions::new(server.addr().into(), Username::parse("ben")?))?;
//! ann.say("hello")?;
//! let line = ben.lines().next().ok_or("the end")??;
//! assert_eq!(line.said, Said::Msg { from: "ann".into(), text: "hello".into() });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/rung14_bot.rs` is a longer program. The rest of the crate is written to be read: begin with the
//! [tour](guide::tour). `cargo doc --no-deps --document-private-items --open` shows every item of it.

#[cfg(not(all(feature = "storage", feature = "tls")))]
#[macro_use]
mod never;
#[macro_use]
mod words;

pub mod client;
pub mod protocol;
pub mod server;

mod chat;
mod clock;
mod computer;
mod console;
#[cfg(feature = "gui")]
mod desktop;
mod discovery;
mod files;
#[cfg(doc)]
pub mod guide;
mod logging;
mod monitor;
mod mood;
mod options;
mod password;
mod ring_log;
mod signals;
mod sorting;
mod sync;
mod systemd;
mod transport;
#[cfg(feature = "gui")]
mod ui;
mod wire;

/// The parts that the two programs, the tests and the measurements use beside the library. They change without notice.
///
/// Each module is private and exported here, because a module that is hidden itself is missing from the documentation of
/// private items, too.
#[doc(hidden)]
pub mod internal {
    pub use crate::protocol::name_key::NameKey;
    pub use crate::server::observe::event::EventSink;

    macro_rules! export {
        ($($module:ident)*) => { $(pub mod $module { pub use crate::$module::*; })* };
    }
    export! { chat clock console discovery files logging monitor options signals systemd transport wire }
    #[cfg(feature = "gui")]
    export! { desktop ui }
}
