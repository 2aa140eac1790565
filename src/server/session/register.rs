//! REGISTER: a name becomes its owner's own, or gets another password. In the owner's own thread, since hashing takes a
//! while; whatever this client has said before goes out first.

use std::time::{Duration, Instant};

use super::Session;
use crate::password::Password;
use crate::protocol::{ErrorCode, Rejected, ServerLine};
use crate::server::connect::auth;
use crate::server::delivery::outbox::OnClose;
use crate::server::network::Network;
use crate::server::storage::members::error::MembersError;

/// A client's REGISTER is acted upon no more often than this: each costs the server some tens of milliseconds.
const REGISTER_INTERVAL: Duration = Duration::from_secs(5);

impl Session<'_> {
    /// Answers `REGISTER <password>`.
    pub(super) fn register(&mut self, password: Password, now: Instant) -> Result<(), Rejected> {
        self.flush();
        let (client, name) = (self.client, &self.client.name);
        if !auth::keeps_secrets(&self.shared.config, client.transport.is_encrypted(), client.addr.ip()) {
            self.claims.disconnect(client, ErrorCode::TlsRequired, auth::NOT_IN_PLAIN_TEXT, OnClose::Flush);
            return Ok(());
        }
        let Some(members) = &self.shared.members else {
            return Err(Rejected::new(ErrorCode::Unavailable, "names cannot be registered here"));
        };
        let wait =
            self.registered.map_or(Duration::ZERO, |last| (last + REGISTER_INTERVAL).saturating_duration_since(now));
        if !wait.is_zero() {
            return Err(Rejected::new(ErrorCode::SlowDown, (wait.as_millis() + 1).to_string()));
        }
        let network = Network::of(client.addr.ip());
        if let Err(wait) = self.shared.quotas.register(network, now) {
            return Err(Rejected::new(ErrorCode::SlowDown, (wait.as_millis() + 1).to_string()));
        }
        let done = match client.proof() {
            // That entry is changed or nothing: the operator may have given the name to somebody else.
            Some(proof) => members.change(name, &proof, &password, network),
            None if self.shared.config.members_only => {
                return Err(Rejected::new(ErrorCode::Unavailable, "only the operator registers names here"));
            }
            None => members.register(name, &password, network),
        };
        if matches!(done, Err(MembersError::Weak)) {
            self.shared.quotas.forgive_registration(network, now);
        } else {
            self.registered = Some(now);
        }
        match done {
            Ok(proof) => {
                client.set_proof(proof);
                self.answer(&ServerLine::Registered(name.as_str()));
                Ok(())
            }
            Err(error @ MembersError::Weak) => Err(Rejected::new(ErrorCode::WeakPassword, error.to_string())),
            Err(error @ MembersError::Registered(_)) => {
                let detail = format!("{error}: join with its password first");
                Err(Rejected::new(ErrorCode::Unavailable, detail))
            }
            Err(error @ MembersError::Disowned(_)) => Err(Rejected::new(ErrorCode::Unavailable, error.to_string())),
            Err(error) => Err(Rejected::new(ErrorCode::Unavailable, format!("{error}: try again later"))),
        }
    }
}
