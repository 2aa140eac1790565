//! Another name: the user leaves, and comes back under it. If the server does not let them in with the new name, they come
//! back with the old one, with a notice of the reason. Runs on the UI thread.
//!
//! A name belongs to a connection for as long as it lasts (see the [protocol](crate::protocol)), so a second connection is
//! needed. It begins when the first one has ended: what the user has said before is answered, and what is not goes back to
//! the user, as after any goodbye.

use std::time::Instant;

use super::Chat;
use super::link::session::Phase;
use super::talks::message_log::shown_name;
use crate::client::ConnectOptions;
use crate::protocol::Username;

/// The step of a rename that is under way.
#[derive(Debug)]
pub(super) enum Rename {
    /// The old connection has yet to end.
    Leaving { to: Box<ConnectOptions>, back: Box<ConnectOptions> },
    /// The new name has yet to be accepted.
    Trying { back: Box<ConnectOptions> },
    /// It was not, for this reason; the old one has yet to be accepted.
    Returning { why: String },
}

impl Chat {
    /// Returns the name if the user can ask for it now.
    ///
    /// # Errors
    /// The reason why not.
    pub(super) fn check_new_name(&self, name: &str) -> Result<Username, String> {
        if name.is_empty() {
            return Err("Add a name: /nick NAME".into());
        }
        if !self.link.is_online() {
            return Err("You are not connected: choose the name when you connect".into());
        }
        let name = Username::parse(name).map_err(|why| format!("Name not changed: {why}"))?;
        if name.as_str() == self.link.own_name() {
            return Err("That is your name already".into());
        }
        Ok(name)
    }

    /// Leaves the room, and comes back under another name.
    ///
    /// # Errors
    /// The reason why that is impossible.
    pub fn rename(&mut self, name: &str, now: Instant) -> Result<(), String> {
        let name = self.check_new_name(name)?;
        if let Some(options) = self.link.options().cloned() {
            let to = Box::new(ConnectOptions { username: name, ..options.clone() });
            self.leave(now);
            self.rename = Some(Rename::Leaving { to, back: Box::new(options) });
        }
        Ok(())
    }

    /// Takes the next step of a rename, once the one before has ended. Returns whether it did.
    pub(super) fn go_on_renaming(&mut self, now: Instant) -> bool {
        let (is_online, is_offline) = match self.link.phase() {
            Phase::Online => (true, false),
            Phase::Offline => (false, true),
            _ => return false,
        };
        match self.rename.take() {
            None => return false,
            Some(Rename::Leaving { to, back }) if is_offline => {
                self.dial(*to, now);
                self.rename = Some(Rename::Trying { back });
            }
            Some(leaving @ Rename::Leaving { .. }) => {
                self.rename = Some(leaving);
                return false;
            }
            Some(Rename::Trying { .. }) if is_online => {}
            Some(Rename::Trying { back }) => {
                let why = self.link.why_ended().unwrap_or("the connection has ended").to_owned();
                self.dial(*back, now);
                self.rename = Some(Rename::Returning { why });
            }
            Some(Rename::Returning { why }) if is_online => {
                self.talks.remark(format!("You are still {}: {why}", shown_name(self.link.own_name())));
            }
            // Not even the old name is accepted: the reason stands in the status line.
            Some(Rename::Returning { .. }) => {}
        }
        true
    }
}

#[cfg(test)]
mod tests;
