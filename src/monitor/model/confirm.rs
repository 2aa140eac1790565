//! A question that must be confirmed before one of the operator's actions, as data.
//!
//! The file with the button builds it, the model keeps it until it is answered, and `window/action_bar.rs` draws any of them. A
//! question is about a connection and not about a row of the table, because rows move while the operator thinks. Main thread.

use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;

use super::Model;
use crate::monitor::messages::Command;
use crate::monitor::units;
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::server::ClientInfo;
use crate::server::id::ConnectionId;

/// A question about an action.
#[derive(Clone)]
pub struct Confirmation {
    /// The question, short enough to stand before a field.
    pub title: String,
    /// The consequence of a yes, as a sentence.
    pub consequence: String,
    /// The consequence cannot be undone, or falls on more than the subject.
    pub is_grave: bool,
    /// Label of the button that confirms.
    pub yes: &'static str,
    /// Input before a yes.
    pub input: Input,
    /// Part of the window that the question is about.
    pub about: About,
    /// Effect of a yes.
    pub action: Rc<YesAction>,
}

/// Returns the command that a yes with this input stands for, or an error for the operator, after which the question stays.
pub type YesAction = dyn Fn(&Model, &str) -> Result<Command, String>;

/// Input of the operator before a yes.
#[derive(Clone)]
pub enum Input {
    /// None. The keyboard focus is on the yes.
    YesOrNo,
    /// None. The keyboard focus is on the no, so that one key too many does not do so much.
    NoOrYes,
    /// One line of text.
    Text,
    /// The name of a new file, with a suggestion. The question stays until the file is saved.
    File(String),
    /// An address to listen on, with the current one.
    Address(String),
    /// The kind and the duration of a ban, as indices of the choices on offer.
    Choices {
        /// Those that are chosen.
        chosen: [usize; 2],
        /// Returns the question for others.
        other: Rc<dyn Fn([usize; 2]) -> Confirmation>,
    },
}

/// Part of the window that a question is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// The clients.
    #[default]
    Clients,
    /// The registered names, to which the keyboard focus returns.
    Members,
    /// The conversation in the room, to which it returns likewise.
    Chat,
    /// The messages of the history, to which it returns likewise.
    History,
    /// The server, to whose row at the top it returns.
    Server,
    /// The options.
    Settings,
    /// The log. The question makes sense without a server, too.
    Log,
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Confirmation").field(&self.title).finish_non_exhaustive()
    }
}

/// The client that a question is about. It may have left by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its connection.
    pub id: ConnectionId,
    /// Its name.
    pub name: Username,
    /// Its address.
    pub address: IpAddr,
}

impl Subject {
    /// Returns a client as a subject.
    pub fn of(client: &ClientInfo) -> Subject {
        Subject { id: client.id, name: client.name.clone(), address: client.addr.ip() }
    }

    /// Returns the name as it is shown in a sentence.
    pub fn shown(&self) -> String {
        escape(self.name.as_str()).into_owned()
    }
}

/// Returns the subjects as they are named in a sentence: `ann`, or `3 people`.
pub fn people(subjects: &[Subject]) -> String {
    match subjects {
        [one] => one.shown(),
        several => format!("{} people", units::count(several.len() as u64)),
    }
}
