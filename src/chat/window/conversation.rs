//! A conversation on the screen: its messages and its entry, either of the room or with one user. Every window has one.
//!
//! It carries out the user's [`Action`]s on the model, and draws the model's state of this conversation. Runs on the UI
//! thread.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use fltk::app;
use fltk::prelude::WidgetExt as _;

mod bindings;
mod drawer;
mod entry_menu;
mod find;
mod layout;
mod message_menu;
mod questions;
mod reading;
mod results;
mod save;
mod sending;
mod style;
mod talk_state;
mod transcript;
mod under_line;
mod update;
mod writing;

pub(super) use drawer::Drawer;
pub(super) use layout::{ConversationWidgets, MessagePane};
pub(super) use reading::ToolBars;
pub(super) use results::SearchResults;
pub(super) use talk_state::TalkState;
pub use transcript::Shown;
pub(super) use update::{Action, Wish};

use super::keyboard::BorrowedFocus;
use crate::chat::input::commands;
use crate::chat::render::page::Reader;
use crate::chat::state::{Chat, MessageLog, Phase, StatusParts, TalkId, Whom, shown_server};
use crate::client::Security;
use crate::clock::Clock;
use crate::mood::Mood;
use reading::Reading;
use writing::Writing;

/// The view of one conversation at a time: it [turns](ConversationView::turn_to) from one to another.
pub(super) struct ConversationView {
    pub(super) widgets: ConversationWidgets,
    /// The conversation that is shown.
    pub(super) talk: TalkId,
    /// Its address from the current server.
    pub(super) whom: Whom,
    /// It is the one with everybody, as the handler of the mouse knows it.
    is_with_all: Rc<Cell<bool>>,
    /// This is the view of the main window.
    is_main: bool,
    clock: Clock,
    pub(super) reading: Reading,
    writing: Writing,
    /// This window had the keyboard focus at the last tick.
    was_focused: bool,
    /// Usage of the command that stands in the entry.
    usage: Option<String>,
    /// Pasted lines, until the user decides what to do with them.
    pasted: Vec<String>,
    /// Text of the entry at the last tick.
    draft: String,
    /// Reason why a message was not sent, as last drawn.
    remark: Option<String>,
    /// Connection security that the line below the text explains or has explained.
    explained_security: Option<Security>,
    /// The keyboard focus, if this window must give it back.
    pub(super) borrowed_focus: BorrowedFocus,
}

impl ConversationView {
    /// Creates a view in these widgets: that of the main window, or of a private one. It begins with the conversation with
    /// everybody. The user's actions are passed to `send`.
    pub(super) fn new(
        (widgets, bars): (ConversationWidgets, ToolBars),
        is_main: bool,
        clock: Clock,
        send: &(impl Fn(Action) + Clone + 'static),
    ) -> ConversationView {
        let reading = Reading::new((&widgets.display, widgets.under.first_row()), bars, &clock);
        let writing = Writing::new(&widgets.entry, &widgets.counter);
        let mut view = ConversationView {
            widgets,
            talk: TalkId::ROOM,
            whom: Whom::All,
            is_with_all: Rc::new(Cell::new(true)),
            is_main,
            clock,
            reading,
            writing,
            was_focused: false,
            usage: None,
            pasted: Vec::new(),
            draft: String::new(),
            remark: None,
            explained_security: None,
            borrowed_focus: BorrowedFocus::default(),
        };
        view.bind(send);
        view
    }

    /// Returns the name of the other user, which is empty for everybody.
    pub(super) fn name(&self) -> &str {
        self.whom.name()
    }

    /// Returns the name of the conversation for a title; `None` for that with everybody.
    pub(super) fn title(&self) -> Option<String> {
        match &self.whom {
            Whom::All => None,
            Whom::AllOnOtherServer(server) => Some(format!("Everybody on {}", shown_server(server))),
            whom => Some(whom.shown()),
        }
    }

    /// Returns true while the mouse selects text.
    pub(super) fn is_pressed(&self) -> bool {
        self.reading.transcript.is_held()
    }

    /// Updates how the conversation is addressed: a user of this name on the current server may be another person.
    fn address(&mut self, chat: &Chat) {
        if let Some(whom) = chat.talks.whom(self.talk) {
            self.is_with_all.set(whom == Whom::All);
            self.whom = whom;
        }
    }

    /// Runs 30 times a second: passes the model what the user has typed and wants to see. Returns whether a redraw is
    /// needed.
    pub(super) fn tick(&mut self, chat: &mut Chat) -> bool {
        self.widgets.drawer.fit();
        let text = self.widgets.entry.value();
        let mut changed = false;
        if self.draft != text {
            // Compared here rather than on each key, because text also comes from the clipboard and from input methods.
            changed = chat.typed(&self.whom, &text, Instant::now());
            // It was about the text before.
            self.widgets.parts.close();
            self.set_count(&text, chat);
            let usage = commands::hint(&text);
            changed |= self.usage != usage;
            self.usage = usage;
            self.draft = text;
        }
        // The window may have another width.
        self.widgets.entry.fit();
        changed |= self.reading.tick();
        if self.reading.take_saved() {
            self.widgets.entry.focus();
        }
        if self.whom == Whom::All
            && let Some((top, end)) = self.reading.scrolled_up()
        {
            chat.scrolled_up(top, end);
        }
        let focused = self.has_focus();
        changed |= std::mem::replace(&mut self.was_focused, focused) != focused;
        changed |= self.mark_read(chat);
        changed
    }

    /// Updates every widget. Widgets whose content has not changed are not touched.
    pub(super) fn draw(&mut self, chat: &mut Chat) {
        self.address(chat);
        let (is_room, held) = (self.whom == Whom::All, self.reading.transcript.is_held());
        let splices = if held { Vec::new() } else { chat.talks.take_splices(&self.whom) };
        // The position that the model wants shown.
        let arrived = if is_room && !held { chat.backfill.take_jump() } else { None };
        let chat = &*chat;
        let Some(conversation) = chat.talks.get(&self.whom) else { return };
        if held {
            self.reading.redraw_deferred = true;
        } else {
            let reader = self.reader(chat);
            self.reading.draw(&conversation.log, reader, chat.outgoing.pending(&self.whom), &splices, self.was_focused);
        }
        if let Some(results) = &mut self.reading.bars.results {
            results.show(chat.backfill.search(), &self.clock);
        }
        if let Some(found) = arrived {
            self.reading.transcript.show_entry(found);
        }
        let remark = conversation.remark();
        if self.remark.as_deref() != remark {
            // A new refusal matters more than an earlier remark.
            if remark.is_some() {
                self.reading.clear_remark();
            }
            self.remark = remark.map(str::to_owned);
        }
        // The explanation of a connection's security ends with that connection.
        if self.explained_security.take_if(|explained| chat.link.security() != Some(explained)).is_some() {
            self.reading.clear_remark();
        }
        let StatusParts { mood, remark, state, about } = if self.is_main {
            chat.status_parts_in_main(&self.whom, &self.clock)
        } else {
            chat.status_parts_of(&self.whom, &self.clock)
        };
        self.widgets.status.set(mood, None, &state);
        let usage = || self.usage.clone().map(|usage| (Mood::Idle, usage));
        let outcome = self.reading.hint().or(remark.map(|remark| (conversation.remark_mood(), remark))).or_else(usage);
        self.widgets.under.set(outcome, &chat.people.typing_words(&self.whom), about);
        self.widgets.entry.set_hint(&format!("Message {}", self.whom.shown()));
        self.show_question();
        // Enter stays active and explains why nothing can be sent; only the button is greyed out.
        let is_there = matches!(self.whom, Whom::All | Whom::One(_));
        self.widgets.set_sending(is_there && chat.link.phase() == Phase::Online);
        self.widgets.show_newer(self.reading.transcript.unseen());
    }

    /// Returns for whom the text is written.
    fn reader<'a>(&self, chat: &'a Chat) -> Reader<'a> {
        Reader {
            me: chat.link.own_name(),
            joins: chat.people.joins(),
            ignored: chat.ignored.of(&self.whom),
            version: chat.ignored.version(),
        }
    }

    /// Returns the text as it stands in the window.
    pub(super) fn shown(&self) -> Shown {
        self.reading.transcript.shown()
    }

    fn log<'a>(&self, chat: &'a Chat) -> Option<&'a MessageLog> {
        chat.talks.get(&self.whom).map(|conversation| &conversation.log)
    }

    /// Returns whether the conversation can be seen, and this window has the keyboard focus and keeps it. As far as a
    /// program can know, the user then looks at it.
    pub(super) fn has_focus(&self) -> bool {
        self.borrowed_focus.is_none()
            && self.widgets.display.visible_r()
            && app::focus().is_some_and(|widget| widget.inside(&self.widgets.all))
    }

    /// Returns the number of unread messages.
    pub(super) fn unread(&self, chat: &Chat) -> u64 {
        chat.talks.get(&self.whom).map_or(0, |conversation| conversation.unread)
    }

    /// Informs the model that the user has read everything, if the window has the focus and shows the newest message.
    /// Returns whether anything was unread.
    fn mark_read(&self, chat: &mut Chat) -> bool {
        let reads = self.has_focus() && self.reading.transcript.unseen() == 0 && self.unread(chat) > 0;
        if reads {
            chat.talks.mark_read(&self.whom);
        }
        reads
    }

    /// Shows how many bytes `text` may still grow, near the limit.
    fn set_count(&mut self, text: &str, chat: &Chat) {
        self.writing.count(chat.bytes_left(&self.whom, text));
    }

    /// Replaces the text of the entry without reporting it as typed.
    fn set_draft(&mut self, text: &str, chat: &Chat) {
        self.widgets.entry.set_value(text);
        self.set_count(text, chat);
        self.usage = commands::hint(text);
        text.clone_into(&mut self.draft);
    }
}
