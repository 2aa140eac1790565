//! Registering the user's name: REGISTER, and the server's answer to it. Runs on the UI thread.
//!
//! A password is never a line of the conversation: it is typed into masked fields, and goes from there to the server.

use super::Chat;
use super::message_log::Kind;
use super::session::Phase;
use crate::client::{NotSent, Password, Security};
use crate::protocol::{ClientLine, ErrorCode, Secret};

/// Remark for a user who types a password into an entry, where it can be read.
pub(crate) const PASSWORD_IN_ENTRY: &str =
    "A password is not to be typed here: Settings has \"Register this name …\". Nothing was sent or kept";

impl Chat {
    /// Sends REGISTER, to register the user's name or to change its password.
    ///
    /// # Errors
    /// The reason why nothing was sent, and what would help.
    pub fn register(&mut self, typed: &str, again: &str) -> Result<(), String> {
        let Some(session) = self.session.as_mut().filter(|session| session.phase == Phase::Online) else {
            return Err("Not registered, since you are not connected: it is the name that you have here".into());
        };
        if typed != again {
            return Err("Not registered, since the two passwords differ: type the same one twice".into());
        }
        let password = match Password::typed(typed) {
            Ok(Some(password)) => password,
            Ok(None) => return Err("Not registered: type the password that the name is to have, twice".into()),
            Err(why) => return Err(format!("Not registered: {why}")),
        };
        if !session.security.as_ref().is_some_and(Security::is_confidential) {
            return Err(
                "Not registered, since others could read the password on the way: the server has to encrypt".into()
            );
        }
        // With nothing else unanswered, the next error is the answer to REGISTER and not to a message.
        if session.registering.is_some() || self.queue.unanswered() > 0 {
            return Err("Not registered, since the server has not answered yet: try again in a moment".into());
        }
        session.connection.send(&ClientLine::Register(Secret(password.reveal()))).map_err(|why| match why {
            NotSent::Busy => "Not registered, since the server is slow: try again in a moment".to_owned(),
            NotSent::Ended => "Not registered, since the connection has ended".to_owned(),
            NotSent::NotALine => "Not registered, since that is no line".to_owned(),
        })?;
        session.registering = Some(password);
        self.remark(self.registering_in_words());
        Ok(())
    }

    fn registering_in_words(&self) -> String {
        format!("Registering the name {} …", self.requested_name())
    }

    /// Handles the server's confirmation that the name is registered.
    pub(crate) fn on_registered(&mut self) {
        let Some(session) = &mut self.session else { return };
        // Reconnecting under this name needs the password.
        if let Some(password) = session.registering.take() {
            session.options.password = Some(password.clone());
            self.new_password = Some(password);
        }
        self.room.forget_remark(&self.registering_in_words());
        let text =
            format!("The name {} is yours: from now on, nobody gets it without its password", self.requested_name());
        self.room.log.settle(Some(self.stamp()), Kind::Notice(text));
    }

    /// Takes an error as the answer to REGISTER if one is in flight. Returns whether it was.
    pub(crate) fn take_as_register_error(&mut self, code: Option<ErrorCode>, words: &str) -> bool {
        let about_a_message = matches!(code, Some(ErrorCode::NoSuchUser | ErrorCode::NotYourName));
        let registering = self.session.as_mut().and_then(|session| session.registering.take_if(|_| !about_a_message));
        if registering.is_some() {
            self.remark(format!("Not registered: {words}"));
        }
        registering.is_some()
    }

    /// Takes the password that was just registered, for the field that holds it.
    pub fn take_new_password(&mut self) -> Option<Password> {
        self.new_password.take()
    }
}
