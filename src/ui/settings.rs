//! Settings that are remembered from one run of a program to the next, in the user's configuration directory
//! (`~/.config` on Linux).
//!
//! [`Settings::load`] reads the file before the window is shown. From then on the values are in memory. Soon after one
//! has changed, a thread of their own writes it, so that a kill loses next to nothing and the UI thread never waits for a
//! disk. Only dropping them blocks: `main` drops them after the event loop has ended.
//!
//! A user may run the same program twice, and both have one file. So the thread reads the file again, under a lock, and
//! changes only what was changed here. The place of a window is remembered for the first of them alone.
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `settings` | until the file is written | puts the changes into the settings file |

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::instance::Instance;
use crate::files::{self, folders};

/// Minimum time between two checks for changes.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Time until a failed write is tried again: a full disk is not empty a moment later.
const RETRY_DELAY: Duration = Duration::from_secs(10);

/// The remembered settings of one program. Without a file, they last as long as the program.
#[derive(Debug, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    file: Option<PathBuf>,
    /// Keys whose values are not in the file yet.
    changed: BTreeSet<String>,
    /// The file has lines that cannot be read, and is to be written without them.
    is_damaged: bool,
    /// This program among those with the same file.
    instance: Instance,
    /// Error from reading the file, until the window takes it.
    warning: Option<String>,
    /// The thread, and the keys that it writes.
    writing: Option<(JoinHandle<io::Result<()>>, BTreeSet<String>)>,
    last_check: Option<Instant>,
    /// Time of the next write, if the last one failed.
    retry: Option<Instant>,
}

impl Settings {
    /// Reads the settings of `"client"` or `"server"`.
    pub fn load(program: &str) -> Settings {
        let Some(file) = folders::settings_file(&format!("{program}.conf")) else {
            log::warn!("there is no directory for settings: they last until the program ends");
            return Settings::default();
        };
        let mut settings = Settings::in_file(file);
        if let Some(file) = &settings.file {
            settings.instance = Instance::claim(file);
        }
        settings
    }

    /// Reads the valid lines of a file. A file with invalid lines is first copied to another name, because it will soon
    /// be replaced; one that cannot be opened is left alone.
    fn in_file(file: PathBuf) -> Settings {
        let bytes = match std::fs::read(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let file = file.display();
                return Settings::default().warn(format!(
                    "{file} cannot be read ({error}) and stays as it is: settings last until you close the program"
                ));
            }
            // At the first start there is no file.
            bytes => bytes.unwrap_or_default(),
        };
        let (values, damaged) = read(&bytes);
        let mut settings = Settings::default();
        (settings.values, settings.file) = (values, Some(file));
        if damaged.is_empty() { settings } else { settings.quarantine(&damaged, &bytes) }
    }

    fn quarantine(mut self, damaged: &[usize], bytes: &[u8]) -> Settings {
        let Some(file) = &self.file else { return self };
        let lines = damaged.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let what = format!("{} has lines that cannot be read ({lines})", file.display());
        match files::save_damaged_copy(file, bytes) {
            Ok(aside) => {
                self.is_damaged = true;
                self.warn(format!("{what}; a copy of the file is {}", aside.display()))
            }
            Err(error) => {
                self.file = None;
                self.warn(format!("{what} and cannot be copied ({error}): settings last until you close the program"))
            }
        }
    }

    fn warn(mut self, warning: String) -> Settings {
        log::warn!("{warning}");
        self.warning = Some(warning);
        self
    }

    /// Takes the warning from reading the file, for the window to show once.
    pub fn take_warning(&mut self) -> Option<String> {
        self.warning.take()
    }

    /// Returns the value of a key, if it has one.
    pub fn get(&self, key: &str) -> Option<String> {
        self.values.get(key).cloned()
    }

    /// Returns what follows `start` in the keys that begin with it, and their values.
    pub fn beginning_with(&self, start: &str) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().filter_map(move |(key, value)| Some((key.strip_prefix(start)?, value.as_str())))
    }

    /// Sets the value of a key, which is one line. An empty value removes the key.
    pub fn set(&mut self, key: &str, value: &str) {
        let before = if value.is_empty() {
            self.values.remove(key)
        } else {
            self.values.insert(key.to_owned(), value.to_owned())
        };
        if before.as_deref().unwrap_or_default() != value {
            self.changed.insert(key.to_owned());
        }
    }

    /// Sets a value that tells where a window is or how large, unless another program with these settings runs since
    /// before: its window has that place.
    pub fn set_place(&mut self, key: &str, value: &str) {
        if self.instance.number() == 0 {
            self.set(key, value);
        }
    }

    /// Returns the number of this program among the running ones with these settings, from 0.
    pub fn instance(&self) -> u8 {
        self.instance.number()
    }

    /// Calls `note` about once a second to update the values, and starts a write if one has changed. Called with every
    /// tick.
    pub fn save_if_changed(&mut self, now: Instant, note: impl FnOnce(&mut Settings)) {
        if self.last_check.is_some_and(|checked| now.saturating_duration_since(checked) < CHECK_INTERVAL) {
            return;
        }
        self.last_check = Some(now);
        note(self);
        // One write at a time: later changes are in the next one.
        if self.writing.as_ref().is_none_or(|(thread, _)| thread.is_finished()) {
            self.wait();
            if self.is_unsaved() && self.retry.is_none_or(|retry| retry <= now) {
                self.write();
            }
        }
    }

    fn is_unsaved(&self) -> bool {
        self.is_damaged || !self.changed.is_empty()
    }

    fn write(&mut self) {
        let Some(file) = self.file.clone() else { return };
        let keys = std::mem::take(&mut self.changed);
        let changes: Vec<_> = keys.iter().map(|key| (key.clone(), self.get(key))).collect();
        let write = move || files::rewrite(&file, |before| Ok(written(&merged(before, changes))));
        match thread::Builder::new().name("settings".into()).spawn(write) {
            Ok(thread) => self.writing = Some((thread, keys)),
            Err(error) => self.on_written(Err(error), keys),
        }
    }

    fn wait(&mut self) {
        if let Some((thread, keys)) = self.writing.take() {
            let outcome = thread.join().unwrap_or_else(|_| Err(io::Error::other("the settings thread panicked")));
            self.on_written(outcome, keys);
        }
    }

    /// Logs the first failed write of a series, and the first that succeeds again.
    fn on_written(&mut self, outcome: io::Result<()>, mut keys: BTreeSet<String>) {
        let failed_before = self.retry.is_some();
        self.retry = outcome.is_err().then(|| self.last_check.unwrap_or_else(Instant::now) + RETRY_DELAY);
        self.is_damaged &= outcome.is_err();
        match outcome {
            Ok(()) if failed_before => log::warn!("the settings are saved again"),
            Ok(()) => {}
            Err(error) => {
                self.changed.append(&mut keys);
                if !failed_before {
                    let file = self.file.as_deref().unwrap_or(Path::new("")).display();
                    log::warn!("the settings could not be written to {file}: {error}; trying again");
                }
            }
        }
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        self.wait();
        if self.is_unsaved() {
            self.write();
            self.wait();
        }
    }
}

/// Parses lines of the form `key = value` and comments that begin with `#`. Returns the values, and the numbers of the
/// invalid lines.
fn read(text: &[u8]) -> (BTreeMap<String, String>, Vec<usize>) {
    let (mut values, mut damaged) = (BTreeMap::new(), Vec::new());
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii)) {
        match std::str::from_utf8(line).ok().and_then(|line| line.split_once('=')) {
            _ if line.is_empty() || line.starts_with(b"#") => {}
            None => damaged.push(number),
            Some((_, value)) if value.trim().is_empty() => {}
            Some((key, value)) => {
                values.insert(key.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
    (values, damaged)
}

/// Returns the values of a file with some of them changed.
fn merged(before: &[u8], changes: Vec<(String, Option<String>)>) -> BTreeMap<String, String> {
    let (mut values, _) = read(before);
    for (key, value) in changes {
        match value {
            Some(value) => _ = values.insert(key, value),
            None => _ = values.remove(&key),
        }
    }
    values
}

fn written(values: &BTreeMap<String, String>) -> String {
    let mut text = "# What multichat remembers; written anew whenever something changes.\n".to_owned();
    for (key, value) in values {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key} = {}", value.replace(char::is_control, " ").trim());
    }
    text
}

#[cfg(test)]
mod tests;
