//! The contents of the monitor window, without the window.
//!
//! The window's timer carries replies, snapshots and events in here, on the main thread. The model decides what they mean and
//! [reports what changed](Model::take_changes), and the window draws that. The model must name no widget and must never wait:
//! everything that it receives has already happened.

pub mod action_state;
mod apply;
pub mod ban_list;
pub mod ban_question;
pub mod board;
pub mod chat_log;
pub mod client_columns;
pub mod confirm;
pub mod disconnects;
pub mod history_list;
pub mod list;
pub mod log;
mod marks;
pub mod member_list;
pub mod rate;
pub mod reach;
pub mod server_question;
pub mod settings;
pub mod state;
pub mod thread_list;

use std::net::SocketAddr;

use super::messages::{Command, Interface};
use super::units;
use crate::server::{Ban, ClientInfo, Password, ThreadInfo, Totals};
pub use action_state::{ActionState, check_reason};
pub use ban_question::{BAN_BY, BAN_DURATIONS, BY_ADDRESS, BY_NETWORK, ban};
pub use chat_log::{ChatLog, ChatRow};
pub use client_columns::Health;
pub use confirm::{About, Confirmation, Input, Subject, people};
pub use history_list::{HistoryList, said_by};
pub use list::{Column, List, Listed, Look};
pub use log::{LEVELS, Line, Log, saved};
pub use member_list::MemberList;
pub use rate::{Rate, SECONDS};
pub use reach::Scope;
pub use settings::Settings;
pub use state::State;

/// Everything that the window shows.
#[derive(Debug, Default)]
pub struct Model {
    state: State,
    /// The clients.
    pub clients: List<ClientInfo>,
    totals: Totals,
    /// Growth of the deliveries.
    deliveries: Rate,
    /// The log.
    pub log: Log,
    /// The activities of the server's threads.
    pub threads: List<ThreadInfo>,
    actions: ActionState,
    /// The bans in force.
    pub bans: List<Ban>,
    /// The conversation in the room.
    pub chat: ChatLog,
    /// The history.
    pub history: HistoryList,
    /// The registered names.
    pub members: MemberList,
    /// The options.
    pub settings: Settings,
    /// The certificate's fingerprint, by which users can verify the server; `None` without TLS.
    fingerprint: Option<String>,
    /// The name under which the server is announced on the local network.
    announced: Option<String>,
    /// The room's password; `None` if everybody may come in.
    room_password: Option<Password>,
    /// The addresses of this computer.
    interfaces: Vec<Interface>,
    /// Reasons for which connections ended since the server was started, in words, with their numbers.
    pub disconnects: List<(&'static str, u64)>,
    /// Lost events that the log has already mentioned.
    lost_events: u64,
    changes: Changes,
}

/// The parts of the window that must be redrawn. The log and the lists are not among them: they have versions, and the window
/// knows which it has drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The state of the server, the addresses at which others reach it, or what they need to connect.
    pub state: bool,
    /// The totals and the graph beside them.
    pub totals: bool,
    /// The question and result in the action bar.
    pub actions: bool,
    /// The history.
    pub history: bool,
}

/// Queries of the window.
impl Model {
    /// Returns the state of the server.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns the certificate's fingerprint, by which users can verify the server; `None` without TLS.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// Returns the name under which clients on the network find the server; `None` if it is not announced there.
    pub fn announced(&self) -> Option<&str> {
        self.announced.as_deref()
    }

    /// Returns the room's password; `None` if everybody may come in.
    pub fn room_password(&self) -> Option<&Password> {
        self.room_password.as_ref()
    }

    /// Returns the addresses at which others reach the server, the most useful first.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        match &self.state {
            State::Listening(addresses) => reach::addresses(addresses, &self.interfaces),
            _ => Vec::new(),
        }
    }

    /// Returns the counters since the server was started.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Returns the current number of messages handed to recipients per second, formatted.
    pub fn deliveries_per_second(&self) -> String {
        units::rate(self.deliveries.now())
    }

    /// Returns the number of messages handed to recipients in each of the last seconds.
    pub fn deliveries(&self) -> &Rate {
        &self.deliveries
    }

    /// Returns the pending question and the last result.
    pub fn actions(&self) -> &ActionState {
        &self.actions
    }

    /// Returns the pending question and the last result, to be changed.
    pub fn actions_mut(&mut self) -> &mut ActionState {
        self.changes.actions = true;
        &mut self.actions
    }

    /// Returns the changes since the last call.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }
}

/// Input of the operator.
impl Model {
    /// Answers the pending question with yes and this input. Returns the command to be sent; if there is none, the note says why.
    pub fn confirm(&mut self, input: &str) -> Option<Command> {
        let command = (self.actions.pending()?.action)(self, input);
        self.actions_mut().confirmed(command)
    }

    /// Takes another state: a request of the operator, or its effect.
    pub fn enter(&mut self, state: State) {
        // A window that closes shows nothing else, whatever the server still does.
        if self.state != State::Closing && self.state != state {
            self.state = state;
            self.changes.state = true;
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
