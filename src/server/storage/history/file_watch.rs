//! Which files a database is open in, to notice that they are not those by its name any more.
//!
//! On Unix a file that is open can be removed, moved away or replaced; the program that has it open goes on to write to it,
//! and what it writes is in no folder. SQLite does not notice (<https://sqlite.org/howtocorrupt.html>, section 4.2). Windows
//! does not allow any of that.

use std::path::Path;

use crate::server::storage::sqlite;

/// The database and its write-ahead log, by device and number; `None`: there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Files([Option<(u64, u64)>; 2]);

impl Files {
    /// Returns those that have the names now.
    pub(super) fn of(file: &Path) -> Files {
        Files(["", "-wal"].map(|suffix| number(&sqlite::beside(file, suffix))))
    }

    /// Returns whether these still have the names.
    pub(super) fn are_there(&self, file: &Path) -> bool {
        cfg!(not(unix)) || *self == Files::of(file)
    }

    /// Returns whether the database itself still has its name, whatever became of its log.
    pub(super) fn database_is_there(&self, file: &Path) -> bool {
        self.0[0] == number(file)
    }
}

#[cfg(unix)]
fn number(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn number(_: &Path) -> Option<(u64, u64)> {
    None
}
