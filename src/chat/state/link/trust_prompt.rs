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
    /// The user wants to forget the known certificate, and has to confirm that.
    Forgetting,
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

    /// Returns the full text of the question.
    pub fn words(&self) -> String {
        let (server, fingerprint) = (shown_server(&self.options.server), &self.fingerprint);
        match &self.about {
            About::New => format!(
                "{server} is not known here, and nobody vouches for its certificate. Its key has the fingerprint\n\
                 {fingerprint}\n\
                 Nothing has been sent yet. If that is what the server prints when it starts (ask the person who runs it), say \
                 yes. From then on it is recognised, and you are warned if another takes its place."
            ),
            About::Changed(was) => format!(
                "Nothing was sent. {} Either the server was set up anew, or somebody is between you and it, who would read \
                 and could change all that you say. What is shown now is\n\
                 {fingerprint}\n\
                 Ask the person who runs the server, and not by this chat, whether that is theirs. Only then, forget the \
                 old one.",
                match was {
                    Pin::Key(_) => format!("The key of {server} is not the one that you have accepted."),
                    Pin::Certificate(_) =>
                        format!("The certificate of {server} is not the one that you have accepted."),
                    Pin::SystemRoots =>
                        format!("The certificate of {server} is one for which nobody vouches any more."),
                }
            ),
            About::Forgetting => format!(
                "Has the person who runs {server} told you that this is the fingerprint of its key now?\n\
                 {fingerprint}\n\
                 Then the old one can be forgotten: it stays until you accept the new one, about which you are asked."
            ),
        }
    }

    /// Returns the label of the button that accepts.
    pub fn yes(&self) -> &'static str {
        match self.about {
            About::New => "Yes, trust it",
            About::Changed(_) => "Forget the old one …",
            About::Forgetting => "Yes, forget it",
        }
    }

    /// Returns the label of the button that declines.
    pub fn no(&self) -> &'static str {
        match self.about {
            About::New => "No",
            About::Changed(_) => "Close",
            About::Forgetting => "No, keep it",
        }
    }

    /// Returns whether a mere Enter accepts. It does not where the answer needs a second thought.
    pub fn is_yes_at_hand(&self) -> bool {
        self.about == About::New
    }

    /// Returns the question for the status line.
    pub(super) fn summary(&self) -> String {
        let server = shown_server(&self.options.server);
        match self.about {
            About::New => format!("Is this {server}? Nothing is sent before you have said yes"),
            About::Changed(_) | About::Forgetting => format!("Refused: {server} shows another certificate than before"),
        }
    }
}

impl Link {
    /// Accepts: trusts the certificate, or goes on to forgetting the old one. Returns the options to connect with.
    pub(crate) fn accept_certificate(&mut self, now: Instant) -> Option<ConnectOptions> {
        let was_read = |prompt: &mut TrustPrompt| now.saturating_duration_since(prompt.shown_at) >= IGNORE_FOR;
        let prompt = self.trust_prompt.take_if(was_read)?;
        let trust = match (&prompt.about, &prompt.options.trust) {
            (About::New, TrustPolicy::Remembered | TrustPolicy::Accept(_)) => TrustPolicy::Accept(prompt.fingerprint),
            (About::New, TrustPolicy::AskAgain | TrustPolicy::Replace(_)) => TrustPolicy::Replace(prompt.fingerprint),
            (About::Changed(_), _) => {
                self.trust_prompt = Some(TrustPrompt { about: About::Forgetting, shown_at: now, ..prompt });
                return None;
            }
            (About::Forgetting, _) => TrustPolicy::AskAgain,
        };
        Some(ConnectOptions { trust, ..prompt.options })
    }
}
