//! Whether a server is the one that the user means: what they are asked when its certificate is new, and what they are told
//! when it is another than it was. Runs on the UI thread, and nothing waits for the answer: see `connection/secure.rs`.

use std::time::{Duration, Instant};

use super::Chat;
use crate::client::{ConnectOptions, ConnectionError, Encryption, Known, TrustPolicy};
use crate::protocol::escape::escape;

/// A question that has just come is not answered yet: the key was pressed for something else.
const TOO_SOON: Duration = Duration::from_millis(700);

/// A server that may be another than is meant, with the visit that its certificate has ended.
#[derive(Clone, Debug)]
pub struct TrustPrompt {
    pub(crate) options: ConnectOptions,
    fingerprint: String,
    about: About,
    /// Since when it is asked.
    since: Instant,
}

/// What is strange about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// No certificate of this server is known.
    New,
    /// The server was recognised by something else before.
    Changed(Known),
    /// The user wants to forget the one that is known, and is asked whether that is meant.
    Forgetting,
}

impl TrustPrompt {
    /// What an ending leaves to be asked.
    fn about(ending: &ConnectionError, options: &ConnectOptions, since: Instant) -> Option<TrustPrompt> {
        let (fingerprint, about) = match ending {
            ConnectionError::Unknown { fingerprint } => (fingerprint, About::New),
            ConnectionError::Changed { was, fingerprint } => (fingerprint, About::Changed(was.clone())),
            _ => return None,
        };
        Some(TrustPrompt { options: options.clone(), fingerprint: fingerprint.clone(), about, since })
    }

    /// What is strange about it.
    pub fn kind(&self) -> &About {
        &self.about
    }

    /// The fingerprint of the key that the server has shown.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The question, in full.
    pub fn words(&self) -> String {
        let server = self.options.server.to_string();
        let (server, fingerprint) = (escape(&server), &self.fingerprint);
        match &self.about {
            About::New => format!(
                "{server} is not known here, and nobody vouches for its certificate. Its key has the fingerprint\n\
                 {fingerprint}\n\
                 Nothing has been sent yet. If that is what the server prints when it starts (ask whoever runs it), say yes. \
                 From then on it is recognised, and you are warned if another takes its place."
            ),
            About::Changed(was) => format!(
                "Nothing was sent. {} Either the server was set up anew, or somebody is between you and it, who would read \
                 and could change all that you say. What is shown now is\n\
                 {fingerprint}\n\
                 Ask whoever runs the server, and not by this chat, whether that is theirs. Only then, forget the old one.",
                match was {
                    Known::By(_) => format!("The key of {server} is not the one that you have accepted."),
                    Known::ByCertificate(_) => {
                        format!("The certificate of {server} is not the one that you have accepted.")
                    }
                    Known::Vouched => format!("The certificate of {server} is one for which nobody vouches any more."),
                }
            ),
            About::Forgetting => format!(
                "Has whoever runs {server} told you that this is the fingerprint of its key now?\n\
                 {fingerprint}\n\
                 Then the old one can be forgotten: it stays until you accept the new one, about which you are asked."
            ),
        }
    }

    /// What saying yes is called.
    pub fn yes(&self) -> &'static str {
        match self.about {
            About::New => "Yes, trust it",
            About::Changed(_) => "Forget the old one …",
            About::Forgetting => "Yes, forget it",
        }
    }

    /// What saying no is called.
    pub fn no(&self) -> &'static str {
        match self.about {
            About::New => "No",
            About::Changed(_) => "Close",
            About::Forgetting => "No, keep it",
        }
    }

    /// May a mere Enter say yes? Not to what needs a second thought.
    pub fn is_yes_at_hand(&self) -> bool {
        self.about == About::New
    }

    /// In short, for the status line.
    pub(crate) fn summary(&self) -> String {
        let server = self.options.server.to_string();
        let server = escape(&server);
        match self.about {
            About::New => format!("Is this {server}? Nothing is sent before you have said yes"),
            About::Changed(_) | About::Forgetting => format!("Refused: {server} shows another certificate than before"),
        }
    }
}

impl Chat {
    /// The question that is asked, if there is one.
    pub fn trust_prompt(&self) -> Option<&TrustPrompt> {
        self.trust_prompt.as_ref()
    }

    /// The connection is over, for a reason that may leave something to be asked.
    pub(crate) fn on_connection_ended(&mut self, ending: &ConnectionError, now: Instant) {
        let Some(session) = &mut self.session else { return };
        if session.wants_tls() {
            // It could not be known before, and needs no decision of the user.
            let options = ConnectOptions { encryption: Encryption::Always, ..session.options.clone() };
            self.session = None;
            return self.dial(options, now);
        }
        let is_reconnecting = self.retry.as_ref().is_some_and(|retry| retry.was_just_lost(now));
        let end = session.end(ending, is_reconnecting);
        let trust_prompt = TrustPrompt::about(ending, &session.options, now);
        self.end(end, now);
        self.trust_prompt = trust_prompt;
    }

    /// The user says yes: the certificate is the server's, or the old one is to be forgotten.
    pub fn accept_certificate(&mut self, now: Instant) {
        let is_soon = |trust_prompt: &mut TrustPrompt| now.saturating_duration_since(trust_prompt.since) < TOO_SOON;
        let Some(mut trust_prompt) = self.trust_prompt.take_if(|trust_prompt| !is_soon(trust_prompt)) else { return };
        match trust_prompt.about {
            About::New => {
                trust_prompt.options.faith = match trust_prompt.options.faith {
                    TrustPolicy::AsKnown | TrustPolicy::In(_) => TrustPolicy::In(trust_prompt.fingerprint),
                    TrustPolicy::Anew | TrustPolicy::InPlaceOfKnown(_) => {
                        TrustPolicy::InPlaceOfKnown(trust_prompt.fingerprint)
                    }
                };
                self.connect(trust_prompt.options, now);
            }
            About::Changed(_) => {
                self.trust_prompt = Some(TrustPrompt { about: About::Forgetting, since: now, ..trust_prompt })
            }
            About::Forgetting => {
                trust_prompt.options.faith = TrustPolicy::Anew;
                self.connect(trust_prompt.options, now);
            }
        }
    }

    /// The user says no. Returns whether there was a question.
    pub fn decline_certificate(&mut self) -> bool {
        self.trust_prompt.take().is_some()
    }
}
