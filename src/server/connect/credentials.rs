//! The two things that a reload replaces while the server runs: its certificate, and the room's password.
//!
//! A connection uses what was current when it began. So a reload disconnects no client, and each new connection sees
//! the new values. Any thread reads them; the lock is held for the clone of an `Arc`.

use std::sync::Arc;

use super::tls::{CertificateError, Identity};
use crate::password::Password;
use crate::server::config::{Certificate, Config};
use crate::server::error::StartError;
use crate::sync::{Mutex, lock};

/// The contents of the files at one moment.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// The certificate and its key. `None`: TLS is off.
    pub(crate) identity: Option<Identity>,
    /// The room's password, for every name that is not registered. `None`: the room is open.
    pub(crate) password: Option<Password>,
}

impl Credentials {
    /// Reads the files, for a start: a self-signed certificate that is missing is made.
    ///
    /// # Errors
    /// One of them cannot be used.
    pub(crate) fn read(config: &Config) -> Result<Arc<Credentials>, StartError> {
        Credentials::read_files(config, Identity::load)
    }

    /// Reads the files again. None of them is made.
    ///
    /// # Errors
    /// One of them is missing, or cannot be used.
    pub(crate) fn reload(config: &Config) -> Result<Arc<Credentials>, StartError> {
        Credentials::read_files(config, Identity::reload)
    }

    fn read_files(
        config: &Config,
        identity: impl FnOnce(&Certificate) -> Result<Identity, CertificateError>,
    ) -> Result<Arc<Credentials>, StartError> {
        let identity = config.tls.as_ref().map(identity).transpose().map_err(StartError::Certificate)?;
        let password = match &config.password_file {
            Some(file) => {
                Some(Password::in_file(file).map_err(|error| StartError::Password { file: file.clone(), error })?)
            }
            None => config.password.clone(),
        };
        Ok(Arc::new(Credentials { identity, password }))
    }
}

/// The current credentials. Connections read them once, a reload replaces them.
#[derive(Debug)]
pub(crate) struct CurrentCredentials(Mutex<Arc<Credentials>>);

impl CurrentCredentials {
    pub(crate) fn new(credentials: Arc<Credentials>) -> CurrentCredentials {
        CurrentCredentials(Mutex::new(credentials))
    }

    /// Returns the current credentials. They do not change under the caller, whatever a reload does.
    pub(crate) fn get(&self) -> Arc<Credentials> {
        lock(&self.0).clone()
    }

    pub(crate) fn set(&self, credentials: Arc<Credentials>) {
        *lock(&self.0) = credentials;
    }
}
