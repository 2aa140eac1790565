//! A check, and what it says when it fails: what was expected, what came, and where the README explains it.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::stage::Stage;

/// One thing that the program of a rung has to do.
pub struct Check {
    /// A sentence that is true of a right program: `a line comes back`.
    pub name: &'static str,
    /// The heading in the rung's README whose first paragraph explains it.
    pub heading: &'static str,
    /// The check itself. Each runs against a program that was just started.
    pub run: fn(&mut Stage) -> Result<(), Trouble>,
}

/// What a peer says of a connection that the program has closed, or that ended with an error.
pub(crate) const CLOSED: &str = "the program has closed the connection";
pub(crate) const BROKEN_OFF: &str = "the program has broken off the connection";

/// The reason why a check failed. What was sent and received before is in the [`Story`].
#[derive(Debug)]
pub struct Trouble {
    /// What a right program does: `the line "hello"`.
    pub expected: String,
    /// What this one did: `nothing within 3 s`.
    pub came: String,
}

impl Trouble {
    /// Creates a trouble of two halves of a sentence: expected: ..., came: ...
    pub fn new(expected: impl Into<String>, came: impl Into<String>) -> Trouble {
        Trouble { expected: expected.into(), came: came.into() }
    }

    /// Returns whether what came was the end of the connection.
    pub(crate) fn is_end(&self) -> bool {
        self.came.ends_with(CLOSED) || self.came.contains(BROKEN_OFF)
    }
}

/// What happened in a check so far, line by line. Clones share one story, also between threads.
#[derive(Clone, Default)]
pub struct Story(Arc<Mutex<Vec<String>>>);

impl Story {
    /// Adds a line: `ann > "hello\n"`.
    pub fn add(&self, line: impl Into<String>) {
        self.lines().push(line.into());
    }

    /// Returns the number of lines: a place to [`forget`](Story::forget) back to.
    pub fn mark(&self) -> usize {
        self.lines().len()
    }

    /// Forgets what happened since: an attempt that is repeated, a round that went well.
    pub fn forget(&self, mark: usize) {
        self.lines().truncate(mark);
    }

    /// Returns the last lines, and how many there were before them.
    pub(crate) fn end(&self, count: usize) -> (usize, Vec<String>) {
        let lines = self.lines();
        let start = lines.len().saturating_sub(count);
        (start, lines[start..].to_vec())
    }

    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns bytes in quotes, as Rust writes them, the long ones cut: `"hello\n"`.
pub fn quoted(bytes: &[u8]) -> impl Display + use<> {
    const SHOWN: usize = 72;
    let start = &bytes[..bytes.len().min(SHOWN)];
    // A letter may be cut in two: by this, or by the one who sent it.
    let shown = match str::from_utf8(start) {
        Ok(text) => text.escape_debug().to_string(),
        Err(_) => start.escape_ascii().to_string(),
    };
    let shown = shown.replace("\\'", "'");
    if bytes.len() > SHOWN { format!("\"{shown}\"... ({} bytes)", bytes.len()) } else { format!("\"{shown}\"") }
}

/// Returns the first paragraph under a heading of a README.
pub fn paragraph(readme: &str, heading: &str) -> Option<String> {
    let mut lines =
        readme.lines().skip_while(|line| line.trim_start_matches('#').trim() != heading || !line.starts_with('#'));
    lines.next()?;
    let paragraph: Vec<_> = lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty()).collect();
    (!paragraph.is_empty() && !paragraph[0].starts_with('#')).then(|| paragraph.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_found_by_its_heading() {
        let readme = "# One\n\nfirst\n\n## Two\n\nsecond,\nthe whole of it\n\nthird\n";
        assert_eq!(paragraph(readme, "Two").as_deref(), Some("second,\nthe whole of it"));
        assert_eq!(paragraph(readme, "first"), None);
    }

    #[test]
    fn long_bytes_are_shown_by_their_beginning() {
        assert_eq!(quoted(b"it's\n").to_string(), "\"it's\\n\"");
        assert!(quoted(&[b'x'; 5000]).to_string().ends_with("x\"... (5000 bytes)"));
    }
}
