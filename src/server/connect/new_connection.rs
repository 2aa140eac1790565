//! The thread of one connection, from its start to its end: transport, HELLO, authentication, join, session.
//!
//! Each step returns the [`DisconnectReason`] for which the connection cannot go on; `join` wraps it in [`JoinFailed`]. So
//! `run` is the list of the steps, and every failure ends in `reject`, except one of the transport: then there is nothing
//! over which a reason could be sent. The thread waits in reads, in the password check (for a permit, and after wrong
//! passwords for the throttle), and for the probe of a client whose name is wanted. It holds no lock meanwhile. Once the
//! client has joined, [`session::run`] takes over; the [`JoinGuard`] then takes the client out of the registry, whatever
//! happens.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::hello::{self, Hello, HelloRules};
use super::keepalive::{self, Probe};
use super::limits::ConnectionPermit;
use super::sniff;
use crate::protocol::framing::LineBuffer;
use crate::protocol::{CLIENT_LINE_MAX, ErrorCode, Username};
use crate::server::context::ServerContext;
use crate::server::delivery::PendingWrites;
use crate::server::delivery::client::Client;
use crate::server::delivery::outbox::OnClose;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
use crate::server::observe::activity::{self, Task};
use crate::server::observe::event::{DisconnectReason, EventKind};
use crate::server::registry::JoinError;
use crate::server::session::{self, JoinGuard};
use crate::server::storage::bans::BanTarget;
use crate::server::storage::members::error::MembersError;
use crate::transport::Transport;

/// A connection that was accepted and has not joined. Its thread runs [`NewConnection::run`].
pub(crate) struct NewConnection {
    pub(crate) context: Arc<ServerContext>,
    pub(crate) id: ConnectionId,
    pub(crate) addr: SocketAddr,
    pub(crate) socket: Arc<TcpStream>,
    /// Given back when the thread ends: after the session, too.
    pub(crate) permit: ConnectionPermit,
}

/// The reason why a client cannot join.
#[derive(Debug)]
pub(crate) struct JoinFailed {
    why: DisconnectReason,
    /// Set if the name is in use: a probe of the client that uses it.
    probe: Option<Probe>,
}

impl From<DisconnectReason> for JoinFailed {
    fn from(why: DisconnectReason) -> JoinFailed {
        JoinFailed { why, probe: None }
    }
}

impl NewConnection {
    /// Runs the connection to its end.
    pub(crate) fn run(self) {
        activity::set_for(Task::Hello, self.id);
        let context = &*self.context;
        let live = context.live();
        let config = &live.config;
        // One deadline for all steps up to HELLO: a slow handshake leaves less time for the line.
        let deadline = Instant::now() + config.hello_timeout;
        let transport = match sniff::open(&self.socket, config, live.identity.as_ref(), deadline) {
            Ok(transport) => transport,
            // There is nothing over which a reason could be sent.
            Err(why) => return context.count_rejected(self.id, None, self.addr, self.actual_reason(why)),
        };
        let mut buffer = LineBuffer::new(CLIENT_LINE_MAX);
        let allows_password = config.allows_password(transport.is_encrypted(), self.addr.ip());
        let rules = HelloRules { allows_password, timeout: config.hello_timeout, deadline };
        let mut name = None;
        let joined = sniff::require_tls(&transport, config)
            .and_then(|()| hello::read_hello(context, &transport, &mut buffer, self.id, rules))
            .inspect(|hello| {
                self.permit.set_said_hello(true);
                name = Some(hello.name.clone());
            })
            .map_err(JoinFailed::from)
            .and_then(|hello| self.join(&transport, &hello));
        // A session may last for hours, and must not keep the settings of its beginning in memory.
        drop(live);
        match joined {
            Ok(guard) => session::run(guard, &mut buffer),
            Err(JoinFailed { why, probe }) => {
                self.reject(&transport, name, why);
                if let Some(probe) = probe {
                    self.complete(&probe);
                }
            }
        }
    }

    /// Authenticates the client and adds it to the registry.
    ///
    /// The checks go from cheap to expensive, and the registry comes last: it alone decides who has a name, under its
    /// lock. Bans and members can change between their check and the join, in another thread. So both are checked again
    /// once the registry lists the client, where the operator's calls find it.
    pub(crate) fn join(&self, transport: &Transport, hello: &Hello) -> Result<JoinGuard, JoinFailed> {
        // `read_hello` has set one for its deadline; a session has no timeout.
        self.socket.set_read_timeout(None).map_err(|error| DisconnectReason::Broken(error.to_string()))?;
        let context = &self.context;
        let Hello { name, capabilities, .. } = hello;
        let client = Arc::new(Client::new(self.id, name.clone(), *capabilities, self.addr, transport.clone()));
        let ban = || BanTarget::of(&client).iter().find_map(|target| context.bans.find(target));
        if let Some(ban) = ban() {
            return Err(DisconnectReason::Ended(ErrorCode::Banned, ban.detail()).into());
        }
        let network = Network::of(self.addr.ip());
        // Before the password: a network that joins too often does not make the server hash, either.
        context.quotas.join(network, Instant::now()).map_err(too_many_joins)?;
        let authenticated = context.authenticate(hello, network, &self.permit);
        // Guessing must not use up the joins of everybody behind the same address.
        let proof = authenticated.inspect_err(|_| context.quotas.forgive_join(network, Instant::now()))?;
        if let Some(proof) = proof {
            client.set_proof(proof);
        }
        if let Some(why) = self.permit.disconnect_reason() {
            return Err(why.into());
        }
        let mut writes = PendingWrites::new(&context.writers);
        let registry = &context.registry;
        let mut joined = registry.join(&client, &mut writes);
        if let Err(JoinError::Taken(other)) = &joined
            && keepalive::is_dead(other)
        {
            other.give_up();
            registry.leave(other, &mut writes);
            joined = registry.join(&client, &mut writes);
        }
        joined.map_err(|error| join_failed(error, &client))?;
        // From here on, whatever happens, dropping the guard takes the client out of the registry.
        let guard = JoinGuard::new(context.clone(), client.clone());
        // Only now: a client that the registry does not take stays unauthenticated, while it lingers and while a probe
        // runs. If the connection was evicted in between, its client leaves at once.
        if let Err(DisconnectReason::Ended(code, detail)) = self.permit.mark_joined() {
            writes.disconnect(&client, code, &detail, OnClose::Flush);
        }
        // A ban that was added in between found no client to disconnect.
        if let Some(ban) = ban() {
            writes.disconnect(&client, ErrorCode::Banned, &ban.detail(), OnClose::Flush);
        }
        // Nor did a change of the entry by which the client has proved ownership of its name.
        if context.is_revoked(&client) {
            let detail = MembersError::Disowned(name.to_string()).to_string();
            writes.disconnect(&client, ErrorCode::Kicked, &detail, OnClose::Flush);
        }
        context.events().report(EventKind::Joined { id: client.id, name: client.name.clone(), addr: client.addr });
        // This also delivers what the join queued; no lock is held.
        registry.flush_updates(&mut writes);
        Ok(guard)
    }

    /// Sends the reason, and counts and reports the rejection.
    fn reject(&self, transport: &Transport, name: Option<Username>, why: DisconnectReason) {
        activity::set_for(Task::Rejecting, self.id);
        // It has nothing to lose any more.
        self.permit.set_said_hello(false);
        let why = self.actual_reason(why);
        self.context.count_rejected(self.id, name, self.addr, why.clone());
        hello::reject(&self.context, transport, &why, self.id);
    }

    /// Waits for the time of the probe, then closes the connection if it is dead: a user whose own dead connection has the
    /// name gets in at one of the next attempts. Ends early once the probed client leaves, so that names that change
    /// hands quickly do not leave a thread for each.
    fn complete(&self, probe: &Probe) {
        for _ in 0..keepalive::PROBE_STEPS {
            if probe.client.outbox.is_closing() || self.permit.wait_timeout(keepalive::PROBE_STEP).is_err() {
                return;
            }
        }
        if keepalive::is_dead(&probe.client) {
            probe.client.give_up();
        }
    }

    /// Returns the reason behind an end of file. A shutdown and an eviction shut the reading half of the socket, which
    /// this thread sees as if the client had closed the connection.
    fn actual_reason(&self, why: DisconnectReason) -> DisconnectReason {
        match why {
            DisconnectReason::Closed | DisconnectReason::Broken(_) => self.permit.disconnect_reason().unwrap_or(why),
            _ => why,
        }
    }
}

/// Puts into words why the registry does not take a client.
fn join_failed(error: JoinError, client: &Client) -> JoinFailed {
    match error {
        JoinError::Taken(other) => {
            let name = &other.name;
            let detail = if name.is_written(client.name.as_str()) {
                format!("{name} is here already: choose another name")
            } else {
                format!("that could be mistaken for {name}, who is here: choose another name")
            };
            JoinFailed { why: DisconnectReason::Ended(ErrorCode::UsernameTaken, detail), probe: Probe::begin(other) }
        }
        JoinError::Full => {
            DisconnectReason::Ended(ErrorCode::ServerFull, "try again when somebody has left".into()).into()
        }
        JoinError::Closed => DisconnectReason::shutting_down().into(),
    }
}

fn too_many_joins(wait: Duration) -> DisconnectReason {
    let wait = match wait.as_secs() {
        0 => "a second".into(),
        seconds => format!("{} seconds", seconds + 1),
    };
    let detail = format!("too many have just joined from your network: try again in {wait}");
    DisconnectReason::Ended(ErrorCode::TooManyConnections, detail)
}
