//! Sending what is in the entry: as it stands, in parts, or after a paste of several lines. Runs on the UI thread.

use super::ConversationView;
use super::update::Wish;
use crate::chat::state::{Chat, Entered, spoken};

impl ConversationView {
    /// Sends the text of the entry, or runs it as a command. If that fails, the text stays in the entry.
    pub(super) fn send(&mut self, chat: &mut Chat) -> Option<Wish> {
        let text = self.widgets.entry.value();
        if text.trim().is_empty() {
            return None;
        }
        if self.widgets.parts.is_newest() {
            return self.send_in_parts(chat);
        }
        self.reading.clear_remark();
        let entered = chat.enter(&self.whom, &text);
        match entered {
            Entered::Done | Entered::ShowHelp | Entered::AskNewName(_) => {
                self.writing.sent(&text);
                self.set_draft("", chat);
                self.reading.transcript.follow();
            }
            Entered::Dropped | Entered::Quit => self.set_draft("", chat),
            Entered::Kept => {
                if let Some(parts) = chat.parts(&self.whom, &text) {
                    self.widgets.parts.ask(parts.len());
                }
            }
        }
        self.widgets.entry.focus();
        match entered {
            Entered::AskNewName(name) => self.widgets.name.ask(&name),
            Entered::ShowHelp => return Some(Wish::Help),
            Entered::Quit => return Some(Wish::Quit),
            Entered::Done | Entered::Dropped | Entered::Kept => {}
        }
        None
    }

    /// Sends the text of the entry in parts, or as it stands if it is no longer too long.
    pub(super) fn send_in_parts(&mut self, chat: &mut Chat) -> Option<Wish> {
        self.keep_whole();
        let text = self.widgets.entry.value();
        let Some(parts) = chat.parts(&self.whom, &text) else { return self.send(chat) };
        self.reading.clear_remark();
        if chat.send_in_parts(&self.whom, &text, parts) {
            self.writing.sent(&text);
            self.set_draft("", chat);
            self.reading.transcript.follow();
        }
        None
    }

    /// Closes the question about a text that is too long.
    pub(super) fn keep_whole(&mut self) {
        self.widgets.parts.close();
        self.widgets.entry.focus();
    }

    pub(super) fn send_pasted(&mut self, chat: &mut Chat, as_code: bool) {
        self.reading.clear_remark();
        let sent = if as_code {
            chat.send_code(&self.whom, &self.pasted)
        } else {
            chat.send_all(&self.whom, &spoken(&self.pasted))
        };
        // After a failure the line below the text has the reason, and the question stays.
        if sent {
            self.reading.transcript.follow();
            self.forget_pasted(chat);
        }
    }

    /// Puts the pasted lines into the entry, at the cursor as pasting does. Joined lines are words between spaces.
    pub(super) fn insert_pasted(&mut self, chat: &mut Chat, between: &str) {
        let lines = match between {
            " " => spoken(&self.pasted).iter().map(|line| line.trim().to_owned()).collect(),
            _ => std::mem::take(&mut self.pasted),
        };
        self.widgets.entry.insert(&lines.join(between));
        self.forget_pasted(chat);
    }

    pub(super) fn forget_pasted(&mut self, chat: &mut Chat) {
        self.pasted.clear();
        chat.talks.entry_changed(&self.whom, "");
        self.widgets.paste.close();
        self.widgets.entry.focus();
    }
}
