//! The same tests over TLS: with `MULTICHAT_TEST_TLS=1` every server offers it, and every peer uses it.
//!
//! The peers use the tested programs' own transport. `server_tls.rs` shows that other implementations, `openssl` and Python,
//! understand it.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use multichat::internal::transport::{HandshakeError, Transport};
use multichat::server::Certificate;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, ClientConfig, ClientConnection, RootCertStore};

use super::DEADLINE;

/// Returns whether the tests run over TLS.
pub(crate) fn is_on() -> bool {
    std::env::var_os("MULTICHAT_TEST_TLS").is_some_and(|value| value == "1")
}

/// Returns the certificate of the servers, if the tests run over TLS.
pub(crate) fn certificate() -> Option<Certificate> {
    is_on().then(own_certificate)
}

/// Returns the certificate of all servers in the tests. The first server creates it.
pub(crate) fn own_certificate() -> Certificate {
    Certificate::SelfSigned(certificate_file())
}

pub(crate) fn certificate_file() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("server.pem")
}

/// Returns the configuration of a client that trusts only that certificate.
pub(crate) fn client_config() -> Arc<ClientConfig> {
    static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| trusting(&certificate_file()));
    CONFIG.clone()
}

/// Returns the configuration of a client that trusts only the certificate in this file.
pub(crate) fn trusting(file: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
        .into()
}

/// Returns an encrypted connection. If the server rejects it, returns a plain one, and the line that the server sent instead, or
/// the line that its TLS alert stands for.
pub(crate) fn transport(socket: TcpStream) -> (Transport, Vec<u8>) {
    transport_with(socket, client_config())
}

/// The same, with another configuration of the client.
pub(crate) fn transport_with(socket: TcpStream, config: Arc<ClientConfig>) -> (Transport, Vec<u8>) {
    let socket = Arc::new(socket);
    let session = ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap();
    match Transport::encrypted(socket.clone(), session, Instant::now() + DEADLINE) {
        Ok(transport) => (transport, Vec::new()),
        Err(HandshakeError::PlainText(line)) => (Transport::plain(socket), (line + "\n").into_bytes()),
        // Rejected by the accept thread, whose alert says less than the line would.
        Err(HandshakeError::Tls(rustls::Error::AlertReceived(alert))) => match alert {
            AlertDescription::InternalError => (Transport::plain(socket), b"ERR TOO_MANY_CONNECTIONS \n".to_vec()),
            AlertDescription::AccessDenied => (Transport::plain(socket), b"ERR BANNED permanently\n".to_vec()),
            other => panic!("{other:?}"),
        },
        // The server has closed the connection, as the next read shows.
        Err(HandshakeError::Closed | HandshakeError::Socket(_)) => (Transport::plain(socket), Vec::new()),
        Err(error) => panic!("{error}"),
    }
}
