//! A talk on the screen: a conversation with its entry, be it with the room or with one person. Every window has one.
//!
//! It gives to the model what is typed, and draws what the model knows of this talk. Runs on the UI thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::{InputExt as _, WidgetExt as _};

mod layout;
mod paste;
mod transcript;

pub(super) use layout::{Sheet, TalkWidgets, plate, row};

use super::keyboard::Borrowed;
use super::{Wishes, tone};
use crate::client::Chat;
use crate::client::model::{Entered, Talk, Whom};
use crate::clock::Clock;
use transcript::Transcript;

/// After no key has been pressed for so long, nobody is in the middle of a word.
const PAUSE_IN_TYPING: Duration = Duration::from_secs(1);

/// A talk on the screen. Cloning it gives another handle to the same: each callback has one.
#[derive(Clone)]
pub(super) struct TalkView {
    pub(super) widgets: TalkWidgets,
    whom: Whom,
    chat: Rc<RefCell<Chat>>,
    clock: Clock,
    transcript: Rc<RefCell<Transcript>>,
    /// Lines that were pasted, until it is decided what becomes of them.
    pasted: Rc<RefCell<Vec<String>>>,
    /// When a key was last pressed in the entry.
    typed: Rc<Cell<Option<Instant>>>,
    /// What was in the entry at the last tick.
    draft: Rc<RefCell<String>>,
    /// The keyboard, if it is not to be kept.
    pub(super) borrowed: Borrowed,
    wishes: Rc<Wishes>,
}

impl TalkView {
    /// The view of the talk with `whom`, in these widgets.
    pub(super) fn new(
        widgets: TalkWidgets,
        whom: Whom,
        chat: Rc<RefCell<Chat>>,
        clock: Clock,
        wishes: Rc<Wishes>,
    ) -> TalkView {
        let transcript = Rc::new(RefCell::new(Transcript::new(&widgets.conversation, clock.clone())));
        let (pasted, typed, draft, borrowed) = Default::default();
        let view = TalkView { widgets, whom, chat, clock, transcript, pasted, typed, draft, borrowed, wishes };
        view.wire();
        view
    }

    /// Which event does what.
    fn wire(&self) {
        let call = |action: fn(&mut TalkView)| {
            let mut view = self.clone();
            move || action(&mut view)
        };
        let mut widgets = self.widgets.clone();
        let on_click = |button: &mut fltk::button::Button, action| {
            let mut action = call(action);
            button.set_callback(move |_| action());
        };
        on_click(&mut widgets.send, TalkView::send);
        on_click(&mut widgets.newer, TalkView::show_newest);
        on_click(&mut widgets.question.send, TalkView::send_pasted);
        on_click(&mut widgets.question.join, TalkView::join_pasted);
        on_click(&mut widgets.question.cancel, TalkView::forget_pasted);
        widgets.entry.on_enter(call(TalkView::send));

        // The keys that scroll the conversation work while the keyboard is with the entry, where they mean nothing.
        let mut conversation = widgets.conversation.clone();
        let mut view = self.clone();
        widgets.entry.on_event(move |event| match (event, app::event_key()) {
            (Event::KeyDown, _) if view.borrowed.hand_on(event) => true,
            (Event::KeyDown, Key::PageUp | Key::PageDown) => conversation.handle_event(event),
            (Event::KeyDown, Key::End) if app::is_event_ctrl() => {
                view.show_newest();
                true
            }
            (Event::KeyDown, key) => {
                // Enter is what ends typing.
                view.typed.set((key != Key::Enter).then(Instant::now));
                view.wishes.watch(event);
                false
            }
            (Event::Paste, _) => view.take_pasted(&app::event_text()),
            _ => false,
        });
    }

    /// Sends what is in the entry, or does what it commands. It stays there if that cannot be done.
    fn send(&mut self) {
        let text = self.widgets.entry.value();
        if text.trim().is_empty() {
            return;
        }
        let entered = self.chat.borrow_mut().enter(&self.whom, &text);
        match entered {
            Entered::Done => {
                self.set_draft("");
                self.transcript.borrow_mut().follow();
            }
            Entered::Kept => {}
            Entered::Quit => self.wishes.quit.set(true),
        }
        self.draw();
        // A command may change what is shown elsewhere, and where the keyboard is to be.
        self.wishes.draw.set(true);
        self.widgets.entry.focus();
    }

    fn show_newest(&mut self) {
        self.transcript.borrow_mut().follow();
        self.draw();
        self.widgets.entry.focus();
    }

    /// Sees what the user has done since the last tick. Returns whether there is something to be drawn.
    pub(super) fn look(&mut self) -> bool {
        let text = self.widgets.entry.value();
        if *self.draft.borrow() != text {
            // Looked at here rather than with each key, since text comes from the clipboard and input methods too.
            self.chat.borrow_mut().typed(&self.whom, &text, Instant::now());
            self.draft.replace(text);
        }
        let moved = self.transcript.borrow_mut().look();
        let wanted = self.entry_is_free() && self.chat.borrow().talk(&self.whom).is_some_and(Talk::has_unsent);
        moved || wanted
    }

    /// Brings every widget up to date. What has not changed is not touched.
    pub(super) fn draw(&mut self) {
        if self.entry_is_free() {
            let unsent = self.chat.borrow_mut().take_unsent(&self.whom);
            if let Some(text) = unsent {
                self.set_draft(&text);
                let end = i32::try_from(text.len()).unwrap_or(i32::MAX);
                // Out of range it is clamped, so this cannot fail in a way that matters.
                let _ = self.widgets.entry.input().set_position(end);
            }
        }
        let chat = self.chat.borrow();
        self.transcript.borrow_mut().draw(&chat, &self.whom);
        let (mood, words) = chat.status_of(&self.whom, &self.clock);
        self.widgets.status.set(tone(mood), &words);
        self.widgets.show_typing(&chat.typing_words(&self.whom));
        self.widgets.show_newer(self.transcript.borrow().unseen());
    }

    /// Does the reader see the newest?
    pub(super) fn is_at_end(&self) -> bool {
        self.transcript.borrow().unseen() == 0
    }

    /// How much of it nobody has looked at.
    pub(super) fn unread(&self) -> u64 {
        self.chat.borrow().talk(&self.whom).map_or(0, Talk::unread)
    }

    /// Somebody looks at it.
    pub(super) fn seen(&self) {
        if self.unread() > 0 {
            self.chat.borrow_mut().seen(&self.whom);
            self.wishes.draw.set(true);
        }
    }

    /// Writes into the entry, as nobody has typed it.
    fn set_draft(&mut self, text: &str) {
        self.widgets.entry.set_value(text);
        text.clone_into(&mut self.draft.borrow_mut());
    }

    /// May a message that was not sent come back into the entry? Not while somebody types: it would end up in the middle.
    fn entry_is_free(&self) -> bool {
        self.widgets.entry.value().is_empty() && self.typed.get().is_none_or(|typed| typed.elapsed() > PAUSE_IN_TYPING)
    }
}
