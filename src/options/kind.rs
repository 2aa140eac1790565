//! The kinds of options: their values, and the check of a text for one. Pure.

use std::fmt::{self, Write as _};
use std::net::Ipv6Addr;
use std::path::PathBuf;

use crate::discovery::check_name;
use crate::password::Password;
use crate::server::Listen;
use crate::server::listen::overlap;

/// The kind of an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On or off. On the command line it has no value.
    Switch,
    /// A whole number.
    Number {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// Addresses to listen on.
    Addresses,
    /// A name on the local network.
    Name,
    /// The path of a file.
    File,
    /// A password.
    Secret,
    /// One of some words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
}

/// The value of an option.
#[derive(Clone, Debug)]
pub enum Value {
    /// The value of a switch.
    Switch(bool),
    /// A number.
    Number(u64),
    /// An address, a name, or a chosen word.
    Text(String),
    /// The path of a file, as it was written.
    File(PathBuf),
    /// A password.
    Secret(Password),
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Switch(one), Value::Switch(other)) => one == other,
            (Value::Number(one), Value::Number(other)) => one == other,
            (Value::Text(one), Value::Text(other)) => one == other,
            (Value::File(one), Value::File(other)) => one == other,
            (Value::Secret(one), Value::Secret(other)) => one.is(other),
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    /// Writes the value as [`Kind::parse`] reads it; a password as `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Switch(on) => on.fmt(f),
            Value::Number(number) => number.fmt(f),
            Value::Text(text) => text.fmt(f),
            Value::File(file) => file.display().fmt(f),
            Value::Secret(_) => f.write_str("***"),
        }
    }
}

impl Kind {
    /// Returns the value of a text, from the command line or a field.
    ///
    /// # Errors
    /// The text is no value of this kind; the error says what would be one.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        match self {
            Kind::Switch => match text {
                "true" => Ok(Value::Switch(true)),
                "false" => Ok(Value::Switch(false)),
                _ => Err(self.what_works()),
            },
            Kind::Number { min, max } => {
                let number = text.parse().ok().filter(|number| (min..=max).contains(number));
                number.map(Value::Number).ok_or_else(|| self.what_works())
            }
            Kind::Addresses => listen_addresses(&text.into()).map(Value::Text),
            Kind::Name => check_name(text).map(|()| Value::Text(text.to_owned())),
            Kind::File => match text.chars().find(|c| c.is_control()) {
                _ if text.is_empty() => Err(self.what_works()),
                Some(_) => Err("a path cannot contain control characters, such as a tab".to_owned()),
                None => Ok(Value::File(text.into())),
            },
            Kind::Secret => Password::parse(text).map(Value::Secret).map_err(|why| why.to_string()),
            Kind::Choice(words) => {
                let is_one = words.iter().any(|(word, _)| *word == text);
                if is_one { Ok(Value::Text(text.to_owned())) } else { Err(self.what_works()) }
            }
        }
    }

    /// Returns the values that there are, as an instruction.
    pub fn what_works(self) -> String {
        match self {
            Kind::Switch => "write true or false".to_owned(),
            Kind::Number { min, max } => format!("write a whole number from {min} to {max}"),
            Kind::Addresses => "write ADDRESS:PORT, such as 127.0.0.1:5555".to_owned(),
            Kind::Name => "write a name, such as Room 12".to_owned(),
            Kind::File => "write the path of a file".to_owned(),
            Kind::Secret => "write a password".to_owned(),
            Kind::Choice(words) => {
                let mut all = "write one of".to_owned();
                // Writing to a string cannot fail.
                words.iter().for_each(|(word, _)| _ = write!(all, " {word}"));
                all
            }
        }
    }
}

/// Returns addresses to listen on in their usual form. Only binding to them shows whether they are those of this computer.
fn listen_addresses(addresses: &Listen) -> Result<String, String> {
    if addresses.iter().next().is_none() {
        return Err(Kind::Addresses.what_works());
    }
    addresses.iter().try_for_each(listen_address)?;
    // Names are resolved, and compared, when the server starts.
    let literal = addresses.iter().filter_map(|text| Some((text, text.parse().ok()?)));
    overlap(&literal.collect::<Vec<_>>()).map_or(Ok(addresses.to_string()), Err)
}

/// Returns true if every network has an address like this one, so that only its zone says which is meant.
fn is_incomplete(host: &str) -> bool {
    host.parse().is_ok_and(|address: Ipv6Addr| address.is_unicast_link_local())
}

/// Checks the form of one address.
fn listen_address(value: &str) -> Result<(), String> {
    let (host, port) = value.rsplit_once(':').ok_or(Kind::Addresses.what_works())?;
    let why = if host.is_empty() {
        "the address is missing: write 127.0.0.1 to serve this computer only, 0.0.0.0 to serve all"
    } else if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        "an IPv6 address goes in brackets, such as [::1]:5555"
    } else if port.parse::<u16>().is_err() {
        "the port must be a number from 0 to 65535; 0 picks a free port"
    } else if is_incomplete(host.trim_matches(['[', ']'])) {
        "a link-local address needs the interface that it belongs to, such as [fe80::1%eth0]:5555"
    } else {
        return Ok(());
    };
    Err(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_wrong_form_is_rejected_with_what_would_work() {
        for (value, hint) in [
            ("5555", "ADDRESS:PORT"),
            (":5555", "0.0.0.0"),
            ("127.0.0.1:", "number from 0 to 65535"),
            ("127.0.0.1:99999", "number from 0 to 65535"),
            ("::1:5555", "brackets"),
            ("[fe80::1]:5555", "[fe80::1%eth0]:5555"),
            ("127.0.0.1:5555, 0.0.0.0", "ADDRESS:PORT"),
            ("127.0.0.1:5555 127.0.0.1:5555", "twice"),
            (" , ", "ADDRESS:PORT"),
        ] {
            let why = Kind::Addresses.parse(value).unwrap_err();
            assert!(why.contains(hint), "{value}: {why}");
        }
        for value in ["127.0.0.1:0", "0.0.0.0:5555", "[::1]:5555", "localhost:5555", "[fe80::1%eth0]:0", "a:1, [::]:1"]
        {
            assert_eq!(Kind::Addresses.parse(value), Ok(Value::Text(value.into())));
        }
    }

    #[test]
    fn a_value_out_of_its_limits_is_rejected_with_the_limits() {
        let number = Kind::Number { min: 1, max: 3600 };
        for text in ["0", "3601", "-1", "1.5", "ten", "", " 5"] {
            assert_eq!(number.parse(text), Err("write a whole number from 1 to 3600".into()), "{text:?}");
        }
        assert_eq!(number.parse("3600"), Ok(Value::Number(3600)));
        let choice = Kind::Choice(&[("light", ""), ("dark", "")]);
        assert_eq!(choice.parse("pink"), Err("write one of light dark".into()));
        assert_eq!(Kind::Name.parse("Room 12"), Ok(Value::Text("Room 12".into())));
        assert!(Kind::Name.parse("Prof. X").unwrap_err().contains("leave out"));
        assert_eq!(Kind::Switch.parse("yes"), Err("write true or false".into()));
        assert!(Kind::File.parse("").unwrap_err().contains("path"));
        assert!(Kind::Secret.parse("").unwrap_err().contains("at least one character"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let secret = Kind::Secret.parse("swordfish").unwrap();
        assert_eq!((secret.to_string(), format!("{secret:?}")), ("***".into(), "Secret(***)".into()));
        assert_eq!(secret, Kind::Secret.parse("swordfish").unwrap());
        assert_ne!(secret, Kind::Secret.parse("swordfisH").unwrap());
    }
}
