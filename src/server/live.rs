//! The settings in force: the values that can change while the server runs, with the certificate and the room's password.
//!
//! A [`Live`] never changes: a change of the settings makes another one, in the thread that asks for it, and the
//! `ServerContext` then hands out that. So a connection that has taken one sees no half of a change. The values that a
//! joined client meets again and again are copied to where they are needed: the registry, the connection limits, the
//! quotas, the history. `ServerContext::reconfigure` does that.

use super::changes::Changes;
use super::config::Config;
use super::connect::tls::Identity;
use super::error::StartError;
use super::storage::members::error::MembersError;
use crate::password::Password;

/// The settings at one moment; see the [module](self).
#[derive(Debug)]
pub(crate) struct Live {
    /// The configuration. Values that need another start of the server are those of the start.
    pub(crate) config: Config,
    /// The certificate and its key. `None`: TLS is off.
    pub(crate) identity: Option<Identity>,
    /// The room's password, for every name that is not registered. `None`: the room is open.
    pub(crate) password: Option<Password>,
}

impl Live {
    /// Reads the certificate and the password that the configuration names.
    ///
    /// # Errors
    /// One of the files is missing, or cannot be used; or only members may join, and there is no list of them.
    pub(crate) fn read(config: Config) -> Result<Live, StartError> {
        if config.members_only && config.members.is_none() {
            return Err(StartError::Members(MembersError::NoList));
        }
        let identity = config.tls.as_ref().map(Identity::read).transpose().map_err(StartError::Certificate)?;
        let password = match &config.password_file {
            Some(file) => {
                Some(Password::in_file(file).map_err(|error| StartError::Password { file: file.clone(), error })?)
            }
            None => config.password.clone(),
        };
        Ok(Live { config, identity, password })
    }

    /// Returns the settings after a change to `wanted`, and the differences. Reads certificate and password again.
    ///
    /// TLS and the list of members begin with a start of the server. Until then a demand for them would keep every
    /// client out, so it waits for that start, too.
    ///
    /// # Errors
    /// Those of [`read`](Live::read).
    pub(crate) fn changed_to(&self, wanted: &Config) -> Result<(Live, Changes), StartError> {
        let now = &self.config;
        let mut waiting = Vec::new();
        let mut unless_missing = |name, wanted: bool, now: bool, is_there: bool| {
            if wanted && !now && !is_there {
                waiting.push(name);
            }
            wanted && (now || is_there)
        };
        let require_tls = unless_missing("require-tls", wanted.require_tls, now.require_tls, now.tls.is_some());
        let members_only = unless_missing(
            "members-only",
            wanted.members_only,
            now.members_only,
            // Without a list at the next start either, it is an error.
            now.members.is_some() || wanted.members.is_none(),
        );
        let config = Config {
            require_tls,
            members_only,
            announce: wanted.announce.clone(),
            keep: wanted.keep,
            password: wanted.password.clone(),
            password_file: wanted.password_file.clone(),
            max_clients: wanted.max_clients,
            max_unauthenticated: wanted.max_unauthenticated,
            max_per_address: wanted.max_per_address,
            loopback_is_remote: wanted.loopback_is_remote,
            rate: wanted.rate,
            burst: wanted.burst,
            hello_timeout: wanted.hello_timeout,
            ..now.clone()
        };
        let mut changes = Changes::between(now, &Config { require_tls, members_only, ..wanted.clone() });
        changes.waiting.extend(waiting);
        let live = Live::read(config)?;
        changes.applied.extend(self.credentials_changed(&live).into_iter().map(str::to_owned));
        Ok((live, changes))
    }

    /// Returns the differences between the files' contents, in words.
    fn credentials_changed(&self, new: &Live) -> Vec<&'static str> {
        let password = match (&self.password, &new.password) {
            (None, Some(_)) => Some("password set"),
            (Some(_), None) => Some("password removed"),
            (Some(old), Some(new)) if !old.is(new) => Some("password replaced"),
            _ => None,
        };
        let certificate = match (&self.identity, &new.identity) {
            (Some(old), Some(new)) if !old.is(new) => Some("certificate replaced"),
            _ => None,
        };
        [password, certificate].into_iter().flatten().collect()
    }
}
