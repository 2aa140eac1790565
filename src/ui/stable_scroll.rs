//! What stays where it is in a text display while the text changes, and when the text has to wait: while the reader has it
//! in hand. Runs on the UI thread.
//!
//! FLTK keeps the number of the row that it was last asked to scroll to, and goes there when it draws next. Whoever changes
//! what is above, or how it is wrapped, has changed the numbers, and so asks for the new one ([`StableScroll::stay`]).

use fltk::app;
use fltk::prelude::{DisplayExt as _, GroupExt as _, ValuatorExt as _, WidgetBase as _, WidgetExt};
use fltk::text::TextDisplay;
use fltk::valuator::Scrollbar;

/// A text display whose text changes while somebody reads it.
#[derive(Clone, Debug)]
pub struct StableScroll {
    display: TextDisplay,
    bar: Option<Scrollbar>,
    /// What the scrollbar says before anything was drawn after the last change of ours.
    before: f64,
}

impl StableScroll {
    /// Watches over a display.
    pub fn new(display: &TextDisplay) -> StableScroll {
        let children =
            display.as_group().into_iter().flat_map(|group| (0..group.children()).map(move |at| group.child(at)));
        // The one at the bottom comes first.
        let bar = children.flatten().filter_map(|child| Scrollbar::from_dyn_widget(&child)).last();
        StableScroll { display: display.clone(), bar, before: 0.0 }
    }

    /// Returns true while the reader has the text in hand: a mouse button that was pressed in it is down, and what FLTK
    /// selects are bytes that it takes to stay what they are; or the reader has scrolled, and that is not drawn yet. A change
    /// would be lost on them, or their doing in the change.
    pub fn is_held(&self) -> bool {
        is_held(&self.display) || self.is_being_scrolled()
    }

    fn is_being_scrolled(&self) -> bool {
        let Some(bar) = self.bar.as_ref().filter(|_| self.display.visible_r()) else { return false };
        [f64::from(self.display.scroll_row()), self.before].iter().all(|row| (bar.value() - row).abs() > 0.5)
    }

    /// Leaves in the first row what is there, now that its number has changed. Returns the number.
    pub fn keep_row(&mut self) -> i32 {
        self.scroll_by(0)
    }

    /// Scrolls by so many rows when FLTK draws next. Returns the number of the row that is then the first.
    pub fn scroll_by(&mut self, rows: i32) -> i32 {
        let row = self.display.scroll_row() + rows;
        self.display.scroll(row, self.display.scroll_col());
        self.before = self.bar.as_ref().map_or(0.0, fltk::prelude::ValuatorExt::value);
        row
    }
}

/// Returns true while a mouse button is down that was pressed in this widget. What is under the mouse is then not to move.
pub(super) fn is_held(widget: &impl WidgetExt) -> bool {
    app::pushed().is_some_and(|pushed| pushed.is_same(widget))
}
