//! Are we here, or away? Away by command lasts until the command that ends it, even over a lost connection; away by itself,
//! since nobody touched the program for a while, ends with the next key. Runs on the UI thread.

use std::time::Instant;

use super::privacy::Privacy;
use super::queue::{Pending, RequestKind};
use super::roster::Away;
use super::session::Phase;
use super::{Chat, draft};
use crate::protocol::{AWAY_REASON_MAX, Capabilities};

/// What others read when we are away by ourselves.
const IDLE_REASON: &str = "idle";

const CHANGES_LATER: &str = "What the server is asked to tell changes when you connect again";

/// Our own presence.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    away: Option<Away>,
    /// What others were told last: that is what counts when the server refuses what comes after it.
    announced: Option<Away>,
    /// Nobody said so: the next key ends it.
    is_automatic: bool,
    /// When the user last did something.
    last_activity: Option<Instant>,
    /// Counts the changes.
    version: u64,
}

impl Chat {
    /// What others are told of us, and we of them.
    pub fn privacy(&self) -> Privacy {
        self.privacy
    }

    /// Takes the user's choice.
    pub fn set_privacy(&mut self, privacy: Privacy) {
        if !privacy.show_typing {
            self.typing.clear();
        }
        let since = self.session.as_ref().and_then(|session| session.options.capabilities.since);
        let requested = |privacy: Privacy| Capabilities { since, ..privacy.capabilities() };
        if let Some(session) = self.session.as_ref().filter(|session| session.phase == Phase::Online)
            && requested(privacy) != requested(self.privacy)
        {
            if session.options.capabilities != requested(privacy) {
                self.remark(CHANGES_LATER);
            } else if self.room.remark.as_deref() == Some(CHANGES_LATER) {
                self.room.remark = None;
            }
        }
        self.privacy = privacy;
        self.roster.touch();
    }

    /// Are we away, and why?
    pub fn own_away(&self) -> Option<&Away> {
        self.presence.away.as_ref()
    }

    /// Differs whenever we may have come or gone.
    pub(crate) fn presence_version(&self) -> u64 {
        self.presence.version
    }

    /// The user has typed or clicked something.
    pub fn active(&mut self, now: Instant) {
        self.presence.last_activity = Some(now);
        if self.presence.is_automatic {
            self.set_back();
        }
    }

    /// Says that we are away, if nothing has happened for long enough. Returns whether it did.
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

    /// The user goes away.
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

    /// The user is back.
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

    /// Tells the server whether we are here, as soon as it is our turn.
    pub(crate) fn announce_presence(&mut self) {
        if self.phase() != Phase::Online {
            return;
        }
        let reason = self.presence.away.as_ref().map_or(String::new(), |away| away.reason.clone());
        self.queue.push(RequestKind::Away, reason, self.stamp());
        // If the writer is busy, there will be another tick.
        let _ = self.send_unless_queued();
    }

    /// Others have been told.
    pub(crate) fn on_presence_confirmed(&mut self, Pending { text: reason, at, .. }: Pending) {
        self.presence.announced = (!reason.is_empty()).then_some(Away { since: Some(at), reason });
    }

    /// Others were not told, so that we are to them what we were before; unless the user has changed it since.
    pub(crate) fn on_presence_refused(&mut self, reason: &str) {
        let presence = &mut self.presence;
        if presence.away.as_ref().map_or("", |away| &away.reason) == reason {
            presence.away = presence.announced.clone();
            presence.is_automatic = false;
            // It is not tried again at once.
            presence.last_activity = None;
            presence.version += 1;
        }
    }

    /// Tells a server that we have just come to, if there is something to tell.
    pub(crate) fn announce_presence_again(&mut self) {
        self.presence.announced = None;
        if self.presence.away.is_some() {
            self.announce_presence();
        }
    }

    /// A new beginning: we are here.
    pub(crate) fn reset_presence(&mut self, now: Instant) {
        let version = self.presence.version + 1;
        self.presence = Presence { last_activity: Some(now), version, ..Presence::default() };
    }
}
