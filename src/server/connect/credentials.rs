//! The two things that a reload replaces while the server runs: its certificate, and the room's password.
//!
//! They are read by the thread that starts or reloads the server. The current ones are in the `ServerContext`.

use std::sync::Arc;

use super::tls::Identity;
use crate::password::Password;
use crate::server::config::Config;
use crate::server::error::StartError;

/// The contents of the files at one moment.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// The certificate and its key. `None`: TLS is off.
    pub(crate) identity: Option<Identity>,
    /// The room's password, for every name that is not registered. `None`: the room is open.
    pub(crate) password: Option<Password>,
}

impl Credentials {
    /// Reads the files.
    ///
    /// # Errors
    /// One of them is missing, or cannot be used.
    pub(crate) fn read(config: &Config) -> Result<Arc<Credentials>, StartError> {
        let identity = config.tls.as_ref().map(Identity::read).transpose().map_err(StartError::Certificate)?;
        let password = match &config.password_file {
            Some(file) => {
                Some(Password::in_file(file).map_err(|error| StartError::Password { file: file.clone(), error })?)
            }
            None => config.password.clone(),
        };
        Ok(Arc::new(Credentials { identity, password }))
    }
}
