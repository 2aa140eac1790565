//! Texts that are saved: a new file for each that somebody asked for, so that nothing is written over, and one for what the
//! program itself keeps. Runs on any thread but a window's, since a disk may take its time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf, is_separator};
#[cfg(feature = "tls")]
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::clock::Clock;
use crate::protocol::escape::escape;

/// Writes a text to a new file, and waits until it is on the disk.
///
/// # Errors
/// The kind is `AlreadyExists` if somebody's file has the name: it is left alone. After any other error nothing is left.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    write_new_with(path, |file| file.write_all(text.as_bytes()))
}

/// The same for a text that is too long to be held in memory: `write` writes it into the file.
///
/// # Errors
/// As [`write_new`], and those of `write`.
pub fn write_new_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut file = create_new(path)?;
    finish(path, write(&mut file).and_then(|()| file.sync_all()))
}

/// Writes a text in the place of an earlier one, or of none, for its owner alone: beside it first, so that a crash leaves the
/// old or the new. If a link has the name, it stays, and what it leads to is replaced.
pub fn write_over(path: &Path, text: &str) -> io::Result<()> {
    let path = end_of_links(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)?;
    // Its name cannot be guessed, so no link can lie there that leads elsewhere. It is removed if anything fails.
    let mut new = tempfile::Builder::new().prefix(".multichat-").tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    // Without the wait, a power failure could leave the new name with no content.
    new.as_file().sync_all()?;
    new.persist(&path)?;
    Ok(())
}

/// Links that are followed: as many as Linux does (`path_resolution(7)`).
const LINKS_MAX: usize = 40;

/// The file that a path means, whether it is there or not.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..=LINKS_MAX {
        // Not a link, or nothing at all.
        let Ok(next) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new("")).join(next);
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "its links lead to each other"))
}

/// A new file, which its owner alone may read where that can be said (Unix).
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Keeps a copy of what cannot be understood, as `<path>.damaged`, or with a number behind that. Returns its name.
///
/// # Errors
/// It cannot be written.
#[cfg(feature = "gui")]
pub(crate) fn set_aside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(".damaged");
    let mut aside = PathBuf::from(&name);
    for number in 2.. {
        match write_new_with(&aside, |file| file.write_all(bytes)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let mut name = name.clone();
                name.push(format!("-{number}"));
                aside = name.into();
            }
            written => return written.map(|()| aside),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Where a certificate is first that is to take the place of another: at a name that no other thread uses, and no other program.
#[cfg(feature = "tls")]
pub(crate) fn beside(path: &Path) -> PathBuf {
    // It guards no other data, so `Relaxed`.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("new-{}-{number}", std::process::id()))
}

/// Half a text is worse than none, and it would be in the way of the next attempt.
fn finish(path: &Path, written: io::Result<()>) -> io::Result<()> {
    written.inspect_err(|_| {
        // What failed is told already, and this is most likely to fail for the same reason.
        let _ = fs::remove_file(path);
    })
}

/// Reads a list that people can read and write too: an entry a line, and `#` before what is for them. A file that does not
/// exist is an empty list.
///
/// # Errors
/// The file cannot be read, or a line of it cannot be understood; the error says which.
pub(crate) fn read_list<T>(path: &Path, parse: impl Fn(&str) -> Result<T, String>) -> io::Result<Vec<T>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes?,
    };
    (1..)
        .zip(bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#"))
        .map(|(number, line)| {
            let line = std::str::from_utf8(line).map_err(|_| "it is not UTF-8: save the file as that".to_owned());
            line.and_then(|line| parse(line.trim()))
                .map_err(|why| io::Error::new(ErrorKind::InvalidData, format!("line {number}: {why}")))
        })
        .collect()
}

/// How long the change of a list may wait for other programs that change it.
const HELD_MAX: Duration = Duration::from_secs(5);

/// Changes such a list, and returns it as it is then: what other programs have changed meanwhile stays. `change` says whether
/// there is anything to be written.
///
/// # Errors
/// As [`read_list`], or the file cannot be written, or another program holds it for too long.
pub(crate) fn change_list<T>(
    path: &Path,
    parse: impl Fn(&str) -> Result<T, String>,
    change: impl FnOnce(&mut Vec<T>) -> bool,
    written: impl Fn(&[T]) -> String,
) -> io::Result<Vec<T>> {
    let path = end_of_links(path)?;
    let _held = hold(&path)?;
    let mut list = read_list(&path, parse)?;
    if change(&mut list) {
        write_over(&path, &written(&list))?;
    }
    Ok(list)
}

/// Keeps other programs from changing a file, for as long as what is returned lives. The lock is on a file beside it, since the
/// file itself is replaced.
fn hold(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(name)?;
    let deadline = Instant::now() + HELD_MAX;
    while let Err(TryLockError::WouldBlock) = file.try_lock() {
        if Instant::now() > deadline {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                "another program is changing it, and does not come to an end",
            ));
        }
        thread::sleep(Duration::from_millis(5));
    }
    // Not every file system has locks. There, the last of two who change it at once wins.
    Ok(file)
}

/// A name for a file that is saved now: names in the order of the years, and no colon, which Windows has no room for.
pub fn name_at(clock: &Clock, now: SystemTime) -> String {
    format!("multichat {}.txt", clock.in_file_name(now))
}

/// Returns the path that somebody typed: `~/` stands for their home folder, and from there a relative path begins, too.
///
/// # Errors
/// The text is no name of a file; the error says why, and what would be one.
pub fn typed_path(typed: &str, home: Option<&Path>) -> Result<PathBuf, String> {
    let typed = typed.trim();
    if let Some(control) = typed.chars().find(|c| c.is_control()) {
        let shown = escape(control.encode_utf8(&mut [0; 4])).into_owned();
        return Err(format!("the file name has {shown} in it: take it out"));
    }
    if typed.is_empty() {
        return Err("the file needs a name, such as chat.txt".into());
    }
    let from_home = match typed.strip_prefix('~').and_then(|rest| rest.split_once(is_separator)) {
        None if typed == "~" => return Err("~ is a folder: add a name, such as ~/chat.txt".into()),
        None => typed,
        Some(("", "")) => return Err(format!("{typed} is a folder: add a name, such as ~/chat.txt")),
        Some(("", name)) if home.is_some() => name,
        Some(_) => return Err(format!("{typed} begins with no folder that is known here: write it out")),
    };
    Ok(home.map_or_else(|| PathBuf::from(from_home), |home| home.join(from_home)))
}

#[cfg(test)]
mod tests;
