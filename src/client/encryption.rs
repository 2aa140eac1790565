//! Whether anybody on the way can read what is said: what the user wants, and how it is. Pure; any thread may have it.

use std::fmt;
use std::net::SocketAddr;

/// What the user wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Wherever a server can. To one on this computer nothing is encrypted unless it wants that: there is no way on which
    /// somebody could listen.
    #[default]
    Automatic,
    /// Or there is no connection.
    Always,
    /// Only plain text. A server that is known to encrypt is not spoken to.
    Never,
}

impl Encryption {
    /// In the order of a menu.
    pub const ALL: [Encryption; 3] = [Encryption::Automatic, Encryption::Always, Encryption::Never];

    /// The word that the settings have for it.
    pub fn word(self) -> &'static str {
        match self {
            Encryption::Automatic => "automatic",
            Encryption::Always => "always",
            Encryption::Never => "never",
        }
    }

    /// What a word of the settings says.
    pub fn from_word(word: &str) -> Option<Encryption> {
        Encryption::ALL.into_iter().find(|encryption| encryption.word() == word)
    }
}

/// How a connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    /// Text goes over the socket as it is.
    Open {
        /// The server is on this computer.
        here: bool,
    },
    /// It is encrypted.
    Closed {
        /// That of the server's public key.
        fingerprint: String,
        /// Why we believe that it is the server's.
        trust: Trust,
    },
}

/// Why we believe that a certificate is that of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user has just said so.
    New,
    /// It is the one that the user has accepted some other time.
    Known,
    /// Somebody whom this system trusts has signed it, for the name of the server.
    Vouched,
}

impl Security {
    /// The lock of a connection that is not encrypted.
    pub fn open(peer: SocketAddr) -> Security {
        Security::Open { here: peer.ip().to_canonical().is_loopback() }
    }

    /// Can nobody but the server read what is sent?
    pub fn is_confidential(&self) -> bool {
        !matches!(self, Security::Open { here: false })
    }

    /// Is it encrypted?
    pub fn is_closed(&self) -> bool {
        matches!(self, Security::Closed { .. })
    }
}

/// A sentence for whoever asks.
impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Security::Open { here: true } => "Not encrypted, since the server is on this computer: nothing leaves it",
            Security::Open { here: false } => "Not encrypted: whoever is on the way can read and change what is said",
            Security::Closed { trust: Trust::New, .. } => {
                "Encrypted, to the server whose key you have just accepted. It is remembered"
            }
            Security::Closed { trust: Trust::Known, .. } => {
                "Encrypted. The key is the one that you have accepted for this server"
            }
            Security::Closed { trust: Trust::Vouched, .. } => {
                "Encrypted. Somebody whom this system trusts vouches for the server's certificate"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_found_by_its_word() {
        for choice in Encryption::ALL {
            assert_eq!(Encryption::from_word(choice.word()), Some(choice));
        }
        assert_eq!(Encryption::from_word("sometimes"), None);
    }

    #[test]
    fn plain_text_is_confidential_on_this_computer_only() {
        for (peer, confidential) in [
            ("127.0.0.1:5555", true),
            ("127.1.2.3:5555", true),
            ("[::1]:5555", true),
            ("[::ffff:127.0.0.1]:5555", true),
            ("192.168.1.20:5555", false),
            ("[::ffff:10.0.0.1]:5555", false),
            ("[fe80::1]:5555", false),
            ("0.0.0.0:5555", false),
        ] {
            assert_eq!(Security::open(peer.parse().unwrap()).is_confidential(), confidential, "{peer}");
        }
    }
}
