//! Rows and plates that the windows are built from, the content of the middle, and changes to widgets that both kinds of
//! window make. A leaf: it imports none of the other files here. Runs on the UI thread.

use fltk::button::Button;
use fltk::enums::FrameType;
use fltk::group::Flex;
use fltk::prelude::{DisplayExt as _, GroupExt as _, WidgetBase as _, WidgetExt};
use fltk::text::TextDisplay;

use crate::ui::{self, CONTROL_HEIGHT, GAP, MARGIN, TEXT_SIZE, theme};

/// The content of the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Middle {
    Conversation,
    /// The card to connect with.
    Card,
    /// The question about a server's certificate.
    Question,
}

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

/// Gives a button of a row its width, its tooltip, and the message that it sends.
pub(super) fn place<M: Clone + 'static>(
    row: &mut Flex,
    mut button: Button,
    width: i32,
    tooltip: &str,
    send: &(impl Fn(M) + Clone + 'static),
    message: M,
) -> Button {
    button.set_tooltip(tooltip);
    row.fixed(&button, width);
    on_click(&mut button, send, message);
    button
}

/// Creates a widget in a place of its own in a row that may become higher than a button: with a [margin](keep_at_bottom) above,
/// the widget stays at the bottom. Returns the place, too, which is what has to be hidden or shown.
pub(super) fn at_bottom<W: WidgetExt>(row: &mut Flex, width: i32, build: impl FnOnce(&mut Flex) -> W) -> (Flex, W) {
    let mut place = ui::row();
    let widget = build(&mut place);
    place.end();
    row.fixed(&place, width);
    (place, widget)
}

/// Gives such a place a margin, for a row of this height.
pub(super) fn keep_at_bottom(place: &mut Flex, height: i32) {
    place.set_margins(0, height - CONTROL_HEIGHT, 0, 0);
}

/// Ends a row or a column that is hidden at first, and gives it its height in a column.
pub(super) fn end_hidden(column: &mut Flex, row: &mut Flex, height: i32) {
    row.end();
    column.fixed(row, height);
    row.hide();
}

/// Creates the column that fills a window.
pub(super) fn page() -> Flex {
    let mut page = Flex::default_fill().column();
    page.set_frame(FrameType::FlatBox);
    page.set_color(theme::BACKGROUND);
    page.set_margins(MARGIN, MARGIN, MARGIN, 6);
    page.set_pad(GAP);
    page
}

/// Creates a column of rows. It has a background of its own, so that no trace is left of a row that it hides or moves.
pub(super) fn column() -> Flex {
    let mut column = Flex::default().column();
    column.set_frame(FrameType::FlatBox);
    column.set_color(theme::BACKGROUND);
    column.set_pad(GAP);
    column
}

/// Creates a display of text on a plate.
pub(super) fn text_display(plate: &mut Flex) -> TextDisplay {
    let mut text = TextDisplay::default();
    text.set_frame(FrameType::FlatBox);
    text.set_color(theme::SURFACE);
    text.set_text_color(theme::TEXT);
    text.set_text_size(TEXT_SIZE);
    text.set_selection_color(theme::ACCENT);
    text.show_cursor(false);
    ui::style_scrollbars(&text);
    text.draw(|text| ui::draw_scrollbars(text));
    ui::add_focus_ring(plate, &text, |_| false);
    text
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
