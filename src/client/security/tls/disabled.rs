//! In the place of `tls.rs` where there is no TLS (feature `tls`): whoever wants it is told so, and a server that nobody
//! knows to speak it is spoken to in plain text.

use std::net::{SocketAddr, TcpStream};

use crate::client::address::ServerAddress;
use crate::client::event::ConnectionError;
use crate::client::known_servers::Known;
use crate::transport::Transport;

/// Why there is no encrypted connection.
pub(crate) enum NotEncrypted {
    /// There is no TLS at one of the two ends.
    NoTls(String),
    /// The attempt has failed.
    #[expect(dead_code, reason = "there is no attempt")]
    Failed(ConnectionError),
}

/// No value has this type.
pub(crate) enum Shown {}

impl Shown {
    pub(crate) fn fingerprint(&self) -> &str {
        match *self {}
    }

    pub(crate) fn is(&self, _: &Known) -> bool {
        match *self {}
    }

    pub(crate) fn is_vouched_for(&self) -> bool {
        match *self {}
    }
}

pub(crate) fn shake_hands(_: TcpStream, _: SocketAddr, _: &ServerAddress) -> Result<(Transport, Shown), NotEncrypted> {
    Err(NotEncrypted::NoTls("this program was built without TLS".into()))
}
