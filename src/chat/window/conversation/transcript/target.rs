//! The target of a context menu of a view: taken when the menu opens, because the text moves on meanwhile. Runs on the UI
//! thread.

use fltk::prelude::WidgetExt as _;

use super::events::Events;
use super::view::View;
use crate::chat::render::page::Author;
use crate::chat::render::selection::{Point, Unit};
use crate::chat::state::Position;

/// The marked text and the line under the mouse, as they were when a menu was opened.
#[derive(Clone, Debug, Default)]
pub(in crate::chat::window::conversation) struct Target {
    /// The selected text.
    pub(in crate::chat::window::conversation) selected: Option<String>,
    /// Text of the line.
    pub(in crate::chat::window::conversation) line: Option<String>,
    /// Its author, if it is a message.
    pub(in crate::chat::window::conversation) author: Option<Author>,
    /// The link.
    pub(in crate::chat::window::conversation) link: Option<String>,
}

impl Events {
    /// Returns what is at a position in the window.
    pub(in crate::chat::window::conversation) fn target_at(&self, x: i32, y: i32) -> Target {
        let view = &mut *self.0.borrow_mut();
        let link = view.letter_at(x, y).and_then(|point| view.place.link_at(point));
        Target { link, ..view.target(view.line_at(x, y)) }
    }

    /// Returns what a key acts on: the message where the selection begins, or the newest one. Returns its position in the
    /// window, too.
    pub(in crate::chat::window::conversation) fn target_of_key(&self) -> (Target, (i32, i32)) {
        let view = &mut *self.0.borrow_mut();
        let selected = view.place.selection.map(|selection| selection.from);
        let link = selected.and_then(|point| view.place.link_at(point));
        let newest = || view.place.page.newest_message().map(|entry| Point { entry, byte: 0 });
        let point = selected.or_else(newest);
        let target = Target { link, ..view.target(point.map(|point| point.entry)) };
        let row = view.fonts.row;
        let below = |(x, y): (i32, i32)| (x, y + row);
        // Out of sight, it has no position.
        let middle = (view.widget.x() + view.widget.w() / 2, view.widget.y() + view.widget.h() / 2);
        (target, point.and_then(|point| view.position_of(point)).map_or(middle, below))
    }
}

impl View {
    fn target(&self, entry: Option<Position>) -> Target {
        let page = &self.place.page;
        let text = |entry| page.copy(page.select_around(Point { entry, byte: 0 }, Unit::Message));
        Target {
            selected: self.place.selected_text(),
            line: entry.map(text),
            author: entry.and_then(|entry| page.author(entry)),
            link: None,
        }
    }

    /// Returns the line at a position in the window; `None` above and below the text.
    fn line_at(&self, x: i32, y: i32) -> Option<Position> {
        if x >= self.columns().bar || self.is_above_button(x, y) {
            return None;
        }
        let y = y - self.widget.y();
        let line = self.place.viewport.laid().iter().find(|line| (line.y..line.y + line.height).contains(&y))?;
        Some(line.entry)
    }
}
