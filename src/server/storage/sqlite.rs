//! Opening an SQLite file so that no data is lost: neither ours, nor that of another program whose file it is.
//!
//! Before it writes a byte, [`Database::open`] finds out whether the file is in use by another server, belongs to another
//! program, was written by a newer version of this one, or is damaged. A damaged file is quarantined: it is renamed, with the
//! files that belong to it, and a new file is created. In the other cases the file is left unchanged, and the [`OpenError`]
//! says what would help. A schema grows by *migrations*: each is applied once, in one transaction with the version number that
//! records it.
//!
//! `sqlite/schema.rs` creates, checks and migrates a file. `sqlite/shared.rs` opens one that several programs may have open at
//! the same time.
//!
//! Every call may wait for a disk. So it is made with no lock of the server held, and never by a window's UI thread.

mod schema;
mod shared;

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use thiserror::Error;

use crate::clock::Clock;
use crate::files::{self, sibling};
pub(crate) use schema::Schema;
use schema::set_up;
pub(crate) use shared::find_quarantined;

/// Maximum time that a connection waits for the lock of another program that has the file open, such as the `sqlite3` shell.
const BUSY_MAX: Duration = Duration::from_secs(2);

/// The first bytes of every SQLite file (<https://sqlite.org/fileformat.html>, section 1.3.1).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Separates the name of a damaged file from the time at which it was quarantined.
const DAMAGED: &str = ".damaged ";

/// An open database file: exclusive to this server, or shared if it was opened by [`open_shared`](Database::open_shared).
/// Dropping it closes the connection first and releases the lock last.
#[derive(Debug)]
pub(crate) struct Database {
    /// The one connection that writes.
    pub(crate) connection: Connection,
    /// The absolute path.
    pub(crate) file: PathBuf,
    /// The open lock file. Fields are dropped in order, so it is the last one: the lock outlives the connection. The lock is on
    /// a sibling and not on the database, since SQLite places its own locks on that.
    _lock: File,
}

/// The reason why a file cannot be opened. The file was left unchanged.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    /// Another server has the file open.
    #[error("another server is using it: stop that server, or give each server a file of its own")]
    InUse,
    /// The file belongs to another program.
    #[error("another program has made it, and it was left unchanged: choose another file")]
    Foreign,
    /// A newer version of this program has written the file.
    #[error(
        "a newer multichat has made it (version {version}, and this one knows up to {known}): use that one, or choose \
         another file"
    )]
    Newer {
        /// The version of the file's schema.
        version: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// The file, or its folder, is read-only.
    #[error("it is read-only: give this user the right to write to it, or choose another file")]
    ReadOnly,
    /// The content is damaged.
    #[error("it is damaged: replace it with a copy, or choose another file")]
    Damaged,
    /// Any other reason, in the words of the system or of SQLite.
    #[error("{0}")]
    Other(String),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> OpenError {
        if is_damage(&error) {
            return OpenError::Damaged;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse,
            _ => OpenError::Other(error.to_string()),
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> OpenError {
        match error.kind() {
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => OpenError::ReadOnly,
            _ => OpenError::Other(error.to_string()),
        }
    }
}

impl From<TryLockError> for OpenError {
    fn from(error: TryLockError) -> OpenError {
        match error {
            TryLockError::WouldBlock => OpenError::InUse,
            TryLockError::Error(error) => error.into(),
        }
    }
}

/// Returns whether an error of SQLite means that the file's content is damaged.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

impl Database {
    /// Opens a file, or creates it. A damaged file is quarantined and replaced by a new one; the second value is its new name.
    ///
    /// # Errors
    /// The file cannot be used, and was left unchanged.
    pub(crate) fn open(file: &Path, schema: &Schema) -> Result<(Database, Option<PathBuf>), OpenError> {
        // SQLite takes a relative name that begins with `file:` for a URI.
        let file = std::path::absolute(file).map_err(|error| OpenError::Other(error.to_string()))?;
        match Database::try_open(&file, schema) {
            Err(OpenError::Damaged) => {}
            opened => return Ok((opened?, None)),
        }
        let quarantined = quarantine(&file).map_err(|error| OpenError::Other(error.to_string()))?;
        match Database::try_open(&file, schema) {
            // The new file is damaged as soon as it is written.
            Err(OpenError::Damaged) => {
                Err(OpenError::Other("the disk does not keep what is written to it: check the disk".into()))
            }
            opened => Ok((opened?, Some(quarantined))),
        }
    }

    fn try_open(file: &Path, schema: &Schema) -> Result<Database, OpenError> {
        let lock = open_lock_file(file)?;
        lock.try_lock()?;
        let connection = set_up(file, schema)?;
        Ok(Database { connection, file: file.to_owned(), _lock: lock })
    }

    /// Closes a file that turned out to be damaged, quarantines it, and opens a new one. The second value is the new name of
    /// the damaged file.
    ///
    /// # Errors
    /// The file cannot be renamed, or a new one cannot be created.
    pub(crate) fn replace(self, schema: &Schema) -> Result<(Database, Option<PathBuf>), OpenError> {
        let Database { connection, file, _lock: lock } = self;
        // An error of closing is about the same damage.
        let _ = connection.close();
        let quarantined = quarantine(&file).map_err(|error| OpenError::Other(error.to_string()))?;
        drop(lock);
        Database::open(&file, schema).map(|(database, _)| (database, Some(quarantined)))
    }
}

/// Opens a connection that only reads. In WAL mode readers and the writer do not block each other.
pub(crate) fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_MAX)?;
    Ok(connection)
}

/// Returns the bytes on the disk, those of the write-ahead log included.
pub(crate) fn size(file: &Path) -> u64 {
    ["", "-wal"].iter().filter_map(|suffix| fs::metadata(sibling(file, suffix)).ok()).map(|found| found.len()).sum()
}

/// Opens the sibling of the database whose lock stands for the database. The system releases the lock when the process ends,
/// however it ends. The lock file is never removed: a process that removed it could do so just after another had locked it,
/// and a third process would then lock a new file of the same name.
///
/// The lock file also marks the database as ours. A file without one that is neither empty nor an SQLite database is a document
/// of the user's, such as a letter, and is left alone.
fn open_lock_file(file: &Path) -> Result<File, OpenError> {
    if !sibling(file, ".lock").exists() && !starts_like_a_database(file)? {
        return Err(OpenError::Foreign);
    }
    Ok(files::open_lock_file(file)?)
}

fn connect(file: &Path) -> Result<Connection, OpenError> {
    make_private(file);
    // Only one thread uses it, so SQLite needs no mutex for it.
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_MAX)?;
    if connection.is_readonly("main")? {
        return Err(OpenError::ReadOnly);
    }
    Ok(connection)
}

/// Takes the right to read the file, and its siblings, away from everyone but its owner. The file may have been copied here, or
/// created by another program, with wider rights.
#[cfg(unix)]
fn make_private(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for file in ["", "-wal", "-shm"].map(|suffix| sibling(file, suffix)) {
        let Ok(found) = fs::metadata(&file) else { continue };
        if found.permissions().mode() & 0o077 != 0
            && let Err(error) = fs::set_permissions(&file, fs::Permissions::from_mode(0o600))
        {
            log::warn!(
                "other users can read {}, and that cannot be changed ({error}): run chmod 600 on it",
                file.display()
            );
        }
    }
}

/// A no-op: on these systems a file inherits the rights of its folder, which is the user's own.
#[cfg(not(unix))]
fn make_private(_: &Path) {}

/// Returns whether the file starts like an SQLite database, is empty, or does not exist.
fn starts_like_a_database(file: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    match File::open(file) {
        Ok(file) => file.take(MAGIC.len() as u64).read_to_end(&mut start)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    Ok(start.is_empty() || start == MAGIC)
}

/// Renames a damaged file and its siblings, and returns the new name. A file that has that name already is not overwritten.
fn quarantine(file: &Path) -> io::Result<PathBuf> {
    let stem = format!("{DAMAGED}{}", Clock::system().in_file_name(SystemTime::now()));
    let mut renamed = sibling(file, &stem);
    for count in 2.. {
        if !renamed.exists() {
            break;
        }
        renamed = sibling(file, &format!("{stem} {count}"));
    }
    for suffix in ["", "-wal", "-shm"] {
        match fs::rename(sibling(file, suffix), sibling(&renamed, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(renamed)
}

#[cfg(test)]
mod tests;
