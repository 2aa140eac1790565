//! The client's side of a TLS handshake: obtains the server's certificate, and proof that the server has the key to it.
//!
//! The [parent](super) decides after the handshake whether the certificate is *trusted*, because that may need a file or the user.
//! rustls requires a decision within the handshake, so its verifier here accepts every certificate and keeps it. It still
//! checks, as rustls's own verifier does, the signature that the server makes over this handshake with the certificate's key.
//! Without that check, a server could present the certificate of another one. Runs on `reader`.

use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustls::client::Resumption;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::without_code;
use crate::client::address::ServerAddress;
use crate::client::event::ConnectionError;
use crate::client::known_servers::Pin;
use crate::protocol::{ErrorCode, ServerLine};
use crate::transport::{HandshakeError, Transport, fingerprint, key_fingerprint};

/// Timeout of the handshake: a little longer than a server's deadline for HELLO, so that the server's own error about a slow
/// handshake arrives.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(12);

/// The reason why there is no encrypted connection.
pub(crate) enum TlsError {
    /// The server does not support TLS. This is not authenticated: an attacker on the path may say so.
    NotSupported(String),
    /// The attempt failed.
    Failed(ConnectionError),
}

/// The certificate that a server presented.
#[derive(Debug)]
pub(crate) struct ServerCertificate {
    /// The server's own certificate, and the intermediate ones up to a root.
    chain: Vec<CertificateDer<'static>>,
    name: ServerName<'static>,
    /// Fingerprint of the server's public key.
    fingerprint: String,
}

impl ServerCertificate {
    /// Returns the fingerprint of the server's public key.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns whether it has the pinned key, or is the pinned certificate.
    pub(crate) fn matches(&self, pin: &Pin) -> bool {
        match pin {
            Pin::Key(key) => *key == self.fingerprint,
            Pin::Certificate(certificate) => self.chain.first().is_some_and(|own| *certificate == fingerprint(own)),
            Pin::SystemRoots => false,
        }
    }

    /// Returns whether the system's root certificates vouch for it now, and for the name by which the server was addressed.
    pub(crate) fn is_trusted_by_system(&self) -> bool {
        let found = rustls_native_certs::load_native_certs();
        for error in found.errors {
            log::info!("an authority that this computer trusts cannot be read: {error}");
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
            log::info!(
                "no authority that this computer trusts has signed the certificate with the key {}: {why}",
                self.fingerprint
            );
        }
        verified.is_ok()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Performs the handshake and returns the certificate that the server presented. No application data is sent.
///
/// # Errors
/// The handshake failed, or the server does not support TLS.
pub(crate) fn handshake(
    socket: TcpStream,
    peer: SocketAddr,
    server: &ServerAddress,
) -> Result<(Transport, ServerCertificate), TlsError> {
    // A host that cannot be in a certificate (an IPv6 zone, for example) can be trusted by its fingerprint only.
    let name = ServerName::try_from(server.host().to_owned()).unwrap_or_else(|_| peer.ip().into());
    let verifier = Arc::new(CapturingVerifier { provider: provider(), chain: OnceLock::new() });
    let session = session(&verifier, name.clone()).map_err(|error| tls_error(&HandshakeError::Tls(error)))?;
    let socket = Arc::new(socket);
    let transport = Transport::encrypted(Arc::clone(&socket), session, Instant::now() + HANDSHAKE_TIMEOUT)
        .map_err(|error| tls_error(&error))?;
    // The handshake has set a read timeout. The connection has none.
    socket.set_read_timeout(None).map_err(|error| TlsError::Failed(ConnectionError::Broken(without_code(&error))))?;
    let chain = verifier.chain.get().cloned().unwrap_or_default();
    let no_certificate = || HandshakeError::Tls(Error::NoCertificatesPresented);
    let fingerprint =
        chain.first().ok_or_else(no_certificate).and_then(|own| key_fingerprint(own).map_err(HandshakeError::Tls));
    let fingerprint = fingerprint.map_err(|error| tls_error(&error))?;
    Ok((transport, ServerCertificate { chain, name, fingerprint }))
}

fn session(verifier: &Arc<CapturingVerifier>, name: ServerName<'static>) -> Result<ClientConnection, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(verifier) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    // A resumed session would present no certificate.
    config.resumption = Resumption::disabled();
    ClientConnection::new(Arc::new(config), name)
}

/// Returns what a failed handshake says about the server.
fn tls_error(error: &HandshakeError) -> TlsError {
    match error {
        HandshakeError::PlainText(line) => plain_text_error(line),
        // A multichat server rejects a connection before the handshake with these alerts: see `ErrorCode::alert`.
        HandshakeError::Tls(Error::AlertReceived(AlertDescription::InternalError)) => {
            rejected(ErrorCode::TooManyConnections, "")
        }
        HandshakeError::Tls(Error::AlertReceived(AlertDescription::AccessDenied)) => rejected(ErrorCode::Banned, ""),
        // A multichat server without TLS answers with this alert.
        HandshakeError::Tls(Error::AlertReceived(AlertDescription::ProtocolVersion)) => {
            TlsError::NotSupported("it has no TLS".into())
        }
        HandshakeError::Tls(Error::InvalidMessage(_)) => TlsError::NotSupported("its answer is not TLS".into()),
        HandshakeError::TimedOut => TlsError::Failed(ConnectionError::TimedOut),
        error => TlsError::Failed(ConnectionError::Handshake(error.to_string())),
    }
}

/// Returns what an answer in plain text says about the server. Only an error about the bytes of the `ClientHello`, or text that is
/// not of this protocol, says that there is no TLS. A rejection of the connection is sent before the server has read anything.
fn plain_text_error(line: &str) -> TlsError {
    let no_tls = || TlsError::NotSupported(format!("it answers: {line}"));
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
        ) => rejected(code, detail),
        _ => TlsError::Failed(ConnectionError::Handshake(HandshakeError::PlainText(line.to_owned()).to_string())),
    }
}

fn rejected(code: ErrorCode, detail: &str) -> TlsError {
    TlsError::Failed(ConnectionError::Rejected { code, detail: detail.to_owned() })
}

/// A verifier that keeps the certificate, and checks that the server has the key to it.
#[derive(Debug)]
struct CapturingVerifier {
    provider: Arc<CryptoProvider>,
    chain: OnceLock<Vec<CertificateDer<'static>>>,
}

impl ServerCertVerifier for CapturingVerifier {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = [own].into_iter().chain(others).map(|one| one.clone().into_owned()).collect();
        // A connection has one handshake, and in it one certificate.
        self.chain.set(chain).map_err(|_| Error::General("a second certificate".into()))?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not built in".into()))
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

    /// Returns an authority, and a certificate that it has signed for this name.
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
        let presented = |name: &str| ServerCertificate {
            chain: vec![own.clone()],
            name: ServerName::try_from(name.to_owned()).unwrap(),
            fingerprint: String::new(),
        };
        assert!(presented("chat.example").is_signed_by(roots.clone()));
        assert!(!presented("chat.example").is_signed_by(others), "signed by somebody else");
        assert!(!presented("chat.example").is_signed_by(RootCertStore::empty()), "nobody is trusted");
        assert!(!presented("other.example").is_signed_by(roots), "the certificate of another server");
    }
}
