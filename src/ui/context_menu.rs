//! A context menu: of a message, of an entry, of a row or of the titles of a list. Runs on the UI thread.

use fltk::enums::Shortcut;
use fltk::group::Group;
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{MenuExt as _, WidgetExt as _};

use super::theme;
use super::widgets::TEXT_SIZE;

/// The menu.
#[derive(Debug)]
pub struct ContextMenu {
    button: MenuButton,
    labels: Vec<String>,
}

impl ContextMenu {
    /// Creates the menu from the labels of its items, each with the key that does the same. It is outside of any window, so that
    /// the keys are shown but not active.
    pub fn new<'a>(items: impl IntoIterator<Item = (&'a str, Shortcut)>) -> ContextMenu {
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
    pub fn set_items<'a>(&mut self, items: impl IntoIterator<Item = (&'a str, Shortcut)>) {
        self.clear();
        items.into_iter().for_each(|(label, key)| self.push(label, key));
    }

    /// Replaces the items with some that are on or off.
    pub fn set_checks<'a>(&mut self, items: impl IntoIterator<Item = (&'a str, bool)>) {
        self.clear();
        for (label, is_on) in items {
            let value = if is_on { MenuFlag::Value } else { MenuFlag::Normal };
            self.add(label, Shortcut::None, MenuFlag::Toggle | value);
        }
    }

    fn clear(&mut self) {
        self.button.clear();
        self.labels.clear();
    }

    /// Adds an item at the end.
    pub fn push(&mut self, label: &str, key: Shortcut) {
        self.add(label, key, MenuFlag::Normal);
    }

    fn add(&mut self, label: &str, key: Shortcut, flag: MenuFlag) {
        let label = format!("  {label}    ");
        self.button.add(&label, key, flag, |_| {});
        self.labels.push(label);
    }

    /// Makes an item available, or greys it.
    pub fn set_active(&self, at: usize, active: bool) {
        if let Some(mut item) = i32::try_from(at).ok().and_then(|at| self.button.at(at)) {
            if active { item.activate() } else { item.deactivate() }
        }
    }

    /// Shows the menu at a position in the window. Returns which item the user chooses. The event loop runs meanwhile.
    pub fn choose(&self, (x, y): (i32, i32)) -> Option<usize> {
        self.button.clone().set_pos(x, y);
        let chosen = self.button.popup()?.label()?;
        self.labels.iter().position(|label| *label == chosen)
    }
}
