//! Encryption: the mode that the user has chosen, and the security of an established connection. Pure; used on any thread.

use std::fmt;
use std::net::SocketAddr;

words! {
    /// The mode that the user has chosen. `security.rs` has the table of what each leads to.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Encryption {
        /// TLS where the server supports it. A connection to this computer uses plain text unless the server is known to support
        /// TLS: there is no network on which it could be intercepted.
        #[default]
        Automatic = "automatic",
        /// TLS, or no connection.
        Always = "always",
        /// Plain text. Connections to a server that is known to support TLS are refused.
        Never = "never",
    }
    /// Returns the word for this mode in the settings file.
    pub fn word(self) -> &'static str;
    /// Returns the mode for a word of the settings file.
    pub fn from_word(word: &str) -> Option<Self>;
}

/// The security of an established connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    /// The connection is not encrypted.
    PlainText {
        /// True if the server is on this computer, so that no network can be intercepted.
        is_local: bool,
    },
    /// The connection uses TLS.
    Encrypted {
        /// Fingerprint of the server's public key.
        fingerprint: String,
        /// The reason why the key is trusted.
        trust: Trust,
    },
}

/// The reason why a certificate is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user has just accepted it.
    JustAccepted,
    /// The user has accepted it before (trust on first use).
    Remembered,
    /// An authority among the system's root certificates has signed it for the name of the server.
    SystemRoots,
}

impl Security {
    /// Returns the security of an unencrypted connection to this peer.
    pub(crate) fn plain_text(peer: SocketAddr) -> Security {
        Security::PlainText { is_local: peer.ip().to_canonical().is_loopback() }
    }

    /// Returns whether only the server can read what is sent: the connection is encrypted, or stays on this computer.
    pub fn is_confidential(&self) -> bool {
        !matches!(self, Security::PlainText { is_local: false })
    }

    /// Returns whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Security::Encrypted { .. })
    }
}

/// Formats a sentence for the user.
impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Security::PlainText { is_local: true } => {
                "Not encrypted, but nothing leaves this computer: the server runs on it"
            }
            Security::PlainText { is_local: false } => {
                "Not encrypted: others on the network can read and change messages"
            }
            Security::Encrypted { trust: Trust::JustAccepted, .. } => {
                "Encrypted. You have just trusted this server's key, and it is remembered"
            }
            Security::Encrypted { trust: Trust::Remembered, .. } => {
                "Encrypted. This is the key that you trusted for this server"
            }
            Security::Encrypted { trust: Trust::SystemRoots, .. } => {
                "Encrypted. An authority that this computer trusts has signed the server's certificate"
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
            assert_eq!(Security::plain_text(peer.parse().unwrap()).is_confidential(), confidential, "{peer}");
        }
    }
}
