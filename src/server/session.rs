//! A client's session: the read loop of a client that has joined, in its own thread.
//!
//! The thread blocks in `read`. Its writes do not wait for a slow reader ([`delivery`](super::delivery)), and a message waits
//! for a disk only after it was sent. Three requests make the thread wait elsewhere, and only their own client waits for
//! that: PAST and FIND wait for the history and for the client to read its answer (`session/history.rs`); REGISTER waits for
//! a permit and hashes (`session/register.rs`).
//!
//! **One read is one batch.** All messages of a batch are relayed together: one pass under the registry's lock, one
//! push and one write per recipient. A client that sends a hundred lines at once costs the room about as much as one
//! that sends a single line.
//!
//! **Order within the batch is kept.** Messages are collected in `lines` until something else must be queued: `relay`
//! then sends them on their way first. So the answer to a line, also an error, comes after everything that the client
//! sent before that line.
//!
//! | file | owns |
//! | --- | --- |
//! | `session/join_guard.rs` | leaving, however the thread ends |
//! | `session/history.rs` | PAST and FIND |
//! | `session/register.rs` | REGISTER |
//! | `session/rate_limit.rs` | the token bucket |
//! | `session/quotas.rs` | limits that outlast a connection |

mod history;
mod join_guard;
pub(crate) mod quotas;
pub(crate) mod rate_limit;
mod register;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::context::ServerContext;
use super::delivery::PendingWrites;
use super::delivery::batch::Batch;
use super::delivery::client::Client;
use super::delivery::linger;
use super::network::Network;
use super::observe::activity::{self, Task};
use super::observe::event::DisconnectReason;
use super::storage::history::QueryState;
use super::storage::message::Message;
use crate::protocol::framing::{Frame, LineBuffer};
use crate::protocol::{CLIENT_LINE_MAX, ClientLine, ErrorCode, Rejected, ServerLine, put_label, split_label};
use crate::transport::is_timeout;
use crate::wire::Origin;
pub(crate) use join_guard::JoinGuard;
use rate_limit::{LineLimit, TokenBucket};

/// Silence after which a client's buffers are made small again. A thousand clients that each sent one large burst would
/// keep a thousand large buffers otherwise.
const SILENCE: Duration = Duration::from_secs(1);

/// Minimum time between two TYPING lines of a client that are passed on.
const TYPING_INTERVAL: Duration = Duration::from_secs(1);

/// The session of one client: the input that it has read, and the output that this causes.
///
/// It belongs to the client's own thread, so nothing in it is locked. Dropping it gives the history the relayed messages
/// that it has not got yet, and leaves the token bucket to the client's network, after a panic too. Messages that were
/// not relayed are not stored.
pub(super) struct Session<'a> {
    context: &'a ServerContext,
    client: &'a Arc<Client>,
    /// The limit for this client's lines. `None`: there is none.
    bucket: Option<TokenBucket>,
    /// The limit by which the bucket was made.
    limit: LineLimit,
    /// Time of the last TYPING that was passed on.
    typed: Option<Instant>,
    /// The history's record of this client's searches.
    asker: QueryState,
    /// The label of the line that is being handled, until the answer that carries it is queued. Empty: there is none.
    label: String,
    /// Time of the last REGISTER that was acted upon.
    registered: Option<Instant>,
    /// Messages of this batch that are not relayed yet, encoded.
    lines: Batch,
    /// The same messages, to be remembered. Empty if the server remembers nothing.
    messages: Vec<Message>,
    /// Messages that are relayed and have their stamps, but are not given to the history yet.
    unsaved: Vec<Message>,
    /// The claims that this thread holds.
    writes: PendingWrites,
}

/// Runs a client's session to its end, then takes the client out of the registry. Lines that came behind HELLO are in
/// `buffer` already.
pub(super) fn run(mut guard: JoinGuard, buffer: &mut LineBuffer) {
    let why = Session::new(&guard).run(buffer);
    guard.why = why;
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // After a panic, too: relayed messages are stored, and used tokens stay used.
        self.context.store(self.unsaved.drain(..));
        if let Some(bucket) = self.bucket.take() {
            self.context.quotas.leave(Network::of(self.client.addr.ip()), bucket, Instant::now());
        }
    }
}

impl Session<'_> {
    pub(super) fn new(guard: &JoinGuard) -> Session<'_> {
        let JoinGuard { context, client, .. } = guard;
        let network = Network::of(client.addr.ip());
        Session {
            limit: context.quotas.limit(),
            bucket: context.quotas.bucket(network, Instant::now()),
            typed: None,
            asker: QueryState::new(network),
            label: String::new(),
            registered: None,
            lines: Batch::default(),
            messages: Vec::new(),
            unsaved: Vec::new(),
            writes: PendingWrites::new(&context.writers),
            context,
            client,
        }
    }

    /// The read loop: reads a batch, handles its lines, flushes. Returns the reason for which the connection ended.
    pub(super) fn run(&mut self, buffer: &mut LineBuffer) -> DisconnectReason {
        let (mut has_timeout, mut is_shrunk) = (false, false);
        loop {
            // The clock is read once per batch, not once per line.
            let now = Instant::now();
            self.follow_limit(now);
            self.client.set_bytes_in(buffer.received());
            let tap = self.context.events().tap.open();
            // The reason is looked at before each line: handling a batch may take long, and another thread may
            // disconnect the client meanwhile. Lines behind that are not acted upon.
            while self.client.disconnect_reason().is_none()
                && let Some(frame) = buffer.next_line()
            {
                if let Some(tap) = tap {
                    tap.record_in(Origin::Client, &self.client.name, &frame);
                }
                match self.handle_line(frame, now) {
                    Ok(None) if self.label.is_empty() => {}
                    Ok(None) => self.answer(&ServerLine::Ok),
                    Ok(Some(why)) => {
                        self.flush();
                        return why;
                    }
                    // A wrong line is answered and forgotten. People at `nc` make mistakes; the connection goes on.
                    Err(rejected) => self.answer_with_error(rejected),
                }
            }
            self.flush();
            if self.client.disconnect_reason().is_some() {
                // Closing a socket with unread input sends a reset, which can destroy the last line before the client
                // reads it.
                linger::discard_input(&self.client.transport);
                return DisconnectReason::Closed;
            }
            // A buffer that has grown, of lines or of TLS, is made small again when the client falls silent. Only then does
            // a read have a timeout, so that thousands of silent clients do not wake their threads every second.
            let has_grown = buffer.has_grown() || self.client.transport.has_grown();
            if (has_grown && !is_shrunk) != has_timeout {
                has_timeout = !has_timeout;
                let timeout = has_timeout.then_some(SILENCE);
                if let Err(error) = self.client.transport.socket().set_read_timeout(timeout) {
                    return DisconnectReason::Broken(error.to_string());
                }
            }
            activity::set_for(Task::Reading, self.client.id);
            let read = self.client.transport.read(buffer.space());
            activity::set_for(Task::Handling, self.client.id);
            match read {
                Ok(0) => return DisconnectReason::Closed,
                Ok(count) => {
                    buffer.filled(count);
                    is_shrunk = false;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if has_timeout && is_timeout(&error) => {
                    is_shrunk = true;
                    buffer.shrink();
                    self.client.transport.shrink();
                }
                Err(error) => return DisconnectReason::Broken(error.to_string()),
            }
        }
    }

    /// Acts on one line. Returns the disconnect reason if the line is BYE.
    ///
    /// # Errors
    /// The line was not acted upon; the error is the answer.
    pub(super) fn handle_line(&mut self, frame: Frame<'_>, now: Instant) -> Result<Option<DisconnectReason>, Rejected> {
        let own = self.client.name.as_str();
        let (Frame::Line(line) | Frame::TooLong(line)) = frame;
        let line = self.take_label(line).and_then(|line| match frame {
            Frame::Line(_) => ClientLine::parse(line),
            Frame::TooLong(_) => {
                Err(Rejected::new(ErrorCode::LineTooLong, format!("a line has at most {CLIENT_LINE_MAX} bytes")))
            }
        });
        // Wrong lines cost a token, too: answering them is work. BYE is free, so that a client can always leave; TYPING
        // has a limit of its own, unless it asks for an answer.
        let costs = match line {
            Ok(Some(ClientLine::Bye)) => false,
            Ok(None | Some(ClientLine::Typing(_))) => !self.label.is_empty(),
            _ => true,
        };
        if costs && let Some(Err(wait)) = self.bucket.as_mut().map(|bucket| bucket.take(now)) {
            return Err(Rejected::new(ErrorCode::SlowDown, (wait.as_millis() + 1).to_string()));
        }
        let Some(line) = line.map_err(|rejected| match rejected.code {
            // After joining, any HELLO is an error; that matters more than its bad name.
            ErrorCode::BadUsername => joined_already(own),
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
            // The common case, and the cheapest: no lock, no system call, one copy into the batch. If the server has a
            // history, a second copy is kept for it.
            ClientLine::Msg { text, .. } => {
                self.lines.add(&ServerLine::Msg { from: own, text });
                if !self.label.is_empty() && self.client.capabilities.echo {
                    self.lines.label(std::mem::take(&mut self.label));
                }
                if self.context.remembers() {
                    self.messages.push(Message::new(own, text));
                }
            }
            ClientLine::Tell { recipient, text } => {
                self.relay();
                if !self.context.registry.send_private(self.client, recipient, text, &mut self.writes) {
                    return Err(Rejected::new(ErrorCode::NoSuchUser, recipient));
                }
                self.client.count_messages(1);
            }
            ClientLine::Away(reason) => {
                self.relay();
                self.context.registry.set_away(self.client, reason, &mut self.writes);
            }
            ClientLine::Typing(recipient) => self.typing(recipient, now),
            ClientLine::Who => {
                self.relay();
                self.context.registry.send_roster(self.client, &mut self.writes);
            }
            ClientLine::Ping(token) => {
                self.relay();
                // PONG promises that everything before it has been sent, joins and leaves of others too.
                self.context.registry.push_updates(&mut self.writes);
                self.answer(&ServerLine::Pong(token));
            }
            ClientLine::Past { before, count } => self.answer_past(before, count)?,
            ClientLine::Find(words) => self.answer_find(words)?,
            ClientLine::Register(secret) => self.register(secret.into(), now)?,
            ClientLine::Pass(_) => return Err(Rejected::new(ErrorCode::BadLine, "PASS comes before HELLO")),
            ClientLine::Hello { .. } => return Err(joined_already(own)),
            ClientLine::Bye => return Ok(Some(DisconnectReason::Bye)),
        }
        Ok(None)
    }

    /// Takes the label off a line and keeps it for the answer, if the client asked for labels.
    fn take_label<'l>(&mut self, line: &'l [u8]) -> Result<&'l [u8], Rejected> {
        self.label.clear();
        if !self.client.capabilities.label {
            return Ok(line);
        }
        let (label, line) = split_label(line)?;
        self.label.push_str(label.unwrap_or_default());
        Ok(line)
    }

    /// Passes on that the client is typing, unless it did so less than [`TYPING_INTERVAL`] ago. TYPING takes no token,
    /// and one that comes too often is dropped without an answer: the next one carries the same news.
    fn typing(&mut self, recipient: &str, now: Instant) {
        if self.typed.is_none_or(|last| now.saturating_duration_since(last) >= TYPING_INTERVAL) {
            self.typed = Some(now);
            self.relay();
            self.context.registry.notify_typing(self.client, recipient, &mut self.writes);
        }
    }

    /// Queues the messages of this batch for all recipients. Takes the registry's lock once, and writes nothing yet.
    fn relay(&mut self) {
        if !self.lines.is_empty() {
            self.context.registry.broadcast(self.client, &mut self.lines, &mut self.messages, &mut self.writes);
            self.client.count_messages(self.lines.count());
            self.lines.clear();
            // They have their stamps now. The disk comes after the sockets, in `flush`.
            self.unsaved.append(&mut self.messages);
        }
    }

    /// Queues the messages of this batch, writes to the sockets, then gives the messages to the history. With no lock
    /// held. The history comes last, since its queue can be full: then this thread waits for the disk, and the messages
    /// are out already.
    fn flush(&mut self) {
        self.relay();
        self.writes.deliver();
        self.context.store(self.unsaved.drain(..));
    }

    /// Queues an answer for the client itself, behind the messages that it sent before. It goes through the outbox like
    /// everything else: only one thread may write to the socket at a time, and that may be another one.
    fn answer(&mut self, line: &ServerLine<'_>) {
        self.relay();
        let mut bytes = Vec::new();
        if !self.label.is_empty() {
            put_label(&mut bytes, &self.label);
            self.label.clear();
        }
        line.encode(&mut bytes);
        self.writes.push(self.client, &bytes.into());
    }

    fn answer_with_error(&mut self, Rejected { code, detail }: Rejected) {
        self.answer(&ServerLine::Err { code: code.word(), detail: &detail });
        if code.ends_connection() {
            self.client.end(DisconnectReason::Ended(code, detail));
            self.writes.finish(self.client);
        }
    }
}

fn joined_already(own: &str) -> Rejected {
    Rejected::new(ErrorCode::BadLine, format!("you are {own} already: BYE first to be somebody else"))
}
