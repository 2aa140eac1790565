//! A conversation on the screen: its messages and its entry, either of the room or with one user. Every window has one.
//!
//! It passes the typed text to the model, and draws the model's state of this conversation. Runs on the UI thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use fltk::app;
use fltk::dialog::{self, BeepType};
use fltk::prelude::WidgetExt as _;

mod bindings;
mod find;
mod layout;
mod paste;
mod reading;
mod results;
mod save;
mod security_badge;
mod style;
mod transcript;
mod writing;

pub(super) use layout::{ConversationWidgets, MessagePane};

use super::Requests;
use super::keyboard::{BorrowedFocus, PAUSE_IN_TYPING};
use crate::chat::state::{Chat, Phase};
use crate::chat::state::{Conversation, Entered, MessageLog, Position, Splice, StatusParts, Whom};
use crate::client::Security;
use crate::clock::Clock;
use crate::mood::Mood;
pub(super) use reading::Reading;
use writing::Writing;

/// The view of one conversation. Cloning it gives another handle to the same: each callback holds one.
#[derive(Clone)]
pub(super) struct ConversationView {
    pub(super) widgets: ConversationWidgets,
    /// The other side of the conversation. It changes when an unused private window is reused for another user.
    whom: Rc<RefCell<Whom>>,
    chat: Rc<RefCell<Chat>>,
    clock: Clock,
    pub(super) reading: Reading,
    writing: Writing,
    /// This window had the keyboard focus at the last tick.
    was_focused: Rc<Cell<bool>>,
    /// Pasted lines, until the user decides what to do with them.
    pasted: Rc<RefCell<Vec<String>>>,
    /// Time of the last key press in the entry.
    key_pressed_at: Rc<Cell<Option<Instant>>>,
    /// Text of the entry at the last tick.
    draft: Rc<RefCell<String>>,
    /// Reason why a message was not sent, as last drawn.
    remark: Rc<RefCell<Option<String>>>,
    /// Connection security that the status line explains or has explained.
    explained_security: Rc<RefCell<Option<Security>>>,
    /// The keyboard focus, if this window must give it back.
    pub(super) borrowed_focus: BorrowedFocus,
    requests: Rc<Requests>,
}

impl ConversationView {
    /// Creates the view of the conversation with `whom` in these widgets.
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

    /// Reuses the view for a conversation with another user, of which nothing has been shown yet.
    pub(super) fn switch_to(&mut self, whom: Whom) {
        self.whom.replace(whom);
        self.reading.reset();
        self.writing.forget();
    }

    /// Changes the identity of the same conversation, when the client is on another server than before.
    pub(super) fn rename(&self, whom: Whom) {
        self.whom.replace(whom);
    }

    /// Takes all unsent text: the draft, and pasted lines that are still undecided.
    pub(super) fn take_draft(&mut self) -> Vec<String> {
        let mut texts = self.pasted.take();
        self.widgets.ask_about(None);
        texts.insert(0, self.widgets.entry.value());
        self.set_draft("");
        texts.retain(|text| !text.trim().is_empty());
        texts
    }

    /// Returns whether there is unsent text.
    pub(super) fn has_draft(&self) -> bool {
        !self.widgets.entry.value().is_empty() || !self.pasted.borrow().is_empty()
    }

    /// Sends the text of the entry, or runs it as a command. If that fails, the text stays in the entry.
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
        // A command may change other widgets, and the place of the keyboard focus.
        self.requests.draw.set(true);
        self.widgets.entry.focus();
    }

    fn show_newest(&mut self) {
        self.reading.follow();
        self.draw();
        self.widgets.entry.focus();
    }

    /// Processes the user's actions since the last tick. Returns whether a redraw is needed.
    pub(super) fn poll(&mut self) -> bool {
        let text = self.widgets.entry.value();
        if *self.draft.borrow() != text {
            // Compared here rather than on each key, because text also comes from the clipboard and from input methods.
            self.chat.borrow_mut().typed(&self.whom(), &text, Instant::now());
            self.count(&text);
            self.draft.replace(text);
        }
        let moved = self.reading.poll();
        let asked = self.whom() == Whom::All && self.request_history();
        let focused = self.has_focus();
        let turned = self.was_focused.replace(focused) != focused;
        let wanted = self.entry_is_free()
            && self.chat.borrow().conversation(&self.whom()).is_some_and(Conversation::has_returned);
        moved || turned || wanted || asked
    }

    /// Asks the model for the older messages, the search or the search result that the user wants to see.
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

    /// Updates every widget. Widgets whose content has not changed are not touched.
    pub(super) fn draw(&mut self) {
        if self.entry_is_free() {
            let unsent = self.chat.borrow_mut().take_returned(&self.whom());
            if let Some(text) = unsent {
                self.set_draft(&text);
                self.widgets.entry.caret_to_end();
            }
        }
        let held = self.reading.is_held();
        let (splices, arrived) = if held { Default::default() } else { self.take_changes() };
        let chat = self.chat.borrow();
        let Some(conversation) = chat.conversation(&self.whom()).map(Conversation::log) else { return };
        let alert = if held {
            self.reading.defer_redraw();
            false
        } else {
            self.reading.draw(
                conversation,
                chat.last_name(),
                chat.pending(&self.whom()),
                &splices,
                self.was_focused.get(),
            )
        };
        if self.whom() == Whom::All {
            self.reading.show_search(chat.search_state());
        }
        if let Some(found) = arrived {
            self.reading.show_entry(found);
        }
        let remark = chat.conversation(&self.whom()).and_then(Conversation::remark).map(str::to_owned);
        if *self.remark.borrow() != remark {
            // A new refusal matters more than an earlier remark.
            if remark.is_some() {
                self.reading.clear_remark();
            }
            self.remark.replace(remark);
        }
        // The explanation of a connection's security ends with that connection.
        if self.explained_security.borrow_mut().take_if(|explained| chat.security() != Some(explained)).is_some() {
            self.reading.clear_remark();
        }
        let StatusParts { mood, remark, state } = chat.status_parts_of(&self.whom(), &self.clock);
        let hint = self.reading.hint().or(remark.map(|remark| (Mood::Warn, remark)));
        let mood = match (&hint, mood) {
            (_, Mood::Error) => Mood::Error,
            (Some((Mood::Warn | Mood::Error, _)), _) => Mood::Warn,
            (_, mood) => mood,
        };
        self.widgets.status.set_both(mood, hint.map(|(_, words)| words), &state);
        // Only the room shows the badge: the private windows use the same connection.
        self.widgets.security.show(chat.security().filter(|_| *self.whom.borrow() == Whom::All));
        // Enter stays active and explains why nothing can be sent; only the button is greyed out.
        self.widgets.set_sending(chat.phase() == Phase::Online);
        self.widgets.show_typing(&chat.typing_words(&self.whom()));
        drop(chat);
        if alert {
            // FLTK has no stronger way to get the desktop's attention; the title has the count.
            dialog::beep(BeepType::Notification);
        }
        self.widgets.show_newer(self.reading.unseen());
    }

    /// Takes the changes inside the log, and the position that the model wants shown.
    fn take_changes(&self) -> (Vec<Splice>, Option<Position>) {
        let mut chat = self.chat.borrow_mut();
        let arrived = if self.whom() == Whom::All { chat.take_jump() } else { None };
        (chat.take_splices(&self.whom()), arrived)
    }

    /// Returns whether this window has the keyboard focus and keeps it. As far as a program can know, the user then
    /// looks at it.
    pub(super) fn has_focus(&self) -> bool {
        self.borrowed_focus.is_none() && app::focus().is_some_and(|widget| widget.inside(self.widgets.all()))
    }

    /// Returns whether the newest message is in view.
    pub(super) fn is_at_end(&self) -> bool {
        self.reading.unseen() == 0
    }

    /// Returns the number of unread messages.
    pub(super) fn unread(&self) -> u64 {
        self.chat.borrow().conversation(&self.whom()).map_or(0, Conversation::unread)
    }

    /// Informs the model that the window is closed and has no draft.
    pub(super) fn mark_closed(&self) {
        self.chat.borrow_mut().window_closed(&self.whom());
    }

    /// Informs the model that the user has read everything.
    pub(super) fn mark_read(&self) {
        if self.unread() > 0 {
            self.chat.borrow_mut().mark_read(&self.whom());
            self.requests.draw.set(true);
        }
    }

    /// Returns a window title with the number of mentions since the user last looked at the window.
    pub(super) fn title(&self, title: &str) -> String {
        self.reading.title(title)
    }

    /// Shows how many bytes `text` may still grow, near the limit.
    fn count(&mut self, text: &str) {
        let left = self.chat.borrow().bytes_left(&self.whom(), text);
        self.writing.count(left);
    }

    /// Replaces the text of the entry without reporting it as typed.
    fn set_draft(&mut self, text: &str) {
        self.widgets.entry.set_value(text);
        self.count(text);
        text.clone_into(&mut self.draft.borrow_mut());
    }

    /// Returns whether a returned message may come back into the entry. While the user is typing it may not: it would
    /// end up in the middle of a word.
    fn entry_is_free(&self) -> bool {
        self.widgets.entry.value().is_empty()
            && self.key_pressed_at.get().is_none_or(|typed| typed.elapsed() > PAUSE_IN_TYPING)
    }
}

/// Creates the reading part of a view, which accesses the log of the conversation with `whom` in the model.
fn reading_of(
    widgets: &ConversationWidgets,
    whom: &Rc<RefCell<Whom>>,
    chat: &Rc<RefCell<Chat>>,
    clock: &Clock,
) -> Reading {
    let (chat, peer, entry) = (Rc::clone(chat), Rc::clone(whom), widgets.entry.clone());
    let with_log = move |look: &mut dyn FnMut(&MessageLog)| {
        if let Some(conversation) = chat.borrow().conversation(&peer.borrow()) {
            look(conversation.log());
        }
    };
    let private = *whom.borrow() != Whom::All;
    Reading::new(&widgets.display, widgets.bars.clone(), clock, private, with_log, move || entry.clone().focus())
}
