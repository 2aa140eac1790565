//! The same tests over TLS: `MULTICHAT_TEST_TLS=1` lets every server speak it, and every peer.
//!
//! The peers use the transport of the programs that are tested. That others understand it is shown elsewhere, by
//! `openssl` and Python (`server_tls.rs`).

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use multichat::server::Certificate;
use multichat::transport::{HandshakeError, Transport};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, ClientConfig, ClientConnection, RootCertStore};

use super::DEADLINE;

/// Are the tests run over TLS?
pub(crate) fn is_on() -> bool {
    std::env::var_os("MULTICHAT_TEST_TLS").is_some_and(|value| value == "1")
}

/// The certificate of the servers, if the tests are run over TLS.
pub(crate) fn certificate() -> Option<Certificate> {
    is_on().then(own_certificate)
}

/// The certificate of all the servers in the tests: the first makes it.
pub(crate) fn own_certificate() -> Certificate {
    Certificate::SelfSigned(certificate_file())
}

pub(crate) fn certificate_file() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("server.pem")
}

/// What a client of those servers needs. It trusts that one certificate.
pub(crate) fn client_config() -> Arc<ClientConfig> {
    static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| trusting(&certificate_file()));
    CONFIG.clone()
}

/// What a client needs that trusts the one certificate in this file.
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

/// An encrypted connection. If the server does not want one, the plain one, and the line that it said instead or that its
/// alert means.
pub(crate) fn transport(socket: TcpStream) -> (Transport, Vec<u8>) {
    transport_with(socket, client_config())
}

/// The same, for a client that trusts other certificates.
pub(crate) fn transport_with(socket: TcpStream, config: Arc<ClientConfig>) -> (Transport, Vec<u8>) {
    let socket = Arc::new(socket);
    let session = ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap();
    match Transport::encrypted(socket.clone(), session, Instant::now() + DEADLINE) {
        Ok(transport) => (transport, Vec::new()),
        Err(HandshakeError::PlainText(line)) => (Transport::plain(socket), (line + "\n").into_bytes()),
        // A refusal by the accept thread, which says less than its line does.
        Err(HandshakeError::Tls(rustls::Error::AlertReceived(alert))) => match alert {
            AlertDescription::InternalError => (Transport::plain(socket), b"ERR TOO_MANY_CONNECTIONS \n".to_vec()),
            AlertDescription::AccessDenied => {
                (Transport::plain(socket), b"ERR BANNED the operator does not let you in\n".to_vec())
            }
            other => panic!("{other:?}"),
        },
        // The server is going, as the next read will show.
        Err(HandshakeError::Closed | HandshakeError::Socket(_)) => (Transport::plain(socket), Vec::new()),
        Err(error) => panic!("{error}"),
    }
}
