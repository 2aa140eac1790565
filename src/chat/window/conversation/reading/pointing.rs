//! Events of the message display, from the mouse or from the keyboard: links, copying, and the context menu. Runs on
//! the UI thread.

use fltk::app::{self, MouseButton};
use fltk::enums::{Cursor, Event, Key, Shortcut};
use fltk::group::Group;
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{MenuExt as _, WidgetExt as _};

use super::{Link, Reading};
use crate::chat::render::links::destination;
use crate::ui::{self, theme};

/// Entries of the context menu, each with the key that does the same together with Ctrl.
const MENU: [(&str, char); 4] =
    [("  Copy    ", 'c'), ("  Find …    ", 'f'), ("  Save as text …    ", 's'), ("  Select a link    ", 'o')];

impl Reading {
    /// Handles an event of the display. Returns whether it is handled.
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
                // FLTK must see the event too, to learn that the button is up.
                false
            }
            Event::KeyDown if matches!(app::event_key(), Key::Enter | Key::KPEnter) => {
                let transcript = self.inner.transcript.borrow();
                // The selection may have changed since the status line showed the destination.
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

    /// Records the position of the mouse. Returns true over a link.
    fn point_at(&self, at: Option<(i32, i32)>) -> bool {
        self.inner.mouse.set(at);
        self.hover()
    }

    /// Updates the hovered link after a redraw, which may have moved another link under a resting mouse.
    pub(super) fn poll_mouse(&self) {
        if self.inner.transcript.borrow().was_redrawn() && self.inner.mouse.get().is_some() {
            self.hover();
        }
    }

    /// Returns the link at a position in the window.
    fn link_at(&self, (x, y): (i32, i32)) -> Option<Link> {
        self.inner.transcript.borrow().link_at(x, y).map(|(entry, link)| (entry, link.to_owned()))
    }

    /// Updates the hovered link, the cursor and the hint in the status line. Returns true over a link.
    fn hover(&self) -> bool {
        let link = self.inner.mouse.get().and_then(|at| self.link_at(at));
        let (over, was_over) = (link.is_some(), self.inner.hovered.borrow().is_some());
        if *self.inner.hovered.borrow() != link {
            self.inner.hovered.replace(link);
            self.inner.hint_changed.set(true);
        }
        // When the mouse moves on, the display itself restores the usual cursor.
        if (over || was_over)
            && let Some(mut window) = self.inner.display.window()
        {
            window.set_cursor(if over { Cursor::Hand } else { Cursor::Insert });
        }
        over
    }

    /// Records the pressed link. A link that has only just come under the mouse, so that the status line does not show
    /// it yet, is not what the user meant.
    fn press_link(&self) {
        let link = self.link_at((app::event_x(), app::event_y()));
        let pressed = link.filter(|link| self.inner.hovered.borrow().as_ref() == Some(link));
        self.inner.pressed.replace(pressed);
    }

    /// Shows the destination of the selected link, which Enter would open, as for the link under the mouse.
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
        // The event loop runs while the menu is open, so nothing may be borrowed here.
        if let Some(chosen) = menu.popup().and_then(|item| item.label())
            && let Some((_, key)) = MENU.iter().find(|(label, _)| *label == chosen)
        {
            self.run_shortcut(*key);
        }
    }
}

/// Creates a menu outside of any window, so that its shortcuts are shown but not active.
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
