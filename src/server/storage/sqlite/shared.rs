//! Opening a file that several programs may have open at the same time, such as a server and `server members`.
//!
//! Each program holds a shared lock for as long as it has the file open. The file is created and migrated under an exclusive
//! lock. It is never quarantined: a damaged file is left unchanged for the operator to look at.

use std::fs::{self, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{DAMAGED, Database, OpenError, Schema, schema};
use crate::files::{LOCK_POLL, sibling, wait_for_lock};

/// Maximum wait for other programs that create or migrate the file.
const WAIT_MAX: Duration = Duration::from_secs(5);

impl Database {
    /// Opens a file for sharing, or creates it. The caller must not cache any of its content: other programs may change it at
    /// any time.
    ///
    /// # Errors
    /// The file cannot be used, or is damaged, or has to be created or migrated while other programs hold it for longer than
    /// [`WAIT_MAX`].
    pub(crate) fn open_shared(file: &Path, schema: &Schema) -> Result<Database, OpenError> {
        let file = std::path::absolute(file).map_err(|error| OpenError::Other(error.to_string()))?;
        open(&file, schema).map_err(|error| match error {
            OpenError::InUse => OpenError::Other("other programs are using it: end them, and try again".into()),
            error => error,
        })
    }
}

fn open(file: &Path, schema: &Schema) -> Result<Database, OpenError> {
    let deadline = Instant::now() + WAIT_MAX;
    let was_ours = sibling(file, ".lock").exists();
    loop {
        // A lock ends with its file. An explicit unlock is an error in Wine.
        let lock = super::open_lock_file(file)?;
        wait_for_lock(deadline, || lock.try_lock_shared())?;
        if was_ours && fs::metadata(file).is_ok_and(|found| found.len() == 0) {
            // Under the shared lock no program is creating the file, and a created database has at least one page.
            return Err(OpenError::Damaged);
        }
        if let Some(connection) = open_if_current(file, schema)? {
            return Ok(Database { connection, file: file.to_owned(), _lock: lock });
        }
        // Released first: two programs that kept the shared lock while they wait for the exclusive one would wait for each
        // other. Another program may migrate the file in between, which `set_up` notices.
        drop(lock);
        let lock = super::open_lock_file(file)?;
        match lock.try_lock() {
            Ok(()) => drop(schema::set_up(file, schema)?),
            // Another program may create the file, and then keep the shared lock.
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(LOCK_POLL),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Opens a file whose schema is the newest that this program knows. Returns `None` if it has to be created or migrated first.
fn open_if_current(file: &Path, schema: &Schema) -> Result<Option<Connection>, OpenError> {
    if !file.exists() {
        return Ok(None);
    }
    let mut connection = super::connect(file)?;
    if usize::try_from(schema::check_owner(&connection, schema)?).ok() != Some(schema.migrations.len()) {
        return Ok(None);
    }
    schema::check_integrity(&mut connection)?;
    schema::configure(&connection)?;
    Ok(Some(connection))
}

/// Returns the latest quarantined file of this name, if there is one and the file itself does not exist. An earlier version of
/// this program quarantined shared files, too.
pub(crate) fn find_quarantined(file: &Path) -> Option<PathBuf> {
    if file.exists() {
        return None;
    }
    let file = std::path::absolute(file).ok()?;
    let start = sibling(file.file_name()?.as_ref(), DAMAGED);
    let found = fs::read_dir(file.parent()?).ok()?.flatten().map(|entry| entry.path());
    found
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            name.starts_with(start.as_os_str().as_encoded_bytes())
                && !name.ends_with(b"-wal")
                && !name.ends_with(b"-shm")
        })
        .max()
}
