//! Connecting: the fields at the top become connect options, or an error that names the field at fault. Runs on the UI
//! thread, and never blocks: the model makes the connection in threads of its own.

use std::sync::Arc;
use std::time::Instant;

use super::Windows;
use crate::chat::state::{Phase, shown_server};
use crate::client::{BadAddress, ConnectOptions, Password, ServerAddress};
use crate::protocol::Username;
impl Windows {
    /// Connects with the values of the fields, or shows which of them is invalid and focuses it.
    pub(super) fn connect(&mut self) {
        if self.chat.link.phase() != Phase::Offline {
            return;
        }
        let (widgets, chat) = (&mut self.widgets, &mut self.chat);
        let server = match ServerAddress::from_fields(&widgets.server.value(), &widgets.port.value()) {
            Ok(server) => server,
            Err(why) => {
                chat.cannot_connect(&why);
                // The port is parsed first.
                let is_port = matches!(&why, BadAddress::BadPort(port) if port == widgets.port.value().trim());
                return if is_port { widgets.port.focus() } else { widgets.server.focus() };
            }
        };
        let name = match Username::parse(widgets.name.value().trim()) {
            Ok(name) => name,
            Err(why) => {
                chat.cannot_connect(in_a_field(why));
                return widgets.name.focus();
            }
        };
        let password = match Password::typed(&widgets.password.value()) {
            Ok(password) => password,
            Err(why) => {
                chat.cannot_connect(why.to_string());
                return widgets.password.focus();
            }
        };
        if password.is_some() && !self.password_is_for(&server) {
            self.widgets.password.set_value("");
            self.chat.cannot_connect(format!(
                "that was the password for another server. Type the one for {}, or connect without",
                shown_server(&server)
            ));
            return self.widgets.password.focus();
        }
        if self.chat.talks.server().is_some_and(|before| *before != server) {
            for text in self.room.take_draft(&self.chat) {
                // It waits there for its own server.
                self.chat.talks.room_mut().returned.keep_draft(text);
            }
        }
        self.save_fields();
        self.connected_with = self.encryption;
        let (encryption, known) = (self.encryption, Arc::clone(&self.known));
        let options = ConnectOptions { password, encryption, known, ..ConnectOptions::new(server, name) };
        self.chat.connect(options, Instant::now());
    }

    /// Records the server that a newly typed password is for: the server in the other fields at that moment. A password
    /// must not go to another server because the user changed the address later.
    pub(super) fn note_password(&mut self) {
        let password = self.widgets.password.value();
        if self.password.0 != password {
            let server = ServerAddress::from_fields(&self.widgets.server.value(), &self.widgets.port.value());
            self.password = (password, server.ok());
        }
    }

    /// Returns whether the password may be sent to `server`. A password typed while the fields named no valid server
    /// may go to any.
    fn password_is_for(&mut self, server: &ServerAddress) -> bool {
        self.note_password();
        self.password.1.get_or_insert_with(|| server.clone()) == server
    }
}

/// Returns the user's login name on this computer, if it is a valid username.
pub(super) fn login_name() -> Option<String> {
    let name = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok()?;
    Username::parse(&name).ok().map(|name| name.to_string())
}

/// Returns the error in words for a field, where no one types HELLO.
fn in_a_field(why: crate::protocol::BadUsername) -> String {
    match why {
        crate::protocol::BadUsername::Empty => "choose a username".into(),
        why => why.to_string(),
    }
}
