//! The thread `attention`: requests to the window manager over a connection to the X server of its own.
//!
//! Urgency is said in two ways, because window managers know one or the other: a flag in the property `WM_HINTS` (ICCCM
//! 4.1.2.4), and the state `_NET_WM_STATE_DEMANDS_ATTENTION` (EWMH).

use crossbeam_channel::Receiver;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyError;
use x11rb::properties::WmHints;
use x11rb::protocol::xproto::{Atom, ClientMessageEvent, ConnectionExt as _, EventMask};
use x11rb::rust_connection::RustConnection;

use super::{Order, WindowId};

/// Source of a request: an ordinary program, or a click of the user's outside of it.
const FROM_PROGRAM: u32 = 1;
const FROM_USER: u32 = 2;

/// Carries out orders until the window is gone.
pub(super) fn run(orders: &Receiver<Order>) {
    let server = match Server::connect() {
        Ok(server) => server,
        Err(why) => return log::warn!("no window can ask for attention: {why}"),
    };
    for order in orders {
        let done = match order {
            Order::SetUrgent(window, urgent) => server.set_urgent(window, urgent),
            Order::Raise(window) => server.raise(window),
        };
        if let Err(error) = done {
            log::debug!("{order:?}: {error}");
        }
    }
}

struct Server {
    x11: RustConnection,
    root: WindowId,
    state: Atom,
    demands_attention: Atom,
    active_window: Atom,
}

impl Server {
    fn connect() -> Result<Server, Box<dyn std::error::Error>> {
        let (x11, screen) = x11rb::connect(None)?;
        let root = x11.setup().roots.get(screen).ok_or("no such screen")?.root;
        let atom = |name: &str| Ok::<_, ReplyError>(x11.intern_atom(false, name.as_bytes())?.reply()?.atom);
        let state = atom("_NET_WM_STATE")?;
        let demands_attention = atom("_NET_WM_STATE_DEMANDS_ATTENTION")?;
        let active_window = atom("_NET_ACTIVE_WINDOW")?;
        Ok(Server { x11, root, state, demands_attention, active_window })
    }

    fn set_urgent(&self, window: WindowId, urgent: bool) -> Result<(), ReplyError> {
        let hints = WmHints::get(&self.x11, window)?.reply()?.unwrap_or_default();
        WmHints { urgent, ..hints }.set(&self.x11, window)?.check()?;
        self.ask(window, self.state, [u32::from(urgent), self.demands_attention, 0, FROM_PROGRAM, 0])
    }

    fn raise(&self, window: WindowId) -> Result<(), ReplyError> {
        self.ask(window, self.active_window, [FROM_USER, x11rb::CURRENT_TIME, 0, 0, 0])
    }

    /// Asks the window manager for something.
    fn ask(&self, window: WindowId, what: Atom, data: [u32; 5]) -> Result<(), ReplyError> {
        let message = ClientMessageEvent::new(32, window, what, data);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.x11.send_event(false, self.root, mask, message)?.check()
    }
}
