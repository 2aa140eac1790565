//! The conversations and the windows: which one the main window shows, which ones have windows of their own, and the state
//! of those that are not shown. Runs on the UI thread.
//!
//! A conversation is in one place at a time. Only the user turns the main window to another one: what arrives from the
//! network never does, so that no text reaches another person than the one for whom it was typed.

use std::collections::HashMap;

use fltk::app;
use fltk::prelude::WidgetExt as _;

use super::Windows;
use super::conversation::TalkState;
use super::private::PrivateWindow;
use super::widgets::Middle;
use crate::chat::state::{Chat, Match, Seen, TalkId, TalkRequest, UnreadTracker, counted};

/// Key of the setting that opens private conversations in windows of their own.
const OWN_WINDOWS: &str = "own_windows";

/// The states of the conversations that are not shown.
#[derive(Default)]
pub(super) struct HiddenTalks(HashMap<TalkId, TalkState>);

impl HiddenTalks {
    /// Takes the state of a conversation that is going to be shown.
    pub(super) fn take(&mut self, talk: TalkId, chat: &Chat) -> TalkState {
        self.0.remove(&talk).unwrap_or_else(|| new_state(talk, chat))
    }

    /// Keeps the state of a conversation that is no longer shown.
    pub(super) fn keep(&mut self, talk: TalkId, state: TalkState) {
        self.0.insert(talk, state);
    }

    /// Returns whether a conversation that is not shown has unsent text.
    pub(super) fn has_draft(&self, talk: TalkId) -> bool {
        self.0.get(&talk).is_some_and(TalkState::has_draft)
    }

    /// Follows the logs, and drops the states of conversations that have ended. `is_shown` tells which ones a window
    /// follows.
    fn follow(&mut self, chat: &mut Chat, is_shown: impl Fn(TalkId) -> bool) {
        for talk in chat.talks.ids().filter(|talk| !is_shown(*talk)) {
            self.0.entry(talk).or_insert_with(|| new_state(talk, chat));
        }
        self.0.retain(|talk, state| {
            let whom = chat.talks.whom(*talk);
            if let Some(whom) = &whom {
                state.follow(whom, chat);
            }
            whom.is_some()
        });
    }
}

fn new_state(talk: TalkId, chat: &Chat) -> TalkState {
    if chat.talks.is_room(talk) { TalkState::default() } else { TalkState::private() }
}

/// State of the conversations' views, as far as the list shows it.
#[derive(PartialEq)]
pub(super) struct SeenByUser {
    /// Numbers of unread messages of those with rooms.
    unread: Vec<(TalkId, u64)>,
    with_draft: Vec<TalkId>,
}

impl Seen for SeenByUser {
    fn unread_in_room(&self, talk: TalkId) -> u64 {
        self.unread.iter().find(|(room, _)| *room == talk).map_or(0, |(_, unread)| *unread)
    }

    fn has_draft(&self, talk: TalkId) -> bool {
        self.with_draft.contains(&talk)
    }
}

impl Windows {
    /// Returns whether private conversations open in windows of their own.
    pub(super) fn has_own_windows(&self) -> bool {
        self.settings.get(OWN_WINDOWS).is_some_and(|word| word == "yes")
    }

    /// Changes that setting.
    pub(super) fn toggle_own_windows(&mut self) {
        let own = if self.has_own_windows() { "no" } else { "yes" };
        self.settings.set(OWN_WINDOWS, own);
    }

    /// Shows the conversations that the user or the model requests. One that the main window shows stays there.
    pub(super) fn open_requested(&mut self) {
        for TalkRequest { talk, by_user } in self.chat.talks.take_requests() {
            if self.window_of(talk).is_some() || self.has_own_windows() && self.room.talk != talk {
                self.open_window(talk, by_user);
            } else if by_user {
                self.show_talk(talk);
            }
        }
    }

    /// Shows a conversation to the user, who has asked for it: in its own window if it has one, and otherwise in the main
    /// window. Focuses its entry.
    pub(super) fn show_talk(&mut self, talk: TalkId) {
        if self.window_of(talk).is_some() {
            return self.open_window(talk, true);
        }
        if self.turn_main(talk) {
            self.widgets.show_middle(Middle::Conversation);
            self.room.widgets.entry.focus();
        }
    }

    /// Turns the main window to a conversation. Returns false while the mouse selects text there.
    pub(super) fn turn_main(&mut self, talk: TalkId) -> bool {
        if self.room.talk == talk {
            return true;
        }
        let Some(whom) = self.chat.talks.whom(talk).filter(|_| !self.room.is_pressed()) else { return false };
        self.chat.talks.reopen(&whom);
        let state = self.hidden.take(talk, &self.chat);
        let before = self.room.talk;
        let left = self.room.turn_to(talk, state, &mut self.chat);
        self.hidden.keep(before, left);
        self.chat.talks.set_front(talk);
        true
    }

    /// Moves a conversation to a window of its own.
    pub(super) fn open_own_window(&mut self, talk: TalkId) {
        if !self.chat.talks.is_room(talk) && (self.room.talk != talk || self.turn_main(self.chat.talks.room_id())) {
            self.open_window(talk, true);
        }
    }

    /// Closes a conversation at the user's request. It stays in the list while it has a draft.
    pub(super) fn close_talk(&mut self, talk: TalkId) {
        if let Some(at) = self.window_of(talk) {
            return self.close_window(at);
        }
        let (was_shown, room) = (self.room.talk == talk, self.chat.talks.room_id());
        if talk == room || was_shown && !self.turn_main(room) {
            return;
        }
        if was_shown {
            self.room.widgets.entry.focus();
        }
        self.note_closed(talk);
    }

    /// Informs the model that a conversation is closed, unless it has a draft.
    pub(super) fn note_closed(&mut self, talk: TalkId) {
        if let Some(whom) = self.chat.talks.whom(talk).filter(|_| !self.hidden.has_draft(talk)) {
            self.chat.talks.close(&whom);
        }
    }

    /// Turns to the next conversation in the order of the list, or to the previous one.
    pub(super) fn step_talk(&mut self, backwards: bool) {
        let mut order = self.talks_here();
        if backwards {
            order.reverse();
        }
        let at = order.iter().position(|(talk, _)| *talk == self.room.talk).unwrap_or(0);
        if let Some((next, _)) = order.get((at + 1) % order.len().max(1)) {
            self.show_talk(*next);
        }
    }

    /// Shows the conversation in a row of the list, as it stands there.
    pub(super) fn show_talk_in_row(&mut self, row: usize) {
        if let Some((talk, _)) = self.widgets.sidebar.order().get(row) {
            self.show_talk(*talk);
        }
    }

    /// Turns to the next conversation with unread messages.
    pub(super) fn go_to_unread(&mut self) {
        let order = self.talks_here();
        let at = order.iter().position(|(talk, _)| *talk == self.room.talk).unwrap_or(0);
        let later = order.iter().skip(at + 1).chain(order.iter().take(at));
        if let Some((next, _)) = later.into_iter().find(|(_, unread)| *unread > 0) {
            self.show_talk(*next);
        }
    }

    /// Returns the conversations that the main window can show, as listed, with their numbers of unread messages.
    fn talks_here(&self) -> Vec<(TalkId, u64)> {
        let mut order = self.widgets.sidebar.order();
        order.retain(|(talk, _)| self.window_of(*talk).is_none());
        order
    }

    /// Opens the first conversation that the filter of the sidebar finds.
    pub(super) fn open_first_match(&mut self) {
        let Some(found) = self.chat.first_match(&self.widgets.sidebar.filter_text(), &self.clock) else { return };
        self.close_filter();
        match found {
            Match::Person(name) => self.open_private(&name),
            Match::Talk(talk) => self.show_talk(talk),
        }
    }

    /// Clears the filter, and goes back to the middle.
    pub(super) fn close_filter(&mut self) {
        let sidebar = &mut self.widgets.sidebar;
        sidebar.close_filter();
        sidebar.fit(self.widgets.window.w());
        self.focus_middle();
    }

    /// Opens the conversation with a person for the user.
    pub(super) fn open_private(&mut self, name: &str) {
        if let Err(why) = self.chat.open_conversation(name) {
            self.chat.talks.remark(why);
        }
    }

    /// Inserts a name into the entry of the main window, at its cursor.
    pub(super) fn mention(&mut self, name: &str) {
        let entry = &mut self.room.widgets.entry;
        entry.focus();
        entry.insert(&format!("{name} "));
    }

    /// Shows the sidebar, or folds it. The keyboard leaves what is folded away.
    pub(super) fn toggle_sidebar(&mut self) {
        let sidebar = &mut self.widgets.sidebar;
        let had_keyboard = app::focus().is_some_and(|focused| sidebar.contains(&focused));
        sidebar.toggle();
        sidebar.fit(self.widgets.window.w());
        if had_keyboard && !sidebar.is_shown() {
            self.focus_middle();
        }
    }

    /// Follows the conversations that are not shown.
    pub(super) fn follow_hidden(&mut self) {
        let shown: Vec<TalkId> = self.privates.iter().filter_map(PrivateWindow::talk).chain([self.room.talk]).collect();
        self.hidden.follow(&mut self.chat, |talk| shown.contains(&talk));
    }

    /// Returns the tracker of the conversation with everybody.
    pub(super) fn room_unread(&self) -> &UnreadTracker {
        let room = self.chat.talks.room_id();
        let hidden = self.hidden.0.get(&room).filter(|_| self.room.talk != room);
        hidden.map_or(&self.room.reading.unread, TalkState::unread)
    }

    /// Returns what the list of conversations shows of their views.
    pub(super) fn seen(&self) -> SeenByUser {
        let own = self.privates.iter().filter(|private| private.talk().is_some());
        let views: Vec<_> = own.map(|private| &private.conversation).chain([&self.room]).collect();
        let is_hidden = |talk: &TalkId| views.iter().all(|view| view.talk != *talk);
        let hidden = || self.hidden.0.iter().filter(|(talk, _)| is_hidden(talk));
        let rooms = hidden().filter(|(talk, _)| self.chat.talks.is_room(**talk));
        let mut unread: Vec<_> = rooms.map(|(talk, state)| (*talk, state.unread().unread())).collect();
        if self.chat.talks.is_room(self.room.talk) {
            unread.push((self.room.talk, self.room.reading.unread.unread()));
        }
        unread.sort_by_key(|(talk, _)| talk.number());
        // The text of an entry that can be seen is no news.
        let with_draft = hidden().filter(|(_, state)| state.has_draft()).map(|(talk, _)| *talk);
        let mut with_draft: Vec<_> = with_draft.collect();
        with_draft.sort_by_key(|talk| talk.number());
        SeenByUser { unread, with_draft }
    }

    /// Returns the title of the main window: the private conversation that it shows, the user, and the count of what is unread
    /// for them. A conversation in a window of its own is counted there.
    pub(super) fn title(&self) -> String {
        let parts = [self.room.title(), self.chat.link.online_name().map(str::to_owned)].into_iter().flatten();
        let title = parts.chain(["multichat".to_owned()]).collect::<Vec<_>>().join(" - ");
        let private = self.chat.talks.unread_in_private(|talk| self.window_of(talk).is_some());
        counted(self.room_unread().mentions() + private, &title)
    }
}
