//! The keyboard in a list: the row that has it, and the keys that move it. Runs on the UI thread.

use std::hash::Hash;
use std::time::Instant;

use fltk::app;
use fltk::enums::Key;
use fltk::prelude::WidgetExt as _;

use super::{List, ListEvent, NAME_HEIGHT, State};
use crate::chat::input::shortcuts::{KeyAction, Place};
use crate::chat::window::keys;
use crate::ui;

impl<K: Clone + Eq + Hash + 'static> List<K> {
    /// Handles a key. Returns `None` if the list has no use for it.
    #[expect(clippy::option_option, reason = "a key may be handled without an action")]
    pub(super) fn key(&mut self) -> Option<Option<(ListEvent, K)>> {
        let chosen = self.state.borrow().chosen.clone();
        let is_chord = ui::is_ctrl() || app::is_event_alt();
        match keys::find(Place::Lists) {
            Some(KeyAction::Open) => Some(chosen.map(|key| (ListEvent::Opened, key))),
            Some(KeyAction::OpenMenu) => Some(chosen.map(|key| (ListEvent::Menu, key))),
            _ => {
                let text = app::event_text();
                let typed = !is_chord && !text.is_empty() && !text.chars().any(char::is_control);
                let handled =
                    if typed { self.go_to_typed(&text) } else { !is_chord && self.move_choice(app::event_key()) };
                handled.then_some(None)
            }
        }
    }

    fn go_to_typed(&mut self, text: &str) -> bool {
        let key = {
            let State { items, ahead, chosen, .. } = &mut *self.state.borrow_mut();
            let current = items.iter().position(|item| Some(&item.key) == chosen.as_ref());
            let at = ahead.go(text, Instant::now(), items.len(), |at| items[at].name.as_str(), current);
            at.map(|at| items[at].key.clone())
        };
        if key.is_some() {
            self.choose(key);
            self.show_chosen();
        }
        true
    }

    /// Moves the choice with a key. Returns whether the key is handled.
    fn move_choice(&mut self, key: Key) -> bool {
        let next = {
            let state = self.state.borrow();
            let last = i32::try_from(state.items.len()).unwrap_or(0) - 1;
            let now = state.items.iter().position(|item| Some(&item.key) == state.chosen.as_ref());
            let now = now.and_then(|at| i32::try_from(at).ok());
            let Some(at) = ui::destination(key, now, last, self.area.h() / NAME_HEIGHT) else { return false };
            let at = usize::try_from(at.min(last)).unwrap_or(0);
            state.items.get(at).map(|item| item.key.clone())
        };
        self.choose(next);
        self.show_chosen();
        true
    }

    /// Gives the keyboard a row, if it has none that is listed: the current one, or else the first.
    pub(super) fn choose_one(&mut self) {
        let state = &mut *self.state.borrow_mut();
        let listed = |key: &Option<K>| state.items.iter().any(|item| Some(&item.key) == key.as_ref());
        if !listed(&state.chosen) {
            let first = || state.items.first().map(|item| item.key.clone());
            state.chosen = state.current.clone().filter(|key| listed(&Some(key.clone()))).or_else(first);
        }
    }

    /// Gives the first row the keyboard. Returns false if there is none.
    pub(in crate::chat::window::sidebar) fn focus_first(&mut self) -> bool {
        let first = self.state.borrow().items.first().map(|item| item.key.clone());
        let is_listed = first.is_some();
        if is_listed {
            self.choose(first);
            // FLTK refuses the focus only while the window does not have it.
            let _ = self.area.take_focus();
        }
        is_listed
    }
}
