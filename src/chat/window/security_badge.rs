//! The badge beside the server's name: the security of the connection, as a word and as an open or closed padlock. A
//! click explains why that can be believed, and copies the server's fingerprint to the clipboard. Runs on the UI thread.

use fltk::button::Button;
use fltk::draw;
use fltk::enums::{Color, Font, FrameType, LabelType};
use fltk::group::Flex;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::conversation::Action;
use super::messages::{Msg, Pane};
use super::widgets::{on_click, set_label};
use crate::client::Security;
use crate::ui::{self, EnterPresses, theme};

/// Labels, from which the drawing derives the padlock.
const CLOSED: &str = "Encrypted";
const OPEN: &str = "Not encrypted";

/// The badge.
pub(super) struct SecurityBadge {
    button: Button,
    /// There is a connection, which is or is not encrypted.
    is_known: bool,
}

impl SecurityBadge {
    /// Width of the badge, and of the padlock alone.
    pub(super) const WIDTH: i32 = 128;
    pub(super) const PADLOCK: i32 = 28;

    /// Creates the badge, hidden, in a row.
    pub(super) fn build(row: &mut Flex, send: &(impl Fn(Msg) + Clone + 'static)) -> SecurityBadge {
        let mut button = Button::default();
        button.set_label_type(LabelType::None);
        button.set_frame(FrameType::FlatBox);
        button.set_color(theme::BACKGROUND);
        button.draw(|button| {
            let closed = button.label() == CLOSED;
            let color = if closed { theme::GOOD } else { theme::WARN };
            let (x, y, w, h) = (button.x(), button.y(), button.w(), button.h());
            draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
            padlock(x + 6, y + (h - 14) / 2, closed, color);
            if w > Self::PADLOCK {
                draw::set_draw_color(theme::TEXT);
                draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
                let baseline = y + i32::midpoint(h, draw::height()) - draw::descent();
                draw::draw_text(&button.label(), x + 24, baseline);
            }
            if button.has_focus() {
                draw::set_draw_color(theme::FOCUS);
                draw::draw_rounded_rect(x, y, w, h, 6);
            }
        });
        let mut enter = EnterPresses::default();
        button.handle(move |button, event| {
            let presses = enter.takes(event);
            if presses {
                button.do_callback();
            }
            presses
        });
        on_click(&mut button, send, Msg::In(Pane::Room, Action::ExplainSecurity));
        row.fixed(&button, Self::WIDTH);
        button.hide();
        SecurityBadge { button, is_known: false }
    }

    /// Returns the widget, which the bar shows or hides.
    pub(super) fn widget(&self) -> &Button {
        &self.button
    }

    /// Returns whether there is something to show.
    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Takes over the security of the connection, if there is one.
    pub(super) fn show(&mut self, security: Option<&Security>) {
        let button = &mut self.button;
        if let Some(security) = security {
            let label = if security.is_encrypted() { CLOSED } else { OPEN };
            set_label(button, label);
            let more = match security {
                Security::Encrypted { fingerprint, .. } => {
                    format!("{security}.\n{fingerprint}\nClick to copy the fingerprint.")
                }
                Security::PlainText { .. } => format!("{security}."),
            };
            if button.tooltip().as_deref() != Some(&more) {
                button.set_tooltip(&more);
            }
        }
        self.is_known = security.is_some();
    }
}

/// Draws a padlock of 12 by 14 pixels. An open one has its shackle up and to the side.
pub(super) fn padlock(x: i32, y: i32, closed: bool, color: Color) {
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
