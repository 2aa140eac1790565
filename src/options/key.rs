//! The names of the options. Plain data, a leaf.

words! {
    /// An option of the server program, in the order of `--help`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Key {
        /// The addresses to listen on.
        Listen = "listen",
        /// No window.
        Headless = "headless",
        /// The config file.
        Config = "config",
        /// Maximum number of clients.
        MaxClients = "max-clients",
        /// Lines per second of one client.
        Rate = "rate",
        /// Lines of one client at once.
        Burst = "burst",
        /// Time for HELLO.
        HelloTimeout = "hello-timeout",
        /// Maximum number of connections of one network.
        MaxPerAddress = "max-per-address",
        /// Maximum number of connections that have not joined.
        MaxUnauthenticated = "max-unauthenticated",
        /// This computer counts as another one.
        LoopbackIsRemote = "loopback-is-remote",
        /// TLS with a self-signed certificate.
        Tls = "tls",
        /// TLS with this certificate.
        TlsCert = "tls-cert",
        /// The certificate's private key.
        TlsKey = "tls-key",
        /// No plain text.
        RequireTls = "require-tls",
        /// The room's password.
        Password = "password",
        /// The file of the room's password.
        PasswordFile = "password-file",
        /// The database of registered names.
        Members = "members",
        /// Nobody without a registered name.
        MembersOnly = "members-only",
        /// The list of bans.
        Bans = "bans",
        /// The name on the local network.
        Announce = "announce",
        /// No name there.
        NoAnnounce = "no-announce",
        /// The database of messages.
        History = "history",
        /// No database of messages.
        NoHistory = "no-history",
        /// Days that messages are kept.
        Keep = "keep",
        /// The colours of the window.
        Theme = "theme",
    }
    /// Returns the name: the key in the config file and, behind `--`, the flag.
    pub fn name(self) -> &'static str;
    /// Returns the option of this name.
    pub fn named(word: &str) -> Option<Self>;
}

impl Key {
    /// Returns the option whose name is most like this one, if any is.
    pub fn nearest(name: &str) -> Option<Key> {
        // The threshold is that of clap, which does the same for a flag.
        let likeness = |key: &Key| strsim::jaro(key.name(), &name.to_lowercase().replace('_', "-"));
        let likely = Key::ALL.into_iter().filter(|key| likeness(key) > 0.7);
        likely.max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_recognised() {
        for (name, key) in [
            ("max_clients", Key::MaxClients),
            ("maxclients", Key::MaxClients),
            ("Rate", Key::Rate),
            ("pasword", Key::Password),
            ("require-ssl", Key::RequireTls),
            ("member-only", Key::MembersOnly),
        ] {
            assert_eq!(Key::nearest(name), Some(key), "{name}");
        }
        assert_eq!(Key::nearest("zzz"), None);
    }
}
