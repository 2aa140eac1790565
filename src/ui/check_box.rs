//! A check box with its label. Runs on the UI thread.
//!
//! It draws itself, with rounded corners and a ring around it while it has the focus.

use fltk::button::ToggleButton;
use fltk::draw::{self, LineStyle};
use fltk::enums::{Align, Font, FrameType};
use fltk::prelude::{ButtonExt as _, WidgetBase as _, WidgetExt as _};

use super::elide;
use super::theme;
use super::widgets::{EnterPresses, TEXT_SIZE};

/// Size of the box.
const BOX: i32 = 18;

/// The check box. Cloning it gives another handle to the same widget.
#[derive(Clone, Debug)]
pub struct CheckBox(ToggleButton);

impl CheckBox {
    /// Creates it in the open group, not checked.
    pub fn new(label: &str) -> CheckBox {
        let mut button = ToggleButton::default().with_label(label);
        button.set_frame(FrameType::FlatBox);
        button.set_down_frame(FrameType::FlatBox);
        button.set_color(theme::BACKGROUND);
        button.draw(|button| {
            let (x, y, w, h) = (button.x(), button.y(), button.w(), button.h());
            draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
            let top = y + (h - BOX) / 2;
            let (ground, edge) =
                if button.value() { (theme::ACCENT, theme::ACCENT) } else { (theme::SURFACE, theme::OUTLINE) };
            draw::set_draw_color(ground);
            draw::draw_rounded_rectf(x + 1, top, BOX, BOX, 4);
            draw::set_draw_color(edge);
            draw::draw_rounded_rect(x + 1, top, BOX, BOX, 4);
            if button.value() {
                draw::set_draw_color(theme::ON_ACCENT);
                draw::set_line_style(LineStyle::Solid, 2);
                draw::draw_line(x + 5, top + 9, x + 9, top + 13);
                draw::draw_line(x + 9, top + 13, x + 15, top + 5);
                draw::set_line_style(LineStyle::Solid, 0);
            }
            draw::set_draw_color(if button.active_r() { theme::TEXT } else { theme::MUTED });
            draw::set_font(Font::Helvetica, TEXT_SIZE);
            let left = x + BOX + 8;
            draw::draw_text2(&elide(&button.label(), x + w - left), left, y, x + w - left, h, Align::Left);
            if button.has_focus() {
                draw::set_draw_color(theme::FOCUS);
                draw::draw_rounded_rect(x + 1 - 2, top - 2, BOX + 4, BOX + 4, 6);
            }
        });
        let mut enter = EnterPresses::default();
        button.handle(move |button, event| {
            let presses = enter.takes(event);
            if presses {
                button.toggle(!button.is_toggled());
                button.do_callback();
            }
            presses
        });
        CheckBox(button)
    }

    /// Returns the widget, for a layout.
    pub fn widget(&self) -> &ToggleButton {
        &self.0
    }

    /// Enables or disables it.
    pub fn set_active(&mut self, active: bool) {
        if self.0.active() != active {
            if active { self.0.activate() } else { self.0.deactivate() }
        }
    }

    /// Takes the keyboard focus. Returns whether it has done so.
    pub fn focus(&mut self) -> bool {
        self.0.take_focus().is_ok()
    }

    /// Returns whether it is checked.
    pub fn is_checked(&self) -> bool {
        self.0.value()
    }

    /// Checks it or not, without a call of the `on_change` callback.
    pub fn set_checked(&mut self, checked: bool) {
        self.0.set_value(checked);
    }

    /// Calls `changed` when the user has changed it.
    pub fn on_change(&mut self, mut changed: impl FnMut() + 'static) {
        self.0.set_callback(move |_| changed());
    }
}
