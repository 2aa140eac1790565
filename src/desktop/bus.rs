//! A connection to the session bus of D-Bus, whose answers are waited for until a deadline.
//!
//! A connection belongs to the thread that opened it. After an error its owner drops it.

#[cfg(test)]
mod tests;

use std::env;
use std::time::{Duration, Instant};

use dbus::blocking::Proxy;
use dbus::channel::Channel;
use dbus::{Error, Message};

/// Maximum time for an answer. The bus may have to start the service first.
pub(super) const ANSWER: Duration = Duration::from_secs(3);

/// The bus itself: its name, the interface that it offers, and the path of its object.
const BUS: &str = "org.freedesktop.DBus";
const PATH: &str = "/org/freedesktop/DBus";

/// Connects to the session bus, and asks for the signals that match a rule.
pub(super) fn connect(rule: &str) -> Result<Channel, Error> {
    let default = || env::var("XDG_RUNTIME_DIR").map(|folder| format!("unix:path={folder}/bus"));
    let address = env::var("DBUS_SESSION_BUS_ADDRESS").or_else(|_| default());
    let bus = greet(&address.map_err(|_| Error::new_failed("no session bus is known here"))?)?;
    let () = Proxy::new(BUS, PATH, ANSWER, &bus).method_call(BUS, "AddMatch", (rule,))?;
    Ok(bus)
}

/// Connects to the bus at an address, and waits for its answer.
///
/// The library's own functions do not serve for that: until a bus has answered once, they wait for it without end.
fn greet(address: &str) -> Result<Channel, Error> {
    let bus = Channel::open_private(address)?;
    let hello = bus.send(Message::call_with_args(BUS, PATH, BUS, "Hello", ()));
    let (hello, deadline) = (hello.map_err(|()| Error::new_failed("no memory"))?, Instant::now() + ANSWER);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match bus.blocking_pop_message(left)? {
            Some(mut answer) if answer.get_reply_serial() == Some(hello) => {
                answer.as_result()?;
                return Ok(bus);
            }
            None if left.is_zero() => return Err(Error::new_failed("the bus does not answer")),
            _ => {}
        }
    }
}
