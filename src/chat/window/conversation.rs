//! A talk on the screen: a conversation with its entry, be it with the room or with one person. Every window has one.
//!
//! It gives to the model what is typed, and draws what the model knows of this talk. Runs on the UI thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use fltk::app;
use fltk::dialog::{self, BeepType};
use fltk::prelude::WidgetExt as _;

pub mod bindings;
pub mod find;
pub mod layout;
pub mod paste;
pub mod reading;
pub mod results;
pub mod save;
pub mod security_badge;
pub mod style;
pub mod transcript;
pub mod writing;

pub(super) use layout::{ConversationWidgets, MessagePane};

use super::keyboard::{BorrowedFocus, PAUSE_IN_TYPING};
use super::{Requests, tone};
use crate::chat::state::{Chat, Phase};
use crate::chat::state::{Conversation, Entered, MessageLog, Position, Splice, Standing, Whom};
use crate::client::Security;
use crate::clock::Clock;
use crate::ui::Tone;
pub(super) use reading::Reading;
use writing::Writing;

/// A talk on the screen. Cloning it gives another handle to the same: each callback has one.
#[derive(Clone)]
pub(super) struct ConversationView {
    pub(super) widgets: ConversationWidgets,
    /// With whom, which changes when a private window that is not needed any more is given to somebody else.
    whom: Rc<RefCell<Whom>>,
    chat: Rc<RefCell<Chat>>,
    clock: Clock,
    pub(super) reading: Reading,
    writing: Writing,
    /// Had this window the keyboard at the last tick?
    was_focused: Rc<Cell<bool>>,
    /// Lines that were pasted, until it is decided what becomes of them.
    pasted: Rc<RefCell<Vec<String>>>,
    /// When a key was last pressed in the entry.
    key_pressed_at: Rc<Cell<Option<Instant>>>,
    /// What was in the entry at the last tick.
    draft: Rc<RefCell<String>>,
    /// Why something was not sent, as it was shown last.
    remark: Rc<RefCell<Option<String>>>,
    /// The lock of which the status line tells, or told.
    explained_security: Rc<RefCell<Option<Security>>>,
    /// The keyboard, if it is not to be kept.
    pub(super) borrowed_focus: BorrowedFocus,
    requests: Rc<Requests>,
}

impl ConversationView {
    /// The view of the talk with `whom`, in these widgets.
    pub(super) fn new(
        widgets: ConversationWidgets,
        whom: Whom,
        chat: Rc<RefCell<Chat>>,
        clock: Clock,
        requests: Rc<Requests>,
    ) -> ConversationView {
        let whom = Rc::new(RefCell::new(whom));
        let reading = reading_of(&widgets, &whom, &chat, &clock);
        let writing = Writing::new(&widgets.entry, &widgets.counter);
        let (was_focused, pasted, key_pressed_at, draft, remark, explained_security, borrowed_focus) =
            Default::default();
        let view = ConversationView {
            widgets,
            whom,
            chat,
            clock,
            reading,
            writing,
            was_focused,
            pasted,
            key_pressed_at,
            draft,
            remark,
            explained_security,
            borrowed_focus,
            requests,
        };
        view.bind();
        view
    }

    pub(super) fn whom(&self) -> Whom {
        self.whom.borrow().clone()
    }

    /// From now on it is the talk with somebody else, of whom nothing has been shown yet.
    pub(super) fn switch_to(&mut self, whom: Whom) {
        self.whom.replace(whom);
        self.reading.reset();
        self.writing.forget();
    }

    /// The same talk has another name, since we are on another server than before.
    pub(super) fn rename(&self, whom: Whom) {
        self.whom.replace(whom);
    }

    /// Takes what is written here and not sent: the draft, or lines that were pasted and not decided about.
    pub(super) fn take_draft(&mut self) -> Vec<String> {
        let mut texts = self.pasted.take();
        self.widgets.ask_about(None);
        texts.insert(0, self.widgets.entry.value());
        self.set_draft("");
        texts.retain(|text| !text.trim().is_empty());
        texts
    }

    /// Is something written here that has not been sent?
    pub(super) fn has_draft(&self) -> bool {
        !self.widgets.entry.value().is_empty() || !self.pasted.borrow().is_empty()
    }

    /// Sends what is in the entry, or does what it commands. It stays there if that cannot be done.
    fn send(&mut self) {
        let text = self.widgets.entry.value();
        if text.trim().is_empty() {
            return;
        }
        self.reading.clear_remark();
        let entered = self.chat.borrow_mut().enter(&self.whom(), &text);
        match entered {
            Entered::Done => {
                self.writing.sent(&text);
                self.set_draft("");
                self.reading.follow();
            }
            Entered::Dropped => self.set_draft(""),
            Entered::Kept => {}
            Entered::Quit => self.requests.quit.set(true),
        }
        self.draw();
        // A command may change what is shown elsewhere, and where the keyboard is to be.
        self.requests.draw.set(true);
        self.widgets.entry.focus();
    }

    fn show_newest(&mut self) {
        self.reading.follow();
        self.draw();
        self.widgets.entry.focus();
    }

    /// Sees what the user has done since the last tick. Returns whether there is something to be drawn.
    pub(super) fn poll(&mut self) -> bool {
        let text = self.widgets.entry.value();
        if *self.draft.borrow() != text {
            // Looked at here rather than with each key, since text comes from the clipboard and input methods too.
            self.chat.borrow_mut().typed(&self.whom(), &text, Instant::now());
            self.count(&text);
            self.draft.replace(text);
        }
        let moved = self.reading.poll();
        let asked = self.whom() == Whom::All && self.request_history();
        let focused = self.has_keyboard();
        let turned = self.was_focused.replace(focused) != focused;
        let wanted =
            self.entry_is_free() && self.chat.borrow().talk(&self.whom()).is_some_and(Conversation::has_unsent);
        moved || turned || wanted || asked
    }

    /// Sees what the user wants to see of what was said before.
    fn request_history(&self) -> bool {
        let mut chat = self.chat.borrow_mut();
        let (words, opened) = (self.reading.take_server_search(), self.reading.take_opened());
        if let Some((top, end)) = self.reading.scrolled_up() {
            chat.scrolled_up(top, end);
        }
        if let Some(words) = &words {
            chat.search(words);
        }
        if let Some(at) = opened {
            chat.go_to_hit(at);
        }
        words.is_some() || opened.is_some()
    }

    /// Brings every widget up to date. What has not changed is not touched.
    pub(super) fn draw(&mut self) {
        if self.entry_is_free() {
            let unsent = self.chat.borrow_mut().take_unsent(&self.whom());
            if let Some(text) = unsent {
                self.set_draft(&text);
                self.widgets.entry.caret_to_end();
            }
        }
        let held = self.reading.is_held();
        let (splices, arrived) = if held { Default::default() } else { self.take_changes() };
        let chat = self.chat.borrow();
        let Some(conversation) = chat.talk(&self.whom()).map(Conversation::conversation) else { return };
        let alert = if held {
            self.reading.defer_redraw();
            false
        } else {
            self.reading.draw(conversation, chat.called(), chat.pending(&self.whom()), &splices, self.was_focused.get())
        };
        if self.whom() == Whom::All {
            self.reading.show_search(chat.searched());
        }
        if let Some(found) = arrived {
            self.reading.show_entry(found);
        }
        let remark = chat.talk(&self.whom()).and_then(Conversation::remark).map(str::to_owned);
        if *self.remark.borrow() != remark {
            // A refusal that has just come matters more than what was told before it.
            if remark.is_some() {
                self.reading.clear_remark();
            }
            self.remark.replace(remark);
        }
        // What was told of a lock is of the past with it.
        if self.explained_security.borrow_mut().take_if(|told| chat.lock() != Some(told)).is_some() {
            self.reading.clear_remark();
        }
        let Standing { mood, remark, state } = chat.standing_of(&self.whom(), &self.clock);
        let hint = self.reading.hint().or(remark.map(|remark| (Tone::Warn, remark)));
        let tone = match (&hint, tone(mood)) {
            (_, Tone::Error) => Tone::Error,
            (Some((Tone::Warn | Tone::Error, _)), _) => Tone::Warn,
            (_, tone) => tone,
        };
        self.widgets.status.set_both(tone, hint.map(|(_, words)| words), &state);
        // One is enough: the private windows have the same connection.
        self.widgets.security.show(chat.lock().filter(|_| *self.whom.borrow() == Whom::All));
        // Enter explains why nothing can be sent; the button only looks like it.
        self.widgets.set_sending(chat.phase() == Phase::Online);
        self.widgets.show_typing(&chat.typing_words(&self.whom()));
        drop(chat);
        if alert {
            // FLTK can ask a desktop for no more attention than this; the title has the count.
            dialog::beep(BeepType::Notification);
        }
        self.widgets.show_newer(self.reading.unseen());
    }

    /// What has come in between in the conversation, and where that is which is to be shown.
    fn take_changes(&self) -> (Vec<Splice>, Option<Position>) {
        let mut chat = self.chat.borrow_mut();
        let arrived = if self.whom() == Whom::All { chat.take_arrival() } else { None };
        (chat.take_splices(&self.whom()), arrived)
    }

    /// Is the keyboard with this window, and so, as far as a program can know, the user's eyes?
    pub(super) fn has_keyboard(&self) -> bool {
        self.borrowed_focus.is_none() && app::focus().is_some_and(|widget| widget.inside(self.widgets.all()))
    }

    /// Does the reader see the newest?
    pub(super) fn is_at_end(&self) -> bool {
        self.reading.unseen() == 0
    }

    /// How much of it nobody has looked at.
    pub(super) fn unread(&self) -> u64 {
        self.chat.borrow().talk(&self.whom()).map_or(0, Conversation::unread)
    }

    /// Its window is closed, and nothing is written in it.
    pub(super) fn mark_closed(&self) {
        self.chat.borrow_mut().put_away(&self.whom());
    }

    /// Somebody looks at it.
    pub(super) fn mark_read(&self) {
        if self.unread() > 0 {
            self.chat.borrow_mut().seen(&self.whom());
            self.requests.draw.set(true);
        }
    }

    /// A window's title, with how often the user was named here while they looked elsewhere.
    pub(super) fn title(&self, title: &str) -> String {
        self.reading.title(title)
    }

    /// Shows how many bytes a text has left, if they are few.
    fn count(&mut self, text: &str) {
        let left = self.chat.borrow().bytes_left(&self.whom(), text);
        self.writing.count(left);
    }

    /// Writes into the entry, as nobody has typed it.
    fn set_draft(&mut self, text: &str) {
        self.widgets.entry.set_value(text);
        self.count(text);
        text.clone_into(&mut self.draft.borrow_mut());
    }

    /// May a message that was not sent come back into the entry? Not while somebody types: it would end up in the middle.
    fn entry_is_free(&self) -> bool {
        self.widgets.entry.value().is_empty()
            && self.key_pressed_at.get().is_none_or(|typed| typed.elapsed() > PAUSE_IN_TYPING)
    }
}

/// The reading part of a view: it looks at the talk with `whom` in the model.
fn reading_of(
    widgets: &ConversationWidgets,
    whom: &Rc<RefCell<Whom>>,
    chat: &Rc<RefCell<Chat>>,
    clock: &Clock,
) -> Reading {
    let (chat, talk, entry) = (Rc::clone(chat), Rc::clone(whom), widgets.entry.clone());
    let with_log = move |look: &mut dyn FnMut(&MessageLog)| {
        if let Some(talk) = chat.borrow().talk(&talk.borrow()) {
            look(talk.conversation());
        }
    };
    let private = *whom.borrow() != Whom::All;
    Reading::new(&widgets.display, widgets.bars.clone(), clock, private, with_log, move || entry.clone().focus())
}
