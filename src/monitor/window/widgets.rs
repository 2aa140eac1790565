//! Small widgets and helpers that several files of the window use. A leaf: it imports no other file of the window.
//!
//! Main thread only.

use fltk::browser::HoldBrowser;
use fltk::button::Button;
use fltk::enums::FrameType;
use fltk::group::Flex;
use fltk::prelude::{BrowserExt as _, WidgetExt as _};

use crate::monitor::model::StatusLevel;
use crate::ui::{self, Tone, theme};

/// Separator of the columns in a line of a [`list`].
pub(super) const TAB: char = '\t';

/// Creates a plate with rounded corners for the widgets on it, with these margins in pixels. It is the current group until
/// its `end`.
pub(super) fn card([left, top, right, bottom]: [i32; 4]) -> Flex {
    let mut card = Flex::default();
    card.set_frame(FrameType::RFlatBox);
    card.set_color(theme::SURFACE);
    card.set_margins(left, top, right, bottom);
    card
}

/// Creates a list of lines with columns of these widths, in pixels. An `@` in a line is not the beginning of a format.
pub(super) fn list(columns: &[i32]) -> HoldBrowser {
    let mut list = HoldBrowser::default();
    list.set_frame(FrameType::FlatBox);
    list.set_color(theme::SURFACE);
    list.set_selection_color(theme::RAISED);
    list.set_text_size(13);
    // A character that no name contains. The binding rejects NUL.
    list.set_format_char('\u{1}');
    list.set_column_char(TAB);
    list.set_column_widths(columns);
    ui::style_scrollbars(&list);
    list
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

/// Returns the tone of a status line for a level of the model.
pub(super) fn tone(level: StatusLevel) -> Tone {
    match level {
        StatusLevel::Idle => Tone::Idle,
        StatusLevel::Busy => Tone::Busy,
        StatusLevel::Good => Tone::Good,
        StatusLevel::Error => Tone::Error,
    }
}
