//! The lock beside the status line: whether what is said is encrypted, in words and as a drawing, closed or open. On a click
//! it says why that is to be believed, and puts the server's fingerprint on the clipboard. Runs on the UI thread.

use fltk::app;
use fltk::button::Button;
use fltk::draw;
use fltk::enums::{Color, Font, FrameType};
use fltk::group::Flex;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::ConversationView;
use crate::client::Security;
use crate::ui::{self, Tone, theme};

/// How wide it is.
const WIDTH: i32 = 128;

/// What it says, which is what it draws.
const CLOSED: &str = "Encrypted";
const OPEN: &str = "Not encrypted";

/// The lock. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(in crate::chat::window) struct SecurityBadge {
    pub(super) button: Button,
}

impl SecurityBadge {
    /// Makes it, hidden, within a row.
    pub(super) fn build(row: &mut Flex) -> SecurityBadge {
        let mut button = Button::default();
        button.set_frame(FrameType::FlatBox);
        button.set_color(theme::BACKGROUND);
        button.draw(|button| {
            let closed = button.label() == CLOSED;
            let color = if closed { theme::GOOD } else { theme::WARN };
            let (x, y, w, h) = (button.x(), button.y(), button.w(), button.h());
            draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
            padlock(x + 6, y + (h - 14) / 2, closed, color);
            draw::set_draw_color(theme::TEXT);
            draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
            let baseline = y + i32::midpoint(h, draw::height()) - draw::descent();
            draw::draw_text(&button.label(), x + 24, baseline);
            if button.has_focus() {
                draw::set_draw_color(theme::ACCENT);
                draw::draw_rounded_rect(x, y, w, h, 6);
            }
        });
        row.fixed(&button, WIDTH);
        button.hide();
        SecurityBadge { button }
    }

    /// Shows how the connection is; nothing without one.
    pub(super) fn show(&mut self, lock: Option<&Security>) {
        let button = &mut self.button;
        if let Some(lock) = lock {
            let label = if lock.is_closed() { CLOSED } else { OPEN };
            if button.label() != label {
                button.set_label(label);
            }
            let more = match lock {
                Security::Closed { fingerprint, .. } => {
                    format!("{lock}.\n{fingerprint}\nA click copies this fingerprint.")
                }
                Security::Open { .. } => format!("{lock}."),
            };
            if button.tooltip().as_deref() != Some(&more) {
                button.set_tooltip(&more);
            }
        }
        if button.visible() != lock.is_some() {
            if lock.is_some() {
                button.show();
            } else {
                button.hide();
            }
            if let Some(mut row) = button.parent().and_then(|row| Flex::from_dyn_widget(&row)) {
                row.layout();
                row.redraw();
            }
        }
    }
}

/// A padlock of 12 by 14 pixels; an open one has its shackle up and to the side.
fn padlock(x: i32, y: i32, closed: bool, color: Color) {
    draw::set_draw_color(color);
    draw::draw_rectf(x, y + 6, 12, 8);
    draw::set_line_style(draw::LineStyle::Solid, 2);
    let shackle = if closed { x + 2 } else { x + 7 };
    draw::draw_arc(shackle, y, 8, 10, 0.0, 180.0);
    if closed {
        draw::draw_line(x + 3, y + 4, x + 3, y + 6);
    }
    draw::draw_line(shackle + 7, y + 4, shackle + 7, y + 6);
    draw::set_line_style(draw::LineStyle::Solid, 0);
}

impl ConversationView {
    /// Says in the status line what the lock means.
    pub(super) fn tell_lock(&mut self) {
        let lock = self.chat.borrow().security().cloned();
        match lock {
            Some(lock @ Security::Open { .. }) => self.reading.tell(Tone::Warn, format!("{lock}.")),
            Some(lock @ Security::Closed { .. }) => {
                if let Security::Closed { fingerprint, .. } = &lock {
                    app::copy(fingerprint);
                }
                self.reading.tell(Tone::Good, format!("The server's fingerprint is on the clipboard. {lock}."));
            }
            None => {}
        }
        self.lock_told.replace(self.chat.borrow().security().cloned());
        self.draw();
    }
}
