//! The thread `attention` on Windows: the button of a window in the taskbar flashes, then stays coloured until the user comes to
//! the window.

use crossbeam_channel::Receiver;
use winsafe::{EnumWindows, FLASHWINFO, FlashWindowEx, HWND, co};

use super::{Order, WindowId};

/// Carries out orders until the window is gone.
pub(super) fn run(orders: &Receiver<Order>) {
    for order in orders {
        match order {
            Order::SetUrgent(window, urgent) => {
                if let Some(window) = find(window) {
                    flash(window, urgent);
                }
            }
            Order::Raise(window) => {
                if !find(window).is_some_and(|window| window.SetForegroundWindow()) {
                    log::debug!("{order:?}: Windows does not allow it");
                }
            }
        }
    }
}

/// Returns the window with a number. A number becomes a window only by a search, because any other way is `unsafe`.
fn find(number: WindowId) -> Option<HWND> {
    let mut found = None;
    // The search ends with an error when it is stopped.
    let _ = EnumWindows(|window| {
        let is_it = window.ptr().addr() == number as usize;
        if is_it {
            found = Some(window);
        }
        !is_it
    });
    found
}

fn flash(window: HWND, urgent: bool) {
    let mut order = FLASHWINFO::default();
    order.hwnd = window;
    // Without an end of its own: until the window comes to the front.
    order.dwFlags = if urgent { co::FLASHW::TRAY | co::FLASHW::TIMERNOFG } else { co::FLASHW::STOP };
    order.uCount = 5;
    FlashWindowEx(&order);
}
