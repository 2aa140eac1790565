//! The table of the options: all that there is to know of each, in one place. Pure.
//!
//! A new option is a line in [`Key`], an entry here, and its effect in [`Options::config`](super::Options::config).

use super::info::{Feature, Group, Info, Needs, Place};
use super::key::Key;
use super::kind::Kind;

/// Returns the entry of an option.
pub fn info(key: Key) -> &'static Info {
    &TABLE[key as usize]
}

/// The themes, with their descriptions.
const THEMES: &[(&str, &str)] = &[
    ("system", "As the system says"),
    ("light", "Dark text on a light background"),
    ("dark", "Light text on a dark background"),
];

/// The usual properties.
const PLAIN: Info = Info {
    key: Key::Listen,
    kind: Kind::Switch,
    value_name: "",
    place: Place::Everywhere,
    group: Group::Program,
    needs: Needs::Start,
    title: "",
    help: "",
    more: "",
    default: "",
    conflicts: &[],
    requires: None,
    feature: None,
};

/// The entries, in the order of the keys.
static TABLE: [Info; Key::ALL.len()] = [
    Info {
        key: Key::Listen,
        kind: Kind::Addresses,
        value_name: "ADDR:PORT",
        group: Group::Connect,
        title: "Address to listen on",
        help: "Address to listen on; port 0 picks a free port, 0.0.0.0 accepts clients from other computers, [::] those of \
            IPv6 too; may be given more than once",
        more: "Several are a list in the config file, `listen = [\"192.0.2.7:5555\", \"[::1]:5555\"]`, and have commas \
            between them in the window. The window writes the address into the config file when a server has started on it.",
        ..PLAIN
    },
    Info {
        key: Key::Headless,
        kind: Kind::Switch,
        place: Place::LineOnly,
        group: Group::Program,
        title: "No window",
        help: "Serve without a window, until Ctrl-C or SIGTERM; SIGHUP reloads certificate, password and config file",
        ..PLAIN
    },
    Info {
        key: Key::Config,
        kind: Kind::File,
        value_name: "FILE",
        place: Place::LineOnly,
        group: Group::Program,
        title: "Config file",
        help: "Config file, in which every option has a line such as `rate = 20`; the command line takes precedence",
        more: "A file that is named must exist.",
        default: "server.toml in the user's configuration directory, if it exists",
        ..PLAIN
    },
    Info {
        key: Key::MaxClients,
        kind: Kind::Number { min: 1, max: 100_000 },
        value_name: "N",
        group: Group::Limits,
        needs: Needs::Nothing,
        title: "Clients",
        help: "Maximum number of connected clients",
        more: "The next one gets `SERVER_FULL`.",
        ..PLAIN
    },
    Info {
        key: Key::Rate,
        kind: Kind::Number { min: 0, max: u32::MAX as u64 },
        value_name: "LINES_PER_SECOND",
        group: Group::Limits,
        needs: Needs::Nothing,
        title: "Lines per second",
        help: "Maximum number of lines per second that a client may send on average; 0 means no limit",
        more: "0 also turns off the limits on joins and registrations.",
        ..PLAIN
    },
    Info {
        key: Key::Burst,
        kind: Kind::Number { min: 1, max: u32::MAX as u64 },
        value_name: "LINES",
        group: Group::Limits,
        needs: Needs::Nothing,
        title: "Lines at once",
        help: "Maximum number of lines that a client may send at once after a pause",
        ..PLAIN
    },
    Info {
        key: Key::HelloTimeout,
        kind: Kind::Number { min: 1, max: 3600 },
        value_name: "SECONDS",
        group: Group::Limits,
        needs: Needs::Nothing,
        title: "Seconds to join",
        help: "Timeout for HELLO on a new connection, in seconds",
        ..PLAIN
    },
    Info {
        key: Key::MaxPerAddress,
        kind: Kind::Number { min: 1, max: 100_000 },
        value_name: "N",
        group: Group::Limits,
        needs: Needs::Nothing,
        title: "Connections from one address",
        help: "Maximum number of connections from one IPv4 address or IPv6 /64; loopback is exempt",
        more: "Beyond the limit, a newcomer replaces the network's oldest connection that has not joined; if there is \
            none, it gets `TOO_MANY_CONNECTIONS`.",
        ..PLAIN
    },
    Info {
        key: Key::MaxUnauthenticated,
        kind: Kind::Number { min: 1, max: 100_000 },
        value_name: "N",
        group: Group::Limits,
        needs: Needs::Nothing,
        title: "Connections that have not joined",
        help: "Maximum number of unauthenticated connections; beyond it, the oldest one of the network with the most \
            is closed",
        more: "`MaxStartups` of sshd does the same.",
        ..PLAIN
    },
    Info {
        key: Key::LoopbackIsRemote,
        kind: Kind::Switch,
        group: Group::Limits,
        needs: Needs::Nothing,
        title: "This computer counts like any other",
        help: "Apply --max-per-address, and the rule that passwords need TLS, to loopback too: for a server behind \
            ssh -R, a proxy or in a container, where all clients connect from 127.0.0.1",
        ..PLAIN
    },
    Info {
        key: Key::Tls,
        kind: Kind::Switch,
        group: Group::Encryption,
        title: "Offer encryption (TLS)",
        help: "Offer TLS on the same port, with a self-signed certificate, and print its fingerprint [file: \
            server.pem in the user's data directory, created at the first start]",
        feature: Some(Feature::Tls),
        ..PLAIN
    },
    Info {
        key: Key::TlsCert,
        kind: Kind::File,
        value_name: "FILE",
        group: Group::Encryption,
        title: "Certificate of your own",
        help: "Offer TLS with the certificate chain in this PEM file",
        conflicts: &[Key::Tls],
        requires: Some(Key::TlsKey),
        feature: Some(Feature::Tls),
        ..PLAIN
    },
    Info {
        key: Key::TlsKey,
        kind: Kind::File,
        value_name: "FILE",
        group: Group::Encryption,
        title: "Its private key",
        help: "Private key of that certificate, a PEM file",
        conflicts: &[Key::Tls],
        requires: Some(Key::TlsCert),
        feature: Some(Feature::Tls),
        ..PLAIN
    },
    Info {
        key: Key::RequireTls,
        kind: Kind::Switch,
        group: Group::Encryption,
        needs: Needs::Nothing,
        title: "Reject clients without encryption",
        help: "Reject clients that do not use TLS",
        more: "They get `TLS_REQUIRED`. Without a certificate of yours it implies `--tls`.",
        feature: Some(Feature::Tls),
        ..PLAIN
    },
    Info {
        key: Key::Password,
        kind: Kind::Secret,
        place: Place::FileOnly,
        group: Group::Connect,
        needs: Needs::Nothing,
        title: "Password of the room",
        help: "The room's password, which clients without a registered name must send",
        more: "1 to 128 bytes. It has no flag, since every user of the computer can see a command line.",
        default: "the variable `MULTICHAT_PASSWORD`, or no password",
        conflicts: &[Key::PasswordFile],
        ..PLAIN
    },
    Info {
        key: Key::PasswordFile,
        kind: Kind::File,
        value_name: "FILE",
        group: Group::Connect,
        needs: Needs::Nothing,
        title: "File with the password",
        help: "File whose first line is the room's password, which clients without a registered name must send",
        more: "On the command line, it excludes the variable.",
        default: "the variable `MULTICHAT_PASSWORD`, or no password",
        conflicts: &[Key::Password],
        ..PLAIN
    },
    Info {
        key: Key::Members,
        kind: Kind::File,
        value_name: "FILE",
        group: Group::Files,
        title: "Registered names",
        help: "Database of registered names",
        default: "members.db in the user's data directory",
        feature: Some(Feature::Storage),
        ..PLAIN
    },
    Info {
        key: Key::MembersOnly,
        kind: Kind::Switch,
        group: Group::Connect,
        needs: Needs::Nothing,
        title: "Registered names only",
        help: "Reject clients without a registered name",
        ..PLAIN
    },
    Info {
        key: Key::Bans,
        kind: Kind::File,
        value_name: "FILE",
        group: Group::Files,
        title: "Bans",
        help: "List of bans, a text file",
        default: "bans.txt in the user's data directory",
        ..PLAIN
    },
    Info {
        key: Key::Announce,
        kind: Kind::Name,
        value_name: "NAME",
        group: Group::Connect,
        needs: Needs::Nothing,
        title: "Name on this network",
        help: "Name under which clients on the same network find the server, by DNS-SD",
        more: "A server that listens on a loopback address is not announced. If the name is taken, it becomes `NAME (2)`.",
        default: "the computer's name",
        feature: Some(Feature::Discovery),
        ..PLAIN
    },
    Info {
        key: Key::NoAnnounce,
        kind: Kind::Switch,
        group: Group::Connect,
        needs: Needs::Nothing,
        title: "Do not announce it on this network",
        help: "Do not announce the server on the network; clients then need its address",
        conflicts: &[Key::Announce],
        feature: Some(Feature::Discovery),
        ..PLAIN
    },
    Info {
        key: Key::History,
        kind: Kind::File,
        value_name: "FILE",
        group: Group::Files,
        title: "Messages",
        help: "Database of messages",
        default: "history.db in the user's data directory",
        feature: Some(Feature::Storage),
        ..PLAIN
    },
    Info {
        key: Key::NoHistory,
        kind: Kind::Switch,
        group: Group::Keeping,
        title: "Store no messages",
        help: "Store no messages",
        conflicts: &[Key::History, Key::Keep],
        feature: Some(Feature::Storage),
        ..PLAIN
    },
    Info {
        key: Key::Keep,
        kind: Kind::Number { min: 1, max: 36_500 },
        value_name: "DAYS",
        group: Group::Keeping,
        needs: Needs::Nothing,
        title: "Days that messages are kept",
        help: "Number of days after which messages are deleted",
        more: "A clock that is ahead by more than eight days (or half of DAYS, if that is less) at the start, or \
            jumps ahead by more than ten minutes later, deletes nothing until the server has run for another day.",
        default: "never",
        feature: Some(Feature::Storage),
        ..PLAIN
    },
    Info {
        key: Key::Theme,
        kind: Kind::Choice(THEMES),
        value_name: "THEME",
        place: Place::LineOnly,
        group: Group::Program,
        title: "Colours",
        help: "Colour theme of the window",
        default: "the last one, or as the system says",
        feature: Some(Feature::Gui),
        ..PLAIN
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::kind::Value;

    #[test]
    fn every_option_has_its_own_entry() {
        for key in Key::ALL {
            let info = info(key);
            assert_eq!(info.key, key);
            assert!(!info.title.is_empty() && !info.help.is_empty(), "{key:?}");
            assert!(!info.help.ends_with('.') && (info.more.is_empty() || info.more.ends_with('.')), "{key:?}");
            let has_value = !matches!(info.kind, Kind::Switch | Kind::Secret);
            assert_eq!(has_value, !info.value_name.is_empty(), "{key:?}");
            assert!(info.place == Place::LineOnly || info.group != Group::Program, "{key:?} is on the page");
            let is_valid = |value: Value| info.kind.parse(&value.to_string()) == Ok(value);
            assert!(info.default_value().is_none_or(is_valid), "{key:?}");
        }
    }
}
