//! The door: who may come in, by password.
//!
//! Three rules, in this order. A registered name needs that name's own password, which opens the room too. If only
//! members are let in, nobody else is. Any other name needs the room's password, if there is one.
//!
//! Where a password is needed in any case (the room has one, or only members are let in), an answer to somebody who has
//! proved none is the same for a registered name as for any other, and takes as long: a stranger does not learn who is
//! registered.
//!
//! All of it runs in the client's own thread, before the client has joined: the check of a password can take a while,
//! and waits before it begins if the same network has given wrong ones ([`strikes`](super::throttle)). The client keeps
//! its place in the lobby meanwhile, so there is a limit to how many of one network can be at it at once.

use std::net::IpAddr;
use std::time::Instant;

use super::hello::Hello;
use super::limits::ConnectionPermit;
use crate::protocol::{ErrorCode, Username};
use crate::server::config::Config;
use crate::server::context::ServerContext;
use crate::server::delivery::client::Client;
use crate::server::network::Network;
use crate::server::observe::event::DisconnectReason;
use crate::server::proof::Proof;
use crate::server::storage::members::error::MembersError;

/// Returns the proof that the name is the client's own, if it is.
///
/// # Errors
/// The client may not come in, or the server stops.
pub(crate) fn check(
    shared: &ServerContext,
    greeting: &Hello,
    network: Network,
    seat: &ConnectionPermit,
) -> Result<Option<Proof>, DisconnectReason> {
    let Hello { name, password, .. } = greeting;
    let ServerContext { config, members, .. } = shared;
    let room = &shared.credentials.get().password;
    let policy = Policy { is_closed: room.is_some() || config.members_only, members_only: config.members_only };
    let member = match members {
        Some(members) => members.find(name).map_err(|error| cannot_tell(&error))?,
        None => None,
    };
    let is_own = member.as_ref().is_some_and(|member| name.is_written(&member.name));
    let taken = || {
        let other = member.as_ref().map_or("", |member| &member.name);
        let detail = format!("that could be mistaken for {other}, which is registered: choose another name");
        refuse(ErrorCode::UsernameTaken, detail)
    };
    if !policy.is_closed && !is_own {
        return if member.is_some() { taken() } else { Ok(None) };
    }
    let Some(password) = password else { return refuse(ErrorCode::PasswordRequired, missing(policy, name)) };

    let Some(check) = shared.strikes.begin(network, Instant::now()) else {
        return Err(cannot_tell(&MembersError::Busy));
    };
    seat.pause(check.delay)?;
    let is_rooms = room.as_ref().is_some_and(|right| right.is(password));
    let proof = match (members, &member) {
        (Some(members), Some(member)) if is_own => members.verify(member, password, network),
        (Some(members), _) if !is_rooms => members.verify_dummy(password, network).map(|()| None),
        _ => Ok(None),
    };
    match proof {
        // The stop has ended the wait.
        Err(_) if shared.lobby.is_closed() => Err(DisconnectReason::Closed),
        Err(error) => {
            if error == MembersError::Busy {
                check.strike(Instant::now());
            }
            Err(cannot_tell(&error))
        }
        Ok(Some(proof)) => Ok(Some(proof)),
        Ok(None) if is_rooms && !is_own => match member {
            Some(_) => taken(),
            None if policy.members_only => {
                refuse(ErrorCode::MembersOnly, format!("{name} is not registered: ask the operator to do that"))
            }
            None => Ok(None),
        },
        Ok(None) => {
            check.strike(Instant::now());
            refuse(ErrorCode::BadPassword, wrong(policy, name, is_rooms))
        }
    }
}

/// Returns whether the entry has been changed or removed by which a client has proved that the name is its own.
pub(crate) fn is_disowned(shared: &ServerContext, client: &Client) -> bool {
    match (&shared.members, client.proof()) {
        // What cannot be read now could be read a moment ago; the log says so.
        (Some(members), Some(proof)) => !members.is_current(&client.name, &proof).unwrap_or(true),
        _ => false,
    }
}

/// What a room asks of a client, at the moment at which the client asks to come in.
#[derive(Clone, Copy)]
struct Policy {
    /// Every name needs a password.
    is_closed: bool,
    /// Only registered names are let in.
    members_only: bool,
}

fn refuse<T>(code: ErrorCode, detail: String) -> Result<T, DisconnectReason> {
    Err(DisconnectReason::Ended(code, detail))
}

/// What is answered where a password is needed and none was given.
fn missing(policy: Policy, name: &Username) -> String {
    if policy.members_only {
        "only members are let in: write PASS <password of your name> before HELLO".into()
    } else if policy.is_closed {
        "write PASS <password> before HELLO: the room's, or that of your name if it is registered".into()
    } else {
        format!("{name} is registered: write PASS <password of that name> before HELLO")
    }
}

/// What is answered to a wrong password. `is_rooms`: it is the room's, and the name is registered.
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

/// It cannot be found out now whether the client may come in, so it may not.
fn cannot_tell(error: &MembersError) -> DisconnectReason {
    DisconnectReason::Ended(ErrorCode::TooManyConnections, format!("{error}: try again in a few seconds"))
}

/// Returns whether a password may be sent from there: over TLS, or without leaving this computer. Where others could read it,
/// it shall not even be asked for.
pub(crate) fn keeps_secrets(config: &Config, is_encrypted: bool, address: IpAddr) -> bool {
    is_encrypted || (!config.loopback_is_remote && Network::of(address).is_loopback())
}

/// Says why a password is not taken where others could read it: over plain text that does not stay in this computer.
pub(crate) const NOT_IN_PLAIN_TEXT: &str = "others could read your password: connect with TLS";

/// Is this line one with which a password is sent? Its first word says so.
pub(crate) fn is_secret(line: &[u8]) -> bool {
    let verb = line.split(|byte| *byte == b' ').next().unwrap_or_default();
    verb.eq_ignore_ascii_case(b"PASS") || verb.eq_ignore_ascii_case(b"REGISTER")
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn passwords_come_over_tls_or_from_this_computer_unless_that_counts_as_remote() {
        let (usual, remote) = (Config::default(), Config { loopback_is_remote: true, ..Config::default() });
        for (address, is_local) in [
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.168.1.7", false),
            ("10.0.0.1", false),
            ("203.0.113.9", false),
            ("fe80::1", false),
            ("2001:db8::1", false),
            ("0.0.0.0", false),
            ("::ffff:203.0.113.9", false),
        ] {
            let ip = address.parse().unwrap();
            assert_eq!(keeps_secrets(&usual, false, ip), is_local, "{address}");
            assert!(keeps_secrets(&usual, true, ip) && keeps_secrets(&remote, true, ip), "{address}");
            assert!(!keeps_secrets(&remote, false, ip), "{address}");
        }
    }

    #[test]
    fn a_line_with_a_password_is_known_by_its_first_word() {
        for line in [&b"PASS secret"[..], b"pass", b"Register \xff", b"PASS  "] {
            assert!(is_secret(line));
        }
        for line in [&b""[..], b"PASSWORD secret", b"HELLO pass", b" PASS secret", b"PAST 1 2"] {
            assert!(!is_secret(line));
        }
    }
}
