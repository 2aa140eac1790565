//! The client's part of a TLS handshake, which finds out what certificate the server has, and that it has the key to it.
//!
//! Whether it is the *right* certificate is decided after the handshake, by the [parent](super): it may need a list in a file,
//! or a person. rustls wants an answer within the handshake, so its verifier here says yes to any certificate and keeps it.
//! What it must not let pass is a server that shows somebody else's certificate; so it checks, as rustls's own verifier
//! does, the signature that the server makes over this handshake with the certificate's key. Runs on `reader`.

use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustls::client::Resumption;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::plain;
use crate::client::address::ServerAddress;
use crate::client::event::ConnectionError;
use crate::client::known_servers::Known;
use crate::protocol::{ErrorCode, ServerLine};
use crate::transport::{HandshakeError, Transport, fingerprint, key_fingerprint};

/// How long a handshake may take: a little more than a server gives a client to say HELLO, so that its own complaint about
/// a handshake that is too slow is heard.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(12);

/// Why there is no encrypted connection.
pub(crate) enum NotEncrypted {
    /// There is no TLS at the other end, or somebody on the way says so.
    NoTls(String),
    /// The attempt has failed.
    Failed(ConnectionError),
}

/// What the server has shown of itself.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The server's own certificate, and those that are to lead from it to one that is trusted.
    chain: Vec<CertificateDer<'static>>,
    name: ServerName<'static>,
    /// Of the server's public key.
    fingerprint: String,
}

impl Shown {
    /// The fingerprint of the server's public key.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns whether this is how the server was recognised before.
    pub(crate) fn is(&self, known: &Known) -> bool {
        match known {
            Known::By(key) => *key == self.fingerprint,
            Known::ByCertificate(certificate) => self.chain.first().is_some_and(|own| *certificate == fingerprint(own)),
            Known::Vouched => false,
        }
    }

    /// Do the system's roots vouch for it, now, and for the name by which we have called?
    pub(crate) fn is_vouched_for(&self) -> bool {
        let found = rustls_native_certs::load_native_certs();
        for error in found.errors {
            log::info!("the system's roots: {error}");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        self.is_signed_by(roots)
    }

    fn is_signed_by(&self, roots: RootCertStore) -> bool {
        let Some((own, others)) = self.chain.split_first() else { return false };
        let verified = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(|error| error.to_string())
            .and_then(|verifier| {
                let now = UnixTime::now();
                verifier.verify_server_cert(own, others, &self.name, &[], now).map_err(|error| error.to_string())
            });
        if let Err(why) = &verified {
            log::info!("nobody vouches for the certificate with the key {}: {why}", self.fingerprint);
        }
        verified.is_ok()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Agrees on keys with whoever is at the other end, and returns what they have shown. Not a byte of text is sent.
pub(crate) fn shake_hands(
    socket: TcpStream,
    peer: SocketAddr,
    server: &ServerAddress,
) -> Result<(Transport, Shown), NotEncrypted> {
    // What is no name for a certificate (a zone of IPv6, say) can only be recognised by a fingerprint.
    let name = ServerName::try_from(server.host().to_owned()).unwrap_or_else(|_| peer.ip().into());
    let witness = Arc::new(Witness { provider: provider(), chain: OnceLock::new() });
    let session = session(&witness, name.clone()).map_err(|error| failed(&HandshakeError::Tls(error)))?;
    let socket = Arc::new(socket);
    let transport = Transport::encrypted(Arc::clone(&socket), session, Instant::now() + HANDSHAKE_LIMIT)
        .map_err(|error| failed(&error))?;
    // The handshake had a time limit for reads. Talking has none.
    socket.set_read_timeout(None).map_err(|error| NotEncrypted::Failed(ConnectionError::Broken(plain(&error))))?;
    let chain = witness.chain.get().cloned().unwrap_or_default();
    let no_certificate = || HandshakeError::Tls(Error::NoCertificatesPresented);
    let fingerprint =
        chain.first().ok_or_else(no_certificate).and_then(|own| key_fingerprint(own).map_err(HandshakeError::Tls));
    let fingerprint = fingerprint.map_err(|error| failed(&error))?;
    Ok((transport, Shown { chain, name, fingerprint }))
}

fn session(witness: &Arc<Witness>, name: ServerName<'static>) -> Result<ClientConnection, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(witness) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    // A resumed session has no certificate to be looked at.
    config.resumption = Resumption::disabled();
    ClientConnection::new(Arc::new(config), name)
}

/// What a failed handshake says about the other end.
fn failed(error: &HandshakeError) -> NotEncrypted {
    match error {
        HandshakeError::PlainText(line) => answered(line),
        // So a server of ours refuses a connection before the handshake: see `ErrorCode::alert`.
        HandshakeError::Tls(Error::AlertReceived(AlertDescription::InternalError)) => {
            turned_away(ErrorCode::TooManyConnections, "")
        }
        HandshakeError::Tls(Error::AlertReceived(AlertDescription::AccessDenied)) => turned_away(ErrorCode::Banned, ""),
        // So a server of ours says that it has no TLS.
        HandshakeError::Tls(Error::AlertReceived(AlertDescription::ProtocolVersion)) => {
            NotEncrypted::NoTls("it says that it has none".into())
        }
        HandshakeError::Tls(Error::InvalidMessage(_)) => NotEncrypted::NoTls("what it answers is no TLS".into()),
        HandshakeError::TooLate => NotEncrypted::Failed(ConnectionError::TimedOut),
        error => NotEncrypted::Failed(ConnectionError::Handshake(error.to_string())),
    }
}

/// What an answer in plain text says about the other end. Only a complaint about our `ClientHello`, or what is no line of
/// this protocol, says that there is no TLS. A refusal at the door comes before the server knows what we speak.
fn answered(line: &str) -> NotEncrypted {
    let no_tls = || NotEncrypted::NoTls(format!("it answers: {line}"));
    let Ok(Some((_, ServerLine::Err { code, detail }))) = ServerLine::parse(line.as_bytes()) else { return no_tls() };
    match ErrorCode::from_word(code) {
        Some(
            ErrorCode::HelloExpected
            | ErrorCode::BadUsername
            | ErrorCode::BadLine
            | ErrorCode::LineTooLong
            | ErrorCode::NotUtf8
            | ErrorCode::BadText,
        ) => no_tls(),
        Some(
            code @ (ErrorCode::ServerFull
            | ErrorCode::TooManyConnections
            | ErrorCode::HelloTimeout
            | ErrorCode::ShuttingDown
            | ErrorCode::Banned),
        ) => turned_away(code, detail),
        _ => NotEncrypted::Failed(ConnectionError::Handshake(HandshakeError::PlainText(line.to_owned()).to_string())),
    }
}

fn turned_away(code: ErrorCode, detail: &str) -> NotEncrypted {
    NotEncrypted::Failed(ConnectionError::TurnedAway { code, detail: detail.to_owned() })
}

/// Keeps the certificate that it sees, and makes sure that the server has the key to it.
#[derive(Debug)]
struct Witness {
    provider: Arc<CryptoProvider>,
    chain: OnceLock<Vec<CertificateDer<'static>>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = [own].into_iter().chain(others).map(|one| one.clone().into_owned()).collect();
        // There is one handshake, and in it one certificate.
        self.chain.set(chain).map_err(|_| Error::General("a second certificate".into()))?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, own, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, own, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

    use super::*;

    /// An authority, and a certificate of its own for this name.
    fn signed(name: &str) -> (RootCertStore, CertificateDer<'static>) {
        let (key, own_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).unwrap();
        let own = CertificateParams::new([name.to_owned()]).unwrap();
        let own = own.signed_by(&own_key, &Issuer::new(params, key)).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        (roots, own.der().clone())
    }

    #[test]
    fn the_roots_vouch_for_what_they_have_signed_and_for_the_name_only() {
        let (roots, own) = signed("chat.example");
        let (others, _) = signed("chat.example");
        let shown = |name: &str| Shown {
            chain: vec![own.clone()],
            name: ServerName::try_from(name.to_owned()).unwrap(),
            fingerprint: String::new(),
        };
        assert!(shown("chat.example").is_signed_by(roots.clone()));
        assert!(!shown("chat.example").is_signed_by(others), "signed by somebody else");
        assert!(!shown("chat.example").is_signed_by(RootCertStore::empty()), "nobody is trusted");
        assert!(!shown("other.example").is_signed_by(roots), "the certificate of another server");
    }
}
