//! Presence of the user: here or away. Away by command lasts until the command that ends it, even across a lost
//! connection. Automatic away, after a time without input, ends with the next key or click. Runs on the UI thread.
//!
//! Each method returns what the server is to be told, if anything: the reason of an `AWAY`, which is empty for being back.

use std::time::Instant;

use super::People;
use super::roster::Away;
use crate::protocol::{AWAY_REASON_MAX, Stamp};

/// Reason sent when the user is automatically away.
const IDLE_REASON: &str = "idle";

/// The user's own presence.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    away: Option<Away>,
    /// The presence that the server announced last. It is restored when the server refuses the next one.
    announced: Option<Away>,
    /// Away was set automatically, and ends with the next key or click.
    is_automatic: bool,
    /// Time of the last key or click.
    last_activity: Option<Instant>,
    /// Counts the changes.
    pub(super) version: u64,
}

impl Presence {
    fn set_away(&mut self, reason: String, at: Stamp) -> String {
        self.away = Some(Away { since: Some(at), reason: reason.clone() });
        self.is_automatic = false;
        self.version += 1;
        reason
    }
}

impl People {
    /// Returns whether the user is away, and why.
    pub fn own_away(&self) -> Option<&Away> {
        self.presence.away.as_ref()
    }

    /// Records a key or a click of the user.
    pub(crate) fn record_activity(&mut self, now: Instant) -> Option<String> {
        self.presence.last_activity = Some(now);
        if self.presence.is_automatic { self.set_back() } else { None }
    }

    /// Sets the user away after enough time without input, while connected.
    pub(crate) fn check_idle(&mut self, now: Instant, at: Stamp) -> Option<String> {
        let presence = &mut self.presence;
        let active = *presence.last_activity.get_or_insert(now);
        let is_idle = now.saturating_duration_since(active) >= self.privacy.away_after? && presence.away.is_none();
        is_idle.then(|| {
            let reason = presence.set_away(IDLE_REASON.to_owned(), at);
            presence.is_automatic = true;
            reason
        })
    }

    /// Sets the user away by command.
    ///
    /// # Errors
    /// By how much the reason is too long.
    pub(crate) fn set_away_by_user(&mut self, reason: String, at: Stamp) -> Result<String, String> {
        if let Some(over) = reason.len().checked_sub(AWAY_REASON_MAX).filter(|over| *over > 0) {
            let bytes = if over == 1 { "byte" } else { "bytes" };
            return Err(format!("You are not shown as away: the reason is {over} {bytes} too long"));
        }
        Ok(self.presence.set_away(reason, at))
    }

    /// Ends being away.
    pub(crate) fn set_back(&mut self) -> Option<String> {
        self.presence.is_automatic = false;
        self.presence.version += 1;
        self.presence.away.take().map(|_| String::new())
    }

    /// Records a presence that the server has announced.
    pub(crate) fn on_presence_confirmed(&mut self, reason: String, at: Stamp) {
        self.presence.announced = (!reason.is_empty()).then_some(Away { since: Some(at), reason });
    }

    /// Restores the presence that others still see, after the server has refused a new one; unless the user has
    /// changed it since.
    pub(crate) fn on_presence_refused(&mut self, reason: &str) {
        let presence = &mut self.presence;
        if presence.away.as_ref().map_or("", |away| &away.reason) == reason {
            presence.away = presence.announced.clone();
            presence.is_automatic = false;
            // Otherwise the next tick would find the user idle and try again at once.
            presence.last_activity = None;
            presence.version += 1;
        }
    }

    /// Begins anew on a connection that knows nothing of being away.
    pub(crate) fn announce_again(&mut self) -> Option<String> {
        self.presence.announced = None;
        self.own_away().map(|away| away.reason.clone())
    }

    /// Sets the user here, at a new beginning.
    pub(crate) fn reset_presence(&mut self, now: Instant) {
        let version = self.presence.version + 1;
        self.presence = Presence { last_activity: Some(now), version, ..Presence::default() };
    }
}
