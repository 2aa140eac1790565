//! Texts that are saved: a new file for each that somebody asked for, so that nothing is written over, and one for what the
//! program itself keeps. Runs on any thread but a window's, since a disk may take its time.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf, is_separator};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

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
    let mut file = File::create_new(path)?;
    finish(path, write(&mut file).and_then(|()| file.sync_all()))
}

/// Writes a text in the place of an earlier one, or of none: beside it first, so that a crash leaves the old or the new.
pub fn write_over(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = beside(path);
    let mut file = File::create(&new)?;
    // Without the wait, a power failure could leave the new name with no content.
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    finish(&new, written.and_then(|()| fs::rename(&new, path)))
}

/// Where a text is first that is to take the place of another: at a name that no other thread uses, and no other program.
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
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text?,
    };
    (1..)
        .zip(text.lines().map(str::trim))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            parse(line).map_err(|why| io::Error::new(ErrorKind::InvalidData, format!("line {number}: {why}")))
        })
        .collect()
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
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn nothing_is_left_of_a_text_that_could_not_be_written() {
        let path = std::env::temp_dir().join(format!("multichat-files-{}.txt", std::process::id()));
        write_new(&path, "one\n").unwrap();
        assert_eq!(write_new(&path, "two\n").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n", "somebody's file");
        assert!(finish(&path, Err(ErrorKind::StorageFull.into())).is_err());
        write_new(&path, "two\n").unwrap();
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn threads_that_write_over_a_file_at_once_do_not_take_each_others_away() {
        let folder = std::env::temp_dir().join(format!("multichat-files-over-{}", std::process::id()));
        let path = folder.join("list");
        let texts = ["one\n", "two\n", "three\n"];
        std::thread::scope(|scope| {
            for text in texts {
                scope.spawn(|| (0..30).for_each(|_| write_over(&path, text).unwrap()));
            }
        });
        assert!(texts.contains(&fs::read_to_string(&path).unwrap().as_str()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "only the file itself is left");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_typed_path_begins_at_home_and_what_is_none_is_told() {
        let home = Some(Path::new("/home/ann"));
        let path = |typed: &str| typed_path(typed, home);
        assert_eq!(path(" chat.txt\n").unwrap(), Path::new("/home/ann/chat.txt"));
        assert_eq!(path("~/a/chat.txt").unwrap(), Path::new("/home/ann/a/chat.txt"));
        assert_eq!(path("~draft").unwrap(), Path::new("/home/ann/~draft"));
        assert_eq!(path("/tmp/chat.txt").unwrap(), Path::new("/tmp/chat.txt"));
        assert_eq!(typed_path("chat.txt", None).unwrap(), Path::new("chat.txt"));
        for (typed, why) in [
            ("a\nb", "<U+000A>"),
            ("a\tb", "<U+0009>"),
            (" ", "needs a name"),
            ("~", "is a folder"),
            ("~/", "is a folder"),
            ("~ben/chat.txt", "write it out"),
        ] {
            let error = path(typed).unwrap_err();
            assert!(error.contains(why), "{typed:?}: {error}");
        }
        assert!(typed_path("~/chat.txt", None).is_err());
    }

    #[test]
    fn a_name_has_the_year() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(name_at(&Clock::utc(), at), "multichat 2023-11-14 22.13.20.txt");
    }
}
