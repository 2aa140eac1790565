//! The server's side of TLS: its certificate and key, and the handshake.
//!
//! Certificate and key are read or made when the server starts and at a reload. Connections' own threads only use them,
//! so there is no lock. A handshake blocks its own connection's thread, up to a deadline.

mod certificate;
mod dates;
mod self_signed;

use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::server::NoServerSessionStorage;
use rustls::{ServerConfig, ServerConnection};

pub use certificate::CertificateError;

use crate::server::config::Certificate;
use crate::server::observe::event::DisconnectReason;
use crate::transport::{HandshakeError, Transport, key_fingerprint};

/// A certificate with its key, ready for handshakes.
#[derive(Debug)]
pub(crate) struct Identity {
    config: Arc<ServerConfig>,
    fingerprint: String,
    /// The certificates and the file that they come from, to check their dates while the server runs.
    chain: Vec<CertificateDer<'static>>,
    file: PathBuf,
}

impl Identity {
    /// Makes a self-signed certificate if there is none yet. Not for a reload: users know the key of the running server.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub(crate) fn make_missing(certificate: &Certificate) -> Result<(), CertificateError> {
        match certificate {
            Certificate::SelfSigned(file) if !file.exists() => certificate::make(file),
            _ => Ok(()),
        }
    }

    /// Reads the certificate.
    ///
    /// # Errors
    /// A file cannot be read, or certificate and key do not fit.
    pub(crate) fn read(certificate: &Certificate) -> Result<Identity, CertificateError> {
        let (chain, key, file) = certificate::read(certificate)?;
        let unusable = |error| CertificateError::Unusable { file: file.clone(), error };
        let fingerprint = key_fingerprint(&chain[0]).map_err(unusable)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain.clone(), key))
            .map_err(unusable)?;
        // A connection lasts for an hour and its handshake for a millisecond: resuming sessions gains nothing, and the
        // server keeps no secrets of connections that have ended.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Identity { config: Arc::new(config), fingerprint, chain, file })
    }

    /// Returns the file of a certificate that is not valid now, and the time of its validity, in words.
    pub(crate) fn complaint(&self) -> Option<(PathBuf, String)> {
        self.complaint_after(Duration::ZERO)
    }

    /// The same, for the time `from_now` after the present.
    pub(super) fn complaint_after(&self, from_now: Duration) -> Option<(PathBuf, String)> {
        let complaint = self.chain.iter().find_map(|one| dates::complaint(one, from_now));
        complaint.map(|complaint| (self.file.clone(), complaint))
    }

    /// Returns whether another identity has the same certificates.
    pub(crate) fn is(&self, other: &Identity) -> bool {
        self.chain == other.chain
    }

    /// Returns the SHA-256 of the public key, by which users verify the server's identity.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Performs the server's part of a handshake.
    ///
    /// # Errors
    /// The deadline has passed, the client does not speak TLS as it should, or the connection has ended. An alert was
    /// sent where that is possible.
    pub(crate) fn accept(&self, socket: &Arc<TcpStream>, deadline: Instant) -> Result<Transport, DisconnectReason> {
        let session =
            ServerConnection::new(self.config.clone()).map_err(|error| DisconnectReason::Broken(error.to_string()))?;
        Transport::encrypted(socket.clone(), session, deadline).map_err(|error| match error {
            HandshakeError::Closed => DisconnectReason::Closed,
            error => DisconnectReason::Broken(error.to_string()),
        })
    }
}
