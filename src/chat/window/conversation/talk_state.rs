//! The state of one conversation while another one is shown in its window: the draft with its caret, what was sent, pasted
//! lines, the reader's place, the selection, and what is unread. It is plain data, so that a conversation can move from one
//! window to another. Runs on the UI thread.

use super::ConversationView;
use super::reading::SavedReading;
use super::writing::SavedWriting;
use crate::chat::input::commands;
use crate::chat::state::{Chat, TalkId, UnreadTracker, Whom};

/// The state.
#[derive(Default)]
pub(in crate::chat::window) struct TalkState {
    writing: SavedWriting,
    pasted: Vec<String>,
    reading: SavedReading,
}

impl TalkState {
    /// Returns that of a private conversation that was never shown.
    pub(in crate::chat::window) fn private() -> TalkState {
        TalkState { reading: SavedReading::private(), ..TalkState::default() }
    }

    /// Returns whether there is unsent text.
    pub(in crate::chat::window) fn has_draft(&self) -> bool {
        !self.writing.draft.text.trim().is_empty() || !self.pasted.is_empty()
    }

    /// Returns the count of what is unread.
    pub(in crate::chat::window) fn unread(&self) -> &UnreadTracker {
        &self.reading.unread
    }

    /// Follows the log while the conversation is not shown.
    pub(in crate::chat::window) fn follow(&mut self, whom: &Whom, chat: &mut Chat) {
        let splices = chat.talks.take_splices(whom);
        self.reading.splice(&splices);
        let Some(conversation) = chat.talks.get(whom) else { return };
        self.reading.unread.notice(&conversation.log, chat.ignored.of(whom), chat.link.own_name(), false);
    }
}

impl ConversationView {
    /// Returns whether there is unsent text.
    pub(in crate::chat::window) fn has_draft(&self) -> bool {
        !self.widgets.entry.value().trim().is_empty() || !self.pasted.is_empty()
    }

    /// Turns to another conversation, which is shown as it was left. Returns the state of the one before.
    pub(in crate::chat::window) fn turn_to(&mut self, talk: TalkId, state: TalkState, chat: &mut Chat) -> TalkState {
        let left = self.leave(chat);
        (self.talk, self.remark) = (talk, None);
        self.address(chat);
        let TalkState { writing, pasted, reading } = state;
        self.draft.clone_from(&writing.draft.text);
        self.usage = commands::hint(&self.draft);
        self.writing.turn_to(writing);
        self.writing.count(chat.bytes_left(&self.whom, &self.draft));
        self.widgets.parts.close();
        self.pasted = pasted;
        if self.pasted.is_empty() {
            self.widgets.paste.close();
        } else {
            self.widgets.paste.ask(&self.pasted);
        }
        // The text is rendered with all splices.
        let splices = chat.talks.take_splices(&self.whom);
        let mut reading = reading;
        reading.splice(&splices);
        if let Some(conversation) = chat.talks.get(&self.whom) {
            let pending = chat.outgoing.pending(&self.whom);
            self.reading.turn_to(reading, &conversation.log, self.reader(chat), pending);
        }
        left
    }

    /// Takes the state of the conversation that is shown, before the view turns to another one or is closed.
    pub(in crate::chat::window) fn leave(&mut self, chat: &mut Chat) -> TalkState {
        let writing = self.writing.leave();
        if self.draft != writing.draft.text {
            // A reason why the text before was not sent goes with that text.
            chat.talks.entry_changed(&self.whom, &writing.draft.text);
        }
        TalkState { writing, pasted: std::mem::take(&mut self.pasted), reading: self.reading.leave() }
    }
}
