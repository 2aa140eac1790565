//! The life of one connection, from accept to leaving: the client's own thread.
//!
//! It blocks in read, and nowhere else for long. What one read returned is one batch: its messages are relayed together,
//! pushed once and written once per recipient. Order within the batch is kept: before anything is answered, the messages
//! before it are on their way.

mod history;
pub(crate) mod quotas;
pub(crate) mod rate_limit;
mod register;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::connect::auth;
use super::connect::hello::{self, Hello, UnauthenticatedClient};
use super::connect::keepalive::{self, Probe};
use super::connect::limits::ConnectionPermit;
use super::connect::sniff;
use super::context::ServerContext;
use super::delivery::PendingWrites;
use super::delivery::batch::Batch;
use super::delivery::client::{Client, error_line};
use super::delivery::outbox::OnClose;
use super::id::ConnectionId;
use super::network::Network;
use super::observe::activity::{self, Task};
use super::observe::event::{DisconnectReason, EventKind};
use super::registry::NotJoined;
use super::shutdown::STOPS;
use super::storage::history::Asker;
use super::storage::members::error::MembersError;
use super::storage::message::Message;
use crate::protocol::framing::{Frame, LineBuffer};
use crate::protocol::{CLIENT_LINE_MAX, ClientLine, ErrorCode, Rejected, ServerLine};
use crate::transport::{Transport, is_timeout};
use crate::wire::Origin;
use rate_limit::TokenBucket;

/// Time without a byte after which a client's buffers are made small again.
const SILENCE: Duration = Duration::from_secs(1);

/// Whether a read may have a time limit and then be tried again. On Windows a socket cannot be used after it
/// (`SO_RCVTIMEO`), so there the memory stays until the client has left.
const GIVES_BACK: bool = !cfg!(windows);

/// A client's TYPING is passed on no more often than this.
const TYPING_INTERVAL: Duration = Duration::from_secs(1);

/// A connection that was accepted. Its thread is [`NewConnection::run`].
pub(super) struct NewConnection {
    pub(super) shared: Arc<ServerContext>,
    pub(super) id: ConnectionId,
    pub(super) addr: SocketAddr,
    pub(super) socket: Arc<TcpStream>,
    pub(super) seat: ConnectionPermit,
}

/// Somebody is here. However the thread ends, by return or by panic, dropping this is the one way to leave.
struct JoinGuard {
    shared: Arc<ServerContext>,
    client: Arc<Client>,
    /// Why, as the thread saw it.
    why: DisconnectReason,
}

/// Why somebody is not let in.
#[derive(Debug)]
struct Refused {
    why: DisconnectReason,
    /// The name is somebody's, who is asked whether it is still there.
    probe: Option<Probe>,
}

impl From<DisconnectReason> for Refused {
    fn from(why: DisconnectReason) -> Refused {
        Refused { why, probe: None }
    }
}

/// A client's thread at work: what it has read, and what that makes it send.
struct Session<'a> {
    shared: &'a ServerContext,
    client: &'a Arc<Client>,
    bucket: Option<TokenBucket>,
    /// When a TYPING was last passed on.
    typed: Option<Instant>,
    /// Who asks, for the history.
    asker: Asker,
    /// When a REGISTER was last acted upon.
    registered: Option<Instant>,
    /// Messages of this batch that are not relayed yet.
    lines: Batch,
    /// The same, to be remembered.
    said: Vec<Message>,
    /// Messages that are relayed, and not yet given to the history.
    unsaved: Vec<Message>,
    claims: PendingWrites,
}

impl NewConnection {
    /// Greets, joins, listens, leaves.
    pub(super) fn run(self) {
        activity::set_for(Task::Hello, self.id);
        let config = &self.shared.config;
        let deadline = Instant::now() + config.hello_timeout;
        let credentials = self.shared.credentials.get();
        let transport = match sniff::open(&self.socket, config, credentials.identity.as_ref(), deadline) {
            Ok(transport) => transport,
            Err(why) => return self.shared.turn_away(self.addr, self.in_truth(why)),
        };
        let mut buffer = LineBuffer::new(CLIENT_LINE_MAX);
        let tap = &self.shared.events().tap;
        let limit = config.hello_timeout;
        let keeps_secrets = auth::keeps_secrets(config, transport.is_encrypted(), self.addr.ip());
        let stranger = UnauthenticatedClient { id: self.id, keeps_secrets, deadline, limit, tap };
        let joined = sniff::admit(&transport, config)
            .and_then(|()| hello::read_hello(&transport, &mut buffer, &stranger))
            .map_err(Refused::from)
            .and_then(|greeting| self.join(&transport, greeting));
        match joined {
            Ok(mut presence) => {
                let why = Session::new(&presence).run(&mut buffer);
                presence.why = why;
            }
            Err(Refused { why, probe }) => {
                self.refuse(&transport, why);
                // Whoever is refused because of a dead connection of its own gets in at one of its next attempts.
                if let Some(probe) = probe
                    && self.seat.pause(keepalive::PROBE_TIME).is_ok()
                    && keepalive::is_dead(probe.client())
                {
                    probe.client().give_up();
                }
            }
        }
    }

    fn join(&self, transport: &Transport, greeting: Hello) -> Result<JoinGuard, Refused> {
        self.socket.set_read_timeout(None).map_err(|error| DisconnectReason::Broken(error.to_string()))?;
        let Hello { name, capabilities, .. } = &greeting;
        let client = Arc::new(Client::new(self.id, name.clone(), *capabilities, self.addr, transport.clone()));
        let ban = || client.whom().iter().find_map(|whom| self.shared.bans.find(whom));
        if let Some(ban) = ban() {
            return Err(DisconnectReason::Ended(ErrorCode::Banned, ban.detail()).into());
        }
        let network = Network::of(self.addr.ip());
        if let Some(proof) = auth::check(&self.shared, &greeting, network, &self.seat)? {
            client.set_proof(proof);
        }
        self.shared.quotas.join(network, Instant::now()).map_err(too_many_joins)?;
        self.seat.leave_lobby()?;
        let mut claims = PendingWrites::new(&self.shared.writers);
        let registry = &self.shared.registry;
        let mut joined = registry.join(&client, &mut claims);
        if let Err(NotJoined::Taken(other)) = &joined
            && keepalive::is_dead(other)
        {
            other.give_up();
            registry.leave(other, &mut claims);
            joined = registry.join(&client, &mut claims);
        }
        joined.map_err(|why| match why {
            NotJoined::Taken(other) => {
                let name = &other.name;
                let detail = if name.is_written(client.name.as_str()) {
                    format!("{name} is here already: choose another name")
                } else {
                    format!("that could be mistaken for {name}, who is here: choose another name")
                };
                Refused { why: DisconnectReason::Ended(ErrorCode::UsernameTaken, detail), probe: Probe::begin(other) }
            }
            NotJoined::Full => {
                DisconnectReason::Ended(ErrorCode::ServerFull, "try again when somebody has left".into()).into()
            }
            NotJoined::Closed => shutting_down().into(),
        })?;
        // From here on, whatever happens, the name is given back.
        let presence = JoinGuard { shared: self.shared.clone(), client: client.clone(), why: DisconnectReason::Closed };
        // A ban that came in between found nobody to end.
        if let Some(ban) = ban() {
            claims.end(&client, ErrorCode::Banned, &ban.detail(), OnClose::Flush);
        }
        // Nor did the operator who has changed what the client proved.
        if auth::is_disowned(&self.shared, &client) {
            claims.end(
                &client,
                ErrorCode::Kicked,
                &MembersError::Disowned(name.to_string()).to_string(),
                OnClose::Flush,
            );
        }
        let Client { id, name, addr, .. } = &*presence.client;
        self.shared.events().report(EventKind::Joined { id: *id, name: name.clone(), addr: *addr });
        self.shared.registry.flush_updates(&mut claims);
        Ok(presence)
    }

    fn refuse(&self, transport: &Transport, why: DisconnectReason) {
        activity::set_for(Task::Refusing, self.id);
        let why = self.in_truth(why);
        self.shared.turn_away(self.addr, why.clone());
        hello::refuse(transport, &why, self.id, &self.shared.events().tap);
    }

    /// A stop, or the loss of the place in the lobby, shuts the reading half, which looks as if the client had closed it.
    fn in_truth(&self, why: DisconnectReason) -> DisconnectReason {
        match why {
            DisconnectReason::Closed | DisconnectReason::Broken(_) => self.seat.verdict().unwrap_or(why),
            _ => why,
        }
    }
}

fn shutting_down() -> DisconnectReason {
    DisconnectReason::Ended(ErrorCode::ShuttingDown, STOPS.into())
}

fn too_many_joins(wait: Duration) -> DisconnectReason {
    let wait = match wait.as_secs() {
        0 => "a second".into(),
        seconds => format!("{} seconds", seconds + 1),
    };
    let detail = format!("too many have just joined from your network: try again in {wait}");
    DisconnectReason::Ended(ErrorCode::TooManyConnections, detail)
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        activity::set_for(Task::Leaving, self.client.id);
        let mut claims = PendingWrites::new(&self.shared.writers);
        self.shared.registry.leave(&self.client, &mut claims);
        // What waits for the client itself (the answer to its last PING, say) is still written; then its socket is shut.
        claims.finish(&self.client);
        let why = match self.client.ending() {
            _ if thread::panicking() => DisconnectReason::Panicked,
            Some(ended_by_server) => ended_by_server.clone(),
            None => self.why.clone(),
        };
        self.shared.count(&why);
        let (id, name) = (self.client.id, self.client.name.clone());
        self.shared.events().report(EventKind::Left { id, name, why });
        self.shared.registry.flush_updates(&mut claims);
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // After a panic, too: what was relayed is kept, and what was spent is not given back.
        self.shared.store(self.unsaved.drain(..));
        if let Some(bucket) = self.bucket.take() {
            self.shared.quotas.leave(Network::of(self.client.addr.ip()), bucket, Instant::now());
        }
    }
}

impl Session<'_> {
    fn new(presence: &JoinGuard) -> Session<'_> {
        let JoinGuard { shared, client, .. } = presence;
        Session {
            bucket: shared.quotas.bucket(Network::of(client.addr.ip()), Instant::now()),
            typed: None,
            asker: Asker::new(Network::of(client.addr.ip())),
            registered: None,
            lines: Batch::default(),
            said: Vec::new(),
            unsaved: Vec::new(),
            claims: PendingWrites::new(&shared.writers),
            shared,
            client,
        }
    }

    /// Reads and acts until the connection ends; returns why it did.
    fn run(&mut self, buffer: &mut LineBuffer) -> DisconnectReason {
        let (mut has_limit, mut is_shrunk) = (false, false);
        loop {
            let now = Instant::now();
            self.client.set_bytes_in(buffer.received());
            let tap = self.shared.events().tap.open();
            // What has come may take long to act upon, and somebody may end the client meanwhile.
            while self.client.ending().is_none()
                && let Some(frame) = buffer.next_line()
            {
                if let Some(tap) = tap {
                    tap.record_in(Origin::Client, &self.client.name, &frame);
                }
                match self.handle_line(frame, now) {
                    Ok(None) => {}
                    Ok(Some(ending)) => {
                        self.flush();
                        return ending;
                    }
                    Err(Rejected { code, detail }) => self.answer_with_error(code, &detail),
                }
            }
            self.flush();
            if self.client.ending().is_some() {
                self.discard_input();
                return DisconnectReason::Closed;
            }
            // A buffer that has grown is given back when the client falls silent.
            if GIVES_BACK && (buffer.has_grown() && !is_shrunk) != has_limit {
                has_limit = !has_limit;
                let limit = has_limit.then_some(SILENCE);
                if let Err(error) = self.client.transport.socket().set_read_timeout(limit) {
                    return DisconnectReason::Broken(error.to_string());
                }
            }
            activity::set_for(Task::Reading, self.client.id);
            let read = self.client.transport.read(buffer.space());
            activity::set_for(Task::Hearing, self.client.id);
            match read {
                Ok(0) => return DisconnectReason::Closed,
                Ok(count) => {
                    buffer.filled(count);
                    is_shrunk = false;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if has_limit && is_timeout(&error) => {
                    is_shrunk = true;
                    buffer.shrink();
                    self.client.transport.shrink();
                }
                Err(error) => return DisconnectReason::Broken(error.to_string()),
            }
        }
    }

    /// Somebody else has ended this client: what it says now is read until its socket is shut, but not heard. Unread
    /// input would reset the connection, and its last line might be lost.
    fn discard_input(&self) {
        let mut scrap = [0; 4096];
        loop {
            match self.client.transport.read(&mut scrap) {
                Ok(0) => return,
                Err(error) if !is_timeout(&error) => return,
                _ => {}
            }
        }
    }

    /// Acts on one line. `Some`: it was the last.
    fn handle_line(&mut self, frame: Frame<'_>, now: Instant) -> Result<Option<DisconnectReason>, Rejected> {
        let own = self.client.name.as_str();
        let line = match frame {
            Frame::Line(line) => ClientLine::parse(line),
            Frame::TooLong => {
                Err(Rejected::new(ErrorCode::LineTooLong, format!("a line has at most {CLIENT_LINE_MAX} bytes")))
            }
        };
        let costs = !matches!(line, Ok(None | Some(ClientLine::Bye | ClientLine::Typing(_))));
        if costs && let Some(Err(wait)) = self.bucket.as_mut().map(|bucket| bucket.take(now)) {
            return Err(Rejected::new(ErrorCode::SlowDown, (wait.as_millis() + 1).to_string()));
        }
        let Some(line) = line.map_err(|rejected| match rejected.code {
            // Of a HELLO that names nobody, too, the first thing to say is that it comes too late.
            ErrorCode::BadUsername => here_already(own),
            _ => rejected,
        })?
        else {
            return Ok(None);
        };
        match line {
            ClientLine::Msg { username, .. } if !self.client.name.is_written(username) => {
                let detail = format!("you are {own}: write MSG {own} <text>");
                return Err(Rejected::new(ErrorCode::NotYourName, detail));
            }
            ClientLine::Msg { text, .. } => {
                self.lines.add(&ServerLine::Msg { from: own, text });
                if self.shared.remembers() {
                    self.said.push(Message::new(own, text));
                }
            }
            ClientLine::Tell { recipient, text } => {
                self.relay();
                if !self.shared.registry.tell(self.client, recipient, text, &mut self.claims) {
                    return Err(Rejected::new(ErrorCode::NoSuchUser, recipient));
                }
                self.client.count_messages(1);
            }
            ClientLine::Away(reason) => {
                self.relay();
                self.shared.registry.away(self.client, reason, &mut self.claims);
            }
            ClientLine::Typing(recipient) => self.typing(recipient, now),
            ClientLine::Who => {
                self.relay();
                self.shared.registry.who(self.client, &mut self.claims);
            }
            ClientLine::Ping(token) => {
                self.relay();
                self.shared.registry.catch_up(&mut self.claims);
                self.answer(&ServerLine::Pong(token));
            }
            ClientLine::Past { before, count } => self.answer_past(before, count)?,
            ClientLine::Find(words) => self.answer_find(words)?,
            ClientLine::Register(secret) => self.register(secret.into(), now)?,
            ClientLine::Pass(_) => return Err(Rejected::new(ErrorCode::BadLine, "PASS comes before HELLO")),
            ClientLine::Hello { .. } => return Err(here_already(own)),
            ClientLine::Bye => return Ok(Some(DisconnectReason::Bye)),
        }
        Ok(None)
    }

    /// Passes on that the client is typing, unless it did so a moment ago. That costs nothing of what the client may say,
    /// and what comes too often is just not passed on.
    fn typing(&mut self, recipient: &str, now: Instant) {
        if self.typed.is_none_or(|last| now.saturating_duration_since(last) >= TYPING_INTERVAL) {
            self.typed = Some(now);
            self.relay();
            self.shared.registry.typing(self.client, recipient, &mut self.claims);
        }
    }

    /// Sends the messages of this batch on their way.
    fn relay(&mut self) {
        if !self.lines.is_empty() {
            self.shared.registry.broadcast(self.client, &mut self.lines, &mut self.said, &mut self.claims);
            self.client.count_messages(self.lines.count());
            self.lines.clear();
            self.unsaved.append(&mut self.said);
        }
    }

    /// Sends the messages of this batch on their way, and sees that way's end: the sockets, then the history, which can be
    /// what this thread has to wait for.
    fn flush(&mut self) {
        self.relay();
        self.claims.deliver();
        self.shared.store(self.unsaved.drain(..));
    }

    /// Answers the client itself.
    fn answer(&mut self, line: &ServerLine<'_>) {
        self.relay();
        let mut bytes = Vec::new();
        line.encode(&mut bytes);
        self.claims.push(self.client, &bytes.into());
    }

    fn answer_with_error(&mut self, code: ErrorCode, detail: &str) {
        self.relay();
        self.claims.push(self.client, &error_line(code, detail));
    }
}

fn here_already(own: &str) -> Rejected {
    Rejected::new(ErrorCode::BadLine, format!("you are {own} already: BYE first to be somebody else"))
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
