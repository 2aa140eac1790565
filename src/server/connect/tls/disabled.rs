//! In the place of `tls.rs` where there is no TLS (feature `tls`): a server cannot be given an identity, so nobody can
//! ask one for anything.

use std::fmt;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::server::config::Certificate;
use crate::server::observe::event::DisconnectReason;
use crate::transport::Transport;

/// No value has this type.
#[derive(Debug)]
pub(crate) enum Identity {}

/// TLS was asked for where there is none.
#[derive(Debug)]
pub struct CertificateError;

impl Identity {
    pub(crate) fn load(_: &Certificate) -> Result<Identity, CertificateError> {
        Err(CertificateError)
    }

    pub(crate) fn fingerprint(&self) -> &str {
        match *self {}
    }

    pub(crate) fn complaint(&self) -> Option<(PathBuf, String)> {
        match *self {}
    }

    pub(crate) fn accept(&self, _: &Arc<TcpStream>, _: Instant) -> Result<Transport, DisconnectReason> {
        match *self {}
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this server was built without TLS (feature `tls`): build it with that, or start it without --tls")
    }
}

impl std::error::Error for CertificateError {}
