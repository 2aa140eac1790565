//! Saving text: to a new file for the user, so that nothing is overwritten, or by atomic replacement for the program's own files.
//!
//! Runs on any thread except a UI thread, because a disk may block. A file is never half written, not even after a crash: a text
//! is written to a temporary file in the same directory and synced, and then the file gets its name.

pub mod folders;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf, is_separator};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tempfile::{NamedTempFile, PersistError};

use crate::clock::Clock;
use crate::protocol::escape::escape;

/// Writes a text to a new file. Only its owner can read it (Unix).
///
/// # Errors
/// `AlreadyExists` if a file has that name; it is left unchanged. After an error there is no new file.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    write_new_with(path, |file| file.write_all(text.as_bytes()))
}

/// Like [`write_new`], for a text too long to be held in memory: `write` writes it to the file.
///
/// # Errors
/// Those of [`write_new`] and of `write`.
pub fn write_new_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    if path.is_symlink() || path.exists() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let new = temporary(path, write)?;
    // A file can have got the name in between.
    match new.persist_noclobber(path) {
        // Not every file system can tell. There, the last of two that write a file at once replaces the other's.
        Err(PersistError { error, file }) if error.kind() != ErrorKind::AlreadyExists => {
            Ok(file.persist(path).map(drop)?)
        }
        persisted => Ok(persisted.map(drop)?),
    }
}

/// Atomically replaces the file at `path`, which need not exist. After a crash the file has either its old or its new contents.
/// Only its owner can read it (Unix). If `path` is a symbolic link, the link stays and its target is replaced.
///
/// # Errors
/// The directory or the file cannot be written, or the links lead to each other.
pub fn write_atomic(path: &Path, text: &str) -> io::Result<()> {
    let path = resolve_links(path)?;
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    replace(temporary(&path, |file| file.write_all(text.as_bytes()))?, &path)
}

/// Maximum time that the replacement of a file waits for other programs that have it open, on Windows.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Gives a temporary file its name. Windows replaces no file that is open: another thread may read it or replace it at this
/// moment, or a virus scanner look at it.
fn replace(mut new: NamedTempFile, path: &Path) -> io::Result<()> {
    let deadline = Instant::now() + OPEN_TIMEOUT;
    loop {
        match new.persist(path) {
            Err(PersistError { error, file })
                if cfg!(windows) && error.kind() == ErrorKind::PermissionDenied && Instant::now() < deadline =>
            {
                new = file;
                thread::sleep(LOCK_POLL);
            }
            persisted => return Ok(persisted.map(drop)?),
        }
    }
}

/// Writes and syncs a temporary file in the directory of `path`. Dropping it removes it.
fn temporary(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<NamedTempFile> {
    // The name is random, so that no attacker can place a link there beforehand.
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut new = tempfile::Builder::new()
        .prefix(".multichat-")
        // Opened here, because the errors of `tempfile_in` have the random name in them, which means nothing to a user.
        .make_in(folder, |path| private_options().create_new(true).open(path))?;
    write(new.as_file_mut())?;
    // Without the sync, a power failure could leave an empty file under the final name.
    new.as_file().sync_all()?;
    Ok(new)
}

/// Maximum number of symbolic links followed: as many as Linux follows (`path_resolution(7)`).
const LINKS_MAX: usize = 40;

/// Returns the target of a path, following symbolic links. The target need not exist.
fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..=LINKS_MAX {
        // Not a link, or no file at all.
        let Ok(next) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new("")).join(next);
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "its symbolic links form a loop"))
}

/// Returns the path of a file in the same folder whose name is this one's with a suffix.
pub(crate) fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Returns options that create a file which only its owner can read (on Unix; elsewhere with the default permissions).
pub(crate) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Saves the contents of a file that cannot be parsed as `<path>.damaged`, with a number appended if that exists. Returns the
/// path of the copy.
///
/// # Errors
/// The copy cannot be written.
#[cfg(feature = "gui")]
pub(crate) fn save_damaged_copy(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut aside = sibling(path, ".damaged");
    for number in 2.. {
        match write_new_with(&aside, |file| file.write_all(bytes)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                aside = sibling(path, &format!(".damaged-{number}"));
            }
            written => return written.map(|()| aside),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Reads a list file, which users can edit: one entry a line, comments after `#`. A file that does not exist is an empty list.
///
/// # Errors
/// The file cannot be read, or a line cannot be parsed; the error names the line.
pub(crate) fn read_list<T>(path: &Path, parse: impl Fn(&str) -> Result<T, String>) -> io::Result<Vec<T>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes?,
    };
    (1..)
        .zip(bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#"))
        .map(|(number, line)| {
            let line = std::str::from_utf8(line).map_err(|_| "it is not UTF-8: save it as UTF-8".to_owned());
            line.and_then(|line| parse(line.trim()))
                .map_err(|why| io::Error::new(ErrorKind::InvalidData, format!("line {number}: {why}")))
        })
        .collect()
}

/// Maximum time that a change of a list waits for other processes that change it.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Changes a list file under a lock, and returns the new list. Changes by other processes are kept, because the file is read
/// again under the lock. `change` returns whether the list is to be written.
///
/// # Errors
/// Those of [`read_list`]; the file cannot be written; or another process holds the lock for too long.
pub(crate) fn change_list<T>(
    path: &Path,
    parse: impl Fn(&str) -> Result<T, String>,
    change: impl FnOnce(&mut Vec<T>) -> bool,
    written: impl Fn(&[T]) -> String,
) -> io::Result<Vec<T>> {
    let path = resolve_links(path)?;
    let _lock = lock_list(&path)?;
    let mut list = read_list(&path, parse)?;
    if change(&mut list) {
        write_atomic(&path, &written(&list))?;
    }
    Ok(list)
}

/// Replaces a file, which need not exist, by what `new` makes of its contents, under a lock. Changes by other processes that do
/// the same are kept, because the file is read again under the lock.
///
/// # Errors
/// The file cannot be read or written, another process holds the lock for too long, or `new` has failed.
pub(crate) fn rewrite<E: From<io::Error>>(path: &Path, new: impl FnOnce(&[u8]) -> Result<String, E>) -> Result<(), E> {
    let path = resolve_links(path)?;
    let _lock = lock_list(&path)?;
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        bytes => bytes?,
    };
    Ok(write_atomic(&path, &new(&bytes)?)?)
}

/// Locks a list file against other processes until the returned file is dropped. The lock is on a separate file, because the
/// list file itself is replaced and a lock on it would go with the old one.
fn lock_list(path: &Path) -> io::Result<File> {
    let file = open_lock_file(path)?;
    match wait_for_lock(Instant::now() + LOCK_TIMEOUT, || file.try_lock()) {
        Err(TryLockError::WouldBlock) => Err(io::Error::new(ErrorKind::TimedOut, "another program keeps changing it")),
        // Some file systems have no locks. There, the last of two simultaneous changes wins.
        _ => Ok(file),
    }
}

/// Opens `<path>.lock`, or creates it, in a folder that is created, too.
pub(crate) fn open_lock_file(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    private_options().read(true).create(true).truncate(false).open(sibling(path, ".lock"))
}

/// Time between two attempts to take a lock.
pub(crate) const LOCK_POLL: Duration = Duration::from_millis(5);

/// Takes a lock, or waits until the deadline while other processes hold one that excludes it. A file lock has no wait with a
/// timeout (flock(2)), so this polls.
pub(crate) fn wait_for_lock(
    deadline: Instant,
    try_lock: impl Fn() -> Result<(), TryLockError>,
) -> Result<(), TryLockError> {
    loop {
        match try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(LOCK_POLL),
            done => return done,
        }
    }
}

/// Returns a name for a file saved at this time. Names sort by time, and have no colon, which Windows does not allow.
pub fn name_at(clock: &Clock, now: SystemTime) -> String {
    format!("multichat {}.txt", clock.in_file_name(now))
}

/// Converts a path that the user typed. `~/` stands for the home directory, and a relative path begins there, too.
///
/// # Errors
/// The text is not the name of a file; the error says why, and what would be one.
pub fn typed_path(typed: &str, home: Option<&Path>) -> Result<PathBuf, String> {
    let typed = typed.trim();
    if let Some(control) = typed.chars().find(|c| c.is_control()) {
        let shown = escape(control.encode_utf8(&mut [0; 4])).into_owned();
        return Err(format!("a file name cannot contain {shown}"));
    }
    if typed.is_empty() {
        return Err("enter a file name, such as chat.txt".into());
    }
    let from_home = match typed.strip_prefix('~').and_then(|rest| rest.split_once(is_separator)) {
        None if typed == "~" => return Err("~ is a folder: add a name, such as ~/chat.txt".into()),
        None => typed,
        Some(("", "")) => return Err(format!("{typed} is a folder: add a name, such as ~/chat.txt")),
        Some(("", name)) if home.is_some() => name,
        Some(_) => return Err(format!("{typed}: the folder behind ~ is not known; write the full path")),
    };
    Ok(home.map_or_else(|| PathBuf::from(from_home), |home| home.join(from_home)))
}

#[cfg(test)]
mod tests;
