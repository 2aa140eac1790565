//! Presence of the user: here or away. Away by command lasts until the command that ends it, even across a lost
//! connection. Automatic away, after a time without input, ends with the next key or click. Runs on the UI thread.

use std::time::Instant;

use super::privacy::Privacy;
use super::queue::{Pending, RequestKind};
use super::roster::Away;
use super::session::Phase;
use super::{Chat, draft};
use crate::protocol::{AWAY_REASON_MAX, Capabilities};

/// Reason sent when the user is automatically away.
const IDLE_REASON: &str = "idle";

const CHANGES_ON_RECONNECT: &str = "What the server is asked to tell changes when you connect again";

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
    version: u64,
}

impl Chat {
    /// Returns the user's choice of what to send to others and to request of them.
    pub fn privacy(&self) -> Privacy {
        self.privacy
    }

    /// Sets the user's choice.
    pub fn set_privacy(&mut self, privacy: Privacy) {
        if !privacy.show_typing {
            self.typing.clear();
        }
        let since = self.session.as_ref().and_then(|session| session.options.capabilities.since);
        let requested = |privacy: Privacy| Capabilities { since, ..privacy.capabilities() };
        if let Some(session) = self.session.as_ref().filter(|session| session.phase == Phase::Online)
            && requested(privacy) != requested(self.privacy)
        {
            if session.options.capabilities == requested(privacy) {
                self.room.forget_remark(CHANGES_ON_RECONNECT);
            } else {
                self.remark(CHANGES_ON_RECONNECT);
            }
        }
        self.privacy = privacy;
        self.roster.touch();
    }

    /// Returns whether the user is away, and why.
    pub fn own_away(&self) -> Option<&Away> {
        self.presence.away.as_ref()
    }

    /// Returns a number that changes with the user's presence.
    pub(crate) fn presence_version(&self) -> u64 {
        self.presence.version
    }

    /// Records a key or a click of the user.
    pub fn record_activity(&mut self, now: Instant) {
        self.presence.last_activity = Some(now);
        if self.presence.is_automatic {
            self.set_back();
        }
    }

    /// Sets the user away after enough time without input. Returns whether it did.
    pub(crate) fn check_idle(&mut self, now: Instant) -> bool {
        let active = *self.presence.last_activity.get_or_insert(now);
        let Some(after) = self.privacy.away_after else { return false };
        let idle = self.phase() == Phase::Online
            && self.presence.away.is_none()
            && now.saturating_duration_since(active) >= after;
        if idle {
            self.set_own_away(IDLE_REASON.to_owned());
            self.presence.is_automatic = true;
        }
        idle
    }

    /// Sets the user away by command.
    pub(crate) fn set_away_by_user(&mut self, reason: &str) -> Result<(), String> {
        let reason = if reason.is_empty() { "away" } else { reason };
        let reason = draft::sendable(reason);
        if self.phase() != Phase::Online {
            return Err("Nobody was told that you are away, since you are not connected".into());
        }
        if let Some(over) = reason.len().checked_sub(AWAY_REASON_MAX).filter(|over| *over > 0) {
            let bytes = if over == 1 { "byte" } else { "bytes" };
            return Err(format!("Nobody was told that you are away, since the reason is {over} {bytes} too long"));
        }
        self.set_own_away(reason);
        Ok(())
    }

    /// Ends being away.
    pub(crate) fn set_back(&mut self) {
        self.presence.is_automatic = false;
        self.presence.version += 1;
        if self.presence.away.take().is_some() {
            self.announce_presence();
        }
    }

    fn set_own_away(&mut self, reason: String) {
        self.presence.away = Some(Away { since: Some(self.stamp()), reason });
        self.presence.is_automatic = false;
        self.presence.version += 1;
        self.announce_presence();
    }

    /// Queues an AWAY line with the current presence.
    pub(crate) fn announce_presence(&mut self) {
        if self.phase() != Phase::Online {
            return;
        }
        let reason = self.presence.away.as_ref().map_or(String::new(), |away| away.reason.clone());
        self.queue.push(RequestKind::Away, reason, self.stamp());
        // If the writer is busy, the next tick sends it.
        let _ = self.send_unless_queued();
    }

    /// Records a presence that the server has announced.
    pub(crate) fn on_presence_confirmed(&mut self, Pending { text: reason, at, .. }: Pending) {
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

    /// Announces being away on a new connection, which knows nothing of it.
    pub(crate) fn announce_presence_again(&mut self) {
        self.presence.announced = None;
        if self.presence.away.is_some() {
            self.announce_presence();
        }
    }

    /// Sets the user here, at a new beginning.
    pub(crate) fn reset_presence(&mut self, now: Instant) {
        let version = self.presence.version + 1;
        self.presence = Presence { last_activity: Some(now), version, ..Presence::default() };
    }
}
