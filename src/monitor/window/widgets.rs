//! Small widgets and helpers that several files of the window use. A leaf: it imports no other file of the window.
//!
//! Main thread only.

use fltk::button::Button;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use crate::ui::{self, theme};

/// Height of a row of tools, in pixels.
pub(super) const TOOLS: i32 = 30;
/// Space between a list and the rows above and below it, in pixels.
pub(super) const TIGHT: i32 = 6;

/// Creates a button of this width, in pixels, in the row that is the current group.
pub(super) fn add_button(
    row: &mut Flex,
    width: i32,
    label: &str,
    tooltip: &str,
    mut pressed: impl FnMut() + 'static,
) -> Button {
    let mut button = ui::place(row, ui::button(label), width, tooltip);
    button.set_callback(move |_| pressed());
    button
}

/// Creates the text before a field.
pub(super) fn label(text: &str) -> Frame {
    let mut label = ui::note(text);
    label.set_label_color(theme::MUTED);
    label
}

/// Activates or deactivates a button.
pub(super) fn set_active(button: &mut Button, active: bool) {
    if button.active() != active {
        if active { button.activate() } else { button.deactivate() }
    }
}
