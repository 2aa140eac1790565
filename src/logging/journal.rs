//! The form of lines for systemd's journal, which adds the time itself and takes the priority from a prefix (sd-daemon(3)).

use std::fmt::Write as _;

use log::Level;

/// Priority of texts that are no lines of the log: panics, and the error with which the program ends.
pub(super) const TEXT: &str = "<3>";

/// Returns whether standard error leads to the journal. The variable names the device and the inode of its stream
/// (systemd.exec(5)), because a child process may inherit the variable and write elsewhere.
#[cfg(unix)]
pub(super) fn is_stderr() -> bool {
    use std::fs::File;
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;

    let stderr = std::io::stderr().as_fd().try_clone_to_owned().map(File::from).and_then(|stderr| stderr.metadata());
    let stream = std::env::var("JOURNAL_STREAM");
    stderr.is_ok_and(|stderr| stream.is_ok_and(|stream| stream == format!("{}:{}", stderr.dev(), stderr.ino())))
}

#[cfg(not(unix))]
pub(super) fn is_stderr() -> bool {
    false
}

/// Returns the prefix for lines of this level.
pub(super) fn prefix(level: Level) -> &'static str {
    match level {
        Level::Error => "<3>",
        Level::Warn => "<4>",
        Level::Info => "<6>",
        Level::Debug | Level::Trace => "<7>",
    }
}

/// Puts the prefix before every line of a text, since each is an entry of its own.
pub(super) fn prefixed(text: &str) -> String {
    text.lines().fold(String::new(), |mut prefixed, line| {
        // Writing to a String cannot fail.
        let _ = writeln!(prefixed, "{TEXT}{line}");
        prefixed
    })
}
