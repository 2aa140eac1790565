//! The addresses to listen on, as people write them, and which of them exclude each other. Pure.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// Set where a socket on `[::]` can serve IPv4, too. OpenBSD does not allow it (ip6(4)): there `0.0.0.0` serves IPv4.
pub(crate) const DUAL_STACK: bool = cfg!(not(target_os = "openbsd"));

/// Addresses to listen on, each as `ADDRESS:PORT`. As a text they are separated by commas or spaces.
///
/// ```
/// use multichat::server::Listen;
///
/// let listen: Listen = "192.0.2.7:5555, [2001:db8::7]:5555".into();
/// assert_eq!(listen.iter().collect::<Vec<_>>(), ["192.0.2.7:5555", "[2001:db8::7]:5555"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(Vec<String>);

impl Listen {
    /// Returns the addresses, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<&str> for Listen {
    fn from(text: &str) -> Listen {
        let is_between = |c: char| c == ',' || c.is_whitespace();
        Listen(text.split(is_between).filter(|address| !address.is_empty()).map(str::to_owned).collect())
    }
}

impl From<String> for Listen {
    fn from(text: String) -> Listen {
        text.as_str().into()
    }
}

impl From<&[SocketAddr]> for Listen {
    fn from(addresses: &[SocketAddr]) -> Listen {
        Listen(addresses.iter().map(ToString::to_string).collect())
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// Returns the reason why a server cannot listen on all of these, each with the text that stands for it; `None` if it can.
///
/// Systems differ in what they do with two sockets of which one serves what the other is for, so none is asked.
pub(crate) fn overlap(addresses: &[(&str, SocketAddr)]) -> Option<String> {
    addresses.iter().enumerate().find_map(|(at, (text, address))| {
        addresses[at + 1..].iter().find_map(|(other_text, other)| {
            if address.port() == 0 || address.port() != other.port() {
                None
            } else if address == other {
                Some(format!("{other_text} is there twice: leave one out"))
            } else if includes(address.ip(), other.ip()) {
                Some(format!("{text} includes {other_text}: leave out one of them"))
            } else if includes(other.ip(), address.ip()) {
                Some(format!("{other_text} includes {text}: leave out one of them"))
            } else {
                None
            }
        })
    })
}

/// Returns true if a socket on one address serves connections to the other one. `0.0.0.0` and `[::]` go together: each then serves
/// its own family.
fn includes(all: IpAddr, one: IpAddr) -> bool {
    match (all, one) {
        (IpAddr::V6(all), IpAddr::V4(one)) => DUAL_STACK && all.is_unspecified() && !one.is_unspecified(),
        _ => all.is_unspecified() && all.is_ipv4() == one.is_ipv4(),
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_people_write_it() {
        for text in ["a:1, [::1]:2", "a:1 [::1]:2", " a:1,[::1]:2,\n"] {
            assert_eq!(Listen::from(text).to_string(), "a:1, [::1]:2", "{text:?}");
        }
        assert_eq!(Listen::from(" ,").iter().count(), 0);
    }

    #[test]
    fn addresses_that_exclude_each_other_are_told() {
        let overlap = |texts: &[&'static str]| {
            let addresses: Vec<_> = texts.iter().map(|text| (*text, text.parse().unwrap())).collect();
            overlap(&addresses)
        };
        for (texts, why) in [
            (&["127.0.0.1:5555", "127.0.0.1:5555"][..], "127.0.0.1:5555 is there twice: leave one out"),
            (
                &["127.0.0.1:5555", "[::1]:5555", "0.0.0.0:5555"],
                "0.0.0.0:5555 includes 127.0.0.1:5555: leave out one of them",
            ),
            (&["[::]:5555", "[::1]:5555"], "[::]:5555 includes [::1]:5555: leave out one of them"),
        ] {
            assert_eq!(overlap(texts).as_deref(), Some(why));
        }
        assert_eq!(overlap(&["[::]:5555", "192.0.2.7:5555"]).is_some(), DUAL_STACK);
        for texts in [
            &["0.0.0.0:5555", "[::]:5555"][..],
            &["127.0.0.1:5555", "0.0.0.0:5556"],
            &["127.0.0.1:0", "127.0.0.1:0"],
            &["0.0.0.0:5555", "[::1]:5555"],
        ] {
            assert_eq!(overlap(texts), None, "{texts:?}");
        }
    }
}
