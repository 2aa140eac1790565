//! TLS over a nonblocking socket: the client's end.

use std::io::{self, ErrorKind, Read, Write as _};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

/// The trusted certificate of the server.
#[derive(Debug)]
pub(crate) struct Trust(Arc<ClientConfig>);

/// One TLS session.
#[derive(Debug)]
pub(crate) struct Tls(Box<ClientConnection>);

impl Trust {
    pub(crate) fn of(certificate: &Path) -> io::Result<Trust> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(certificate).map_err(io::Error::other)?;
        roots.add(certificate).map_err(io::Error::other)?;
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Trust(Arc::new(config)))
    }
}

impl Tls {
    /// Completes the handshake, over a socket that still blocks.
    pub(crate) fn begin(socket: &mut std::net::TcpStream, trust: &Trust) -> io::Result<Tls> {
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let mut session = ClientConnection::new(trust.0.clone(), name).map_err(io::Error::other)?;
        // The link keeps the bytes that the socket does not accept.
        session.set_buffer_limit(None);
        while session.is_handshaking() {
            session.complete_io(socket)?;
        }
        Ok(Tls(Box::new(session)))
    }

    /// Encrypts bytes, and appends the TLS records.
    pub(crate) fn encrypt(&mut self, text: &[u8], records: &mut Vec<u8>) -> io::Result<()> {
        self.0.writer().write_all(text)?;
        while self.0.wants_write() {
            self.0.write_tls(records)?;
        }
        Ok(())
    }

    /// Reads decrypted bytes, with the results of a socket's `read`.
    pub(crate) fn read(&mut self, mut socket: impl Read, text: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.reader().read(text) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return read,
            }
            if self.0.read_tls(&mut socket)? == 0 {
                return Ok(0);
            }
            self.0.process_new_packets().map_err(io::Error::other)?;
        }
    }
}
