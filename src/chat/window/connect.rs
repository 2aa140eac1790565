//! Connecting: the fields of the card become connect options, or an error that names the field at fault; and when the
//! card is shown. Runs on the UI thread, and never blocks: the model makes the connection in threads of its own.

use std::sync::Arc;
use std::time::Instant;

use fltk::prelude::WidgetExt as _;

use super::Windows;
use super::widgets::Middle;
use crate::chat::found_servers::FoundServers;
use crate::chat::state::{InvalidField, Phase, shown_server};
use crate::client::{ConnectOptions, Password, ServerAddress};
use crate::discovery::Listener;
use crate::protocol::Username;
use crate::ui::Settings;

impl Windows {
    /// Connects with the values of the card, or shows below a field why it is invalid and focuses it.
    pub(super) fn connect(&mut self) {
        if self.chat.link.phase() != Phase::Offline {
            return;
        }
        let card = &self.widgets.card;
        let server = match card.server.value().parse::<ServerAddress>() {
            Ok(server) => server,
            Err(why) => return self.reject(InvalidField::Server, why.to_string()),
        };
        let name = match Username::parse(card.name.value().trim()) {
            Ok(name) => name,
            Err(why) => return self.reject(InvalidField::Name, in_a_field(why)),
        };
        let password = match Password::typed(&card.password.value()) {
            Ok(password) => password,
            Err(why) => return self.reject(InvalidField::Password, why.to_string()),
        };
        if password.is_some() && !self.password_is_for(&server) {
            self.widgets.card.password.set_value("");
            let shown = shown_server(&server);
            let why = format!("that password is for another server: enter the one for {shown}, or connect without one");
            return self.reject(InvalidField::Password, why);
        }
        self.rejected = None;
        self.widgets.card.show_note("");
        self.save_fields();
        let rows =
            self.found.rows().iter().filter(|row| !row.is_gone && ServerAddress::from(row.server.address) == server);
        self.announced = rows.map(|row| row.server.clone()).collect();
        self.connected_with = self.encryption;
        let (encryption, known) = (self.encryption, Arc::clone(&self.known));
        let options = ConnectOptions { password, encryption, known, ..ConnectOptions::new(server, name) };
        let before = self.chat.talks.room_id();
        self.chat.connect(options, Instant::now());
        if self.chat.talks.room_id() != before {
            // The user has pressed Connect, and so does not type here.
            self.turn_main(self.chat.talks.room_id());
        }
    }

    /// Shows why a field is invalid, below it, and focuses it for the user who has pressed Connect.
    fn reject(&mut self, field: InvalidField, why: String) {
        // The reason why the last attempt failed is outdated.
        self.chat.link.forget_last_end();
        self.rejected = Some((field, why));
        self.widgets.card.field(field).focus();
    }

    /// Fills a recent server and the user's name there into the fields.
    pub(super) fn choose_recent(&mut self, at: usize) {
        let Some(recent) = self.recent.all().get(at) else { return };
        let card = &mut self.widgets.card;
        card.server.set_value(&recent.server.to_string());
        card.name.set_value(&recent.name);
        card.server.focus();
        card.server.caret_to_end();
    }

    /// Fills the address of a server on the network into its field.
    pub(super) fn choose_found(&mut self, at: usize) {
        let Some(server) = self.found.get(at) else { return };
        let card = &mut self.widgets.card;
        card.server.set_value(&ServerAddress::from(server.address).to_string());
        card.server.focus();
        card.server.caret_to_end();
    }

    /// Listens for servers on the network while the card is shown, and lists them.
    pub(super) fn listen_for_servers(&mut self) {
        let listens = self.discovers && self.widgets.window.visible() && self.widgets.middle() == Middle::Card;
        if listens != self.listener.is_some() {
            self.listener = listens.then(Listener::start);
            // The next list is a new one.
            self.found = FoundServers::default();
            self.widgets.card.show_found(&self.found);
        }
        let is_held = self.widgets.card.holds_found();
        if let Some(servers) = self.listener.as_ref().and_then(Listener::news) {
            self.found.hear(servers, is_held);
        } else if !is_held && self.found.has_gone() {
            self.found.release();
        } else {
            return;
        }
        self.widgets.card.show_found(&self.found);
    }

    /// Forgets a recent server.
    pub(super) fn forget_recent(&mut self, at: usize) {
        self.recent.forget(at);
        self.save_recent();
    }

    /// Remembers the server that has let the user in.
    pub(super) fn remember_recent(&mut self) {
        if let (Some(server), Some(name)) = (self.chat.talks.server(), self.chat.link.online_name()) {
            self.recent.remember(server.clone(), name);
            self.save_recent();
        }
    }

    fn save_recent(&mut self) {
        self.recent.write(|key, value| self.settings.set(key, value));
        self.widgets.card.show_recent(self.recent.all());
    }

    /// Updates the card and the button in the top bar that opens it.
    pub(super) fn draw_card(&mut self) {
        let link = &self.chat.link;
        let failure = self.rejected.as_ref().map(|(field, why)| (*field, why.as_str())).or(link.failure());
        let card = &mut self.widgets.card;
        card.show_reason(failure);
        card.show_back(self.chat.talks.have_text());
        let is_open = self.widgets.middle() != Middle::Conversation;
        let label = match link.phase() {
            _ if is_open => None,
            Phase::Offline if link.trust_prompt().is_some() => Some("Answer …"),
            Phase::Offline => Some("Connect …"),
            Phase::Connecting | Phase::Waiting => Some("Cancel"),
            Phase::Online | Phase::Leaving => None,
        };
        let top = &mut self.widgets.top;
        // The keyboard of a button that is gone goes to where one can write.
        let was_pressed = top.connect.has_focus() && label.is_none();
        top.show_connect(label, link.phase() == Phase::Waiting && !is_open);
        let server = self.chat.talks.server().map_or_else(|| "multichat".into(), shown_server);
        let own = Some(link.own_name()).filter(|own| !own.is_empty()).unwrap_or("You");
        top.show(&server, own);
        if was_pressed && !is_open {
            self.widgets.entry.focus();
        }
    }

    /// Shows the card, or the open question, to a user who has asked for it.
    pub(super) fn open_card(&mut self) {
        let is_here = self.has_focus();
        let asked = self.chat.link.trust_prompt().is_some();
        self.widgets.show_middle(if asked { Middle::Question } else { Middle::Card });
        if is_here {
            if asked { self.widgets.trust.focus() } else { self.widgets.card.focus() }
        }
    }

    /// Shows the conversation to a user who has asked for it.
    pub(super) fn close_card(&mut self) {
        self.widgets.show_middle(Middle::Conversation);
        self.widgets.entry.focus();
    }

    /// Carries out a press of the button in the top bar.
    pub(super) fn press_at_top(&mut self, now: Instant) {
        match self.chat.link.phase() {
            Phase::Offline => self.open_card(),
            Phase::Connecting | Phase::Waiting => self.chat.leave(now),
            Phase::Online | Phase::Leaving => {}
        }
    }

    /// Leaves at the user's request. The card is there to connect again.
    pub(super) fn leave(&mut self, now: Instant) {
        let was_online = self.chat.link.phase() == Phase::Online;
        self.chat.leave(now);
        if was_online {
            self.open_card();
        }
    }

    /// Records the server that a newly typed password is for: the server in the other field at that moment. A password
    /// must not go to another server because the user changed the address later.
    pub(super) fn note_password(&mut self) {
        let password = self.widgets.card.password.value();
        if self.password.0 != password {
            self.password = (password, self.widgets.card.server.value().parse().ok());
        }
    }

    /// Returns whether the password may be sent to `server`. A password typed while the field named no valid server
    /// may go to any.
    fn password_is_for(&mut self, server: &ServerAddress) -> bool {
        self.note_password();
        self.password.1.get_or_insert_with(|| server.clone()) == server
    }
}

/// Returns the remembered server, as text for its field. Earlier versions remembered the port apart.
pub(super) fn remembered_server(settings: &Settings) -> Option<String> {
    let server = settings.get("server")?;
    let port = settings.get("port").unwrap_or_default();
    let both = ServerAddress::from_fields(&server, &port).map(|address| address.to_string());
    Some(both.unwrap_or(server))
}

/// Returns the user's login name on this computer, if it is a valid username.
pub(super) fn login_name() -> Option<String> {
    let name = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok()?;
    Username::parse(&name).ok().map(|name| name.to_string())
}

/// Returns the error in words for a field, where no one types HELLO.
fn in_a_field(why: crate::protocol::BadUsername) -> String {
    match why {
        crate::protocol::BadUsername::Empty => "enter your name".into(),
        why => why.to_string(),
    }
}
