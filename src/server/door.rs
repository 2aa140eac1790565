//! The door: who may come in, by password.
//!
//! Three rules, in this order. A registered name needs that name's own password, which opens the room too. If only
//! members are let in, nobody else is. Any other name needs the room's password, if there is one.
//!
//! All of it runs in the client's own thread, before the client has joined. To prove a password can take a while. After a
//! wrong one, the next check from the same network is put off, each time for longer: the wait comes before the check, so
//! that ending a connection early tells nothing. The client is in the lobby meanwhile, so there is a limit to how many
//! wait at once, and they keep nobody out.

use std::net::IpAddr;
use std::time::Instant;

use super::Shared;
use super::config::Config;
use super::event::Ending;
use super::greeting::Greeting;
use super::lobby::Seat;
use super::members_error::MembersError;
use super::network::Network;
use crate::protocol::ErrorCode;

/// Is the name the client's own? `Err`: it may not come in.
pub(super) fn check(shared: &Shared, greeting: &Greeting, network: Network, seat: &Seat) -> Result<bool, Ending> {
    let Greeting { name, password, .. } = greeting;
    let refuse = |code, detail: String| Err(Ending::Ended(code, detail));
    let put_off = || seat.pause(shared.strikes.delay(network, Instant::now()));
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
                Some(password) => {
                    put_off()?;
                    if members.proves(&member, password).map_err(cannot_tell)? {
                        return Ok(true);
                    }
                    shared.strikes.add(network, Instant::now());
                    refuse(ErrorCode::BadPassword, format!("that is not the password of {name}, which is registered"))
                }
            }
        }
        _ if shared.config.members_only => {
            refuse(ErrorCode::MembersOnly, format!("{name} is not registered: ask the operator to do that"))
        }
        _ => match (&shared.config.password, password) {
            (None, _) => Ok(false),
            (Some(_), None) => {
                refuse(ErrorCode::PasswordRequired, "this room has one: write PASS <password> before HELLO".into())
            }
            (Some(right), Some(given)) => {
                put_off()?;
                if right.is(given) {
                    return Ok(false);
                }
                shared.strikes.add(network, Instant::now());
                refuse(ErrorCode::BadPassword, "that is not the password of this room".into())
            }
        },
    }
}

/// It cannot be found out now whether the client may come in, so it may not.
fn cannot_tell(error: MembersError) -> Ending {
    Ending::Ended(ErrorCode::TooManyConnections, format!("{error}: try again in a few seconds"))
}

/// Returns whether a password may be sent from there: over TLS, or without leaving this computer. Where others could read it,
/// it shall not even be asked for.
pub(super) fn keeps_secrets(config: &Config, is_encrypted: bool, address: IpAddr) -> bool {
    is_encrypted || (!config.loopback_is_remote && Network::of(address).is_loopback())
}

/// Says why a password is not taken where others could read it: over plain text that does not stay in this computer.
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
