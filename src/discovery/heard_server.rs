//! A server as its announcement tells of it. Whatever the network sends, the texts are short and show every character that they
//! have, and the address is one that can be connected to. Pure.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::announcement::{HOST_MARK, KEY_BYTES, beginning, key};
use crate::protocol::escape::escape;

/// Maximum number of characters of a name that is shown.
const SHOWN_MAX: usize = 60;

/// A server that has announced itself. Nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardServer {
    /// The name of the service on the network, by which an announcement replaces an earlier one.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The computer that it claims to run on.
    pub host: String,
    /// The address to connect to.
    pub address: SocketAddr,
    /// It claims to offer TLS.
    pub has_tls: bool,
    /// The beginning of the fingerprint that it claims to have.
    pub key: Option<String>,
}

impl HeardServer {
    /// Reads an announcement of a service. Returns `None` if it names no address that can be connected to.
    ///
    /// `service` is the service's type with its domain; `txt` returns the value of a key of the TXT record.
    pub fn read<'a>(
        service: &str,
        (id, host, port): (&str, &str, u16),
        addresses: impl Iterator<Item = SocketAddr>,
        txt: impl Fn(&str) -> Option<&'a str>,
    ) -> Option<HeardServer> {
        let instance = id.strip_suffix(service).and_then(|instance| instance.strip_suffix('.'))?;
        let address = addresses.filter(can_be_dialled).min_by_key(|address| (rank(address.ip()), *address))?;
        let host = host.trim_end_matches('.');
        let host = host.strip_suffix(".local").unwrap_or(host);
        let host = host.split_once(&format!("-{port}-{HOST_MARK}")).map_or(host, |(computer, _)| computer);
        Some(HeardServer {
            id: id.to_owned(),
            name: shown(&unescaped(instance)),
            host: shown(host),
            address,
            has_tls: txt(key::TLS) == Some("yes"),
            key: txt(key::KEY).filter(|value| is_key(value)).map(str::to_ascii_uppercase),
        })
    }

    /// Returns whether the announcement has named another key than the server presents.
    pub fn contradicts(&self, fingerprint: &str) -> bool {
        self.key.as_ref().is_some_and(|key| *key != beginning(fingerprint).to_ascii_uppercase())
    }
}

/// Returns a text as it is shown: misleading characters are written out, and what is too long is cut.
fn shown(text: &str) -> String {
    let text = escape(text.trim());
    let mut shown: String = text.chars().take(SHOWN_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Returns an instance's name without the backslashes that DNS puts before some characters.
fn unescaped(instance: &str) -> String {
    let mut text = String::with_capacity(instance.len());
    let mut chars = instance.chars();
    while let Some(c) = chars.next() {
        text.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    text
}

/// Returns whether a value is the beginning of a fingerprint.
fn is_key(value: &str) -> bool {
    let is_byte = |byte: &str| byte.len() == 2 && byte.bytes().all(|digit| digit.is_ascii_hexdigit());
    value.len() < 3 * KEY_BYTES && value.split(':').count() == KEY_BYTES && value.split(':').all(is_byte)
}

/// Returns whether an address leads to one other computer.
fn can_be_dialled(address: &SocketAddr) -> bool {
    let ip = address.ip();
    let is_wrong = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast();
    !is_wrong && ip != IpAddr::V4(Ipv4Addr::BROADCAST) && address.port() != 0
}

/// Returns the place of an address in the order of usefulness. One of a link leads to this computer's neighbours only.
fn rank(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(ip) if ip.is_link_local() => 2,
        IpAddr::V4(_) => 0,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => 3,
        IpAddr::V6(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "_multichat._tcp.local.";

    /// Reads an announcement of this instance at port 5555.
    fn heard(instance: &str, host: &str, addresses: &[&str], txt: &[(&str, &str)]) -> Option<HeardServer> {
        let id = format!("{instance}.{SERVICE}");
        let txt: Vec<(String, String)> = txt.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        HeardServer::read(SERVICE, (&id, host, 5555), addresses.iter().map(|ip| at(ip, 5555)), |key| {
            txt.iter().find(|(is, _)| is == key).map(|(_, value)| value.as_str())
        })
    }

    fn at(ip: &str, port: u16) -> SocketAddr {
        let ip = if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
        format!("{ip}:{port}").parse().unwrap()
    }

    fn name(instance: &str) -> String {
        heard(instance, "pc.local.", &["10.0.0.1"], &[]).unwrap().name
    }

    #[test]
    fn an_announcement_becomes_a_name_a_computer_and_an_address() {
        let key = "00:01:02:03:04:05:06:07";
        let server = heard(
            "Room 12",
            "teacher-5555-multichat.local.",
            &["fe80::1", "2001:db8::7", "169.254.1.1", "192.168.1.20"],
            &[("tls", "yes"), ("key", key)],
        );
        let expected = HeardServer {
            id: "Room 12._multichat._tcp.local.".into(),
            name: "Room 12".into(),
            host: "teacher".into(),
            address: "192.168.1.20:5555".parse().unwrap(),
            has_tls: true,
            key: Some(key.into()),
        };
        assert_eq!(server, Some(expected.clone()));
        assert!(!expected.contradicts("SHA256:00:01:02:03:04:05:06:07:08:09"));
        assert!(expected.contradicts("SHA256:00:01:02:03:04:05:06:08:08:09"));
        // With the interface, without which it leads nowhere.
        let linked = heard("x", "pc.local.", &["fe80::1%3"], &[]).unwrap();
        assert_eq!(linked.address.to_string(), "[fe80::1%3]:5555");
        // The host of another program, and one with another port, are shown as they are.
        assert_eq!(heard("x", "nas.local.", &["10.0.0.1"], &[]).unwrap().host, "nas");
        assert_eq!(heard("x", "pc-80-multichat.local.", &["10.0.0.1"], &[]).unwrap().host, "pc-80-multichat");
    }

    #[test]
    fn what_cannot_be_connected_to_is_no_server() {
        for address in ["127.0.0.1", "::1", "0.0.0.0", "::", "224.0.0.251", "ff02::fb", "255.255.255.255"] {
            assert_eq!(heard("x", "pc.local.", &[address], &[]), None, "{address}");
        }
        assert_eq!(heard("x", "pc.local.", &[], &[]), None);
        let with_port = |port| {
            let id = format!("x.{SERVICE}");
            HeardServer::read(SERVICE, (&id, "pc.local.", port), [at("10.0.0.1", port)].into_iter(), |_| None)
        };
        assert!(with_port(1).is_some() && with_port(0).is_none());
        let other = HeardServer::read(
            SERVICE,
            ("x._http._tcp.local.", "pc.local.", 1),
            [at("10.0.0.1", 1)].into_iter(),
            |_| None,
        );
        assert_eq!(other, None);
    }

    #[test]
    fn hostile_names_are_short_and_show_every_character() {
        assert_eq!(name("Room\u{202e}21\u{7}"), "Room<U+202E>21<U+0007>");
        assert_eq!(name("two\nlines"), "two<U+000A>lines");
        assert_eq!(name("a\\.b\\\\c\\"), "a.b\\c\\");
        assert_eq!(name("@symbol &menu"), "@symbol &menu");
        assert_eq!(name(&"x".repeat(1024)).chars().count(), SHOWN_MAX + 1);
        assert_eq!(name(&"\u{202e}".repeat(400)).chars().count(), SHOWN_MAX + 1);
        assert_eq!(name(""), "");
        let host = heard("x", &"\u{1b}[31m".repeat(50), &["10.0.0.1"], &[]).unwrap().host;
        assert!(host.starts_with("<U+001B>[31m") && host.chars().count() == SHOWN_MAX + 1, "{host}");
    }

    #[test]
    fn a_key_that_is_none_is_not_one() {
        let key = |value: &str| heard("x", "pc.local.", &["10.0.0.1"], &[("key", value)]).unwrap().key;
        assert_eq!(key("aa:bb:cc:dd:ee:ff:00:11").as_deref(), Some("AA:BB:CC:DD:EE:FF:00:11"));
        for wrong in ["", "aa", "aa:bb:cc:dd:ee:ff:00:1g", "aa:bb:cc:dd:ee:ff:00:11:22", &"aa:".repeat(90), "é:é"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
        let tls = |value| heard("x", "pc.local.", &["10.0.0.1"], &[("tls", value)]).unwrap().has_tls;
        assert!(tls("yes") && !tls("no") && !tls("YES\0") && !tls(""));
    }
}
