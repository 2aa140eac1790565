//! Another file in the place of one that is gone or damaged. Runs in the thread `history`.

use std::path::PathBuf;
use std::time::Instant;

use rusqlite::config::DbConfig;

use super::HistoryWriter;
use crate::server::observe::event::EventKind;
use crate::server::storage::history::file_watch::FileIds;
use crate::server::storage::history::{BUSY_MAX, store};
use crate::server::storage::sqlite::{self, Database, OpenError};

impl HistoryWriter {
    pub(super) fn files_are_gone(&self) -> bool {
        self.database.as_ref().is_some_and(|database| !self.files.are_current(&database.file))
    }

    /// Continues after the file was removed or replaced: with the file of that name that exists now, or with a new one.
    pub(super) fn reopen(&mut self) {
        let Some(gone) = self.database.take() else { return };
        let file = gone.file.clone();
        if !self.files.database_is_current(&file) {
            // Closing checkpoints and deletes the log of that name, which may belong to another database by now. If SQLite
            // rejects the setting, nothing else can be done.
            let _ = gone.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
        drop(gone);
        self.events.report(EventKind::HistoryGone { file: file.clone() });
        self.continue_with(file.clone(), Database::open(&file, &store::SCHEMA));
    }

    /// Quarantines a damaged file, and continues with a new one.
    pub(super) fn replace_damaged(&mut self) {
        let Some(damaged) = self.database.take() else { return };
        self.continue_with(damaged.file.clone(), damaged.replace(&store::SCHEMA));
    }

    /// Continues with another file of the same name, and schedules the commit of the group.
    fn continue_with(&mut self, file: PathBuf, opened: Result<(Database, Option<PathBuf>), OpenError>) {
        let (database, quarantined) = match opened {
            Ok(opened) => opened,
            Err(why) => return self.events.report(EventKind::NoHistory { file, why: why.to_string() }),
        };
        if let Some(quarantined) = quarantined {
            self.events.report(EventKind::Quarantined { file, quarantined });
        }
        // If it cannot be set, the longer default stays.
        let _ = database.connection.busy_timeout(BUSY_MAX);
        self.files = FileIds::of(&database.file);
        self.database = Some(database);
        self.due = (!self.group.is_empty()).then(Instant::now);
        // The new file has no trusted time yet.
        self.store_trusted_time();
    }
}

/// Returns whether an error means that the file is damaged. None of our statements can violate a constraint, so a violation means
/// that the index does not match the table any more.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    sqlite::is_damage(error) || error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
