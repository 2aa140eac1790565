//! A database of ours: one SQLite file, opened so that nothing is lost that is in it, or that was never ours.
//!
//! Before a byte is written, [`Database::open`] finds out whether the file is in use by another server, belongs to
//! another program, was made by a newer version of this one, or is damaged. A damaged file is set aside under another
//! name, with all that belongs to it, and a new one begun; in the other cases the file is left as it is, and
//! [`Unusable`] says in words what would help. A schema grows by *migrations*: each is done once, in a transaction with
//! the number that says so.
//!
//! A file that several programs may have open at once is opened by `database/shared.rs`.
//!
//! Every call may wait for a disk: no lock of the server is held meanwhile, and no window's thread calls here.

#[cfg(feature = "storage")]
mod shared;

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::clock::Clock;
#[cfg(feature = "storage")]
pub(crate) use shared::{NotShared, set_aside_before};

/// How long an old file is looked through for damage when it is opened. What that does not find shows when it is used.
const CHECK_MAX: Duration = Duration::from_secs(2);

/// How long a connection waits for another program that looks into the file, such as the `sqlite3` shell.
const BUSY_MAX: Duration = Duration::from_secs(2);

/// Every SQLite file begins with this.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Stands between the name of a damaged file and the time when it was set aside.
const DAMAGED: &str = ".damaged ";

/// What a kind of database is, and how it came to be that.
pub(crate) struct Schema {
    /// Written into the file, and into those of no other program (SQLite's `application_id`).
    pub(crate) application_id: i32,
    /// SQL that makes each version of the schema from the one before it; the first makes version 1 from nothing. One
    /// that was ever released is never changed: what is to be different comes as another one behind it.
    pub(crate) migrations: &'static [&'static str],
}

/// An open file that no other server has, or only those that share it. Dropping it closes the file in order.
#[derive(Debug)]
pub(crate) struct Database {
    /// The one connection that writes.
    pub(crate) connection: Connection,
    file: PathBuf,
    /// Locked for as long as it is open, so it comes last. Not the database itself: SQLite has locks of its own on
    /// that.
    _lock: File,
}

/// Why a file cannot be used; it was left as it is.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// Another server has it open.
    InUse,
    /// It is none of ours.
    Foreign,
    /// A newer version of this program has made it.
    Newer {
        /// The version of its schema.
        version: u32,
        /// The newest that we know.
        known: u32,
    },
    /// It may only be read.
    ReadOnly,
    /// Something else, in the words of the system or of SQLite.
    Other(String),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::InUse => f.write_str("another server is using it: stop that one, or give each a file of its own"),
            Unusable::Foreign => f.write_str("another program has made it, so it is left alone: choose another file"),
            Unusable::Newer { version, known } => write!(
                f,
                "a newer multichat has made it (version {version}, and this one knows up to {known}): use that one, or another file"
            ),
            Unusable::ReadOnly => {
                f.write_str("it may not be written to: give this user the right to, or choose another file")
            }
            Unusable::Other(why) => f.write_str(why),
        }
    }
}

/// What went wrong while a file was examined.
enum OpenError {
    Unusable(Unusable),
    /// Its content makes no sense.
    Damaged,
}

impl From<Unusable> for OpenError {
    fn from(why: Unusable) -> OpenError {
        OpenError::Unusable(why)
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> OpenError {
        if is_damage(&error) {
            return OpenError::Damaged;
        }
        OpenError::Unusable(match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Unusable::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Unusable::InUse,
            _ => Unusable::Other(error.to_string()),
        })
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> OpenError {
        OpenError::Unusable(match error.kind() {
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Unusable::ReadOnly,
            _ => Unusable::Other(error.to_string()),
        })
    }
}

/// Does this error mean that the content of the file makes no sense?
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

impl Database {
    /// Opens a file, or makes it. If it was damaged: also where it is now.
    ///
    /// # Errors
    /// It cannot be used, and was left as it is.
    pub(crate) fn open(file: &Path, schema: &Schema) -> Result<(Database, Option<PathBuf>), Unusable> {
        // SQLite takes a relative name that begins with `file:` for an address.
        let file = std::path::absolute(file).map_err(|error| Unusable::Other(error.to_string()))?;
        match Database::try_open(&file, schema) {
            Ok(database) => Ok((database, None)),
            Err(OpenError::Unusable(why)) => Err(why),
            Err(OpenError::Damaged) => {
                let aside = quarantine(&file).map_err(|error| Unusable::Other(error.to_string()))?;
                match Database::try_open(&file, schema) {
                    Ok(database) => Ok((database, Some(aside))),
                    Err(OpenError::Unusable(why)) => Err(why),
                    Err(OpenError::Damaged) => {
                        Err(Unusable::Other("the disk does not keep what is written to it".into()))
                    }
                }
            }
        }
    }

    fn try_open(file: &Path, schema: &Schema) -> Result<Database, OpenError> {
        let lock = lock_file(file)?;
        take(lock.try_lock())?;
        let connection = set_up(file, schema)?;
        Ok(Database { connection, file: file.to_owned(), _lock: lock })
    }

    /// Closes a file that turned out to be damaged, sets it aside, and begins a new one.
    ///
    /// # Errors
    /// That cannot be done.
    pub(crate) fn replace(self, schema: &Schema) -> Result<(Database, PathBuf), Unusable> {
        let Database { connection, file, _lock: lock } = self;
        // Whatever it says at this end is about the same damage.
        let _ = connection.close();
        let aside = quarantine(&file).map_err(|error| Unusable::Other(error.to_string()))?;
        drop(lock);
        Database::open(&file, schema).map(|(database, _)| (database, aside))
    }

    /// Where it is, in full.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }
}

/// A connection that only reads. In WAL mode it waits for nobody, and nobody waits for it.
pub(crate) fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_MAX)?;
    Ok(connection)
}

/// Bytes on the disk, with those that belong to it.
pub(crate) fn size(file: &Path) -> u64 {
    ["", "-wal"].iter().filter_map(|suffix| fs::metadata(beside(file, suffix)).ok()).map(|found| found.len()).sum()
}

/// One thread has the connection, so SQLite needs no lock for it.
fn writing() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// The name of the file with something behind it.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    name.into()
}

/// Opens the file beside the database whose lock stands for it. The system lets go of the lock when the process ends,
/// however it ends; the file stays, since whoever removed it could remove it from under somebody who has just locked it.
///
/// It is also the mark that the file is ours. One without it that is no database, and not empty, is somebody's letter.
fn lock_file(file: &Path) -> Result<File, OpenError> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let path = beside(file, ".lock");
    if !path.exists() && !starts_like_a_database(file)? {
        return Err(Unusable::Foreign.into());
    }
    Ok(private().read(true).write(true).create(true).truncate(false).open(path)?)
}

fn take(locked: Result<(), TryLockError>) -> Result<(), OpenError> {
    match locked {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Unusable::InUse.into()),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Makes or migrates a file, if it has to be. To be called under an exclusive lock.
fn set_up(file: &Path, schema: &Schema) -> Result<Connection, OpenError> {
    let is_new = make(file)?;
    let mut connection = connect(file)?;
    let version = examine(&connection, schema)?;
    if !is_new {
        check(&mut connection)?;
    }
    prepare(&connection)?;
    migrate(&mut connection, schema, version)?;
    Ok(connection)
}

fn connect(file: &Path) -> Result<Connection, OpenError> {
    make_private(file);
    let connection = Connection::open_with_flags(file, writing())?;
    connection.busy_timeout(BUSY_MAX)?;
    if connection.is_readonly("main")? {
        return Err(Unusable::ReadOnly.into());
    }
    Ok(connection)
}

/// Lets only the owner of a file read it, and what belongs to it: it may have been copied here, or made by another program.
#[cfg(unix)]
fn make_private(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for file in ["", "-wal", "-shm"].map(|suffix| beside(file, suffix)) {
        let Ok(found) = fs::metadata(&file) else { continue };
        if found.permissions().mode() & 0o077 != 0
            && let Err(error) = fs::set_permissions(&file, fs::Permissions::from_mode(0o600))
        {
            log::warn!("others can read {} ({error}): take that right from them with chmod", file.display());
        }
    }
}

/// Here a file has the rights of its folder, which is the user's own.
#[cfg(not(unix))]
fn make_private(_: &Path) {}

/// Is it a database by its first bytes, or empty, or not there?
fn starts_like_a_database(file: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    match File::open(file) {
        Ok(file) => file.take(MAGIC.len() as u64).read_to_end(&mut start)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    Ok(start.is_empty() || start == MAGIC)
}

/// Makes the file, if there is none: `true`. What belongs to it gets the same rights from SQLite.
fn make(file: &Path) -> io::Result<bool> {
    match private().write(true).create_new(true).open(file) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// For a file that only its owner may read.
fn private() -> OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = OpenOptions::new();
        options.mode(0o600);
        options
    }
    #[cfg(not(unix))]
    OpenOptions::new()
}

/// Finds out whose file it is; returns the version of its schema.
fn examine(connection: &Connection, schema: &Schema) -> Result<u32, OpenError> {
    let number = |sql| connection.query_row(sql, (), |row| row.get::<_, i64>(0));
    let owner = number("PRAGMA application_id")?;
    if owner == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 {
        return Ok(0);
    }
    if owner != i64::from(schema.application_id) {
        return Err(Unusable::Foreign.into());
    }
    // We write no negative one.
    let version = u32::try_from(number("PRAGMA user_version")?).unwrap_or(u32::MAX);
    let known = u32::try_from(schema.migrations.len()).unwrap_or(u32::MAX);
    if version > known {
        return Err(Unusable::Newer { version, known }.into());
    }
    Ok(version)
}

/// Looks for damage, for a while.
fn check(connection: &mut Connection) -> Result<(), OpenError> {
    let deadline = Instant::now() + CHECK_MAX;
    connection.progress_handler(10_000, Some(move || Instant::now() > deadline))?;
    let found = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get::<_, String>(0));
    connection.progress_handler(0, None::<fn() -> bool>)?;
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(_) => Err(OpenError::Damaged),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What has to be said to each new connection that writes.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    // - auto_vacuum: pages that were deleted can be given back to the disk. Only an empty file can take it up.
    // - WAL: those who read and the one who writes do not wait for each other.
    // - synchronous: a commit is on the disk when it returns, so a pulled plug takes nothing that was committed. NORMAL
    //   would save these writes, and lose what came since the last checkpoint, which can be hours of a quiet room.
    // - secure_delete: what is deleted is overwritten, not just forgotten.
    connection.execute_batch(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;",
    )
}

/// Brings the schema up to what we know.
fn migrate(connection: &mut Connection, schema: &Schema, version: u32) -> rusqlite::Result<()> {
    for (number, migration) in (1..).zip(schema.migrations).filter(|(number, _)| *number > version) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "application_id", schema.application_id)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Renames a damaged file and what belongs to it; nothing that has the new name already is overwritten.
fn quarantine(file: &Path) -> io::Result<PathBuf> {
    let stem = format!("{DAMAGED}{}", Clock::system().in_file_name(SystemTime::now()));
    let mut aside = beside(file, &stem);
    for count in 2.. {
        if !aside.exists() {
            break;
        }
        aside = beside(file, &format!("{stem} {count}"));
    }
    for suffix in ["", "-wal", "-shm"] {
        match fs::rename(beside(file, suffix), beside(&aside, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests;
