//! The contents of a view as text and positions: for tests. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::prelude::WidgetExt as _;

use super::view::View;
use crate::chat::render::selection::Point;
use crate::chat::state::Position;

/// A view of a conversation, as it is shown now. The default is a view that is gone.
#[derive(Clone, Default)]
pub struct Shown(Option<Rc<RefCell<View>>>);

impl Shown {
    pub(super) fn of(view: &Rc<RefCell<View>>) -> Shown {
        Shown(Some(Rc::clone(view)))
    }

    fn look<T: Default>(&self, look: impl FnOnce(&mut View) -> T) -> T {
        self.0.as_ref().map(|view| look(&mut view.borrow_mut())).unwrap_or_default()
    }

    /// Returns all lines that are kept, each with its time and its name.
    pub fn text(&self) -> String {
        self.look(|view| view.place.page.text())
    }

    /// Returns the selected text as it would be copied.
    pub fn selected(&self) -> String {
        self.look(|view| view.place.selected_text().unwrap_or_default())
    }

    /// Returns the edges of the view in its window: left, upper, width, height.
    pub fn area(&self) -> (i32, i32, i32, i32) {
        self.look(|view| (view.widget.x(), view.widget.y(), view.widget.w(), view.widget.h()))
    }

    /// Returns the lines in sight with the distance of each from the upper edge.
    pub fn in_sight(&self) -> Vec<(String, i32)> {
        self.look(|view| {
            view.lay_out();
            let laid = view.place.viewport.laid().iter();
            laid.map(|line| (line.line.styled.text.clone(), line.y)).collect()
        })
    }

    /// Returns where in the window the last occurrence of a text stands, if it is in sight: left edge of its first letter,
    /// middle of its row.
    pub fn position_of(&self, text: &str) -> Option<(i32, i32)> {
        self.look(|view| {
            let page = &view.place.page;
            let (entry, byte) = (page.first()..page.end()).rev().find_map(|entry: Position| {
                let line = page.line(entry).filter(|_| page.is_shown(entry))?;
                Some((entry, line.styled.text.rfind(text)?))
            })?;
            let (x, y) = view.position_of(Point { entry, byte })?;
            Some((x, y + view.fonts.row / 2))
        })
    }

    /// Returns the number of new messages that the button at the top names.
    pub fn new_above(&self) -> Option<usize> {
        self.look(|view| view.new_above())
    }
}
