//! Keeps the scroll position of a text display while its text changes, and detects when a change must wait because the
//! reader holds the text. Runs on the UI thread.
//!
//! FLTK stores the number of the row that it was last asked to scroll to, and goes there at the next draw. Code that
//! changes the text above that row, or the wrapping, has changed the numbers, so it must request the new number
//! ([`StableScroll::keep_row`]).

use fltk::app;
use fltk::prelude::{DisplayExt as _, GroupExt as _, ValuatorExt as _, WidgetBase as _, WidgetExt};
use fltk::text::TextDisplay;
use fltk::valuator::Scrollbar;

/// A text display whose text changes while it is read.
#[derive(Clone, Debug)]
pub struct StableScroll {
    display: TextDisplay,
    bar: Option<Scrollbar>,
    /// Value of the scrollbar after our last change, until the display is drawn.
    before: f64,
}

impl StableScroll {
    /// Creates the scroll state of a display.
    pub fn new(display: &TextDisplay) -> StableScroll {
        let children =
            display.as_group().into_iter().flat_map(|group| (0..group.children()).map(move |at| group.child(at)));
        // The horizontal one comes first.
        let bar = children.flatten().filter_map(|child| Scrollbar::from_dyn_widget(&child)).last();
        StableScroll { display: display.clone(), bar, before: 0.0 }
    }

    /// Returns true while the reader holds the text: while a mouse button that was pressed in the display is down,
    /// because FLTK's selection assumes that its bytes do not change; or while a scroll of the reader is not drawn yet.
    /// A change would lose the reader's action, or be lost to it.
    pub fn is_held(&self) -> bool {
        self.is_pressed() || self.is_being_scrolled()
    }

    /// Returns true while a mouse button is down that was pressed in the display.
    pub fn is_pressed(&self) -> bool {
        is_held(&self.display)
    }

    fn is_being_scrolled(&self) -> bool {
        let Some(bar) = self.bar.as_ref().filter(|_| self.display.visible_r()) else { return false };
        [f64::from(self.display.scroll_row()), self.before].iter().all(|row| (bar.value() - row).abs() > 0.5)
    }

    /// Keeps the text of the first row there after its number has changed. Returns the new number.
    pub fn keep_row(&mut self) -> i32 {
        self.scroll_by(0)
    }

    /// Scrolls by a number of rows at the next draw. Returns the number of the row that is then the first.
    pub fn scroll_by(&mut self, rows: i32) -> i32 {
        let row = self.display.scroll_row() + rows;
        self.display.scroll(row, self.display.scroll_col());
        self.before = self.bar.as_ref().map_or(0.0, fltk::prelude::ValuatorExt::value);
        row
    }
}

/// Returns true while a mouse button is down that was pressed in this widget. Nothing under the mouse must move then.
pub(super) fn is_held(widget: &impl WidgetExt) -> bool {
    app::pushed().is_some_and(|pushed| pushed.is_same(widget))
}
