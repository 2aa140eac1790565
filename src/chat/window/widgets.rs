//! Rows and plates that the windows are built from. A leaf: it imports none of the other files here. Runs on the UI
//! thread.

use fltk::enums::FrameType;
use fltk::group::Flex;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use crate::ui::{GAP, theme};

/// Shows or hides a row of a column, and redistributes its space to the others.
pub(super) fn show_row(row: &mut Flex, shown: bool) {
    if row.visible() == shown {
        return;
    }
    if shown {
        row.show();
    } else {
        row.hide();
    }
    if let Some(mut column) = row.parent().and_then(|column| Flex::from_dyn_widget(&column)) {
        column.layout();
        column.redraw();
    }
}

/// Creates a row of widgets. It has a background of its own, so that no trace is left of a widget that it hides or
/// moves.
pub(super) fn row() -> Flex {
    let mut row = Flex::default();
    row.set_frame(FrameType::FlatBox);
    row.set_color(theme::BACKGROUND);
    row.set_pad(GAP);
    row
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
