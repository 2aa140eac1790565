//! The identity of a database's files, to detect that the file of that name is another one by now.
//!
//! On Unix an open file can be removed, moved away or replaced. The program that has it open continues to write to it, and its
//! data is lost when it closes the file. SQLite does not notice (<https://sqlite.org/howtocorrupt.html>, section 4.2). Windows
//! allows none of that.

use std::path::Path;

use crate::files;

/// Device and inode number of the database and of its write-ahead log; `None` if there is no such file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileIds([Option<(u64, u64)>; 2]);

impl FileIds {
    /// Returns the identity of the files that have the names now.
    pub(super) fn of(file: &Path) -> FileIds {
        FileIds(["", "-wal"].map(|suffix| id(&files::sibling(file, suffix))))
    }

    /// Returns whether both names still lead to these files.
    pub(super) fn are_current(&self, file: &Path) -> bool {
        cfg!(not(unix)) || *self == FileIds::of(file)
    }

    /// Returns whether the database's name still leads to this file, regardless of the log.
    pub(super) fn database_is_current(&self, file: &Path) -> bool {
        self.0[0] == id(file)
    }
}

#[cfg(unix)]
fn id(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn id(_: &Path) -> Option<(u64, u64)> {
    None
}
