//! What is done to the conversation itself, with the mouse or while it has the keyboard: links, copying, and a menu of all
//! that can be done. Runs on the UI thread.

use fltk::app::{self, MouseButton};
use fltk::enums::{Cursor, Event, Key, Shortcut};
use fltk::group::Group;
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{MenuExt as _, WidgetExt as _};

use super::Reading;
use crate::client::model::destination;
use crate::ui::{self, theme};

/// The menu's entries: what they do, and with which keys too.
const MENU: [(&str, char); 4] =
    [("  Copy    ", 'c'), ("  Find …    ", 'f'), ("  Save as text …    ", 's'), ("  Select a link    ", 'o')];

impl Reading {
    /// What is done to the display itself.
    pub(super) fn on_display(&self, event: Event) -> bool {
        match event {
            Event::Enter | Event::Move => self.hover(Some((app::event_x(), app::event_y()))),
            Event::Leave => self.hover(None),
            Event::Push if app::event_mouse_button() == MouseButton::Right => {
                self.pop_up_menu();
                true
            }
            Event::MouseWheel => {
                self.inner.pulls.set(self.inner.pulls.get() || app::event_dy_value() < 0);
                false
            }
            Event::KeyDown if matches!(app::event_key(), Key::PageUp | Key::Up | Key::Home) => {
                self.inner.pulls.set(true);
                false
            }
            Event::Released if app::event_mouse_button() == MouseButton::Left && app::event_is_click() => {
                let transcript = self.inner.transcript.borrow();
                let link = transcript.link_at(app::event_x(), app::event_y());
                if let Some(link) = link.filter(|_| transcript.selection().is_none()) {
                    self.open_link(link);
                }
                // FLTK has to learn that the button is up.
                false
            }
            Event::KeyDown if matches!(app::event_key(), Key::Enter | Key::KPEnter) => {
                let transcript = self.inner.transcript.borrow();
                transcript.selected_link().map(|link| self.open_link(link)).is_some()
            }
            // FLTK would copy the text as it stands on the screen.
            Event::KeyDown if app::is_event_command() && app::event_key() == Key::from_char('c') => {
                self.copy();
                true
            }
            _ => false,
        }
    }

    /// The mouse is there, or gone. Over a link it is a hand.
    fn hover(&self, at: Option<(i32, i32)>) -> bool {
        let transcript = self.inner.transcript.borrow();
        let link = at.and_then(|(x, y)| transcript.link_at(x, y)).map(destination);
        let over = link.is_some();
        if *self.inner.hovered.borrow() != link {
            self.inner.hovered.replace(link);
            self.inner.hint_changed.set(true);
        }
        if over && let Some(mut window) = self.inner.display.window() {
            window.set_cursor(Cursor::Hand);
        }
        // Elsewhere the display gives the mouse its usual form.
        over
    }

    /// A link that is selected, where Enter would open it, leads where the status line says: as with the mouse over it.
    pub(super) fn look_at_selection(&self) {
        let transcript = self.inner.transcript.borrow();
        let link = transcript.selected_link().filter(|_| self.inner.display.has_focus()).map(destination);
        if *self.inner.selected.borrow() != link {
            self.inner.selected.replace(link);
            self.inner.hint_changed.set(true);
        }
    }

    fn pop_up_menu(&self) {
        let mut menu = self.inner.menu.clone();
        menu.set_pos(app::event_x(), app::event_y());
        // The loop runs on while the menu is open, so nothing may be borrowed here.
        if let Some(chosen) = menu.popup().and_then(|item| item.label())
            && let Some((_, key)) = MENU.iter().find(|(label, _)| *label == chosen)
        {
            self.does(*key);
        }
    }
}

/// A menu that is in no window, so that its keys do nothing: they are only shown.
pub(super) fn menu() -> MenuButton {
    let current = Group::try_current();
    Group::set_current(None::<&Group>);
    let mut menu = MenuButton::default();
    menu.set_color(theme::RAISED);
    menu.set_text_color(theme::TEXT);
    menu.set_selection_color(theme::ACCENT);
    menu.set_text_size(ui::TEXT_SIZE);
    for (label, key) in MENU {
        menu.add(label, Shortcut::Command | key, MenuFlag::Normal, |_| {});
    }
    Group::set_current(current.as_ref());
    menu
}
