//! DNS-SD by the crate `mdns-sd`.

mod announcer;
mod listener;

pub use announcer::{Announcer, Names};
pub use listener::Listener;

/// The service's type, with the domain of the local network.
const SERVICE: &str = "_multichat._tcp.local.";
