//! REGISTER: makes the client's name its user's own, or changes the password of a name that is registered already.

use std::time::{Duration, Instant};

use super::Session;
use crate::password::Password;
use crate::protocol::{ErrorCode, Rejected, ServerLine};
use crate::server::config::PLAIN_TEXT_PASSWORD;
use crate::server::network::Network;
use crate::server::storage::members::error::MembersError;

/// Minimum time between two REGISTER lines of a client that are acted upon: each costs the server some tens of
/// milliseconds.
const REGISTER_INTERVAL: Duration = Duration::from_secs(5);

impl Session<'_> {
    /// Answers `REGISTER <password>`. Hashes the password, which takes tens of milliseconds, in the client's own thread.
    ///
    /// # Errors
    /// Nothing was changed; the error is the answer.
    pub(super) fn register(&mut self, password: Password, now: Instant) -> Result<(), Rejected> {
        // Recipients of the messages before this line must not wait for the hash.
        self.flush();
        let (client, name) = (self.client, &self.client.name);
        let live = self.context.live();
        if !live.config.allows_password(client.transport.is_encrypted(), client.addr.ip()) {
            // Others may know the password by now. The client is disconnected, so that it does not send it a second time.
            return Err(Rejected::new(ErrorCode::TlsRequired, PLAIN_TEXT_PASSWORD));
        }
        let Some(members) = &self.context.members else {
            return Err(unavailable("names cannot be registered here"));
        };
        let network = Network::of(client.addr.ip());
        let own = self.registered.map(|last| (last + REGISTER_INTERVAL).saturating_duration_since(now));
        let wait = own.filter(|wait| !wait.is_zero()).or_else(|| self.context.quotas.register(network, now).err());
        if let Some(wait) = wait {
            return Err(Rejected::new(ErrorCode::SlowDown, (wait.as_millis() + 1).to_string()));
        }
        let done = match client.proof() {
            // Only the entry that this client has proved: the operator may have given the name to another user since.
            Some(proof) => members.change(name, &proof, &password, network),
            None if live.config.members_only => {
                return Err(unavailable("only the operator registers names here"));
            }
            None => members.register(name, &password, network),
        };
        if matches!(done, Err(MembersError::Weak)) {
            // It was rejected for its length, without a hash: the user may try another one at once.
            self.context.quotas.forgive_registration(network, now);
        } else {
            self.registered = Some(now);
        }
        let proof = done.map_err(|error| match error {
            MembersError::Weak => Rejected::new(ErrorCode::WeakPassword, error.to_string()),
            MembersError::Registered(_) => unavailable(format!("{error}: join with its password first")),
            MembersError::Disowned(_) => unavailable(error.to_string()),
            _ => unavailable(format!("{error}: try again later")),
        })?;
        client.set_proof(proof);
        self.answer(&ServerLine::Registered(name.as_str()));
        Ok(())
    }
}

fn unavailable(detail: impl Into<String>) -> Rejected {
    Rejected::new(ErrorCode::Unavailable, detail)
}
