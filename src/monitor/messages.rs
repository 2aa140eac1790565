//! The messages between the window and the server worker: plain data, and a leaf that both import.
//!
//! The window sends [`Command`]s, and the worker answers with [`Reply`]s and [`Update`]s. Nothing here may act on a server or
//! name a widget.
//!
//! A new [`Action`] touches four files at the most: it gets a variant here, `worker/actions.rs` performs it and puts its outcome
//! into words, and the file with its button builds the [question](super::model::Confirmation) whose yes is the command. The
//! fourth is `window/update.rs`, only if something else in the window follows from the outcome.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::SystemTime;

use crossbeam_channel::Receiver;

use crate::options::{Key, Overview, Value};
use crate::protocol::Username;
use crate::server::id::ConnectionId;
use crate::server::{
    Ban, BanTarget, Deletion, HistorySummary, Listen, Member, Password, Snapshot, StoredMessage, ThreadInfo,
};

/// A request from the window to the server worker.
pub enum Command {
    /// Listen on these addresses. A server that is already running is stopped first. Each start reads the certificate and the
    /// room password.
    Start(Listen),
    /// Stop the server and start it with all options as they are now.
    Restart,
    /// Read the config file, the certificate and the room password again. Existing connections are kept. The answer is a
    /// [`Reply::Options`].
    Reload,
    /// Set options in the config file, or remove those without a value, and change the running server. The answer is a
    /// [`Reply::Options`] or a [`Reply::OptionsRefused`].
    SetOptions(Vec<(Key, Option<Value>)>),
    /// Stop listening and close every connection.
    Stop,
    /// Perform an action on the running server. The answer is a [`Reply::ActionDone`].
    Action(Action),
    /// Write a text into a new file. It is expensive to build, so the worker calls the function that builds it. The answer is
    /// a [`Reply::Saved`].
    SaveText(PathBuf, Box<dyn FnOnce() -> String + Send>),
    /// Summarise the history and list its newest messages, or the newest that contain these words. The answer is a
    /// [`Reply::HistorySummary`].
    SearchHistory(String),
    /// Write the whole history into a new file. The answer is a [`Reply::Saved`].
    ExportHistory(PathBuf),
    /// Report what is on the screen as it changes, and nothing else.
    Watch(Watched),
    /// Stop the server and end the thread. The replies are disconnected then.
    Finish,
}

/// The parts of a server that are on the screen. No work is done for the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// The threads, which every update has then.
    pub threads: bool,
    /// The members.
    pub members: bool,
    /// The conversation in the room.
    pub chat: bool,
    /// The history, which is listed again when it has changed.
    pub history: bool,
}

/// Something that the operator does to a running server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Close clients' connections.
    Kick {
        /// Their connections.
        ids: Vec<ConnectionId>,
        /// Their names, or how many they are, for the outcome's sentence.
        people: String,
        /// Sent to the clients; may be empty.
        reason: String,
    },
    /// Add bans.
    Ban(Vec<Ban>),
    /// Lift bans.
    Unban(Vec<BanTarget>),
    /// Send a message to every client.
    Announce(String),
    /// Delete messages from the history.
    Deletion(Deletion),
    /// Change the list of members, at this name.
    Member(MemberAction, Username),
    /// Send bytes to one client exactly as they are.
    Raw {
        /// The client's connection.
        id: ConnectionId,
        /// The client's name, for the outcome's sentence.
        name: String,
        /// A protocol line, or any other bytes.
        bytes: Vec<u8>,
    },
}

/// A change to the list of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberAction {
    /// Register a name, with a generated password.
    Add,
    /// Replace the password with a newly generated one.
    Reset,
    /// Remove the registration: any client may use the name again.
    Remove,
}

/// The state of a running server at one moment.
#[derive(Debug)]
pub struct Update {
    /// The server's clients and totals.
    pub snapshot: Snapshot,
    /// The name under which the server is announced on the local network.
    pub announced: Option<String>,
    /// Activity of each thread of this program. Empty unless [watched](Command::Watch).
    pub threads: Vec<ThreadInfo>,
    /// The conversation since the last update; `None` unless that is watched.
    pub chat: Option<ChatNews>,
}

/// The conversation in the room since the last of these.
#[derive(Debug, Default)]
pub struct ChatNews {
    /// It is all that the server has in memory, and not only what is new.
    pub is_first: bool,
    /// The operator's deletions, before anything of the rest.
    pub deleted: Vec<Deletion>,
    /// Number of messages that came too fast, before the others.
    pub skipped: u64,
    /// The messages, the oldest first; `None` if the server keeps none.
    pub messages: Option<Vec<StoredMessage>>,
}

/// An address of one of this computer's network interfaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Name that the system gives the interface.
    pub name: String,
    /// The address.
    pub ip: IpAddr,
    /// The interface leads to one other computer, mostly through a VPN.
    pub is_tunnel: bool,
}

/// A message from the server worker to the window: the result of a command, or a list that has changed.
#[derive(Debug)]
pub enum Reply {
    /// The server accepts connections.
    Listening {
        /// The addresses it listens on, each with the port that was assigned.
        addresses: Vec<SocketAddr>,
        /// The certificate's fingerprint, by which users can verify the server; `None` without TLS.
        fingerprint: Option<String>,
        /// Updates of this run of the server. Each run has a channel of its own, so that a late update cannot be taken for
        /// one of the next run. Its capacity is one: a busy window does not accumulate outdated updates.
        updates: Receiver<Update>,
    },
    /// The server could not be started.
    Failed {
        /// Time of the failure.
        at: SystemTime,
        /// The address, the reason, and what would work.
        why: String,
    },
    /// The server has stopped, and all its threads have ended.
    Stopped,
    /// The options, sent at first and whenever they were read or changed.
    Options(Box<Overview>),
    /// Options were not changed: all stay as they were.
    OptionsRefused {
        /// Those that were to be changed.
        keys: Vec<Key>,
        /// The reason, and what would work.
        why: String,
    },
    /// An action was performed, or failed.
    ActionDone {
        /// Time of the outcome.
        at: SystemTime,
        /// The requested action.
        action: Action,
        /// A sentence for the operator; the error also says what would work.
        outcome: Result<String, String>,
    },
    /// The bans in force, sent when they have changed.
    Bans(Vec<Ban>),
    /// Size of the history and the requested messages; the error says why it cannot be read.
    HistorySummary(Result<HistorySummary, String>),
    /// The addresses of this computer, sent when a server was started and when they have changed.
    Interfaces(Vec<Interface>),
    /// The room's password that clients need now, sent when it has changed.
    RoomPassword(Option<Password>),
    /// The same of the last search again, because the history has changed.
    HistoryChanged(HistorySummary),
    /// The registered members, sent when they have changed.
    Members(Vec<Member>),
    /// A generated password, which the operator passes on. It is never logged.
    Password {
        /// The registered name.
        name: Username,
        /// Its new password.
        password: Password,
    },
    /// A text was written to a file, or could not be.
    Saved {
        /// Time of the outcome.
        at: SystemTime,
        /// The file's path; the error says what would work.
        outcome: Result<PathBuf, String>,
    },
}
