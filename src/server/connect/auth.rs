//! Authentication: whether a client may join under the name of its HELLO, by password.
//!
//! Three rules, in this order:
//!
//! 1. A registered name needs that name's own password, which is enough for the room, too.
//! 2. If the room is for members only, no other name may join.
//! 3. Any other name needs the room's password, if there is one.
//!
//! **A client does not learn which names are registered.** Where every name needs a password (the room has one, or is
//! for members only), a client that has proved none gets the same answer for a registered name as for any other, after
//! the same time: for a name without a hash, the same amount of hashing is done and thrown away.
//!
//! Runs in the connection's own thread, before the client has joined. Hashing a password takes tens of milliseconds,
//! and a network that has sent wrong passwords waits before that ([`throttle`](super::throttle)). The connection keeps
//! its permit meanwhile, so the number of checks that one network can have under way is limited. No lock is held while
//! the thread hashes or waits.

use std::time::Instant;

use super::hello::Hello;
use super::limits::ConnectionPermit;
use crate::protocol::{ErrorCode, Username};
use crate::server::context::ServerContext;
use crate::server::delivery::client::Client;
use crate::server::network::Network;
use crate::server::observe::event::DisconnectReason;
use crate::server::proof::Proof;
use crate::server::storage::members::error::MembersError;

impl ServerContext {
    /// Authenticates a client. Returns the proof of ownership if the name is registered, `None` for any other name that
    /// may join. Sleeps for the throttling delay of the client's network before it looks at a password.
    ///
    /// # Errors
    /// The client may not join under this name, it cannot be found out now, or the server is shutting down.
    pub(crate) fn authenticate(
        &self,
        hello: &Hello,
        network: Network,
        permit: &ConnectionPermit,
    ) -> Result<Option<Proof>, DisconnectReason> {
        let Hello { name, password, .. } = hello;
        // Those of now, and not of the connection's beginning: a client that waited before HELLO gets no older rules.
        let live = self.live();
        let (room_password, members_only) = (&live.password, live.config.members_only);
        let policy = Policy { is_closed: room_password.is_some() || members_only, members_only };
        // The entry of this name, or of one that could be mistaken for it.
        let member = match &self.members {
            Some(members) => members.find(name).map_err(|error| unavailable(&error))?,
            None => None,
        };
        let is_own = member.as_ref().is_some_and(|member| name.is_written(&member.name));
        let taken = || {
            let other = member.as_ref().map_or("", |member| &member.name);
            let detail = format!("that could be mistaken for {other}, which is registered: choose another name");
            fail(ErrorCode::UsernameTaken, detail)
        };
        if !policy.is_closed && !is_own {
            // No password is needed. In an open room it is no secret which names are registered.
            return if member.is_some() { taken() } else { Ok(None) };
        }
        let Some(password) = password else { return fail(ErrorCode::PasswordRequired, missing(policy, name)) };

        let Some(attempt) = self.throttle.begin(network, Instant::now()) else {
            return Err(unavailable(&MembersError::Busy));
        };
        permit.wait_timeout(attempt.delay)?;
        let is_rooms = room_password.as_ref().is_some_and(|right| right.is(password));
        let proof = match (&self.members, &member) {
            (Some(members), Some(member)) if is_own => members.verify(member, password, network),
            // Not the room's password, and no entry to compare it with: takes as long as if there were one.
            (Some(members), _) if !is_rooms => members.verify_dummy(password, network).map(|()| None),
            _ => Ok(None),
        };
        match proof {
            // The shutdown has ended the wait for a place to hash, which is no fault of the client's.
            Err(_) if permit.is_shutting_down() => Err(permit.disconnect_reason().unwrap_or(DisconnectReason::Closed)),
            Err(error) => {
                // Otherwise a network that guesses could go on at full speed as long as it keeps the server busy.
                if error == MembersError::Busy {
                    attempt.count_rejected(Instant::now());
                }
                Err(unavailable(&error))
            }
            Ok(Some(proof)) => Ok(Some(proof)),
            Ok(None) if is_rooms && !is_own => match member {
                Some(_) => taken(),
                None if policy.members_only => {
                    fail(ErrorCode::MembersOnly, format!("{name} is not registered: ask the operator to do that"))
                }
                None => Ok(None),
            },
            Ok(None) => {
                attempt.count_failure(Instant::now());
                fail(ErrorCode::BadPassword, wrong(policy, name, is_rooms))
            }
        }
    }

    /// Returns whether the entry by which a client has proved ownership of its name has been changed or removed since.
    pub(crate) fn is_revoked(&self, client: &Client) -> bool {
        match (&self.members, client.proof()) {
            // An entry that cannot be read now could be read a moment ago; the log has the error.
            (Some(members), Some(proof)) => !members.is_current(&client.name, &proof).unwrap_or(true),
            _ => false,
        }
    }
}

/// The room's rules at the moment at which a client asks to join.
#[derive(Clone, Copy)]
struct Policy {
    /// Every name needs a password.
    is_closed: bool,
    /// Only registered names may join.
    members_only: bool,
}

fn fail<T>(code: ErrorCode, detail: String) -> Result<T, DisconnectReason> {
    Err(DisconnectReason::Ended(code, detail))
}

/// Returns the detail of the error where a password is needed and none was given.
fn missing(policy: Policy, name: &Username) -> String {
    if policy.members_only {
        "only members are let in: write PASS <password of your name> before HELLO".into()
    } else if policy.is_closed {
        "write PASS <password> before HELLO: the room's, or that of your name if it is registered".into()
    } else {
        format!("{name} is registered: write PASS <password of that name> before HELLO")
    }
}

/// Returns the detail of the error for a wrong password. `is_rooms`: it is the room's, and the name is registered.
fn wrong(policy: Policy, name: &Username, is_rooms: bool) -> String {
    if is_rooms {
        format!("{name} is registered: it needs its own password, and not the room's")
    } else if policy.members_only {
        format!("that is not the password of {name}; if {name} is not registered, ask the operator to do that")
    } else if policy.is_closed {
        format!("that is not the password of this room, nor of {name} if that is registered")
    } else {
        format!("that is not the password of {name}, which is registered")
    }
}

/// Returns the reason for rejecting a client that cannot be authenticated now. If in doubt, the client stays out.
fn unavailable(error: &MembersError) -> DisconnectReason {
    DisconnectReason::Ended(ErrorCode::TooManyConnections, format!("{error}: try again in a few seconds"))
}
