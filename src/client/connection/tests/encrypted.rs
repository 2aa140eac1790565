//! Connections over TLS to small servers: which servers a client trusts, and what the others can read.

use std::net::IpAddr;
use std::sync::mpsc;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection};

use crate::client::connection::tests::*;
use crate::client::encryption::{Encryption, Security, Trust};
use crate::client::known_servers::{KnownServers, Pin};
use crate::client::options::TrustPolicy;
use crate::protocol::ErrorCode;
use crate::transport::{HandshakeError, fingerprint, key_fingerprint};

mod plain;
mod talking;

use plain::plain_server;

/// A self-signed certificate and its key.
#[derive(Clone)]
struct Identity {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Identity {
    fn new() -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        Identity { certificate: certificate.into(), key: key.serialize_der() }
    }

    /// Returns another certificate with the same key.
    fn renewed(&self) -> Identity {
        let key = KeyPair::try_from(&*self.key).unwrap();
        let certificate = CertificateParams::new(["renewed".to_owned()]).unwrap().self_signed(&key).unwrap();
        Identity { certificate: certificate.into(), key: self.key.clone() }
    }

    fn fingerprint(&self) -> String {
        key_fingerprint(&self.certificate).unwrap()
    }

    /// Returns the pin of a list from an earlier version.
    fn known_by_certificate(&self) -> Pin {
        Pin::Certificate(fingerprint(&self.certificate))
    }

    fn known(&self) -> Pin {
        Pin::Key(self.fingerprint())
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.clone()).unwrap()
    }

    fn config(&self) -> ServerConfig {
        ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], self.key())
            .unwrap()
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Presents a certificate without having its key.
#[derive(Debug)]
struct Thief(Arc<CertifiedKey>);

impl ResolvesServerCert for Thief {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// A server that serves one client.
struct Server {
    address: ServerAddress,
    /// Everything that it could read, once the client has left.
    read: mpsc::Receiver<Result<String, HandshakeError>>,
}

impl Server {
    /// Starts a server that sends `answer` after the client's HELLO, and reads until end of file.
    fn with(config: ServerConfig, answer: &'static str) -> Server {
        let (listener, address) = listen();
        let (told, read) = mpsc::channel();
        thread::spawn(move || {
            let (socket, _) = listener.accept().unwrap();
            let session = ServerConnection::new(Arc::new(config)).unwrap();
            let opened = Transport::encrypted(socket, session, Instant::now() + PATIENCE);
            told.send(opened.map(|transport| read_all(&transport, answer))).unwrap();
        });
        Server { address, read }
    }

    fn of(identity: &Identity) -> Server {
        Server::with(identity.config(), "HELLO bob\n")
    }

    /// Returns everything that it could read.
    fn has_read(&self) -> Result<String, HandshakeError> {
        self.read.recv_timeout(PATIENCE).unwrap()
    }
}

fn read_all(transport: &Transport, answer: &str) -> String {
    transport.socket().set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut all, mut buffer, mut answered) = (Vec::new(), [0; 4096], false);
    while let Ok(count @ 1..) = transport.read(&mut buffer) {
        all.extend_from_slice(&buffer[..count]);
        if !answered && String::from_utf8_lossy(&all).contains("HELLO") {
            transport.send_all(answer.as_bytes()).unwrap();
            answered = true;
        }
    }
    String::from_utf8(all).unwrap()
}

/// Returns options that require encryption, with this list of servers.
fn encrypted_options(address: &ServerAddress, known: &Arc<KnownServers>) -> ConnectOptions {
    ConnectOptions { encryption: Encryption::Always, known: Arc::clone(known), ..options(address.clone()) }
}

/// Returns a list with one server.
fn knowing(address: &ServerAddress, pin: Pin) -> Arc<KnownServers> {
    let list = KnownServers::default();
    list.remember(address, pin).unwrap();
    Arc::new(list)
}

/// Connects, and returns the error.
fn refused(options: ConnectOptions) -> ConnectionError {
    let connection = Connection::open(options);
    match next(&connection) {
        Some(Event::Ended(ending)) => ending,
        other => panic!("{other:?}"),
    }
}

/// Checks the reason why a connection ended.
#[track_caller]
fn assert_same(ending: ConnectionError, expected: ConnectionError) {
    assert_eq!(format!("{ending:?}"), format!("{expected:?}"));
}

/// Connects, joins and leaves. Returns the security of the connection.
fn welcomed(options: ConnectOptions) -> Security {
    let mut connection = Connection::open(options);
    let lock = match next(&connection) {
        Some(Event::Connected { security: lock, .. }) => lock,
        other => panic!("{other:?}"),
    };
    assert!(matches!(next(&connection), Some(Event::Received { .. })));
    connection.send(&ClientLine::Msg { username: "bob", text: "hi" }).unwrap();
    connection.leave();
    assert!(matches!(rest(&connection).2, Some(ConnectionError::Closed)));
    lock
}

fn closed(identity: &Identity, trust: Trust) -> Security {
    Security::Encrypted { fingerprint: identity.fingerprint(), trust }
}

#[test]
fn the_first_time_the_user_is_asked_and_nothing_is_sent_before_the_yes() {
    let (identity, list) = (Identity::new(), Arc::default());
    let server = Server::of(&identity);
    let password = Password::typed("open sesame").unwrap();
    let options = ConnectOptions { password, ..encrypted_options(&server.address, &list) };
    assert_same(refused(options.clone()), ConnectionError::UnknownCertificate { fingerprint: identity.fingerprint() });
    assert_eq!(server.has_read().unwrap(), "");
    assert_eq!(list.find(&server.address).unwrap(), None);

    // Yes to one certificate is no yes to another.
    let other = Server::of(&Identity::new());
    let trust = TrustPolicy::Accept(identity.fingerprint());
    let elsewhere = ConnectOptions { server: other.address.clone(), trust: trust.clone(), ..options.clone() };
    assert!(matches!(refused(elsewhere), ConnectionError::UnknownCertificate { .. }));
    assert_eq!(other.has_read().unwrap(), "");

    let server = Server::of(&identity);
    let options = ConnectOptions { server: server.address.clone(), trust, ..options };
    assert_eq!(welcomed(options), closed(&identity, Trust::JustAccepted));
    assert_eq!(server.has_read().unwrap(), "PASS open sesame\nHELLO bob stamp echo\nMSG bob hi\nBYE\n");
    assert_eq!(list.find(&server.address).unwrap(), Some(identity.known()));
}

#[test]
fn a_server_that_is_known_is_spoken_to_without_a_question_and_never_in_plain_text() {
    let identity = Identity::new();
    let server = Server::of(&identity);
    let list = knowing(&server.address, identity.known());
    // On this computer one would speak in plain text, if it were not known.
    let options = ConnectOptions { encryption: Encryption::Automatic, ..encrypted_options(&server.address, &list) };
    assert_eq!(welcomed(options), closed(&identity, Trust::Remembered));
    assert_eq!(server.has_read().unwrap(), "HELLO bob stamp echo\nMSG bob hi\nBYE\n");
}

#[test]
fn a_certificate_that_was_renewed_with_the_same_key_needs_no_question() {
    let identity = Identity::new();
    let server = Server::of(&identity.renewed());
    let list = knowing(&server.address, identity.known());
    assert_eq!(welcomed(encrypted_options(&server.address, &list)), closed(&identity, Trust::Remembered));
    assert_eq!(list.find(&server.address).unwrap(), Some(identity.known()));
}

#[test]
fn a_certificate_that_was_accepted_in_an_earlier_version_is_known_and_its_key_is_from_then_on() {
    let identity = Identity::new();
    let server = Server::of(&identity);
    let list = knowing(&server.address, identity.known_by_certificate());
    assert_eq!(welcomed(encrypted_options(&server.address, &list)), closed(&identity, Trust::Remembered));
    assert_eq!(list.find(&server.address).unwrap(), Some(identity.known()));

    let server = Server::of(&identity);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known_servers");
    std::fs::write(&file, format!("{} {}\n", server.address, identity.known_by_certificate())).unwrap();
    let list = Arc::new(KnownServers::in_file(Some(file.clone())));
    assert_eq!(welcomed(encrypted_options(&server.address, &list)), closed(&identity, Trust::Remembered));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.ends_with(&format!("{} key {}\n", server.address, identity.fingerprint())), "{text}");
}

#[test]
fn a_man_in_the_middle_is_refused_and_reads_nothing() {
    let (identity, man) = (Identity::new(), Identity::new());
    for was in [identity.known(), identity.known_by_certificate(), Pin::SystemRoots] {
        let middle = Server::of(&man);
        let list = knowing(&middle.address, was.clone());
        let password = Password::typed("open sesame").unwrap();
        // A yes that was meant for another certificate does not help.
        let trust = TrustPolicy::Accept(man.fingerprint());
        let options = ConnectOptions { password, trust, ..encrypted_options(&middle.address, &list) };
        assert_same(
            refused(options),
            ConnectionError::CertificateChanged { pinned: was.clone(), fingerprint: man.fingerprint() },
        );
        assert_eq!(middle.has_read().unwrap(), "");
        assert_eq!(list.find(&middle.address).unwrap(), Some(was), "it is not forgotten");
    }
}

#[test]
fn the_old_certificate_stays_until_a_new_one_is_accepted_in_its_place() {
    let (old, new, third) = (Identity::new(), Identity::new(), Identity::new());
    // The yes was to another one than is shown now.
    let trust = TrustPolicy::Replace(new.fingerprint());
    let server = Server::of(&third);
    let list = knowing(&server.address, old.known());
    let options = ConnectOptions { trust: trust.clone(), ..encrypted_options(&server.address, &list) };
    assert_same(
        refused(options),
        ConnectionError::CertificateChanged { pinned: old.known(), fingerprint: third.fingerprint() },
    );
    assert_eq!(server.has_read().unwrap(), "");
    assert_eq!(list.find(&server.address).unwrap(), Some(old.known()), "nothing was accepted yet");

    let server = Server::of(&new);
    let list = knowing(&server.address, old.known());
    let options = ConnectOptions { trust, ..encrypted_options(&server.address, &list) };
    assert_eq!(welcomed(options), closed(&new, Trust::JustAccepted));
    assert_eq!(list.find(&server.address).unwrap(), Some(new.known()));
}

#[test]
fn whoever_has_been_asked_about_a_certificate_is_never_spoken_to_in_plain_text() {
    let fingerprint = Identity::new().fingerprint();
    for trust in [TrustPolicy::Accept(fingerprint.clone()), TrustPolicy::Replace(fingerprint)] {
        for known in [None, Some(Identity::new().known())] {
            let answers = [&b"ERR HELLO_EXPECTED say HELLO first\n"[..], b"\x15\x03\x01\x00\x02\x02\x46"];
            for answer in answers {
                let (address, server) = plain_server(answer);
                let list: Arc<KnownServers> = Arc::default();
                known.iter().for_each(|known| list.remember(&address, known.clone()).unwrap());
                // On this computer one would speak in plain text, if nothing were known.
                let options = ConnectOptions {
                    encryption: Encryption::Automatic,
                    trust: trust.clone(),
                    ..encrypted_options(&address, &list)
                };
                let ending = refused(options);
                assert!(matches!(ending, ConnectionError::NoTls(_)), "{trust:?}: {ending:?}");
                assert_eq!(server.join().unwrap()[0], 0x16, "a ClientHello");
                assert_eq!(list.find(&address).unwrap(), known, "{trust:?}");
            }
        }
        let (_listener, address) = listen();
        let list = Arc::default();
        let options = ConnectOptions {
            encryption: Encryption::Never,
            trust: trust.clone(),
            ..encrypted_options(&address, &list)
        };
        assert!(matches!(refused(options), ConnectionError::KnownToEncrypt), "{trust:?}");
    }
}

#[test]
fn a_certificate_without_its_key_is_worth_nothing() {
    let (identity, thief) = (Identity::new(), Identity::new());
    let key = rustls::crypto::ring::sign::any_supported_type(&thief.key()).unwrap();
    let shown = CertifiedKey::new(vec![identity.certificate.clone()], key);
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Thief(Arc::new(shown))));
    let server = Server::with(config, "HELLO bob\n");
    let list = knowing(&server.address, identity.known());
    let ending = refused(encrypted_options(&server.address, &list));
    assert!(matches!(&ending, ConnectionError::Handshake(why) if why.contains("BadSignature")), "{ending:?}");
    assert!(server.has_read().is_err());
}
