//! The client's TLS without the feature `tls`: every handshake fails, and no certificate exists.

use std::net::{SocketAddr, TcpStream};

use crate::client::address::ServerAddress;
use crate::client::event::ConnectionError;
use crate::client::known_servers::Pin;
use crate::transport::Transport;

/// The reason why there is no encrypted connection.
pub(crate) enum TlsError {
    /// One of the two ends does not support TLS; the text says which.
    NotSupported(String),
    /// The attempt failed.
    #[expect(dead_code, reason = "no attempt is made")]
    Failed(ConnectionError),
}

/// The certificate of a server; there is none.
pub(crate) enum ServerCertificate {}

impl ServerCertificate {
    pub(crate) fn fingerprint(&self) -> &str {
        match *self {}
    }

    pub(crate) fn matches(&self, _: &Pin) -> bool {
        match *self {}
    }

    pub(crate) fn is_trusted_by_system(&self) -> bool {
        match *self {}
    }
}

pub(crate) fn handshake(
    _: TcpStream,
    _: SocketAddr,
    _: &ServerAddress,
) -> Result<(Transport, ServerCertificate), TlsError> {
    Err(TlsError::NotSupported("this program was built without TLS".into()))
}
