//! Binds events to actions in a conversation: its entry, its messages, and the keys of its window. Runs on
//! the UI thread.
//!
//! FLTK asks each handler at once whether it has taken an event. A handler decides that from the event and from the
//! widgets alone, and sends what follows from it.

use std::rc::Rc;

use fltk::app::{self, MouseButton};
use fltk::enums::{Event, Key};
use fltk::group::Flex;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::update::Action;
use super::{ConversationView, entry_menu, message_menu};
use crate::chat::input::shortcuts::{KeyAction, Place};
use crate::chat::render::find::Towards;
use crate::chat::state::spoken;
use crate::chat::window::keys;
use crate::chat::window::messages::{Msg, Pane};
use crate::ui;

/// Maximum number of bytes of a paste: in a text of megabytes, the editor takes seconds for each key.
const PASTE_MAX: usize = 64 << 10;

impl ConversationView {
    /// Gives the widgets their callbacks.
    pub(super) fn bind(&mut self, send: &(impl Fn(Action) + Clone + 'static)) {
        let entered = send.clone();
        self.widgets.entry.on_enter(move || entered(Action::Send));
        self.bind_entry(send.clone());
        self.bind_display(send.clone());
    }

    fn bind_entry(&mut self, send: impl Fn(Action) + 'static) {
        let (entry, display) = (self.widgets.entry.clone(), self.widgets.display.clone());
        let borrowed_focus = self.borrowed_focus.clone();
        let menu = entry_menu::build();
        self.widgets.entry.on_event(move |event| match event {
            Event::KeyDown if borrowed_focus.forward_key(event) => true,
            Event::KeyDown => {
                let action = match keys::find(Place::Entry).or_else(|| keys::find(Place::Window)) {
                    // The keys that scroll the messages work here, because the entry itself does not use them.
                    Some(KeyAction::Scroll) => return display.clone().handle_event(event),
                    Some(KeyAction::Newest) => Action::ShowNewest,
                    Some(KeyAction::FirstNew) => Action::ShowFirstNew,
                    // The entry has nothing to copy, but the messages may have.
                    Some(KeyAction::Copy) if !entry.has_selection() => Action::Copy,
                    Some(KeyAction::OpenMenu) => {
                        let at = entry.caret_place();
                        entry_menu::show(&menu, &mut entry.clone(), at);
                        return true;
                    }
                    action => {
                        send(Action::Press);
                        match action {
                            Some(KeyAction::RecallOlder) if entry.is_in_first_row() => Action::RecallOlder,
                            Some(KeyAction::RecallNewer) if entry.is_in_last_row() => Action::RecallNewer,
                            Some(KeyAction::Complete) => Action::Complete { backwards: false },
                            Some(KeyAction::CompleteBackwards) => Action::Complete { backwards: true },
                            _ => return false,
                        }
                    }
                };
                send(action);
                true
            }
            Event::Push if app::event_mouse_button() == MouseButton::Right => {
                let mut entry = entry.clone();
                entry.focus();
                entry_menu::show(&menu, &mut entry, (app::event_x(), app::event_y()));
                true
            }
            Event::Paste => {
                let text = app::event_text();
                if text.len() > PASTE_MAX {
                    send(Action::RefusePaste);
                    return true;
                }
                let lines: Vec<_> = text.lines().map(str::to_owned).collect();
                let several = spoken(&lines).len() > 1;
                if several {
                    send(Action::Paste(lines));
                }
                several
            }
            _ => false,
        });
    }

    fn bind_display(&mut self, send: impl Fn(Action) + 'static) {
        let display = &self.widgets.display;
        let Some(mut plate) = display.parent().and_then(|plate| Flex::from_dyn_widget(&plate)) else { return };
        let mut menu = ui::ContextMenu::new([]);
        let (events, is_with_all) = (self.reading.transcript.events(), Rc::clone(&self.is_with_all));
        let mut choose = move |target, at| message_menu::choose(&mut menu, target, is_with_all.get(), at);
        ui::add_focus_ring(&mut plate, display, move |event| {
            // Only while a button is pressed or released: FLTK's binding panics at other events.
            let button = app::event_mouse_button;
            if event == Event::Push && button() == MouseButton::Right {
                let (x, y) = (app::event_x(), app::event_y());
                choose(events.target_at(x, y), (x, y)).into_iter().for_each(&send);
                return true;
            }
            let key = if event == Event::KeyDown { keys::find(Place::Messages) } else { None };
            match key {
                Some(KeyAction::OpenLink) => send(Action::OpenLink),
                Some(KeyAction::SelectAll) => events.select_all(),
                Some(KeyAction::OpenMenu) => {
                    let (target, at) = events.target_of_key();
                    choose(target, at).into_iter().for_each(&send);
                }
                _ => {}
            }
            if key.is_some() {
                return true;
            }
            // First it scrolls and selects: whether a click opens a link depends on that.
            let is_taken = events.handle(event);
            let action = match (event, app::event_key()) {
                (Event::Enter | Event::Move, _) => Action::Point(Some((app::event_x(), app::event_y()))),
                (Event::Leave, _) => Action::Point(None),
                (Event::MouseWheel, _) if app::event_dy_value() < 0 => Action::ScrollUp,
                (Event::KeyDown, Key::PageUp | Key::Up | Key::Home) if is_taken => Action::ScrollUp,
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

    /// Returns the handler of the keys that work wherever the focus is in the window, which are sent as messages. The window
    /// calls it with each event that none of its widgets has handled.
    pub(in crate::chat::window) fn shortcuts<F>(&self, pane: Pane, send: F) -> impl FnMut(Event) -> bool + use<F>
    where
        F: Fn(Msg) + 'static,
    {
        let mut entry = self.widgets.entry.clone();
        move |event| {
            if !matches!(event, Event::KeyDown | Event::Shortcut) {
                return false;
            }
            let action = keys::find(Place::Window);
            if let Some(msg) = action.and_then(|action| message(action, pane)) {
                send(msg);
                return true;
            }
            // What has the focus has no use for a letter, like the messages or a button: who types there goes on in the entry.
            let goes_on = event == Event::KeyDown && types_text() && entry.editor().visible_r();
            if goes_on {
                entry.focus();
            }
            goes_on && entry.editor().handle_event(event)
        }
    }
}

/// Returns whether the key that is being pressed writes something.
fn types_text() -> bool {
    let is_chord = ui::is_ctrl() || app::is_event_alt();
    !is_chord && app::event_text().chars().any(|character| !character.is_control())
}

/// Returns the message of a key that works everywhere in a window.
fn message(action: KeyAction, pane: Pane) -> Option<Msg> {
    let action = match action {
        KeyAction::Help => return Some(Msg::ShowHelp),
        KeyAction::Quit => return Some(Msg::Quit),
        KeyAction::CloseTalk => {
            return Some(match pane {
                Pane::Room => Msg::CloseShownTalk,
                Pane::Private(at) => Msg::ClosePrivate(at),
            });
        }
        // The other talks are in the main window.
        KeyAction::NextTalk
        | KeyAction::PreviousTalk
        | KeyAction::NextUnread
        | KeyAction::TalkInRow
        | KeyAction::GoToName
            if pane != Pane::Room =>
        {
            return None;
        }
        KeyAction::NextTalk => return Some(Msg::StepTalk { backwards: false }),
        KeyAction::PreviousTalk => return Some(Msg::StepTalk { backwards: true }),
        KeyAction::NextUnread => return Some(Msg::GoToUnread),
        KeyAction::TalkInRow => return keys::row().map(Msg::ShowTalkInRow),
        KeyAction::GoToName => return Some(Msg::OpenFilter),
        KeyAction::ToggleSidebar => return Some(Msg::ToggleSidebar),
        // No server keeps private messages.
        KeyAction::SearchAll if pane != Pane::Room => return None,
        KeyAction::ChangeTheme => return Some(Msg::ToggleTheme),
        KeyAction::ToggleWire => return Some(Msg::ToggleWire),
        KeyAction::Close => return Some(Msg::Escape(pane)),
        KeyAction::OpenFind => Action::OpenFind,
        KeyAction::NextHit => Action::StepOrFind(Towards::Newer),
        KeyAction::PreviousHit => Action::StepOrFind(Towards::Older),
        KeyAction::SearchAll => Action::FindOrShowEverywhere,
        KeyAction::Save => Action::OpenSave,
        KeyAction::SelectLink => Action::SelectLink,
        KeyAction::Copy => Action::Copy,
        KeyAction::Newest => Action::ShowNewest,
        KeyAction::FirstNew => Action::ShowFirstNew,
        _ => return None,
    };
    Some(Msg::In(pane, action))
}
