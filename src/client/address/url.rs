//! The address of a server as a URL: `multichat://host`, `multichat://host:port`, with a slash at the end or without
//! (RFC 3986). Pure.

use super::{BadAddress, ServerAddress, checked, parse_port};

/// The scheme of these URLs. Upper and lower case are the same.
const SCHEME: &str = "multichat";

/// Parses the part of a URL behind `scheme://`.
pub(super) fn parse(scheme: &str, rest: &str, default_port: u16) -> Result<ServerAddress, BadAddress> {
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return Err(BadAddress::OtherScheme(format!("{scheme}://")));
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if !matches!(path, "" | "/") {
        return Err(BadAddress::NotOfServer(path.to_owned()));
    }
    if let Some((user, _)) = authority.rsplit_once('@') {
        return Err(BadAddress::NotOfServer(format!("{user}@")));
    }
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        bracketed.split_once(']').ok_or(BadAddress::BadBrackets)?
    } else {
        match authority.find(':') {
            // An IPv6 address, whose colons are ambiguous without brackets.
            Some(at) if authority[at + 1..].contains(':') => return Err(BadAddress::BadBrackets),
            at => authority.split_at(at.unwrap_or(authority.len())),
        }
    };
    let port = match port.strip_prefix(':') {
        None if !port.is_empty() => return Err(BadAddress::BadBrackets),
        // An empty port is the default one.
        None | Some("") => Ok(default_port),
        Some(port) => parse_port(port),
    };
    checked(&decoded(host)?, port)
}

/// Returns the host with `%41` and the like decoded. The bytes must be UTF-8. An IPv6 address may have a zone.
fn decoded(host: &str) -> Result<String, BadAddress> {
    if let Some((address, zone)) = host.split_once('%')
        && address.contains(':')
    {
        // RFC 6874 has %25 before the zone; people write what they see elsewhere. A zone may be the number 25.
        let zone = zone.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(zone);
        return Ok(format!("{address}%{zone}"));
    }
    let bad = || BadAddress::BadPercent(host.to_owned());
    let mut bytes = Vec::with_capacity(host.len());
    let mut rest = host.as_bytes();
    loop {
        let (byte, after) = match rest {
            [] => break,
            [b'%', high, low, after @ ..] => {
                let digit = |digit: &u8| char::from(*digit).to_digit(16).ok_or_else(bad);
                (u8::try_from(16 * digit(high)? + digit(low)?).map_err(|_| bad())?, after)
            }
            [b'%', ..] => return Err(bad()),
            [byte, after @ ..] => (*byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    let decoded = String::from_utf8(bytes).map_err(|_| bad())?;
    // Characters that separate the parts of a URL stand for nothing in a name.
    let separates = |c: char| "/?#@".contains(c) || c == ':' && !host.contains(':');
    if decoded.contains(separates) && decoded != host { Err(bad()) } else { Ok(decoded) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Result<String, BadAddress> {
        text.parse::<ServerAddress>().map(|address| address.to_string())
    }

    #[test]
    fn a_url_is_read_as_the_address_in_it() {
        for (url, address) in [
            ("multichat://localhost", "localhost:5555"),
            (" multichat://chat.example:7000/ ", "chat.example:7000"),
            ("MultiChat://192.0.2.7:80", "192.0.2.7:80"),
            ("multichat://host:", "host:5555"),
            ("multichat://[::1]", "[::1]:5555"),
            ("multichat://[::1]:7000/", "[::1]:7000"),
            ("multichat://[fe80::1%25eth0]:7000", "[fe80::1%eth0]:7000"),
            ("multichat://[fe80::1%eth0]:7000", "[fe80::1%eth0]:7000"),
            ("multichat://[fe80::1%en0]", "[fe80::1%en0]:5555"),
            ("multichat://[fe80::1%2525]", "[fe80::1%25]:5555"),
            ("multichat://[fe80::1%25]", "[fe80::1%25]:5555"),
            ("multichat://ch%61t.example", "chat.example:5555"),
            ("multichat://b%C3%BCro:7000", "b\u{fc}ro:7000"),
        ] {
            assert_eq!(parsed(url).as_deref(), Ok(address), "{url}");
        }
    }

    #[test]
    fn a_url_that_is_no_server_is_rejected_with_what_would_work() {
        for (url, why) in [
            ("http://host", "http:// is not for this program: write HOST:PORT or multichat://HOST:PORT"),
            ("multichat://host/room", "leave out \"/room\": the address of a server is multichat://HOST:PORT"),
            ("multichat://host?x", "leave out \"?x\": the address of a server is multichat://HOST:PORT"),
            ("multichat://ann@host", "leave out \"ann@\": the address of a server is multichat://HOST:PORT"),
            ("multichat://::1", "write an IPv6 address with a port as [::1]:5555"),
            ("multichat://[::1", "write an IPv6 address with a port as [::1]:5555"),
            ("multichat://[::1]7000", "write an IPv6 address with a port as [::1]:5555"),
            ("multichat://host:http", "\"http\" is not a port: use a number from 1 to 65535"),
            ("multichat://", "enter the server's name or address"),
            ("multichat://:5555", "enter the server's name or address"),
            ("multichat://my%20host", "the name of a server cannot contain spaces"),
            ("multichat://%zz", "\"%zz\" does not stand for a name: write the server's name itself"),
            ("multichat://host%4", "\"host%4\" does not stand for a name: write the server's name itself"),
            ("multichat://a%3a80", "\"a%3a80\" does not stand for a name: write the server's name itself"),
            ("multichat://%ff", "\"%ff\" does not stand for a name: write the server's name itself"),
        ] {
            assert_eq!(parsed(url).unwrap_err().to_string(), why, "{url}");
        }
    }

    proptest! {
        #[test]
        fn every_address_is_the_same_as_a_url(host in "[a-z0-9.-]{1,20}|[0-9a-f]{1,3}::[0-9a-f]{1,4}", port in 1_u16..) {
            let address = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
            prop_assert_eq!(parsed(&address), Ok(address.clone()));
            prop_assert_eq!(parsed(&format!("multichat://{address}")), Ok(address.clone()));
            // Every letter may be written as a number.
            let number = |byte| if byte == b':' { ":".to_owned() } else { format!("%{byte:02x}") };
            let numbers: String = host.bytes().map(number).collect();
            let numbers = if host.contains(':') { format!("[{numbers}]") } else { numbers };
            prop_assert_eq!(parsed(&format!("multichat://{numbers}:{port}/")), Ok(address));
        }

        #[test]
        fn no_text_panics_and_an_address_is_shown_as_it_is_read(text in "(multichat://)?[ -~\u{e9}]{0,24}") {
            if let Ok(address) = text.parse::<ServerAddress>() {
                prop_assert_eq!(address.to_string().parse(), Ok(address));
            }
        }
    }
}
