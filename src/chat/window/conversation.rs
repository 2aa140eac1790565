//! A talk on the screen: a conversation with its entry, be it with the room or with one person. Every window has one.
//!
//! It gives to the model what is typed, and draws what the model knows of this talk. Runs on the UI thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::dialog::{self, BeepType};
use fltk::enums::{Event, Key};
use fltk::prelude::WidgetExt as _;

pub mod find;
pub mod layout;
pub mod lock;
pub mod paste;
pub mod reading;
pub mod results;
pub mod save;
pub mod transcript;
pub mod writing;

pub(super) use layout::{ConversationWidgets, Sheet, plate, row, show_row};

use super::keyboard::Borrowed;
use super::{Wishes, tone};
use crate::chat::state::{Chat, Phase};
use crate::chat::state::{Conversation, Entered, MessageLog, Position, Splice, StatusParts, Whom};
use crate::client::Security;
use crate::clock::Clock;
use crate::protocol::escape::escape;
use crate::ui::Tone;
pub(super) use reading::Reading;
use writing::{Pressed, Writing};

/// After no key has been pressed for so long, nobody is in the middle of a word.
pub(super) const PAUSE_IN_TYPING: Duration = Duration::from_secs(1);

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
    looking: Rc<Cell<bool>>,
    /// Lines that were pasted, until it is decided what becomes of them.
    pasted: Rc<RefCell<Vec<String>>>,
    /// When a key was last pressed in the entry.
    typed: Rc<Cell<Option<Instant>>>,
    /// What was in the entry at the last tick.
    draft: Rc<RefCell<String>>,
    /// Why something was not sent, as it was shown last.
    remark: Rc<RefCell<Option<String>>>,
    /// The lock of which the status line tells, or told.
    lock_told: Rc<RefCell<Option<Security>>>,
    /// The keyboard, if it is not to be kept.
    pub(super) borrowed: Borrowed,
    wishes: Rc<Wishes>,
}

impl ConversationView {
    /// The view of the talk with `whom`, in these widgets.
    pub(super) fn new(
        widgets: ConversationWidgets,
        whom: Whom,
        chat: Rc<RefCell<Chat>>,
        clock: Clock,
        wishes: Rc<Wishes>,
    ) -> ConversationView {
        let whom = Rc::new(RefCell::new(whom));
        let reading = reading_of(&widgets, &whom, &chat, &clock);
        let writing = Writing::new(&widgets.entry, &widgets.counter);
        let (looking, pasted, typed, draft, remark, lock_told, borrowed) = Default::default();
        let view = ConversationView {
            widgets,
            whom,
            chat,
            clock,
            reading,
            writing,
            looking,
            pasted,
            typed,
            draft,
            remark,
            lock_told,
            borrowed,
            wishes,
        };
        view.wire();
        view
    }

    /// Which event does what.
    fn wire(&self) {
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
        on_click(&mut widgets.lock.button, ConversationView::tell_lock);
        on_click(&mut widgets.question.send, ConversationView::send_pasted);
        on_click(&mut widgets.question.join, ConversationView::join_pasted);
        on_click(&mut widgets.question.cancel, ConversationView::forget_pasted);
        widgets.entry.on_enter(call(ConversationView::send));

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
                view.press(event)
            }
            (Event::Paste, _) => view.take_pasted(&app::event_text()),
            // Left to FLTK, Tab would select the draft, and the next key would replace it.
            (Event::Focus, Key::Tab) => {
                view.widgets.entry.caret_to_end();
                true
            }
            _ => false,
        });
    }

    pub(super) fn whom(&self) -> Whom {
        self.whom.borrow().clone()
    }

    /// From now on it is the talk with somebody else, of whom nothing has been shown yet.
    pub(super) fn turn_to(&mut self, whom: Whom) {
        self.whom.replace(whom);
        self.reading.turn();
        self.writing.forget();
    }

    /// The same talk has another name, since we are on another server than before.
    pub(super) fn name_anew(&self, whom: Whom) {
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
        self.reading.untell();
        let entered = self.chat.borrow_mut().enter(&self.whom(), &text);
        match entered {
            Entered::Done => {
                self.writing.sent(&text);
                self.set_draft("");
                self.reading.follow();
            }
            Entered::Dropped => self.set_draft(""),
            Entered::Kept => {}
            Entered::Quit => self.wishes.quit.set(true),
        }
        self.draw();
        // A command may change what is shown elsewhere, and where the keyboard is to be.
        self.wishes.draw.set(true);
        self.widgets.entry.focus();
    }

    /// Keys that work wherever the keyboard is in the window. To be called by the window with each event that nobody in it
    /// wanted.
    pub(super) fn shortcut(&mut self, event: Event) -> bool {
        let escapes = matches!(event, Event::KeyDown | Event::Shortcut) && app::event_key() == Key::Escape;
        if escapes && !self.pasted.borrow().is_empty() {
            self.forget_pasted();
            return true;
        }
        self.reading.shortcut(event) || self.type_on(event)
    }

    /// What is typed while the keyboard is with the conversation, where nothing can be written, goes to the entry.
    fn type_on(&mut self, event: Event) -> bool {
        let chord = app::is_event_ctrl() || app::is_event_alt() || app::is_event_command();
        let types = app::event_text().chars().any(|character| !character.is_control());
        if event != Event::KeyDown || chord || !types || !self.widgets.conversation.has_focus() {
            return false;
        }
        self.widgets.entry.focus();
        self.widgets.entry.input().handle_event(event)
    }

    fn show_newest(&mut self) {
        self.reading.follow();
        self.draw();
        self.widgets.entry.focus();
    }

    /// Sees what the user has done since the last tick. Returns whether there is something to be drawn.
    pub(super) fn look(&mut self) -> bool {
        let text = self.widgets.entry.value();
        if *self.draft.borrow() != text {
            // Looked at here rather than with each key, since text comes from the clipboard and input methods too.
            self.chat.borrow_mut().typed(&self.whom(), &text, Instant::now());
            self.count(&text);
            self.draft.replace(text);
        }
        let moved = self.reading.look();
        let asked = self.whom() == Whom::All && self.look_for_the_past();
        let looking = self.has_keyboard();
        let turned = self.looking.replace(looking) != looking;
        let wanted = self.entry_is_free()
            && self.chat.borrow().conversation(&self.whom()).is_some_and(Conversation::has_returned);
        moved || turned || wanted || asked
    }

    /// Sees what the user wants to see of what was said before.
    fn look_for_the_past(&self) -> bool {
        let mut chat = self.chat.borrow_mut();
        let (words, opened) = (self.reading.take_everywhere(), self.reading.take_opened());
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
            let unsent = self.chat.borrow_mut().take_returned(&self.whom());
            if let Some(text) = unsent {
                self.set_draft(&text);
                self.widgets.entry.caret_to_end();
            }
        }
        let held = self.reading.is_held();
        let (splices, arrived) = if held { Default::default() } else { self.take_moves() };
        let chat = self.chat.borrow();
        let Some(conversation) = chat.conversation(&self.whom()).map(Conversation::log) else { return };
        let call = if held {
            self.reading.wait();
            false
        } else {
            self.reading.draw(conversation, chat.last_name(), chat.pending(&self.whom()), &splices, self.looking.get())
        };
        if self.whom() == Whom::All {
            self.reading.show_search(chat.search_state());
        }
        if let Some(found) = arrived {
            self.reading.show_entry(found);
        }
        let remark = chat.conversation(&self.whom()).and_then(Conversation::remark).map(str::to_owned);
        if *self.remark.borrow() != remark {
            // A refusal that has just come matters more than what was told before it.
            if remark.is_some() {
                self.reading.untell();
            }
            self.remark.replace(remark);
        }
        // What was told of a lock is of the past with it.
        if self.lock_told.borrow_mut().take_if(|told| chat.security() != Some(told)).is_some() {
            self.reading.untell();
        }
        let StatusParts { mood, remark, state } = chat.status_parts_of(&self.whom(), &self.clock);
        let hint = self.reading.hint().or(remark.map(|remark| (Tone::Warn, remark)));
        let tone = match (&hint, tone(mood)) {
            (_, Tone::Error) => Tone::Error,
            (Some((Tone::Warn | Tone::Error, _)), _) => Tone::Warn,
            (_, tone) => tone,
        };
        self.widgets.status.set_both(tone, hint.map(|(_, words)| words), &state);
        // One is enough: the private windows have the same connection.
        self.widgets.lock.show(chat.security().filter(|_| *self.whom.borrow() == Whom::All));
        // Enter explains why nothing can be sent; the button only looks like it.
        self.widgets.set_sending(chat.phase() == Phase::Online);
        self.widgets.show_typing(&chat.typing_words(&self.whom()));
        drop(chat);
        if call {
            // FLTK can ask a desktop for no more attention than this; the title has the count.
            dialog::beep(BeepType::Notification);
        }
        self.widgets.show_newer(self.reading.unseen());
    }

    /// What has come in between in the conversation, and where that is which is to be shown.
    fn take_moves(&self) -> (Vec<Splice>, Option<Position>) {
        let mut chat = self.chat.borrow_mut();
        let arrived = if self.whom() == Whom::All { chat.take_jump() } else { None };
        (chat.take_splices(&self.whom()), arrived)
    }

    /// Is the keyboard with this window, and so, as far as a program can know, the user's eyes?
    pub(super) fn has_keyboard(&self) -> bool {
        self.borrowed.is_none() && app::focus().is_some_and(|widget| widget.inside(self.widgets.all()))
    }

    /// A key was pressed in the entry; is it dealt with?
    fn press(&mut self, key: Event) -> bool {
        let chat = Rc::clone(&self.chat);
        match self.writing.press(key, || chat.borrow().names_to_complete()) {
            Pressed::Done => true,
            Pressed::Nothing => false,
            Pressed::NoSuchName(typed) => {
                let words =
                    format!("Nobody here has a name that begins with {} (Shift+Tab leaves the entry)", escape(&typed));
                self.reading.tell(Tone::Warn, words);
                true
            }
        }
    }

    /// Does the reader see the newest?
    pub(super) fn is_at_end(&self) -> bool {
        self.reading.unseen() == 0
    }

    /// How much of it nobody has looked at.
    pub(super) fn unread(&self) -> u64 {
        self.chat.borrow().conversation(&self.whom()).map_or(0, Conversation::unread)
    }

    /// Its window is closed, and nothing is written in it.
    pub(super) fn window_closed(&self) {
        self.chat.borrow_mut().window_closed(&self.whom());
    }

    /// Somebody looks at it.
    pub(super) fn seen(&self) {
        if self.unread() > 0 {
            self.chat.borrow_mut().mark_read(&self.whom());
            self.wishes.draw.set(true);
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
        self.widgets.entry.value().is_empty() && self.typed.get().is_none_or(|typed| typed.elapsed() > PAUSE_IN_TYPING)
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
    let peek = move |look: &mut dyn FnMut(&MessageLog)| {
        if let Some(talk) = chat.borrow().conversation(&talk.borrow()) {
            look(talk.log());
        }
    };
    let private = *whom.borrow() != Whom::All;
    Reading::new(&widgets.conversation, widgets.bars.clone(), clock, private, peek, move || entry.clone().focus())
}
