//! The mouse over a list: the row under it, its tooltip, and presses. Runs on the UI thread.

use std::hash::Hash;

use fltk::app::{self, MouseButton};
use fltk::prelude::WidgetExt as _;

use super::{List, ListEvent, offset};
use crate::chat::window::sidebar::order::tops;
use crate::ui;

impl<K: Clone + Eq + Hash + 'static> List<K> {
    /// Handles a press of the mouse. Returns the action, and its row.
    pub(super) fn press(&mut self) -> Option<(ListEvent, K)> {
        if app::event_mouse_button() == MouseButton::Left && app::event_clicks() {
            let state = self.state.borrow();
            let listed = state.clicked.clone().filter(|key| state.items.iter().any(|item| item.key == *key));
            return listed.map(|key| (ListEvent::Opened, key));
        }
        let key = self.key_at(app::event_y());
        self.state.borrow_mut().clicked.clone_from(&key);
        self.choose(key.clone());
        let is_left = app::event_mouse_button() == MouseButton::Left;
        key.filter(|_| is_left).map(|key| (ListEvent::Chosen, key))
    }

    /// Returns the row at this height of the window.
    pub(super) fn key_at(&self, y: i32) -> Option<K> {
        let y = y - self.area.y() + offset(&self.bar);
        let extents = self.state.borrow().extents();
        tops(&extents).find(|(_, top, h)| (*top..top + h).contains(&y)).map(|(key, ..)| key.clone())
    }

    /// Records the position of the mouse, and sets the tooltip to that of the row under it.
    pub(super) fn point(&mut self, y: i32) {
        let key = self.key_at(y);
        let tip = {
            let state = self.state.borrow();
            let item = state.items.iter().find(|item| Some(&item.key) == key.as_ref());
            item.map_or(String::new(), |item| item.tip.clone())
        };
        let clicked = self.state.borrow().clicked.clone();
        // Another tooltip makes FLTK report that the mouse has left.
        ui::set_tip(&mut self.area, &tip);
        let mut state = self.state.borrow_mut();
        (state.clicked, state.mouse) = (clicked, Some(y - self.area.y()));
    }
}
