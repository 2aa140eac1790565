//! A file that several programs may have open at once, such as a server and `server members`.
//!
//! Each of them holds a shared lock for as long as it has the file open. The file is made and migrated under an exclusive
//! one, and never set aside: a damaged one is left for a person to look at.

use std::fs::{self, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{DAMAGED, Database, OpenError, Schema, Unusable};

/// Maximum wait for other programs that make or migrate the file.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Time between two attempts: a lock on a file has no wait with a limit (flock(2)).
const INTERVAL: Duration = Duration::from_millis(10);

/// Why a file cannot be shared; it was left as it is.
#[derive(Debug)]
pub(crate) enum NotShared {
    /// Its content makes no sense.
    Damaged,
    /// Something else, in words.
    Unusable(String),
}

impl Database {
    /// Opens a file, or makes it. Nothing of it can be remembered: other programs may change it.
    ///
    /// # Errors
    /// The file cannot be used, or is damaged, or has to be made or migrated while others use it for longer than
    /// [`WAIT_MAX`].
    pub(crate) fn open_shared(file: &Path, schema: &Schema) -> Result<Database, NotShared> {
        let file = std::path::absolute(file).map_err(|error| NotShared::Unusable(error.to_string()))?;
        open(&file, schema).map_err(|trouble| match trouble {
            OpenError::Damaged => NotShared::Damaged,
            OpenError::Unusable(Unusable::InUse) => {
                NotShared::Unusable("other programs are using it: try again when those have ended".into())
            }
            OpenError::Unusable(why) => NotShared::Unusable(why.to_string()),
        })
    }
}

fn open(file: &Path, schema: &Schema) -> Result<Database, OpenError> {
    let deadline = Instant::now() + WAIT_MAX;
    let was_ours = super::beside(file, ".lock").exists();
    let lock = super::lock_file(file)?;
    loop {
        wait_for(deadline, || lock.try_lock_shared())?;
        if was_ours && fs::metadata(file).is_ok_and(|found| found.len() == 0) {
            // A database has at least one page from the time when it was made, which nobody does just now.
            return Err(OpenError::Damaged);
        }
        if let Some(connection) = open_if_current(file, schema)? {
            return Ok(Database { connection, file: file.to_owned(), _lock: lock });
        }
        lock.unlock()?;
        wait_for(deadline, || lock.try_lock())?;
        drop(super::set_up(file, schema)?);
        lock.unlock()?;
    }
}

/// Takes a lock, for which others may have to give up theirs first.
fn wait_for(deadline: Instant, try_lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), OpenError> {
    loop {
        match super::take(try_lock()) {
            Err(OpenError::Unusable(Unusable::InUse)) if Instant::now() < deadline => thread::sleep(INTERVAL),
            done => return done,
        }
    }
}

/// Opens a file whose schema is the newest that we know. `None`: it has to be made or migrated first.
fn open_if_current(file: &Path, schema: &Schema) -> Result<Option<Connection>, OpenError> {
    if !file.exists() {
        return Ok(None);
    }
    let mut connection = super::connect(file)?;
    if usize::try_from(super::examine(&connection, schema)?).ok() != Some(schema.migrations.len()) {
        return Ok(None);
    }
    super::check(&mut connection)?;
    super::prepare(&connection)?;
    Ok(Some(connection))
}

/// Returns a damaged file that was set aside under this name, the latest if there are several, unless there is a file of
/// this name now.
pub(crate) fn set_aside_before(file: &Path) -> Option<PathBuf> {
    if file.exists() {
        return None;
    }
    let file = std::path::absolute(file).ok()?;
    let start = super::beside(file.file_name()?.as_ref(), DAMAGED);
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
