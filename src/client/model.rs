//! What the chat window shows, without a window: the connection, the conversation, who is here, and what was not sent.
//!
//! A [`Chat`] belongs to the UI thread. The window tells it what the user wants ([`connect`](Chat::connect),
//! [`say`](Chat::say), [`leave`](Chat::leave)), calls [`tick`](Chat::tick) thirty times a second, and draws what it finds. Nothing
//! here waits, and nothing here knows fltk, so all of it is tested without a display.
//!
//! # The past and the present
//!
//! Everything before our own HELLO is the past, everything after it is live. So until that line has come, HELLO and BYE
//! only tell who is here, and a MSG is an older message; from then on they are news.

use std::time::{Duration, Instant};

use crossbeam_channel::TryRecvError;

mod conversation;
mod draft;
mod lines;
mod roster;
mod words;

pub use conversation::{Conversation, Entry, Kind, PENDING_MAX, Pending, SETTLED_MAX, shown_name};
pub use lines::{NAME_COLORS, Style, Styled, Writer, name_color};
pub use roster::Roster;

use super::{Connection, Ending, Event, Line, NotSent, Said, ServerAddress};
use crate::clock::stamp_now;
use crate::protocol::escape::escape;
use crate::protocol::{ClientLine, ErrorCode, RESERVED, Username};
use draft::Unsent;

/// How long the server may take to let us in, once it has taken the connection.
const WELCOME_LIMIT: Duration = Duration::from_secs(10);

/// How long we try to leave in good manners.
const LEAVE_LIMIT: Duration = Duration::from_secs(3);

/// Lines that one tick deals with: a flood must leave time to draw, and to answer the user.
const LINES_PER_TICK: usize = 2000;

/// One person's view of the chat.
#[derive(Debug, Default)]
pub struct Chat {
    session: Option<Session>,
    /// Why the last one ended.
    last_end: End,
    conversation: Conversation,
    roster: Roster,
    unsent: Unsent,
    /// Something about what the user has just tried.
    remark: Option<String>,
}

/// A connection, from Connect to its end.
#[derive(Debug)]
struct Session {
    connection: Connection,
    server: ServerAddress,
    me: Username,
    phase: Phase,
    /// When the phase began.
    since: Instant,
    /// The error that ends the connection, in words, once the server has sent it.
    verdict: Option<String>,
    /// The server has sent what we do not understand, and the user was told.
    strange: bool,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is none.
    Offline,
    /// Looking up, connecting, and waiting for the server to let us in.
    Connecting,
    /// We are in the room.
    Online,
    /// We have asked to leave.
    Leaving,
}

/// Why there is no connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    None,
    Refused(String),
    Failed(String),
    Lost(String),
}

/// How good the news in the status line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Nothing is going on.
    Idle,
    /// Something is under way.
    Busy,
    /// All is well.
    Good,
    /// Something needs attention.
    Warn,
    /// Something failed.
    Error,
}

impl Chat {
    /// Begins to connect. An earlier connection is dropped.
    pub fn connect(&mut self, server: ServerAddress, me: Username, now: Instant) {
        let connection = Connection::open(server.clone(), me.clone());
        self.begin(connection, server, me, now);
    }

    fn begin(&mut self, connection: Connection, server: ServerAddress, me: Username, now: Instant) {
        self.end(End::None);
        self.remark = None;
        self.session = Some(Session {
            connection,
            server,
            me,
            phase: Phase::Connecting,
            since: now,
            verdict: None,
            strange: false,
        });
    }

    /// Leaves the room, or gives up connecting to it.
    pub fn leave(&mut self, now: Instant) {
        match &mut self.session {
            Some(session) if session.phase == Phase::Online => {
                // What was said arrives before the BYE, and its echoes before the end.
                session.connection.leave();
                session.enter(Phase::Leaving, now);
            }
            Some(session) if session.phase == Phase::Leaving => {}
            _ => self.end(End::None),
        }
    }

    /// Takes the connection out, to be closed after the window is.
    pub fn into_connection(self) -> Option<Connection> {
        self.session.map(|session| session.connection)
    }

    /// Says something to all. When this returns false, the text stays with the user and the status says why.
    pub fn say(&mut self, text: &str) -> bool {
        let sent = self.try_say(text);
        if sent.is_ok() {
            self.unsent.entry_was_sent();
        }
        self.remark = sent.err();
        self.remark.is_none()
    }

    fn try_say(&mut self, text: &str) -> Result<(), String> {
        let Some(session) = self.session.as_ref().filter(|session| session.phase == Phase::Online) else {
            return Err("Not sent, since you are not connected: the text stays here".into());
        };
        let text = draft::sendable(text);
        let username = session.me.as_str();
        if let Some(over) = draft::too_long_by(username, &text) {
            let bytes = if over == 1 { "byte" } else { "bytes" };
            return Err(format!("Not sent, since it is {over} {bytes} too long: shorten it, or send it in parts"));
        }
        if !self.conversation.has_room() {
            return Err(format!("Not sent, since the server has not answered the last {PENDING_MAX} messages"));
        }
        match session.connection.send(&ClientLine::Msg { username, text: &text }) {
            Ok(()) => {
                self.conversation.sent(text, stamp_now());
                Ok(())
            }
            Err(NotSent::Busy) => Err("Not sent, since the server is slow to take it: try again in a moment".into()),
            Err(NotSent::Ended) => Err("Not sent, since the connection has ended: the text stays here".into()),
        }
    }

    /// Says something of our own in the conversation.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.conversation.settle(None, Kind::Notice(text.into()));
    }

    /// A remark about something that the user has tried, which the status line shows until the next try.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.remark = Some(text.into());
    }

    /// A message that was not sent, for an entry that is empty.
    pub fn take_unsent(&mut self) -> Option<String> {
        self.unsent.take()
    }

    /// Is there such a message?
    pub fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Takes what the network has to tell, at most so much that the window stays quick. Returns whether anything may
    /// look different.
    pub fn tick(&mut self, now: Instant) -> bool {
        let mut lines = 0;
        let mut changed = false;
        while lines < LINES_PER_TICK {
            let Some(session) = &self.session else { break };
            let event = match session.connection.events().try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => Event::Ended(Ending::Broken("its thread has ended".into())),
            };
            changed = true;
            match event {
                Event::Connected(_) => self.enter(Phase::Connecting, now),
                Event::Received { lines: received, not_understood } => {
                    lines += received.len() + not_understood;
                    self.receive(received, not_understood, now);
                }
                Event::Ended(ending) => self.ended(&ending),
            }
        }
        changed | self.check_patience(now)
    }

    /// Ends what takes too long.
    fn check_patience(&mut self, now: Instant) -> bool {
        let Some(session) = &self.session else { return false };
        let waited = now.saturating_duration_since(session.since);
        let end = match session.phase {
            // Connecting itself has a limit of its own, after which `reader` says so.
            Phase::Connecting if waited > WELCOME_LIMIT * 2 => {
                let server = &session.server;
                End::Failed(format!(
                    "{} took the call and said nothing: is it a chat server?",
                    escape(&server.to_string())
                ))
            }
            Phase::Leaving if waited > LEAVE_LIMIT => End::None,
            _ => return false,
        };
        self.end(end);
        true
    }

    fn receive(&mut self, lines: Vec<Line>, not_understood: usize, now: Instant) {
        for line in lines {
            let Some(session) = &mut self.session else { return };
            let live = session.phase != Phase::Connecting;
            let at = line.stamp.or(live.then(stamp_now));
            match line.said {
                Said::Hello(name) if name == session.me.as_str() => {
                    self.roster.add(&name);
                    if !live {
                        session.enter(Phase::Online, now);
                        let at = Some(at.unwrap_or_else(stamp_now));
                        let server = escape(&session.server.to_string()).into_owned();
                        self.conversation.settle(at, Kind::Notice(format!("you joined {server} as {name}")));
                    }
                }
                Said::Hello(name) => {
                    if self.roster.add(&name) && live {
                        self.conversation.settle(at, Kind::Joined(shown_name(&name)));
                    }
                }
                Said::Bye(name) => {
                    if self.roster.remove(&name) && live {
                        self.conversation.settle(at, Kind::Left(shown_name(&name)));
                    }
                }
                Said::Msg { from, text } => {
                    if live && from == session.me.as_str() {
                        self.conversation.echoed(&text);
                    }
                    let text = escape(&text).into_owned();
                    let kind = if from == RESERVED {
                        Kind::Announcement(text)
                    } else {
                        Kind::Message { from: shown_name(&from), text, earlier: !live }
                    };
                    self.conversation.settle(at, kind);
                }
                Said::Tell { from, text } => {
                    let kind = Kind::Private { from: shown_name(&from), text: escape(&text).into_owned() };
                    self.conversation.settle(at, kind);
                }
                Said::Pong => {}
                Said::Err { code, detail } => self.refused(&code, &detail),
            }
        }
        if not_understood > 0
            && let Some(session) = &mut self.session
            && !std::mem::replace(&mut session.strange, true)
        {
            let text = "the server says things that this program does not understand; they are left out";
            self.conversation.settle(Some(stamp_now()), Kind::Notice(text.into()));
        }
    }

    /// The server has sent an ERR.
    fn refused(&mut self, word: &str, detail: &str) {
        let Some(session) = &mut self.session else { return };
        let Some(code) = ErrorCode::from_word(word) else {
            // What it is about is not known either, so no message is taken back for it.
            let text = format!("the server says {} {}", escape(word), escape(detail));
            self.conversation.settle(Some(stamp_now()), Kind::Notice(text.trim_end().to_owned()));
            return;
        };
        let words = words::explain(code, detail, session.me.as_str());
        if code.ends_connection() {
            session.verdict = Some(words);
        } else if let Some(text) = self.conversation.refused() {
            // Answers come in the order of the lines that they answer, and we send nothing else that is refused.
            self.unsent.keep(text);
            self.remark = Some(format!("Not sent, {words}"));
        } else {
            self.conversation.settle(Some(stamp_now()), Kind::Notice(format!("the server says: {words}")));
        }
    }

    /// The connection is over, and the network knows why.
    fn ended(&mut self, ending: &Ending) {
        let Some(session) = &mut self.session else { return };
        let verdict = session.verdict.take();
        let end = match (session.phase, verdict) {
            (Phase::Leaving, _) => End::None,
            (Phase::Online, Some(verdict)) => End::Lost(verdict),
            (Phase::Online, None) => End::Lost(ending.to_string()),
            (_, Some(verdict)) => End::Refused(verdict),
            (_, None) if ending.was_connected() => {
                End::Failed(format!("the connection ended before the server let you in ({ending})"))
            }
            (_, None) => End::Failed(ending.to_string()),
        };
        self.end(end);
    }

    /// There is no connection any more. What was not confirmed goes back to the user.
    fn end(&mut self, end: End) {
        let Some(session) = self.session.take() else {
            self.last_end = end;
            return;
        };
        for text in self.conversation.abandon() {
            self.unsent.keep(text);
        }
        self.roster.clear();
        let was_in = matches!(session.phase, Phase::Online | Phase::Leaving);
        if was_in {
            let text = match &end {
                End::Lost(reason) => format!("the connection has ended: {reason}"),
                _ => "you left".into(),
            };
            self.conversation.settle(Some(stamp_now()), Kind::Notice(text));
        }
        self.last_end = end;
    }

    fn enter(&mut self, phase: Phase, now: Instant) {
        if let Some(session) = &mut self.session {
            session.enter(phase, now);
        }
    }

    /// How far the connection has come.
    pub fn phase(&self) -> Phase {
        self.session.as_ref().map_or(Phase::Offline, |session| session.phase)
    }

    /// Has the server refused us, so that it is not the address that is wrong?
    pub fn was_refused(&self) -> bool {
        matches!(self.last_end, End::Refused(_))
    }

    /// Our own name, while we are in the room.
    pub fn me(&self) -> Option<&str> {
        self.session.as_ref().filter(|session| session.phase == Phase::Online).map(|session| session.me.as_str())
    }

    /// Our own name as long as there is a connection, and nothing without.
    pub fn my_name(&self) -> &str {
        self.session.as_ref().map_or("", |session| session.me.as_str())
    }

    /// The conversation.
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// Who is here.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// What is happening, in words that are fit to be shown.
    pub fn status(&self) -> (Mood, String) {
        let (mut mood, mut text) = self.state_in_words();
        if let Some(remark) = &self.remark {
            mood = Mood::Warn;
            text = format!("{remark}. {text}");
        }
        if let Some(hint) = self.unsent.hint() {
            text = format!("{text}. {hint}");
        }
        (mood, text)
    }

    fn state_in_words(&self) -> (Mood, String) {
        let Some(session) = &self.session else {
            return match &self.last_end {
                End::None => (Mood::Idle, "Not connected".into()),
                End::Refused(reason) => (Mood::Error, format!("Refused: {reason}")),
                End::Failed(reason) => (Mood::Error, format!("Not connected: {reason}")),
                End::Lost(reason) => (Mood::Error, format!("Connection lost: {reason}")),
            };
        };
        let server = session.server.to_string();
        let server = escape(&server);
        match session.phase {
            Phase::Offline | Phase::Connecting => (Mood::Busy, format!("Connecting to {server} …")),
            Phase::Online => (Mood::Good, format!("Connected as {} to {server}", session.me)),
            Phase::Leaving => (Mood::Busy, format!("Leaving {server} …")),
        }
    }
}

impl Session {
    fn enter(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.since = now;
    }
}

#[cfg(test)]
mod tests;
