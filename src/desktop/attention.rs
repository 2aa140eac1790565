//! Windows that ask for attention: marked in the taskbar until the user comes to them, and raised when a click elsewhere
//! asks for them.
//!
//! FLTK has no function for either. The thread `attention` tells the window manager, under X11 over a connection of its own, or
//! the taskbar of Windows. The UI thread passes it the numbers of windows, and does not wait. On macOS nothing is marked.

use crossbeam_channel::Sender;

#[cfg(windows)]
mod taskbar;
#[cfg(all(unix, not(target_os = "macos")))]
mod x11;

#[cfg(windows)]
use taskbar as system;
#[cfg(all(unix, not(target_os = "macos")))]
use x11 as system;

/// Number of a window, as the X server or Windows knows it.
pub type WindowId = u32;

/// An order of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Mark a window as urgent, or no longer.
    SetUrgent(WindowId, bool),
    /// Bring a window to the front, and give it the keyboard.
    Raise(WindowId),
}

/// The way to the window manager. Its thread starts with the first order.
#[derive(Debug, Default)]
pub struct Attention {
    orders: Option<Sender<Order>>,
    /// Windows that are marked.
    urgent: Vec<WindowId>,
}

impl Attention {
    /// Marks a window as urgent.
    pub fn demand(&mut self, window: WindowId) {
        if !self.urgent.contains(&window) {
            self.urgent.push(window);
            self.order(Order::SetUrgent(window, true));
        }
    }

    /// Removes the mark from a window, if it has one.
    pub fn clear(&mut self, window: WindowId) {
        if let Some(at) = self.urgent.iter().position(|urgent| *urgent == window) {
            self.urgent.swap_remove(at);
            self.order(Order::SetUrgent(window, false));
        }
    }

    /// Brings a window to the front, after the user has asked for it elsewhere.
    pub fn raise(&mut self, window: WindowId) {
        self.order(Order::Raise(window));
    }

    fn order(&mut self, order: Order) {
        if self.orders.is_none() {
            self.orders = start();
        }
        if let Some(orders) = &self.orders
            && orders.try_send(order).is_err()
        {
            log::debug!("the desktop does not keep up: {order:?} is left out");
        }
    }
}

#[cfg(not(target_os = "macos"))]
fn start() -> Option<Sender<Order>> {
    /// Maximum number of orders on their way: a few for each window.
    const WAITING_MAX: usize = 256;
    let (orders, taken) = crossbeam_channel::bounded(WAITING_MAX);
    let thread = std::thread::Builder::new().name("attention".into());
    match thread.spawn(move || system::run(&taken)) {
        Ok(_) => Some(orders),
        Err(error) => {
            log::warn!("no window can ask for attention: {error}");
            None
        }
    }
}

#[cfg(target_os = "macos")]
fn start() -> Option<Sender<Order>> {
    None
}
