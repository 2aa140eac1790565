//! Commands: carries out a line that begins with `/`, which is for this program and not for the room. Runs on the UI
//! thread.

use super::Chat;
use super::message_log::{Kind, shown_name};
use super::register::PASSWORD_IN_ENTRY;
use super::whom::Whom;
use crate::chat::input::commands::{Command, HELP};
use crate::chat::input::shortcuts::SHORTCUTS;
use crate::protocol::escape::escape;

/// Outcome of an entered line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// Carried out: the entry may be emptied.
    Done,
    /// Contains a secret: the entry is emptied, and the input history must not keep the line.
    Dropped,
    /// Not carried out, for the reason in the status line: the text stays in the entry.
    Kept,
    /// The user quits the program.
    Quit,
}

impl Chat {
    /// Sends the line to a conversation, or carries it out if it is a command.
    pub fn enter(&mut self, whom: &Whom, line: &str) -> Entered {
        let done = match Command::parse(line) {
            Command::Say(text) => self.try_say(whom, text),
            Command::Quit => return Entered::Quit,
            Command::Secret => {
                if let Some(conversation) = self.conversation_mut(whom) {
                    conversation.refuse("", PASSWORD_IN_ENTRY.into());
                }
                return Entered::Dropped;
            }
            Command::Msg { name: "", .. } => Err("Whom is it for? Write /msg NAME TEXT".into()),
            Command::Msg { name, text } => match self.open_conversation(name) {
                Ok(to) if !text.trim().is_empty() => self.try_say(&to, text),
                opened => opened.map(drop),
            },
            Command::Away(reason) => self.set_away_by_user(reason),
            Command::Back if self.own_away().is_none() => Err("You are not away".into()),
            Command::Back => {
                self.set_back();
                Ok(())
            }
            Command::Help => {
                for line in HELP {
                    self.notice_in(whom, line);
                }
                for (keys, what) in SHORTCUTS {
                    self.notice_in(whom, &format!("{keys}: {what}"));
                }
                Ok(())
            }
            Command::Who => {
                let here = self.who();
                self.notice_in(whom, &here);
                Ok(())
            }
            Command::Clear => {
                if let Some(conversation) = self.conversation_mut(whom) {
                    conversation.log.clear();
                }
                Ok(())
            }
            Command::Unknown(word) => Err(format!(
                "Not sent, since there is no command /{}: /help lists them, and //{} would say it",
                shown_name(word),
                shown_name(word)
            )),
        };
        if self.entry_was_handled(whom, line, done) { Entered::Done } else { Entered::Kept }
    }

    /// Returns who is in the room, as a sentence.
    fn who(&self) -> String {
        let names: Vec<_> = self.roster.names().map(|name| self.name_and_presence(name)).collect();
        match names.len() {
            0 => "Who is here is not known, since you are not connected".into(),
            1 => "Nobody is here but you".into(),
            count => format!("{count} are here: {}", names.join(", ")),
        }
    }

    fn name_and_presence(&self, name: &str) -> String {
        let is_me = name == self.requested_name();
        let away = if is_me { self.own_away() } else { self.away(name) };
        let mut more = Vec::new();
        if is_me {
            more.push("you".to_owned());
        }
        if let Some(away) = away {
            more.push(format!("away: {}", escape(&away.reason)));
        }
        let name = shown_name(name);
        if more.is_empty() { name } else { format!("{name} ({})", more.join(", ")) }
    }

    fn notice_in(&mut self, whom: &Whom, text: &str) {
        if let Some(conversation) = self.conversation_mut(whom) {
            conversation.log.settle(None, Kind::Notice(text.to_owned()));
        }
    }
}
