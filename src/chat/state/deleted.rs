//! Messages that the operator deletes: their texts go from the log, the search results, an answer that is being received, the
//! counts and the alerts. A grey line stays in their place, so that nothing moves. Runs on the UI thread.
//!
//! The texts that are gone cannot be found, selected, copied or saved any more, because all of these read the log. Private
//! messages are in no server's history, so they cannot be deleted.

use super::Chat;
use super::talks::message_log::{Entry, Kind};
use crate::protocol::Stamp;

/// Text in place of a message that the operator has deleted.
pub const DELETED: &str = "(deleted by the operator)";

impl Chat {
    /// Notes that the operator has deleted a message. All those of one tick are forgotten together, in one pass.
    pub(super) fn on_deleted(&mut self, stamp: Stamp) {
        self.deleted.insert(stamp);
    }

    /// Forgets the texts of the messages that the operator has deleted since the last tick.
    pub(super) fn forget_deleted(&mut self) {
        if self.deleted.is_empty() {
            return;
        }
        let deleted = std::mem::take(&mut self.deleted);
        let gone = self.backfill.forget_deleted(&mut self.talks.room_mut().log, &deleted);
        for Entry { at, kind } in gone {
            if let (Some(at), Some((from, _, reason))) = (at, self.alert_about(&kind))
                && !self.ignored.hides(from)
            {
                self.alerts.unheard(self.talks.room_id(), at, reason);
            }
        }
    }
}

impl Kind {
    /// Returns what stands in place of a deleted message.
    pub(super) fn without_text(&self) -> Kind {
        match self {
            Kind::Message { from, .. } | Kind::Deleted { from } => Kind::Deleted { from: from.clone() },
            _ => Kind::Deleted { from: String::new() },
        }
    }
}
