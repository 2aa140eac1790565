//! Links under the mouse and in the selection: which one is shown below the text, and which one is opened. Runs on
//! the UI thread.

use fltk::enums::Cursor;
use fltk::prelude::WidgetExt as _;

use super::{Link, Reading};
use crate::chat::render::links::destination;

impl Reading {
    /// Records the position of the mouse in the display.
    pub(in crate::chat::window::conversation) fn point_at(&mut self, at: Option<(i32, i32)>) {
        self.mouse = at;
        self.update_hovered();
    }

    /// Updates the hovered link, the hint below the text, and the mouse cursor.
    pub(super) fn update_hovered(&mut self) {
        let link = self.mouse.and_then(|(x, y)| self.link_at(x, y));
        if let (Some((x, y)), Some(mut window)) = (self.mouse, self.display.window()) {
            let is_text = self.transcript.is_text(x, y);
            window.set_cursor(match &link {
                Some(_) => Cursor::Hand,
                None if is_text => Cursor::Insert,
                None => Cursor::Default,
            });
        }
        if self.hovered != link {
            self.hovered = link;
            self.hint_changed = true;
        }
    }

    /// Returns the link at a position in the window.
    fn link_at(&self, x: i32, y: i32) -> Option<Link> {
        self.transcript.link_at(x, y)
    }

    /// Records the pressed link. A link that has only just come under the mouse, so that the line below the text does not show
    /// it yet, is not what the user meant.
    pub(in crate::chat::window::conversation) fn press_link(&mut self, x: i32, y: i32) {
        self.pressed = self.link_at(x, y).filter(|link| self.hovered.as_ref() == Some(link));
    }

    /// Opens the pressed link after a click that has selected nothing.
    pub(in crate::chat::window::conversation) fn release_link(&mut self, is_click: bool) {
        if let Some((_, link)) = self.pressed.take().filter(|_| is_click)
            && self.transcript.selection().is_none()
        {
            self.tasks.browse(&link);
        }
    }

    /// Opens the selected link, if the line below the text shows its destination: the selection may have changed since.
    pub(in crate::chat::window::conversation) fn open_selected_link(&mut self) {
        if let Some(link) = self.transcript.selected_link()
            && self.selected.as_ref() == Some(&destination(&link))
        {
            self.tasks.browse(&link);
        }
    }

    /// Shows the destination of the selected link, which Enter would open, as for the link under the mouse.
    pub(super) fn update_selected(&mut self) {
        let link = self.transcript.selected_link().filter(|_| self.display.has_focus());
        let link = link.as_deref().map(destination);
        if self.selected != link {
            self.selected = link;
            self.hint_changed = true;
        }
    }
}
