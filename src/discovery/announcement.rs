//! The content of a server's announcement: the name that people see, the computer, the port, and the TXT record. Pure.

use std::net::{IpAddr, SocketAddr};

use crate::computer;

/// Maximum length of the name, in bytes. DNS allows 63, and a name that is taken gets a number behind it.
pub const NAME_MAX: usize = 50;

/// Maximum length of the computer's part of the host name.
const HOST_MAX: usize = 40;

/// Marks the host names of this program. They are not the computer's own, which other programs announce already.
pub(super) const HOST_MARK: &str = "multichat";

/// Keys of the TXT record (RFC 6763, section 6).
pub(super) mod key {
    /// The version of this record. The first key, as section 6.7 says.
    pub(crate) const VERSION: &str = "txtvers";
    /// The name that the operator gave, even where another computer's made it `NAME (2)`.
    pub(crate) const ROOM: &str = "room";
    /// `yes` or `no`.
    pub(crate) const TLS: &str = "tls";
    /// The beginning of the fingerprint of the server's key.
    pub(crate) const KEY: &str = "key";
    /// The version of the protocol behind the port.
    pub(crate) const PROTOCOL: &str = "proto";
}

/// Number of bytes of the fingerprint in an announcement. The monitor shows as many.
pub(super) const KEY_BYTES: usize = 8;

/// The content of an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The name that people see.
    pub name: String,
    /// The addresses that the server listens on.
    pub listening: Vec<SocketAddr>,
    /// The fingerprint of the server's key; `None` without TLS.
    pub fingerprint: Option<String>,
}

impl Announcement {
    /// Returns the port, and the addresses with that port that other computers reach; `None` if they reach no address.
    pub fn reachable(&self) -> Option<(u16, Vec<IpAddr>)> {
        let others = || self.listening.iter().filter(|addr| !addr.ip().to_canonical().is_loopback());
        let port = others().next()?.port();
        Some((port, others().filter(|addr| addr.port() == port).map(|addr| addr.ip().to_canonical()).collect()))
    }

    /// Returns the name of the host that the announcement is about.
    pub fn host(&self, computer: &str, port: u16) -> String {
        let label: String = computer
            .split('.')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .take(HOST_MAX)
            .collect();
        let label = label.trim_matches('-');
        let label = if label.is_empty() { "computer" } else { label };
        format!("{label}-{port}-{HOST_MARK}.local.")
    }

    /// Returns the TXT record.
    pub fn txt(&self) -> Vec<(&'static str, String)> {
        let tls = if self.fingerprint.is_some() { "yes" } else { "no" };
        let mut txt = vec![
            (key::VERSION, "1".to_owned()),
            (key::PROTOCOL, "1".to_owned()),
            (key::ROOM, self.name.clone()),
            (key::TLS, tls.to_owned()),
        ];
        txt.extend(self.fingerprint.as_deref().map(|fingerprint| (key::KEY, beginning(fingerprint))));
        txt
    }
}

/// Returns the first bytes of a fingerprint.
pub(super) fn beginning(fingerprint: &str) -> String {
    let bytes: Vec<_> = fingerprint.trim_start_matches("SHA256:").split(':').take(KEY_BYTES).collect();
    bytes.join(":")
}

/// Checks a name for an announcement.
///
/// # Errors
/// The name cannot be announced; the error says what would work.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.trim().is_empty() {
        return Err("write a name, such as Room 12; no-announce turns the announcement off".into());
    }
    if name.len() > NAME_MAX {
        return Err(format!("it is longer than {NAME_MAX} bytes: shorten it"));
    }
    if name != name.trim() {
        return Err("leave out the space at its beginning or end".into());
    }
    // Programs that write the name with its service disagree about these two.
    if let Some(c) = name.chars().find(|c| matches!(c, '.' | '\\')) {
        return Err(format!("leave out \"{c}\": other programs take it for a part of an address"));
    }
    if *crate::protocol::escape::escape(name) != *name {
        return Err("leave out the characters that nobody sees".into());
    }
    Ok(())
}

/// Returns the name that a server has without another: that of the computer, as far as it can be announced.
pub fn default_name() -> String {
    name_of(&computer::name().unwrap_or_default())
}

fn name_of(computer: &str) -> String {
    let label = computer.split('.').next().unwrap_or_default().trim();
    if check_name(label).is_ok() { label.to_owned() } else { "multichat".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(listening: &[&str]) -> Announcement {
        Announcement {
            name: "Room 12".into(),
            listening: listening.iter().map(|addr| addr.parse().unwrap()).collect(),
            fingerprint: None,
        }
    }

    #[test]
    fn a_server_that_only_this_computer_reaches_has_nothing_to_announce() {
        for listening in [&["127.0.0.1:5555"][..], &["[::1]:5555", "127.0.0.2:81"], &["[::ffff:127.0.0.1]:1"], &[]] {
            assert_eq!(announcement(listening).reachable(), None, "{listening:?}");
        }
        let reachable = |listening: &[&str]| {
            let (port, ips) = announcement(listening).reachable().unwrap();
            (port, ips.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(reachable(&["0.0.0.0:5555"]), (5555, vec!["0.0.0.0".into()]));
        let several = ["127.0.0.1:5555", "192.168.1.20:7000", "[2001:db8::7]:7000", "10.0.0.1:7001"];
        assert_eq!(reachable(&several), (7000, vec!["192.168.1.20".into(), "2001:db8::7".into()]));
    }

    #[test]
    fn the_record_says_which_room_and_how_its_key_begins() {
        let mut announcement = announcement(&["0.0.0.0:5555"]);
        let text = |it: &Announcement| it.txt().iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
        assert_eq!(text(&announcement), ["txtvers=1", "proto=1", "room=Room 12", "tls=no"]);
        announcement.fingerprint = Some("SHA256:00:01:02:03:04:05:06:07:08:09".into());
        assert_eq!(
            text(&announcement),
            ["txtvers=1", "proto=1", "room=Room 12", "tls=yes", "key=00:01:02:03:04:05:06:07"]
        );
    }

    #[test]
    fn the_host_is_a_name_of_its_own_in_letters_that_dns_has() {
        let host = |computer: &str| announcement(&[]).host(computer, 5555);
        assert_eq!(host("teacher-pc.school.example"), "teacher-pc-5555-multichat.local.");
        assert_eq!(host("Büro PC"), "BroPC-5555-multichat.local.");
        for strange in ["", ".x", "北京", "--"] {
            assert_eq!(host(strange), "computer-5555-multichat.local.");
        }
        assert!(host(&"x".repeat(300)).len() < 64);
    }

    #[test]
    fn a_name_that_cannot_be_announced_is_rejected_with_what_would_work() {
        for name in ["Room 12", "Prüfung", "北京", "a", "Lab (2)"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for (name, hint) in [
            ("", "such as Room 12"),
            ("  ", "such as Room 12"),
            (" a", "space"),
            ("Prof. X", "\".\""),
            ("a\\b", "\"\\\""),
            ("a\u{202e}b", "nobody sees"),
            ("a\tb", "nobody sees"),
            ("ü".repeat(26).as_str(), "50 bytes"),
        ] {
            let why = check_name(name).unwrap_err();
            assert!(why.contains(hint), "{name:?}: {why}");
        }
        assert_eq!(name_of("teacher-pc.school.example"), "teacher-pc");
        assert_eq!(name_of(""), "multichat");
        assert_eq!(check_name(&default_name()), Ok(()));
    }
}
