//! The actions of a user in a conversation: an [`Action`] for each, and the function that carries it out. Runs on the UI
//! thread.

use std::time::Instant;

use fltk::app;

use super::ConversationView;
use crate::chat::input::input_history::InputHistory;
use crate::chat::render::find::Towards;
use crate::chat::state::{Chat, Whom};
use crate::client::Security;
use crate::mood::Mood;
use crate::protocol::escape::escape;

/// An action of the user in a window with a conversation.
#[derive(Clone, Debug)]
pub(in crate::chat::window) enum Action {
    /// Send the text of the entry, or run it as a command.
    Send,
    /// A key was pressed in the entry.
    Press,
    /// Put an earlier or a later sent text into the entry.
    RecallOlder,
    RecallNewer,
    /// Complete the name before the cursor.
    Complete {
        backwards: bool,
    },
    /// Say that the text is too long to be pasted.
    RefusePaste,
    /// Text of several lines was pasted: ask what to do with it.
    Paste(Vec<String>),
    /// The answers to that question.
    SendPastedAsCode,
    SendPasted,
    JoinPasted,
    EditPasted,
    ForgetPasted,
    /// The answers to the question about a text that is too long.
    SendInParts,
    KeepWhole,
    /// Ask for a new name.
    AskName,
    /// The answers to that question.
    ChangeName,
    KeepName,
    /// Scroll to the end.
    ShowNewest,
    /// Say why the connection is secure, or is not.
    ExplainSecurity,
    /// The mouse is here over the messages, or has left them.
    Point(Option<(i32, i32)>),
    /// The mouse button was pressed here, and released.
    PressLink(i32, i32),
    ReleaseLink {
        is_click: bool,
    },
    /// The wheel or a key was used to scroll up.
    ScrollUp,
    /// Scroll to the first new message.
    ShowFirstNew,
    /// Select the newest link, or the one before the selected link.
    SelectLink,
    /// Open the selected link.
    OpenLink,
    /// Copy the selection, or this text.
    Copy,
    CopyText(String),
    /// Write to this person. In the conversation with everybody that begins with the name.
    Reply(String),
    /// Open the private conversation with this person.
    Message(String),
    /// Open the row that finds text.
    OpenFind,
    /// Find this text.
    Find(String),
    /// Go to the next or the previous hit.
    Step(Towards),
    /// Go there, or open the row that finds text if it is closed.
    StepOrFind(Towards),
    /// Search for the text of that row in the server's history.
    FindEverywhere,
    /// Search there too, or go to the results if they are listed.
    FindOrShowEverywhere,
    /// Show one of the results.
    OpenResult(u64),
    /// Open the row that saves the conversation.
    OpenSave,
    /// Save it under the path in that row.
    Save,
    /// Close these bars.
    CloseBar,
}

/// A command for the whole program that the user has entered in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat::window) enum Wish {
    /// Show the list of keys and commands.
    Help,
    /// Quit.
    Quit,
}

impl Action {
    /// Returns whether the action opens a row below the conversation.
    pub(in crate::chat::window) fn opens_bar(&self) -> bool {
        matches!(self, Action::OpenFind | Action::FindOrShowEverywhere | Action::OpenSave)
    }

    /// Returns whether the action comes with every key or every move of the mouse.
    pub(in crate::chat::window) fn is_frequent(&self) -> bool {
        matches!(
            self,
            Action::Press
                | Action::Point(_)
                | Action::PressLink(..)
                | Action::ReleaseLink { .. }
                | Action::ScrollUp
                | Action::Find(_)
        )
    }
}

impl ConversationView {
    /// Carries out an action. Returns what the program is to do because of a command.
    pub(in crate::chat::window) fn act(&mut self, action: Action, chat: &mut Chat) -> Option<Wish> {
        self.address(chat);
        match action {
            Action::Send => return self.send(chat),
            Action::Press => chat.record_activity(Instant::now()),
            Action::RecallOlder => self.recall_older(chat),
            Action::RecallNewer => self.writing.walk(InputHistory::down),
            Action::Complete { backwards } => self.complete(backwards, chat),
            Action::Paste(lines) => {
                // What was pasted before waits for the same answer.
                self.pasted.extend(lines);
                self.widgets.paste.ask(&self.pasted);
            }
            Action::RefusePaste => {
                self.reading.set_remark(Mood::Warn, "Not pasted: the text is longer than 64 KiB".into());
            }
            Action::SendPastedAsCode => self.send_pasted(chat, true),
            Action::SendPasted => self.send_pasted(chat, false),
            Action::JoinPasted => self.insert_pasted(chat, " "),
            Action::EditPasted => self.insert_pasted(chat, "\n"),
            Action::ForgetPasted => self.forget_pasted(chat),
            Action::SendInParts => return self.send_in_parts(chat),
            Action::KeepWhole => self.keep_whole(),
            Action::AskName => self.widgets.name.ask(chat.link.own_name()),
            Action::ChangeName => self.change_name(chat),
            Action::KeepName => self.keep_name(),
            Action::ShowNewest => {
                self.reading.transcript.follow();
                self.widgets.entry.focus();
            }
            Action::ExplainSecurity => self.explain_security(chat),
            Action::Point(at) => self.reading.point_at(at),
            Action::PressLink(x, y) => self.reading.press_link(x, y),
            Action::ReleaseLink { is_click } => self.reading.release_link(is_click),
            Action::ShowFirstNew => self.reading.transcript.show_first_new(),
            Action::ScrollUp => self.reading.scroll_attempted = true,
            Action::SelectLink => self.reading.select_link(),
            Action::OpenLink => self.reading.open_selected_link(),
            Action::Copy => self.reading.copy(),
            Action::CopyText(text) => app::copy(&text),
            Action::Reply(name) => self.reply(&name),
            Action::Message(name) => {
                if let Err(why) = chat.open_conversation(&name) {
                    chat.talks.remark(why);
                }
            }
            Action::Find(wanted) => self.reading.find(&wanted),
            Action::Step(towards) => self.reading.step(towards),
            Action::StepOrFind(towards) if self.reading.is_finding() => self.reading.step(towards),
            Action::OpenFind | Action::StepOrFind(_) => self.reading.open_find(),
            Action::FindEverywhere => self.search(chat),
            Action::FindOrShowEverywhere => self.find_or_show_everywhere(chat),
            Action::OpenResult(row) => chat.go_to_hit(usize::try_from(row).unwrap_or(usize::MAX)),
            Action::OpenSave => self.reading.open_save(),
            Action::Save => self.save(chat),
            Action::CloseBar => {
                self.reading.close_bar();
                self.widgets.entry.focus();
            }
        }
        None
    }

    /// Closes what was opened last below the conversation.
    pub(in crate::chat::window) fn escape(&mut self, chat: &mut Chat) {
        if self.widgets.paste.is_newest() {
            self.forget_pasted(chat);
        } else if self.widgets.parts.is_newest() {
            self.keep_whole();
        } else if self.widgets.name.is_newest() {
            self.keep_name();
        } else if self.reading.close_newest() {
            self.widgets.entry.focus();
        }
    }

    /// Shows the question about pasted lines again, once no other bar is in its place.
    pub(super) fn show_question(&mut self) {
        if !self.pasted.is_empty() && !self.widgets.drawer.has_bar() {
            self.widgets.paste.ask(&self.pasted);
        }
    }

    /// Searches the server's history for the text of the bar that finds text.
    fn search(&mut self, chat: &mut Chat) {
        if let Some(results) = &self.reading.bars.results {
            self.widgets.drawer.open(&results.column);
            chat.search(&self.reading.bars.find.field.value());
        }
    }

    /// Focuses the entry. With everybody, puts a name into it, before the text or at the caret. What is selected there stays.
    fn reply(&mut self, name: &str) {
        let entry = &mut self.widgets.entry;
        entry.focus();
        if self.whom != Whom::All {
            return;
        }
        let (text, caret) = (entry.value(), entry.caret());
        let before = text.get(..caret).unwrap_or_default();
        let gap = if before.is_empty() || before.ends_with(char::is_whitespace) { "" } else { " " };
        let after = if text.is_empty() { ": " } else { " " };
        entry.set_caret(caret);
        entry.insert(&format!("{gap}{name}{after}"));
    }

    /// Puts a message into the entry that was not sent, or else the sent one before.
    fn recall_older(&mut self, chat: &mut Chat) {
        match chat.talks.recall_returned(&self.whom, &self.widgets.entry.value()) {
            Some(text) => self.widgets.entry.edit(&text, text.len()),
            None => self.writing.walk(InputHistory::up),
        }
    }

    fn complete(&mut self, backwards: bool, chat: &mut Chat) {
        if let Some(typed) = self.writing.complete(backwards, &chat.names_to_complete()) {
            let none = if typed.starts_with('/') { "No command begins with" } else { "No name here begins with" };
            let words = format!("{none} {}. Shift+Tab leaves the entry", escape(&typed));
            chat.talks.refuse(&self.whom, &self.widgets.entry.value(), words);
        }
    }

    fn change_name(&mut self, chat: &mut Chat) {
        match chat.rename(&self.widgets.name.name(), Instant::now()) {
            Ok(()) => self.keep_name(),
            // The question stays, with the name to correct.
            Err(why) => chat.talks.refuse(&self.whom, &self.widgets.entry.value(), why),
        }
    }

    /// Closes the question about a new name.
    fn keep_name(&mut self) {
        self.widgets.name.close();
        self.widgets.entry.focus();
    }

    /// Explains the connection's security below the text, until the connection ends.
    fn explain_security(&mut self, chat: &Chat) {
        self.explained_security = chat.link.security().cloned();
        let Some(security) = &self.explained_security else { return };
        let (mood, words) = match security {
            Security::PlainText { .. } => (Mood::Warn, format!("{security}.")),
            Security::Encrypted { fingerprint, .. } => {
                app::copy(fingerprint);
                (Mood::Good, format!("Fingerprint copied. {security}."))
            }
        };
        self.reading.set_remark(mood, words);
    }

    fn find_or_show_everywhere(&mut self, chat: &mut Chat) {
        let wanted = self.reading.bars.find.field.value();
        if self.reading.bars.results.as_ref().is_some_and(|results| results.focus_on(&wanted)) {
            return;
        }
        self.reading.open_find();
        if !wanted.is_empty() {
            self.search(chat);
        }
    }

    fn save(&mut self, chat: &Chat) {
        if let Some(log) = self.log(chat) {
            let reader = self.reader(chat);
            self.reading.save(log, reader);
        }
    }
}
