//! A context menu: of the messages, of the entry, of a conversation or of a person in a list. Runs on the UI thread.

use fltk::enums::Shortcut;
use fltk::group::Group;
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{MenuExt as _, WidgetExt as _};

use super::keys::shortcut_of;
use crate::chat::input::shortcuts::KeyAction;
use crate::ui::{TEXT_SIZE, theme};

/// The menu.
pub(super) struct ContextMenu {
    button: MenuButton,
    labels: Vec<String>,
}

impl ContextMenu {
    /// Creates the menu from the labels of its items, each with the action whose key does the same. It is outside of any
    /// window, so that the keys are shown but not active.
    pub(super) fn new<'a>(items: impl IntoIterator<Item = (&'a str, Option<KeyAction>)>) -> ContextMenu {
        let current = Group::try_current();
        Group::set_current(None::<&Group>);
        let mut button = MenuButton::default();
        Group::set_current(current.as_ref());
        button.set_color(theme::RAISED);
        button.set_text_color(theme::TEXT);
        button.set_selection_color(theme::ACCENT);
        button.set_text_size(TEXT_SIZE);
        let mut menu = ContextMenu { button, labels: Vec::new() };
        menu.set_items(items);
        menu
    }

    /// Replaces the items.
    pub(super) fn set_items<'a>(&mut self, items: impl IntoIterator<Item = (&'a str, Option<KeyAction>)>) {
        self.button.clear();
        self.labels.clear();
        for (label, key) in items {
            let label = format!("  {label}    ");
            self.button.add(&label, key.map_or(Shortcut::None, shortcut_of), MenuFlag::Normal, |_| {});
            self.labels.push(label);
        }
    }

    /// Makes an item available, or greys it.
    pub(super) fn set_active(&self, at: usize, active: bool) {
        if let Some(mut item) = i32::try_from(at).ok().and_then(|at| self.button.at(at)) {
            if active { item.activate() } else { item.deactivate() }
        }
    }

    /// Shows the menu at a position in the window. Returns which item the user chooses. The event loop runs meanwhile.
    pub(super) fn choose(&self, (x, y): (i32, i32)) -> Option<usize> {
        self.button.clone().set_pos(x, y);
        let chosen = self.button.popup()?.label()?;
        self.labels.iter().position(|label| *label == chosen)
    }
}
