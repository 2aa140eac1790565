//! The door: who may come in, by password.
//!
//! Three rules, in this order. A registered name needs that name's own password, which opens the room too. If only
//! members are let in, nobody else is. Any other name needs the room's password, if there is one.
//!
//! All of it runs in the client's own thread, before the client has joined: to prove a password can take a while, and a
//! wrong one takes longer each time. The client keeps its place in the lobby meanwhile, so there is a limit to how many
//! can be at it at once.

use std::net::IpAddr;
use std::time::Instant;

use super::Shared;
use super::event::Ending;
use super::greeting::Greeting;
use super::members_error::MembersError;
use crate::protocol::ErrorCode;

/// Is the name the client's own? `Err`: it may not come in, and has waited for that answer as long as it had to.
pub(super) fn check(shared: &Shared, greeting: &Greeting, address: IpAddr) -> Result<bool, Ending> {
    let Greeting { name, password, .. } = greeting;
    let refuse = |code, detail: String| Err(Ending::Ended(code, detail));
    let member = match &shared.members {
        Some(members) => members.find(name).map_err(cannot_tell)?,
        None => None,
    };
    match (member, &shared.members) {
        (Some(member), Some(members)) => {
            if !name.is_written(&member.name) {
                let detail =
                    format!("that could be mistaken for {}, which is registered: choose another name", member.name);
                return refuse(ErrorCode::UsernameTaken, detail);
            }
            match password {
                None => refuse(
                    ErrorCode::PasswordRequired,
                    format!("{name} is registered: write PASS <password of that name> before HELLO"),
                ),
                Some(password) if members.proves(&member, password).map_err(cannot_tell)? => Ok(true),
                Some(_) => {
                    wrong(shared, address);
                    refuse(ErrorCode::BadPassword, format!("that is not the password of {name}, which is registered"))
                }
            }
        }
        _ if shared.config.members_only => {
            refuse(ErrorCode::MembersOnly, format!("{name} is not registered: ask the operator to do that"))
        }
        _ => match (&shared.credentials.get().password, password) {
            (None, _) => Ok(false),
            (Some(_), None) => {
                refuse(ErrorCode::PasswordRequired, "this room has one: write PASS <password> before HELLO".into())
            }
            (Some(right), Some(given)) if right.is(given) => Ok(false),
            (Some(_), Some(_)) => {
                wrong(shared, address);
                refuse(ErrorCode::BadPassword, "that is not the password of this room".into())
            }
        },
    }
}

/// Lets somebody wait who has given a wrong password.
fn wrong(shared: &Shared, address: IpAddr) {
    shared.lobby.pause(shared.strikes.add(address, Instant::now()));
}

/// It cannot be found out now whether the client may come in, so it may not.
fn cannot_tell(error: MembersError) -> Ending {
    Ending::Ended(ErrorCode::TooManyConnections, format!("{error}: try again in a few seconds"))
}

/// May a password be sent from there? Where others could read it, it shall not even be asked for.
pub(super) fn keeps_secrets(is_encrypted: bool, address: IpAddr) -> bool {
    is_encrypted || address.to_canonical().is_loopback()
}

/// Why it may not.
pub(super) const NOT_IN_PLAIN_TEXT: &str = "others could read your password: connect with TLS";

/// Is this line one with which a password is sent? Its first word says so.
pub(super) fn is_secret(line: &[u8]) -> bool {
    let verb = line.split(|byte| *byte == b' ').next().unwrap_or_default();
    verb.eq_ignore_ascii_case(b"PASS") || verb.eq_ignore_ascii_case(b"REGISTER")
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn passwords_come_over_tls_or_from_this_machine() {
        for (is_encrypted, address, keeps) in [
            (false, "127.0.0.1", true),
            (false, "127.8.9.1", true),
            (false, "::1", true),
            (false, "::ffff:127.0.0.1", true),
            (false, "192.168.1.7", false),
            (false, "10.0.0.1", false),
            (false, "203.0.113.9", false),
            (false, "fe80::1", false),
            (false, "0.0.0.0", false),
            (false, "::ffff:203.0.113.9", false),
            (true, "203.0.113.9", true),
            (true, "2001:db8::1", true),
        ] {
            assert_eq!(keeps_secrets(is_encrypted, address.parse().unwrap()), keeps, "{is_encrypted} {address}");
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
