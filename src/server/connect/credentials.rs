//! What the server shows of itself and asks of others at its door, which can be read again while it runs: its certificate, and
//! the room's password.
//!
//! A connection goes by what was there when it began to ask. So whoever is here stays, and whoever comes sees the new ones.

use std::sync::Arc;

use super::tls::Identity;
use crate::password::Password;
use crate::server::config::Config;
use crate::server::error::StartError;
use crate::sync::{Mutex, lock};

/// What is in the files at one moment.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// What is shown to those who ask for TLS, if it is on.
    pub(crate) identity: Option<Identity>,
    /// What everybody has to know whose name is not registered.
    pub(crate) password: Option<Password>,
}

impl Credentials {
    /// Reads the files.
    pub(crate) fn read(config: &Config) -> Result<Arc<Credentials>, StartError> {
        let identity = config.tls.as_ref().map(Identity::load).transpose().map_err(StartError::Certificate)?;
        let password = match &config.password_file {
            Some(file) => {
                let why = |why| StartError::Password { file: file.clone(), why };
                Some(Password::in_file(file).map_err(why)?)
            }
            None => config.password.clone(),
        };
        Ok(Arc::new(Credentials { identity, password }))
    }
}

/// Those that hold now. Any thread asks, once for a connection, which takes the lock for a moment.
#[derive(Debug)]
pub(crate) struct CurrentCredentials(Mutex<Arc<Credentials>>);

impl CurrentCredentials {
    pub(crate) fn new(credentials: Arc<Credentials>) -> CurrentCredentials {
        CurrentCredentials(Mutex::new(credentials))
    }

    pub(crate) fn get(&self) -> Arc<Credentials> {
        lock(&self.0).clone()
    }

    pub(crate) fn set(&self, credentials: Arc<Credentials>) {
        *lock(&self.0) = credentials;
    }
}
