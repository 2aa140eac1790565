//! The schema of a file: whether it is ours, whether it is whole, and the migrations that it lacks.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::{OpenError, connect};
use crate::files::{self, sibling};

/// Maximum time to check an existing file for damage while it is opened. Damage that is not found in that time shows when the
/// damaged page is read.
const CHECK_MAX: Duration = Duration::from_secs(2);

/// The schema of a kind of database, with its history.
pub(crate) struct Schema {
    /// SQLite's `application_id`, which tells our files from those of other programs.
    pub(crate) application_id: i32,
    /// The SQL that makes each version of the schema from the version before it; the first makes version 1 from an empty file.
    /// A released migration is never changed: a later change of the schema is one more migration at the end.
    pub(crate) migrations: &'static [&'static str],
}

/// Creates the file or migrates it, if necessary. The caller holds the exclusive lock.
pub(super) fn set_up(file: &Path, schema: &Schema) -> Result<Connection, OpenError> {
    if !file.exists() {
        create(file, schema)?;
    }
    let mut connection = connect(file)?;
    let version = check_owner(&connection, schema)?;
    check_integrity(&mut connection)?;
    configure(&connection)?;
    migrate(&mut connection, schema, version)?;
    Ok(connection)
}

/// Creates the file under another name, and renames it once it is whole: a program that is killed meanwhile leaves no empty
/// file, which would count as damaged. SQLite gives the same rights to the siblings that it creates.
fn create(file: &Path, schema: &Schema) -> Result<(), OpenError> {
    let new = sibling(file, ".new");
    // The log of a file that was removed would be taken for that of the new one.
    let siblings_of = |file: &Path| ["-journal", "-wal", "-shm"].map(|suffix| sibling(file, suffix));
    for remains in siblings_of(file).into_iter().chain(siblings_of(&new)).chain([new.clone()]) {
        match fs::remove_file(remains) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    files::private_options().create_new(true).open(&new)?;
    let mut connection = connect(&new)?;
    configure(&connection)?;
    migrate(&mut connection, schema, 0)?;
    // The last connection moves everything from the write-ahead log into the file.
    connection.close().map_err(|(_, error)| error)?;
    Ok(fs::rename(&new, file)?)
}

/// Checks that the file is ours, or empty, and returns the version of its schema; 0 for an empty file.
///
/// # Errors
/// The file belongs to another program or to a newer version of this one.
pub(super) fn check_owner(connection: &Connection, schema: &Schema) -> Result<u32, OpenError> {
    let number = |sql| connection.query_row(sql, (), |row| row.get::<_, i64>(0));
    let owner = number("PRAGMA application_id")?;
    if owner == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 {
        return Ok(0);
    }
    if owner != i64::from(schema.application_id) {
        return Err(OpenError::Foreign);
    }
    // We never write a negative version, so one is as unknown as one that is too large.
    let version = u32::try_from(number("PRAGMA user_version")?).unwrap_or(u32::MAX);
    let known = u32::try_from(schema.migrations.len()).unwrap_or(u32::MAX);
    if version > known {
        return Err(OpenError::Newer { version, known });
    }
    Ok(version)
}

/// Checks the file for damage, for at most [`CHECK_MAX`]. An interrupted check counts as passed.
pub(super) fn check_integrity(connection: &mut Connection) -> Result<(), OpenError> {
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

/// Sets the pragmas that each new connection that writes needs.
pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    // - auto_vacuum: free pages can be returned to the file system. It takes effect only in an empty file.
    // - journal_mode WAL: readers and the writer do not block each other.
    // - synchronous FULL: fsync at every commit, so a power failure loses no committed message. NORMAL would save these
    //   fsyncs, and lose all commits since the last checkpoint, which can be hours in a quiet room.
    // - secure_delete: deleted content is overwritten with zeros.
    connection.execute_batch(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;",
    )
}

/// Applies the migrations that the file lacks, each in a transaction of its own.
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
