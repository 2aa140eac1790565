//! The time for which messages are kept: taking over a change of it, and deleting what is too old. Runs in the thread `history`.

use std::time::Instant;

use super::HistoryWriter;
use crate::server::storage::history::delete::DeleteJob;
use crate::server::storage::history::retention::Retention;

impl HistoryWriter {
    /// Takes over another time for which messages are kept. If the database cannot be read now, the next command tries again.
    pub(super) fn follow_keep(&mut self) {
        let keep = self.keep.get();
        match (&mut self.retention, keep) {
            (Some(retention), Some(keep)) => retention.change(keep),
            (None, Some(keep)) => {
                let connection = self.database.as_ref().map(|database| &database.connection);
                self.retention = connection.and_then(|connection| Retention::new(connection, keep).ok());
            }
            (Some(_), None) => {
                self.store_trusted_time();
                self.retention = None;
            }
            (None, None) => {}
        }
    }

    /// Schedules the deletion of messages that are too old.
    pub(super) fn delete_old(&mut self, now: Instant) {
        if let Some(retention) = &mut self.retention {
            self.jobs.push_back(DeleteJob::too_old(retention.check(now, &self.events)));
            if retention.needs_storing() {
                self.store_trusted_time();
            }
        }
    }

    pub(super) fn store_trusted_time(&mut self) {
        if let (Some(retention), Some(database)) = (&mut self.retention, &self.database) {
            retention.store(&database.connection);
        }
    }
}
