//! What the window may ask the operator for, and what it hears of it: plain data.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use crossbeam_channel::Receiver;

use crate::protocol::Username;
use crate::server::id::ConnectionId;
use crate::server::{Ban, BanTarget, Deletion, HistorySummary, Member, Password, Snapshot, ThreadInfo};

/// What the window may ask for.
#[derive(Debug)]
pub(super) enum Command {
    /// Listen on this address.
    Start(String),
    /// Read certificate and password again, without ending anybody.
    Reload,
    /// Stop listening and end every connection.
    Stop,
    /// Do something to the server that runs.
    Action(Action),
    /// Write this text into a new file.
    Save(PathBuf, Box<dyn Document>),
    /// Look at what is kept: the newest messages, or those with these words.
    LookUp(String),
    /// Write all that is kept into a new file.
    Export(PathBuf),
}

/// Something that is made into a text where that may take time: not on the thread that asked for it.
pub trait Document: std::fmt::Debug + Send {
    /// The text.
    fn text(&self) -> String;
}

/// What can be done to a server that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// End somebody's connection.
    Kick {
        /// Which one.
        id: ConnectionId,
        /// Whose it is, for what is said about it.
        name: String,
        /// What they are told; may be empty.
        reason: String,
    },
    /// Let somebody in no more.
    Ban(Ban),
    /// Let somebody in again.
    Unban(BanTarget),
    /// Say something to everybody.
    Announce(String),
    /// Delete something of what was said.
    Deletion(Deletion),
    /// Do something to the list of members, about this name.
    Member(MemberAct, Username),
    /// Send somebody these bytes as they are.
    Raw {
        /// Which connection.
        id: ConnectionId,
        /// Whose it is, for what is said about it.
        name: String,
        /// A line, or whatever else it is.
        bytes: Vec<u8>,
    },
}

/// What can be done to the list of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberAct {
    /// Register a name, with a password that is thought up.
    Add,
    /// Think up another password.
    Reset,
    /// Let anybody have the name.
    Remove,
}

/// What was seen of a server that runs.
#[derive(Debug)]
pub struct Update {
    /// Its state.
    pub snapshot: Snapshot,
    /// What all the threads of this program do; none unless that was [asked for](super::ServerWorker::watch_threads).
    pub threads: Vec<ThreadInfo>,
}

/// What has become of the orders.
#[derive(Debug)]
pub enum Reply {
    /// The server accepts connections.
    Listening {
        /// Where.
        addr: SocketAddr,
        /// By what people can tell that it is this server, if it speaks TLS.
        fingerprint: Option<String>,
        /// What this run of the server looks like. Each run has a channel of its own, so that a late look
        /// cannot be taken for one of the next run. It holds one: a window that is busy is not sent a queue of pasts.
        looks: Receiver<Update>,
    },
    /// The server could not be started.
    Failed {
        /// When.
        at: SystemTime,
        /// Which address, why, and what would work.
        why: String,
    },
    /// The server has stopped, and all its threads have ended.
    Stopped,
    /// An act was done, or not.
    Acted {
        /// When.
        at: SystemTime,
        /// What was asked for.
        act: Action,
        /// What came of it, in words; the error says what would work.
        outcome: Result<String, String>,
    },
    /// The bans that are in force now, if they have changed.
    Bans(Vec<Ban>),
    /// What is kept of what was said; the error says why that cannot be told.
    HistorySummary(Result<HistorySummary, String>),
    /// Who is registered, if that has changed.
    Members(Vec<Member>),
    /// A password was thought up, for the operator to tell. It is in no log.
    Password {
        /// Whose it is.
        name: Username,
        /// The password.
        password: Password,
    },
    /// A text was written to a file, or not.
    Saved {
        /// When.
        at: SystemTime,
        /// Where it is; the error says what would work.
        outcome: Result<PathBuf, String>,
    },
}
