//! Rows and plates of which the windows are built. A leaf: it imports none of the other files here. Runs on the UI thread.

use fltk::enums::FrameType;
use fltk::group::Flex;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use crate::ui::{GAP, theme};

/// Shows a row of a column, or hides it and gives its place to the others.
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

/// A row of widgets. It has a ground of its own, so that no trace is left of what it hides or moves.
pub(super) fn row() -> Flex {
    let mut row = Flex::default();
    row.set_frame(FrameType::FlatBox);
    row.set_color(theme::BACKGROUND);
    row.set_pad(GAP);
    row
}

/// A rounded plate for text to be read.
pub(super) fn plate() -> Flex {
    let mut plate = Flex::default().column();
    plate.set_frame(FrameType::RFlatBox);
    plate.set_color(theme::SURFACE);
    plate.set_margins(8, 6, 4, 6);
    plate.set_pad(0);
    plate
}
