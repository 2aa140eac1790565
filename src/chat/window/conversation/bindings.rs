//! Binds events to actions in a conversation: its entry, its messages, and the keys of its window. Runs on
//! the UI thread.
//!
//! FLTK asks each handler at once whether it has taken an event. A handler decides that from the event and from the
//! widgets alone, and sends what follows from it.

use fltk::app::{self, MouseButton};
use fltk::enums::{Event, Key, Shortcut};
use fltk::group::{Flex, Group};
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{MenuExt as _, WidgetBase as _, WidgetExt as _};

use super::ConversationView;
use super::update::Action;
use crate::chat::state::Whom;
use crate::ui::{self, theme};

/// Entries of the context menu, each with the key that does the same together with Ctrl.
const MENU: [(&str, char, Action); 4] = [
    ("  Copy    ", 'c', Action::Copy),
    ("  Find …    ", 'f', Action::OpenFind),
    ("  Save as …    ", 's', Action::OpenSave),
    ("  Select a link    ", 'o', Action::SelectLink),
];

impl ConversationView {
    /// Gives the widgets their callbacks.
    pub(super) fn bind(&mut self, send: &(impl Fn(Action) + Clone + 'static)) {
        let entered = send.clone();
        self.widgets.entry.on_enter(move || entered(Action::Send));
        self.bind_entry(send.clone());
        self.bind_display(send.clone());
    }

    fn bind_entry(&mut self, send: impl Fn(Action) + 'static) {
        let (mut entry, mut display) = (self.widgets.entry.clone(), self.widgets.display.clone());
        let borrowed_focus = self.borrowed_focus.clone();
        self.widgets.entry.on_event(move |event| match (event, app::event_key()) {
            (Event::KeyDown, _) if borrowed_focus.forward_key(event) => true,
            // The keys that scroll the messages work here, because the entry itself does not use them.
            (Event::KeyDown, Key::PageUp) if app::is_event_shift() => {
                send(Action::ShowFirstNew);
                true
            }
            (Event::KeyDown, Key::PageUp | Key::PageDown) => display.handle_event(event),
            (Event::KeyDown, Key::End) if app::is_event_ctrl() => {
                send(Action::ShowNewest);
                true
            }
            (Event::KeyDown, key) => {
                send(Action::Press(key));
                let is_shift = app::is_event_shift();
                let action = match key {
                    _ if app::is_event_ctrl() || app::is_event_alt() || app::is_event_command() => return false,
                    Key::Up if !is_shift => Action::RecallOlder,
                    Key::Down if !is_shift => Action::RecallNewer,
                    Key::Tab => Action::Complete { backwards: is_shift },
                    _ => return false,
                };
                send(action);
                true
            }
            (Event::Paste, _) => {
                let text = app::event_text();
                let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
                let several = lines.len() > 1;
                if several {
                    send(Action::Paste(lines));
                }
                several
            }
            // FLTK's own handling of Tab would select the draft, and the next key would replace it.
            (Event::Focus, Key::Tab) => {
                entry.caret_to_end();
                true
            }
            _ => false,
        });
    }

    fn bind_display(&mut self, send: impl Fn(Action) + 'static) {
        let display = &self.widgets.display;
        let Some(mut plate) = display.parent().and_then(|plate| Flex::from_dyn_widget(&plate)) else { return };
        let mut menu = menu();
        let events = self.reading.transcript.events();
        ui::add_focus_ring(&mut plate, display, move |event| {
            // Only while a button is pressed or released: FLTK's binding panics at other events.
            let button = app::event_mouse_button;
            if event == Event::Push && button() == MouseButton::Right {
                // The event loop runs while the menu is open.
                menu.set_pos(app::event_x(), app::event_y());
                let chosen = menu.popup().and_then(|item| item.label());
                if let Some((.., action)) = MENU.into_iter().find(|(label, ..)| chosen.as_deref() == Some(label)) {
                    send(action);
                }
                return true;
            }
            let is_key = event == Event::KeyDown;
            let action = match app::event_key() {
                Key::Enter | Key::KPEnter if is_key => Some(Action::OpenLink),
                Key::PageUp if is_key && app::is_event_shift() => Some(Action::ShowFirstNew),
                key if is_key && app::is_event_command() && key == Key::from_char('c') => Some(Action::Copy),
                _ => None,
            };
            if let Some(action) = action {
                send(action);
                return true;
            }
            // First it scrolls and selects: whether a click opens a link depends on that.
            let is_taken = events.handle(event);
            let action = match (event, app::event_key()) {
                (Event::Enter | Event::Move, _) => Action::Point(Some((app::event_x(), app::event_y()))),
                (Event::Leave, _) => Action::Point(None),
                (Event::MouseWheel, _) if app::event_dy_value() < 0 => Action::ScrollUp,
                (Event::KeyDown, Key::PageUp | Key::Up | Key::Home) => Action::ScrollUp,
                (Event::Push, _) if button() == MouseButton::Left => Action::PressLink(app::event_x(), app::event_y()),
                (Event::Released, _) => {
                    Action::ReleaseLink { is_click: button() == MouseButton::Left && app::event_is_click() }
                }
                _ => return is_taken,
            };
            send(action);
            is_taken
        });
    }

    /// Returns the handler of the keys that work wherever the focus is in the window. The window calls it with each
    /// event that none of its widgets has handled.
    pub(in crate::chat::window) fn shortcuts<F>(&self, send: F) -> impl FnMut(Event) -> bool + use<F>
    where
        F: Fn(Action) + 'static,
    {
        let (mut entry, display) = (self.widgets.entry.clone(), self.widgets.display.clone());
        let is_private = self.whom != Whom::All;
        move |event| {
            let key = app::event_key().to_char().filter(|_| app::is_event_command());
            let action = match (event, key, app::is_event_shift()) {
                (Event::KeyDown | Event::Shortcut, Some('f'), true) if !is_private => Action::FindOrShowEverywhere,
                (Event::KeyDown | Event::Shortcut, Some(key), false) => {
                    let Some((.., action)) = MENU.into_iter().find(|(_, with_ctrl, _)| *with_ctrl == key) else {
                        return false;
                    };
                    action
                }
                // Nothing can be written into the messages: who types there goes on in the entry.
                (Event::KeyDown, None, _) if types_text() && display.has_focus() => {
                    entry.focus();
                    return entry.input().handle_event(event);
                }
                _ => return false,
            };
            send(action);
            true
        }
    }
}

/// Returns whether the key that is being pressed writes something.
fn types_text() -> bool {
    let is_chord = app::is_event_ctrl() || app::is_event_alt() || app::is_event_command();
    !is_chord && app::event_text().chars().any(|character| !character.is_control())
}

/// Creates the context menu outside of any window, so that its shortcuts are shown but not active.
fn menu() -> MenuButton {
    let current = Group::try_current();
    Group::set_current(None::<&Group>);
    let mut menu = MenuButton::default();
    menu.set_color(theme::RAISED);
    menu.set_text_color(theme::TEXT);
    menu.set_selection_color(theme::ACCENT);
    menu.set_text_size(ui::TEXT_SIZE);
    for (label, key, _) in MENU {
        menu.add(label, Shortcut::Command | key, MenuFlag::Normal, |_| {});
    }
    Group::set_current(current.as_ref());
    menu
}
