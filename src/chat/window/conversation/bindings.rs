//! Binds events to actions in a conversation: its buttons, its entry, and the keys of its window. Runs on the UI
//! thread.

use std::rc::Rc;
use std::time::Instant;

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::WidgetExt as _;

use super::ConversationView;
use super::writing::Pressed;
use crate::mood::Mood;
use crate::protocol::escape::escape;

impl ConversationView {
    /// Gives the widgets their callbacks.
    pub(super) fn bind(&self) {
        let call = |action: fn(&mut ConversationView)| {
            let mut view = self.clone();
            move || action(&mut view)
        };
        let mut widgets = self.widgets.clone();
        let on_click = |button: &mut fltk::button::Button, action| {
            let mut action = call(action);
            button.set_callback(move |_| action());
        };
        on_click(&mut widgets.send, ConversationView::send);
        on_click(&mut widgets.newer, ConversationView::show_newest);
        on_click(&mut widgets.security.button, ConversationView::explain_security);
        on_click(&mut widgets.question.send, ConversationView::send_pasted);
        on_click(&mut widgets.question.join, ConversationView::join_pasted);
        on_click(&mut widgets.question.cancel, ConversationView::forget_pasted);
        widgets.entry.on_enter(call(ConversationView::send));

        // The keys that scroll the messages work while the entry has the focus, because the entry itself does not use
        // them.
        let mut display = widgets.display.clone();
        let mut view = self.clone();
        widgets.entry.on_event(move |event| match (event, app::event_key()) {
            (Event::KeyDown, _) if view.borrowed_focus.forward_key(event) => true,
            (Event::KeyDown, Key::PageUp | Key::PageDown) => display.handle_event(event),
            (Event::KeyDown, Key::End) if app::is_event_ctrl() => {
                view.show_newest();
                true
            }
            (Event::KeyDown, key) => {
                // Enter ends typing.
                view.key_pressed_at.set((key != Key::Enter).then(Instant::now));
                view.requests.watch(event);
                view.press(event)
            }
            (Event::Paste, _) => view.take_pasted(&app::event_text()),
            // FLTK's own handling of Tab would select the draft, and the next key would replace it.
            (Event::Focus, Key::Tab) => {
                view.widgets.entry.caret_to_end();
                true
            }
            _ => false,
        });
    }

    /// Handles the keys that work wherever the focus is in the window. The window calls this with each event that none
    /// of its widgets has handled.
    pub(in crate::chat::window) fn shortcut(&mut self, event: Event) -> bool {
        let escapes = matches!(event, Event::KeyDown | Event::Shortcut) && app::event_key() == Key::Escape;
        if escapes && !self.pasted.borrow().is_empty() {
            self.forget_pasted();
            return true;
        }
        self.reading.shortcut(event) || self.type_on(event)
    }

    /// Moves the focus to the entry when the user types while the messages have it, where nothing can be written.
    fn type_on(&mut self, event: Event) -> bool {
        let chord = app::is_event_ctrl() || app::is_event_alt() || app::is_event_command();
        let types = app::event_text().chars().any(|character| !character.is_control());
        if event != Event::KeyDown || chord || !types || !self.widgets.display.has_focus() {
            return false;
        }
        self.widgets.entry.focus();
        self.widgets.entry.input().handle_event(event)
    }

    /// Handles a key pressed in the entry. Returns whether it is handled.
    fn press(&mut self, key: Event) -> bool {
        let chat = Rc::clone(&self.chat);
        match self.writing.press(key, || chat.borrow().names_to_complete()) {
            Pressed::Done => true,
            Pressed::Nothing => false,
            Pressed::NoSuchName(typed) => {
                let words =
                    format!("Nobody here has a name that begins with {} (Shift+Tab leaves the entry)", escape(&typed));
                self.reading.set_remark(Mood::Warn, words);
                true
            }
        }
    }
}
