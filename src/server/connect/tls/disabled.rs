//! The stand-in for `enabled.rs` in a build without the feature `tls`: an identity cannot be made, so no code runs that
//! would use one.

use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use thiserror::Error;

use crate::server::config::Certificate;
use crate::server::observe::event::DisconnectReason;
use crate::transport::Transport;

/// A type without values.
#[derive(Debug)]
pub(crate) enum Identity {}

/// The error for a configuration with TLS in a build without it.
#[derive(Debug, Error)]
#[error("this server was built without TLS (feature `tls`)")]
pub struct CertificateError;

impl Identity {
    pub(crate) fn make_missing(_: &Certificate) -> Result<(), CertificateError> {
        Err(CertificateError)
    }

    pub(crate) fn read(_: &Certificate) -> Result<Identity, CertificateError> {
        Err(CertificateError)
    }
}

never! {
    impl Identity {
        pub(crate) fn is(&self, _: &Identity) -> bool;
        pub(crate) fn fingerprint(&self) -> &str;
        pub(crate) fn complaint(&self) -> Option<(PathBuf, String)>;
        pub(crate) fn accept(&self, _: &Arc<TcpStream>, _: Instant) -> Result<Transport, DisconnectReason>;
    }
}
