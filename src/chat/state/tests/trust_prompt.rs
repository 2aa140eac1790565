//! The question about a server's certificate, and the effect of each answer.

use std::net::TcpListener;

use crate::chat::state::tests::*;
use crate::client::{Encryption, Pin, TrustPolicy};

const NEW: &str = "SHA256:0A";

fn unknown() -> ConnectionError {
    ConnectionError::UnknownCertificate { fingerprint: NEW.into() }
}

fn changed() -> ConnectionError {
    ConnectionError::CertificateChanged { pinned: Pin::Key("SHA256:0B".into()), fingerprint: NEW.into() }
}

/// Bob is connecting to a listener that accepts and sends nothing, so that another attempt does not end by itself.
fn calling() -> (Stage, TcpListener) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stage = connecting();
    stage.chat.link.session_mut().options.server = silent.local_addr().unwrap().into();
    (stage, silent)
}

/// Like `calling`, with an attempt that has ended in this way.
fn asked(ending: ConnectionError) -> (Stage, TcpListener) {
    let (mut stage, silent) = calling();
    stage.end(ending);
    (stage, silent)
}

impl Stage {
    fn question(&self) -> Option<About> {
        self.chat.link.trust_prompt().map(|trust_prompt| trust_prompt.about.clone())
    }

    /// Accepts, after the time that an answer is ignored.
    fn yes(&mut self) {
        self.now += Duration::from_secs(2);
        self.chat.accept_certificate(self.now);
    }

    fn trust(&self) -> TrustPolicy {
        self.chat.link.session().options.trust.clone()
    }
}

#[test]
fn the_first_certificate_is_asked_about_and_yes_connects_with_it() {
    let (mut stage, silent) = asked(unknown());
    let server = silent.local_addr().unwrap().to_string();
    assert_eq!((stage.chat.link.phase(), stage.question()), (Phase::Offline, Some(About::New)));
    let trust_prompt = stage.chat.link.trust_prompt().unwrap();
    assert_eq!(trust_prompt.fingerprint, NEW);
    assert!(trust_prompt.heading().starts_with("First time here. Compare"), "{}", trust_prompt.heading());
    assert!(trust_prompt.words().contains(&server) && !trust_prompt.is_warning(), "{}", trust_prompt.words());
    assert!(stage.status().starts_with(&format!("Is this {server}? Nothing is sent until")), "{}", stage.status());
    stage.yes();
    assert_eq!((stage.chat.link.phase(), stage.question()), (Phase::Connecting, None));
    assert_eq!(stage.trust(), TrustPolicy::Accept(NEW.into()));
}

#[test]
fn a_key_that_was_pressed_before_the_question_could_be_read_is_no_answer() {
    let (mut stage, _silent) = asked(unknown());
    stage.chat.accept_certificate(stage.now + Duration::from_millis(100));
    assert_eq!((stage.chat.link.phase(), stage.question()), (Phase::Offline, Some(About::New)));
}

#[test]
fn no_leaves_everything_as_it_was() {
    for ending in [unknown(), changed()] {
        let (mut stage, _silent) = asked(ending);
        assert!(stage.chat.link.take_trust_prompt().is_some());
        stage.wait(Duration::from_mins(1));
        assert_eq!((stage.chat.link.phase(), stage.question()), (Phase::Offline, None));
        assert!(stage.sent().is_empty());
    }
}

#[test]
fn a_changed_certificate_is_refused_and_replacing_the_old_one_takes_two_steps() {
    let (mut stage, _silent) = asked(changed());
    assert_eq!(stage.question(), Some(About::Changed(Pin::Key("SHA256:0B".into()))));
    let trust_prompt = stage.chat.link.trust_prompt().unwrap();
    assert!(trust_prompt.heading().ends_with(" has changed") && trust_prompt.is_warning());
    let words = trust_prompt.words();
    for part in ["Nothing was sent", "set up anew", "somebody is between you and it"] {
        assert!(words.contains(part), "{words}");
    }
    assert!(stage.status().starts_with("Refused: the certificate of 127.0.0.1:"), "{}", stage.status());
    stage.yes();
    assert_eq!((stage.chat.link.phase(), stage.question()), (Phase::Offline, Some(About::Replacing)));
    // The second step right after the first is a double click, and no second thought.
    stage.chat.accept_certificate(stage.now);
    assert_eq!(stage.question(), Some(About::Replacing));
    stage.yes();
    // The yes accepts exactly the certificate that was shown in place of the old one.
    assert_eq!((stage.chat.link.phase(), stage.trust()), (Phase::Connecting, TrustPolicy::Replace(NEW.into())));

    // Another one by then is asked about from the beginning.
    let (mut stage, _silent) = calling();
    stage.chat.link.session_mut().options.trust = TrustPolicy::Replace("SHA256:0C".into());
    stage.end(changed());
    assert!(matches!(stage.question(), Some(About::Changed(_))));
}

#[test]
fn who_comes_back_to_a_changed_certificate_does_not_try_again() {
    let mut stage = online();
    stage.end(ConnectionError::Closed);
    let retry = stage.chat.link.retry_mut().take();
    let mut stage = connect(stage.chat);
    *stage.chat.link.retry_mut() = retry;
    stage.end(changed());
    stage.wait(Duration::from_mins(1));
    assert_eq!(stage.chat.link.phase(), Phase::Offline);
    assert!(stage.question().is_some());
}

#[test]
fn a_visit_trusts_once() {
    for trust in [TrustPolicy::Accept(NEW.into()), TrustPolicy::Replace(NEW.into())] {
        let mut stage = connecting();
        stage.chat.link.session_mut().options.trust = trust;
        let lock = Security::Encrypted { fingerprint: NEW.into(), trust: Trust::JustAccepted };
        stage.tell(Event::Connected { peer: "127.0.0.1:5555".parse().unwrap(), security: lock, not_remembered: None });
        stage.receive(&["HELLO bob"]);
        stage.end(ConnectionError::Closed);
        assert_eq!(stage.chat.link.retry_mut().as_ref().unwrap().options.trust, TrustPolicy::Remembered);
    }
}

#[test]
fn connecting_or_cancelling_drops_the_question() {
    let (mut stage, _silent) = asked(unknown());
    stage.chat.leave(stage.now);
    assert_eq!((stage.question(), stage.status().as_str()), (None, "Not connected"));
    let (mut stage, _silent) = asked(unknown());
    let options = stage.chat.link.trust_prompt().unwrap().options.clone();
    stage.chat.connect(options, stage.now);
    assert_eq!((stage.question(), stage.chat.link.phase()), (None, Phase::Connecting));
}

#[test]
#[cfg(feature = "tls")]
fn where_the_user_leaves_it_to_us_a_server_that_wants_tls_gets_it() {
    let (mut stage, _silent) = calling();
    stage.receive(&["ERR TLS_REQUIRED not in plain text"]);
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.link.phase(), Phase::Connecting);
    assert_eq!(stage.chat.link.session().options.encryption, Encryption::Always);
}

#[test]
fn who_wants_no_encryption_is_told_that_the_server_does() {
    let mut stage = connecting();
    stage.chat.link.session_mut().options.encryption = Encryption::Never;
    stage.receive(&["ERR TLS_REQUIRED not in plain text"]);
    stage.end(ConnectionError::Closed);
    assert!(stage.status().starts_with("Refused: the server requires encryption"), "{}", stage.status());
}

#[test]
fn a_certificate_that_cannot_be_remembered_is_told() {
    let mut stage = connecting();
    let lock = Security::Encrypted { fingerprint: NEW.into(), trust: Trust::JustAccepted };
    let not_kept = Some("no space left on device".into());
    stage.tell(Event::Connected {
        peer: "127.0.0.1:5555".parse().unwrap(),
        security: lock.clone(),
        not_remembered: not_kept,
    });
    assert!(stage.shown().last().unwrap().contains("could not be remembered: no space left"), "{:?}", stage.shown());
    stage.receive(&["HELLO bob"]);
    assert_eq!(stage.chat.link.security(), Some(&lock));
}
