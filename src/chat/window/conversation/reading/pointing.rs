//! What is done to the conversation itself, with the mouse or while it has the keyboard: links, copying, and a menu of all
//! that can be done. Runs on the UI thread.

use fltk::app::{self, MouseButton};
use fltk::enums::{Cursor, Event, Key, Shortcut};
use fltk::group::Group;
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{MenuExt as _, WidgetExt as _};

use super::{Link, Reading};
use crate::chat::render::links::destination;
use crate::ui::{self, theme};

/// The menu's entries: what they do, and with which keys too.
const MENU: [(&str, char); 4] =
    [("  Copy    ", 'c'), ("  Find …    ", 'f'), ("  Save as text …    ", 's'), ("  Select a link    ", 'o')];

impl Reading {
    /// What is done to the display itself.
    pub(super) fn on_display(&self, event: Event) -> bool {
        match event {
            Event::Enter | Event::Move => self.point_at(Some((app::event_x(), app::event_y()))),
            Event::Leave => self.point_at(None),
            Event::Push if app::event_mouse_button() == MouseButton::Right => {
                self.pop_up_menu();
                true
            }
            Event::MouseWheel => {
                self.inner.scroll_attempted.set(self.inner.scroll_attempted.get() || app::event_dy_value() < 0);
                false
            }
            Event::KeyDown if matches!(app::event_key(), Key::PageUp | Key::Up | Key::Home) => {
                self.inner.scroll_attempted.set(true);
                false
            }
            Event::Push if app::event_mouse_button() == MouseButton::Left => {
                self.press_link();
                false
            }
            Event::Released => {
                let pressed = self.inner.pressed.take();
                let clicked = app::event_mouse_button() == MouseButton::Left && app::event_is_click();
                if let Some((_, link)) = pressed.filter(|_| clicked)
                    && self.inner.transcript.borrow().selection().is_none()
                {
                    self.open_link(&link);
                }
                // FLTK has to learn that the button is up.
                false
            }
            Event::KeyDown if matches!(app::event_key(), Key::Enter | Key::KPEnter) => {
                let transcript = self.inner.transcript.borrow();
                // What is selected may be gone since the status line has said where it leads.
                let shown = self.inner.selected.borrow();
                let link = transcript.selected_link().filter(|link| shown.as_ref() == Some(&destination(link)));
                link.map(|link| self.open_link(link)).is_some()
            }
            // FLTK would copy the text as it stands on the screen.
            Event::KeyDown if app::is_event_command() && app::event_key() == Key::from_char('c') => {
                self.copy();
                true
            }
            _ => false,
        }
    }

    /// The mouse is there, or gone. Returns true over a link.
    fn point_at(&self, at: Option<(i32, i32)>) -> bool {
        self.inner.mouse.set(at);
        self.hover()
    }

    /// Something else may have come under a mouse that rests.
    pub(super) fn poll_mouse(&self) {
        if self.inner.transcript.borrow().was_redrawn() && self.inner.mouse.get().is_some() {
            self.hover();
        }
    }

    /// The link at a place in the window.
    fn link_at(&self, (x, y): (i32, i32)) -> Option<Link> {
        self.inner.transcript.borrow().link_at(x, y).map(|(entry, link)| (entry, link.to_owned()))
    }

    /// Sees what is under the mouse. Over a link it is a hand, and the status line says where that leads.
    fn hover(&self) -> bool {
        let link = self.inner.mouse.get().and_then(|at| self.link_at(at));
        let (over, was_over) = (link.is_some(), self.inner.hovered.borrow().is_some());
        if *self.inner.hovered.borrow() != link {
            self.inner.hovered.replace(link);
            self.inner.hint_changed.set(true);
        }
        // When the mouse moves on, the display itself gives it its usual form.
        if (over || was_over)
            && let Some(mut window) = self.inner.display.window()
        {
            window.set_cursor(if over { Cursor::Hand } else { Cursor::Insert });
        }
        over
    }

    /// The button is pressed. A link that the status line does not speak of, since it has only just come under the mouse,
    /// is not what was meant.
    fn press_link(&self) {
        let link = self.link_at((app::event_x(), app::event_y()));
        let pressed = link.filter(|link| self.inner.hovered.borrow().as_ref() == Some(link));
        self.inner.pressed.replace(pressed);
    }

    /// A link that is selected, where Enter would open it, leads where the status line says: as with the mouse over it.
    pub(super) fn poll_selection(&self) {
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
            self.run_shortcut(*key);
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
