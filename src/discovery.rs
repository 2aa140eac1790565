//! Finding the server on the local network: the server announces itself by DNS-SD over multicast DNS (RFC 6763, RFC 6762), and
//! the client lists the announcements that it hears. No address has to be typed.
//!
//! | file | owns |
//! | --- | --- |
//! | `announcement.rs` | the content of an announcement: the service's name, and the TXT record |
//! | `heard_server.rs` | an announcement as a client reads it: checked, bounded, without misleading characters |
//! | `dns_sd/announcer.rs` | the announcement of a running server |
//! | `dns_sd/listener.rs` | the list of the servers that are heard now |
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `mDNS_daemon` | as long as an [`Announcer`], or a [`Listener`] | the sockets of port 5353; the crate `mdns-sd` owns it |
//! | `announce` | as long as the server announces itself | learns the name from `mDNS_daemon`: the server owns it |
//! | `discover` | as long as a [`Listener`] | keeps the list of the servers |
//!
//! # Trust
//!
//! Anyone on the network can announce anything. An announcement is therefore a hint, like an address on a piece of paper: it fills
//! in the field for the server, and nothing else. A server's key is pinned by the connection alone. The beginning of the key in an
//! announcement only [contradicts](HeardServer::contradicts) the key that a server presents; it never vouches for one.

mod announcement;
#[cfg_attr(feature = "discovery", path = "discovery/dns_sd/enabled.rs")]
#[cfg_attr(not(feature = "discovery"), path = "discovery/dns_sd/disabled.rs")]
mod dns_sd;
mod heard_server;

pub use announcement::{Announcement, NAME_MAX, check_name, default_name};
pub use dns_sd::{Announcer, Listener, Names};
pub use heard_server::HeardServer;
