//! The address of a server as users write it: `host`, `host:port`, `192.0.2.7:5555`, `[2001:db8::7]:5555`, `::1`,
//! `fe80::1%eth0`; or as a URL, `multichat://host:port`.
//!
//! Pure: no name is resolved here. Runs on any thread.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

use crate::protocol::escape::escape;

mod url;

/// The port used if the address names none.
pub const DEFAULT_PORT: u16 = 5555;

/// A host, as a name or an IP address, and a port.
///
/// ```
/// use multichat::client::ServerAddress;
///
/// let address: ServerAddress = "[2001:db8::7]".parse()?;
/// assert_eq!((address.host(), address.port()), ("2001:db8::7", 5555));
/// assert_eq!("multichat://chat.example:7000/".parse::<ServerAddress>()?, "chat.example:7000".parse()?);
/// # Ok::<(), multichat::client::BadAddress>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerAddress {
    host: String,
    port: u16,
}

/// The reason why a text is not an address. Displays as a sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadAddress {
    /// The host is missing.
    #[error("enter the server's name or address")]
    NoHost,
    /// The port is not a number from 1 to 65535.
    #[error("\"{}\" is not a port: use a number from 1 to 65535", escape(.0))]
    BadPort(String),
    /// A bracket in the wrong place, or something other than a port after it.
    #[error("write an IPv6 address with a port as [::1]:{DEFAULT_PORT}")]
    BadBrackets,
    /// A link-local IPv6 address, which every network has, without the network interface of this computer.
    #[error("{0} needs the network interface that leads to it: write [{0}%eth0]:{DEFAULT_PORT}, if it is eth0")]
    NoZone(Ipv6Addr),
    /// The host contains a space or a control character.
    #[error("the name of a server cannot contain spaces")]
    BadHost,
    /// A URL of another kind.
    #[error("{} is not for this program: write HOST:PORT or multichat://HOST:PORT", escape(.0))]
    OtherScheme(String),
    /// A URL with more than a host and a port.
    #[error("leave out \"{}\": the address of a server is multichat://HOST:PORT", escape(.0))]
    NotOfServer(String),
    /// A percent sign in a URL that does not stand for a character of a host.
    #[error("\"{}\" does not stand for a name: write the server's name itself", escape(.0))]
    BadPercent(String),
}

impl ServerAddress {
    /// Parses an address from two input fields. A port in the host field takes precedence over the port field.
    ///
    /// # Errors
    /// The text of one of the fields is not valid.
    pub fn from_fields(host: &str, port: &str) -> Result<ServerAddress, BadAddress> {
        let port = port.trim();
        let port = if port.is_empty() { DEFAULT_PORT } else { parse_port(port)? };
        parse(host, port)
    }

    /// Returns the host, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl From<SocketAddr> for ServerAddress {
    fn from(address: SocketAddr) -> ServerAddress {
        let text = address.to_string();
        let host = text.rsplit_once(':').map_or("", |(host, _)| host).trim_matches(['[', ']']);
        ServerAddress { host: host.to_owned(), port: address.port() }
    }
}

impl FromStr for ServerAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<ServerAddress, BadAddress> {
        parse(text, DEFAULT_PORT)
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ServerAddress { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

fn parse(text: &str, default_port: u16) -> Result<ServerAddress, BadAddress> {
    let text = text.trim();
    if let Some((scheme, rest)) = text.split_once("://") {
        return url::parse(scheme, rest, default_port);
    }
    let (host, port) = if let Some(bracketed) = text.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or(BadAddress::BadBrackets)?;
        match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if rest.is_empty() => (host, None),
            None => return Err(BadAddress::BadBrackets),
        }
    } else {
        match text.split_once(':') {
            // More than one colon and no brackets: an IPv6 address without a port.
            Some((_, rest)) if rest.contains(':') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    let port = port.map_or(Ok(default_port), parse_port);
    checked(host, port)
}

/// Returns the address with this host, if it can be one. An invalid host is reported before an invalid port.
fn checked(host: &str, port: Result<u16, BadAddress>) -> Result<ServerAddress, BadAddress> {
    if host.is_empty() {
        return Err(BadAddress::NoHost);
    }
    if host.contains(['[', ']']) {
        return Err(BadAddress::BadBrackets);
    }
    if host.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(BadAddress::BadHost);
    }
    match host.parse::<Ipv6Addr>() {
        Ok(address) if address.is_unicast_link_local() => Err(BadAddress::NoZone(address)),
        _ => Ok(ServerAddress { host: host.to_owned(), port: port? }),
    }
}

fn parse_port(text: &str) -> Result<u16, BadAddress> {
    text.parse().ok().filter(|port| *port != 0).ok_or_else(|| BadAddress::BadPort(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        for (text, shown) in [
            ("localhost", "localhost:5555"),
            (" chat.example:7000 ", "chat.example:7000"),
            ("192.0.2.7:80", "192.0.2.7:80"),
            ("::1", "[::1]:5555"),
            ("[::1]", "[::1]:5555"),
            ("[2001:db8::7]:7000", "[2001:db8::7]:7000"),
            ("fe80::1%eth0", "[fe80::1%eth0]:5555"),
            ("[fe80::1%12]:7000", "[fe80::1%12]:7000"),
        ] {
            assert_eq!(
                text.parse::<ServerAddress>().map(|address| address.to_string()).as_deref(),
                Ok(shown),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        for (text, why) in [
            ("", BadAddress::NoHost),
            (":5555", BadAddress::NoHost),
            ("host:", BadAddress::BadPort(String::new())),
            ("host:0", BadAddress::BadPort("0".into())),
            ("host:65536", BadAddress::BadPort("65536".into())),
            ("host:http", BadAddress::BadPort("http".into())),
            ("[::1", BadAddress::BadBrackets),
            ("[::1]5555", BadAddress::BadBrackets),
            ("my host", BadAddress::BadHost),
            ("fe80::1", BadAddress::NoZone("fe80::1".parse().unwrap())),
            ("[fe80::1]:5555", BadAddress::NoZone("fe80::1".parse().unwrap())),
        ] {
            assert_eq!(text.parse::<ServerAddress>(), Err(why), "{text:?}");
        }
    }

    #[test]
    fn a_port_written_with_the_host_counts_more_than_the_field() {
        let shown = |host, port| ServerAddress::from_fields(host, port).map(|address| address.to_string());
        assert_eq!(shown("host", "7000").as_deref(), Ok("host:7000"));
        assert_eq!(shown("host:7001", "7000").as_deref(), Ok("host:7001"));
        assert_eq!(shown("host", "").as_deref(), Ok("host:5555"));
        assert_eq!(shown("::1", "7000").as_deref(), Ok("[::1]:7000"));
        assert_eq!(shown("host", "x"), Err(BadAddress::BadPort("x".into())));
    }
}
