//! Commands: carries out a text that begins with `/`, which is for this program and not for the room. Runs on the UI
//! thread.
//!
//! `/me waves` says `*waves*`: an ordinary message, which reads well in every client and in `nc`, and which names nobody, so
//! that no one can speak in the name of another with it.

use super::Chat;
use super::outgoing::draft;
use super::talks::message_log::{Kind, shown_name};
use super::talks::private::is_not_here;
use super::talks::whom::Whom;
use crate::chat::input::commands::Command;

/// Remark for a user who types a password into an entry, where it can be read.
const PASSWORD_IN_ENTRY: &str =
    "Do not type a password here: use \"Register this name …\" in the menu. Nothing was sent or kept";

/// Reason why there is no private conversation with the user's own name.
const ALONE: &str = "You cannot write to yourself";

/// Reason why lines below a command are not sent: they may be meant for one person only.
const SEVERAL_LINES: &str = "Not sent: a command is one line. Send the other lines without it";

/// Outcome of an entered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// Carried out: the entry may be emptied.
    Done,
    /// Contains a secret: the entry is emptied, and the input history must not keep the line.
    Dropped,
    /// Not carried out, for the reason in the status line: the text stays in the entry.
    Kept,
    /// The user is to be asked whether to leave and come back under this name.
    AskNewName(String),
    /// The list of keys and commands is to be shown.
    ShowHelp,
    /// The user quits the program.
    Quit,
}

impl Chat {
    /// Sends the text to a conversation, or carries it out if it is a command.
    pub fn enter(&mut self, whom: &Whom, line: &str) -> Entered {
        let mut told = None;
        let done = match Command::parse(line) {
            Command::Say(text) => self.try_say(whom, text),
            Command::Quit => return Entered::Quit,
            Command::Secret => {
                self.talks.refuse(whom, "", PASSWORD_IN_ENTRY.into());
                return Entered::Dropped;
            }
            Command::SeveralLines => Err(SEVERAL_LINES.into()),
            Command::Me("") => Err("Add a text: /me TEXT".into()),
            Command::Me(text) => self.try_say(whom, &format!("*{text}*")),
            Command::Nick(name) => match self.check_new_name(name) {
                Ok(name) => {
                    self.talks.entry_was_handled(whom, line, Ok(()));
                    return Entered::AskNewName(name.to_string());
                }
                Err(why) => Err(why),
            },
            Command::Ignore(name) => self.ignore(name).map(|remark| told = Some(remark)),
            Command::Unignore(name) => self.unignore(name).map(|remark| told = Some(remark)),
            Command::Msg { name: "", .. } => Err("Add a name and a text: /msg NAME TEXT".into()),
            Command::Msg { name, text } if text.trim().is_empty() => self.open_conversation(name).map(drop),
            Command::Msg { name, text } => match self.tell(name, text) {
                Ok(to) => {
                    told = (to != *whom).then(|| sent_to(&to));
                    Ok(())
                }
                Err(why) => Err(why),
            },
            Command::Away(reason) => self.set_away_by_user(reason),
            Command::Back if self.people.own_away().is_none() => Err("You are not away".into()),
            Command::Back => {
                self.set_back();
                Ok(())
            }
            Command::Help => {
                self.talks.entry_was_handled(whom, line, Ok(()));
                return Entered::ShowHelp;
            }
            Command::Who => {
                let here = self.people.who(self.link.own_name());
                self.notice_in(whom, &here);
                Ok(())
            }
            Command::Clear => {
                self.talks.clear(whom);
                Ok(())
            }
            Command::Unknown(word) => {
                let word = shown_name(word);
                Err(format!("Not sent: /{word} is not a command. /help lists the commands; //{word} sends it as text"))
            }
        };
        if !self.talks.entry_was_handled(whom, line, done) {
            return Entered::Kept;
        }
        if let Some(told) = told {
            self.talks.succeed_in(whom, told);
        }
        Entered::Done
    }

    /// Opens a private conversation for the user.
    ///
    /// # Errors
    /// The reason why that is impossible.
    pub fn open_conversation(&mut self, word: &str) -> Result<Whom, String> {
        let name = self.partner(word)?;
        self.talks.forget_remark(ALONE);
        Ok(self.talks.open_for_user(&name))
    }

    /// Sends a text to one person. The conversation with them is listed, and the user stays in the present one.
    fn tell(&mut self, word: &str, text: &str) -> Result<Whom, String> {
        let name = self.partner(word)?;
        let to = self.talks.address(&name);
        self.try_say(&to, text)?;
        self.talks.forget_remark(ALONE);
        self.talks.open_beside(&name);
        Ok(to)
    }

    /// Returns the name of the person that a word means, if there can be a conversation with them.
    fn partner(&self, word: &str) -> Result<String, String> {
        match self.people.roster().find(word) {
            Some(name) if name == self.link.own_name() => Err(ALONE.into()),
            Some(name) => Ok(name.to_owned()),
            // A conversation with a person who has left can still be read.
            None if self.talks.has_private(word) => Ok(word.to_owned()),
            None => Err(is_not_here(word)),
        }
    }

    /// Sets the user away, without a reason.
    pub fn set_away(&mut self) {
        let refused = self.set_away_by_user("").err();
        self.talks.remark_if(refused);
    }

    /// Ends being away.
    pub fn set_back(&mut self) {
        let back = self.people.set_back();
        self.announce(back);
    }

    fn set_away_by_user(&mut self, reason: &str) -> Result<(), String> {
        if !self.link.is_online() {
            return Err("You are not connected, so you are not shown as away".into());
        }
        let reason = draft::sendable(if reason.is_empty() { "away" } else { reason });
        let reason = self.people.set_away_by_user(reason, self.link.stamp())?;
        self.announce(Some(reason));
        Ok(())
    }

    fn notice_in(&mut self, whom: &Whom, text: &str) {
        self.talks.settle(whom, None, Kind::Notice(text.to_owned()));
    }
}

/// Returns the remark about a message that `/msg` has sent to another conversation.
pub(super) fn sent_to(whom: &Whom) -> String {
    format!("Sent to {}", shown_name(whom.name()))
}
