//! The trust prompt: asks the user about a server's certificate that is unknown or has changed (trust on first use).
//! Runs on the UI thread, and no thread waits for the answer: the connection has ended, and a new one begins after a
//! yes.

use std::time::{Duration, Instant};

use super::Link;
use crate::chat::state::talks::whom::shown_server;
use crate::client::{ConnectOptions, ConnectionError, Pin, TrustPolicy};

/// Time for which a new prompt ignores an answer: the key was meant for something else.
const IGNORE_FOR: Duration = Duration::from_millis(700);

/// A question about a server's certificate, with the options of the connection that it ended.
#[derive(Clone, Debug)]
pub struct TrustPrompt {
    pub(crate) options: ConnectOptions,
    /// The fingerprint of the key that the server presented.
    pub fingerprint: String,
    /// The subject of the question.
    pub about: About,
    /// When the question was first shown.
    shown_at: Instant,
}

/// Subject of a trust prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// No certificate of this server is known.
    New,
    /// The server was recognised by something else before.
    Changed(Pin),
    /// The user wants to trust a certificate in place of the known one, and has to confirm that.
    Replacing,
}

impl TrustPrompt {
    /// Returns the question that follows from the end of a connection, if any.
    pub(super) fn about(error: &ConnectionError, options: &ConnectOptions, shown_at: Instant) -> Option<TrustPrompt> {
        let (fingerprint, about) = match error {
            ConnectionError::UnknownCertificate { fingerprint } => (fingerprint, About::New),
            ConnectionError::CertificateChanged { pinned, fingerprint } => {
                (fingerprint, About::Changed(pinned.clone()))
            }
            _ => return None,
        };
        Some(TrustPrompt { options: options.clone(), fingerprint: fingerprint.clone(), about, shown_at })
    }

    /// Returns the heading of the question, above the fingerprint.
    pub fn heading(&self) -> String {
        match self.about {
            About::New => "First time here. Compare this fingerprint with the one on the board".into(),
            About::Changed(_) => format!("The certificate of {} has changed", shown_server(&self.options.server)),
            About::Replacing => "Are you sure that this is the server's fingerprint now?".into(),
        }
    }

    /// Returns the text of the question, below the fingerprint.
    pub fn words(&self) -> String {
        let server = shown_server(&self.options.server);
        match &self.about {
            About::New => format!(
                "No authority vouches for the certificate of {server}. Nothing has been sent yet. The person who \
                 runs it sees its fingerprint: trust it only if they show you the same one. From then on it is recognised, and you are warned if another takes its place."
            ),
            About::Changed(was) => format!(
                "Nothing was sent. {} Either the server was set up anew, or somebody is between you and it, who could read \
                 and change all that you say. Ask the person who runs the server, and not by this chat, whether the \
                 fingerprint above is theirs.",
                match was {
                    Pin::Key(_) => "Its key is not the one that you trusted.",
                    Pin::Certificate(_) => "It is not the one that you trusted.",
                    Pin::SystemRoots => "An authority vouched for it before, and none does any more.",
                }
            ),
            About::Replacing => format!(
                "Has the person who runs {server} shown you the same one? With a yes it takes the place of the old one, and \
                 you connect. If it changes once more until then, you are asked again."
            ),
        }
    }

    /// Returns the label of the button that accepts.
    pub fn yes(&self) -> &'static str {
        match self.about {
            About::New => "Trust this server",
            About::Changed(_) => "Trust the new certificate …",
            About::Replacing => "Yes, trust the new one",
        }
    }

    /// Returns the label of the button that declines.
    pub fn no(&self) -> &'static str {
        match self.about {
            About::New | About::Changed(_) => "Do not connect",
            About::Replacing => "No, keep the old one",
        }
    }

    /// Returns whether somebody may be between the user and the server.
    pub fn is_warning(&self) -> bool {
        self.about != About::New
    }

    /// Returns the question for the status line.
    pub(super) fn summary(&self) -> String {
        let server = shown_server(&self.options.server);
        match self.about {
            About::New => format!("Is this {server}? Nothing is sent until you say yes"),
            About::Changed(_) | About::Replacing => format!("Refused: the certificate of {server} has changed"),
        }
    }
}

impl Link {
    /// Accepts: trusts the certificate, or goes on to the question whether it is to replace the known one. Returns the options
    /// to connect with.
    pub(crate) fn accept_certificate(&mut self, now: Instant) -> Option<ConnectOptions> {
        let was_read = |prompt: &mut TrustPrompt| now.saturating_duration_since(prompt.shown_at) >= IGNORE_FOR;
        let prompt = self.trust_prompt.take_if(was_read)?;
        let trust = match prompt.about {
            About::New => TrustPolicy::Accept(prompt.fingerprint),
            About::Changed(_) => {
                self.trust_prompt = Some(TrustPrompt { about: About::Replacing, shown_at: now, ..prompt });
                return None;
            }
            About::Replacing => TrustPolicy::Replace(prompt.fingerprint),
        };
        Some(ConnectOptions { trust, ..prompt.options })
    }
}
