//! Small widgets and helpers that several files of the window use. A leaf: it imports no other file of the window.
//!
//! Main thread only.

use fltk::browser::HoldBrowser;
use fltk::button::Button;
use fltk::enums::FrameType;
use fltk::group::Flex;
use fltk::prelude::{BrowserExt as _, WidgetExt as _};

use crate::ui::{self, theme};

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
