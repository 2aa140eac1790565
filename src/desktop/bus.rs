//! A connection to the session bus of D-Bus, on which nothing is waited for without a deadline.
//!
//! A connection belongs to the thread that opened it. After an error its owner drops it.

use std::env;
use std::time::Duration;

use dbus::Error;
use dbus::blocking::Proxy;
use dbus::channel::Channel;

/// Maximum time for an answer. The bus may have to start the service first.
pub(super) const ANSWER: Duration = Duration::from_secs(3);

/// The bus itself: its name, and the interface that it offers.
const BUS: &str = "org.freedesktop.DBus";

/// Connects to the session bus, and asks for the signals that match a rule.
///
/// The library's own function waits for up to 25 seconds for a bus that does not answer.
pub(super) fn connect(rule: &str) -> Result<Channel, Error> {
    let default = || env::var("XDG_RUNTIME_DIR").map(|folder| format!("unix:path={folder}/bus"));
    let address = env::var("DBUS_SESSION_BUS_ADDRESS").or_else(|_| default());
    let channel = Channel::open_private(&address.map_err(|_| Error::new_failed("no session bus is known here"))?)?;
    let bus = Proxy::new(BUS, "/org/freedesktop/DBus", ANSWER, &channel);
    let (_name,): (String,) = bus.method_call(BUS, "Hello", ())?;
    let () = bus.method_call(BUS, "AddMatch", (rule,))?;
    Ok(channel)
}
