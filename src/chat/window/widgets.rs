//! Rows and plates that the windows are built from, and changes to widgets that both kinds of window make. A leaf: it
//! imports none of the other files here. Runs on the UI thread.

use fltk::button::Button;
use fltk::enums::FrameType;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt};

use crate::ui::theme;

/// Replaces the label of a widget or the title of a window, if it differs.
pub(super) fn set_label(widget: &mut impl WidgetExt, label: &str) {
    if widget.label() != label {
        widget.set_label(label);
    }
}

/// Sends a message whenever a button is pressed.
pub(super) fn on_click<M: Clone + 'static>(button: &mut Button, send: &(impl Fn(M) + Clone + 'static), message: M) {
    let send = send.clone();
    button.set_callback(move |_| send(message.clone()));
}

/// Ends a row or a column that is hidden at first, and gives it its height in a column.
pub(super) fn end_hidden(column: &mut Flex, row: &mut Flex, height: i32) {
    row.end();
    column.fixed(row, height);
    row.hide();
}

/// Creates a rounded plate behind text.
pub(super) fn plate() -> Flex {
    let mut plate = Flex::default().column();
    plate.set_frame(FrameType::RFlatBox);
    plate.set_color(theme::SURFACE);
    plate.set_margins(8, 6, 4, 6);
    plate.set_pad(0);
    plate
}
