//! Small widgets and helpers that several files of the window use. A leaf: it imports no other file of the window.
//!
//! Main thread only.

use fltk::button::Button;
use fltk::enums::FrameType;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use crate::ui::{self, theme};

/// Creates a plate with rounded corners for the widgets on it, with these margins in pixels. It is the current group until
/// its `end`.
pub(super) fn card([left, top, right, bottom]: [i32; 4]) -> Flex {
    let mut card = Flex::default();
    card.set_frame(FrameType::RFlatBox);
    card.set_color(theme::SURFACE);
    card.set_margins(left, top, right, bottom);
    card
}

/// Creates a row of widgets in the current group. It is the current group until its `end`.
pub(super) fn tool_row() -> Flex {
    let mut row = Flex::default().row();
    row.set_pad(ui::GAP);
    row
}

/// Creates a button of this width, in pixels, in the row that is the current group.
pub(super) fn add_button(
    row: &mut Flex,
    width: i32,
    label: &str,
    tooltip: &str,
    mut pressed: impl FnMut() + 'static,
) -> Button {
    let mut button = ui::button(label);
    button.set_tooltip(tooltip);
    button.set_callback(move |_| pressed());
    row.fixed(&button, width);
    button
}

/// Activates or deactivates a button.
pub(super) fn set_active(button: &mut Button, active: bool) {
    if button.active() != active {
        if active { button.activate() } else { button.deactivate() }
    }
}

/// Shows or hides a widget.
pub(super) fn set_visible(widget: &impl fltk::prelude::WidgetExt, visible: bool) {
    let mut widget = widget.as_base_widget();
    if visible { widget.show() } else { widget.hide() }
}
