//! What is remembered from one run of a program to the next, in the user's own place (`~/.config` on Linux).
//!
//! [`Settings::load`] reads the file before the window is shown. From then on the values are here, and soon after one has
//! changed a thread of their own writes all of them, so that a kill loses next to nothing, and the UI thread never waits
//! for a disk. Only dropping them waits: `main` lets go of them after the loop has ended.
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `settings` | until the file is written | writes the settings over the earlier ones |

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use directories::ProjectDirs;

use super::Theme;
use crate::files;

/// How often it is looked at whether something has changed.
const EVERY: Duration = Duration::from_secs(1);

/// The remembered settings of one program. Without a place to write, they last as long as the program.
#[derive(Debug, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    /// Each program has one of its own, since it is written as a whole: two in one would undo each other.
    file: Option<PathBuf>,
    /// They differ from what was given to the thread.
    changed: bool,
    writing: Option<JoinHandle<()>>,
    looked: Option<Instant>,
}

impl Settings {
    /// Reads the settings of `"client"` or `"server"`.
    pub fn load(program: &str) -> Settings {
        let file = ProjectDirs::from("", "", "multichat").map(|dirs| dirs.config_dir().join(format!("{program}.conf")));
        if file.is_none() {
            log::warn!("there is no place for settings: what you set is forgotten at the end");
        }
        // The first time there is none. One that cannot be read says nothing either.
        let text = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        let mut settings = Settings::default();
        (settings.values, settings.file) = (read(&text), file);
        settings
    }

    /// Settings that are read from nowhere and written nowhere.
    pub fn forgetful() -> Settings {
        Settings::default()
    }

    /// What was remembered under this key, if that is anything.
    pub fn get(&self, key: &str) -> Option<String> {
        self.values.get(key).cloned()
    }

    /// Remembers a value, which is one line; nothing under an empty one.
    pub fn set(&mut self, key: &str, value: &str) {
        let before = if value.is_empty() {
            self.values.remove(key)
        } else {
            self.values.insert(key.to_owned(), value.to_owned())
        };
        self.changed |= before.as_deref().unwrap_or_default() != value;
    }

    /// The remembered theme.
    pub fn theme(&self) -> Option<Theme> {
        Theme::from_word(&self.get("theme")?)
    }

    /// Remembers the theme.
    pub fn set_theme(&mut self, theme: Theme) {
        self.set("theme", theme.word());
    }

    /// To be called with every tick: about once a second it lets `note` set what is to be remembered, and has it written
    /// if that has changed.
    pub fn keep(&mut self, now: Instant, note: impl FnOnce(&mut Settings)) {
        if self.looked.is_some_and(|looked| now.saturating_duration_since(looked) < EVERY) {
            return;
        }
        self.looked = Some(now);
        note(self);
        // One at a time: what changes meanwhile is written the next time.
        if self.changed && self.writing.as_ref().is_none_or(JoinHandle::is_finished) {
            self.write();
        }
    }

    fn write(&mut self) {
        self.changed = false;
        let Some(file) = self.file.clone() else { return };
        let text = written(&self.values);
        let write = move || {
            if let Err(error) = files::write_over(&file, &text) {
                log::warn!("the settings could not be written to {}: {error}", file.display());
            }
        };
        match thread::Builder::new().name("settings".into()).spawn(write) {
            Ok(thread) => self.writing = Some(thread),
            // It is tried again.
            Err(error) => {
                log::warn!("the settings could not be written: {error}");
                self.changed = true;
            }
        }
    }

    fn wait(&mut self) {
        if self.writing.take().is_some_and(|thread| thread.join().is_err()) {
            log::error!("the settings thread panicked");
        }
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        self.wait();
        if self.changed {
            self.write();
            self.wait();
        }
    }
}

/// A line for each: `key = value`. What is no such line means nothing.
fn read(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let pairs = lines.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    pairs.filter(|(_, value)| !value.is_empty()).collect()
}

fn written(values: &BTreeMap<String, String>) -> String {
    let mut text = "# What multichat remembers; written anew whenever something changes.\n".to_owned();
    for (key, value) in values {
        // To a string, it cannot fail.
        let _ = writeln!(text, "{key} = {}", value.replace(char::is_control, " ").trim());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_read_again() {
        let mut settings = Settings::forgetful();
        settings.set("name", "小明");
        settings.set("server", " a=b\nport = 1 ");
        settings.set("port", "5555");
        settings.set("port", "");
        let values = read(&written(&settings.values));
        let pairs: Vec<_> = values.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("name", "小明"), ("server", "a=b port = 1")]);
    }

    #[test]
    fn only_a_change_is_written() {
        let mut settings = Settings::forgetful();
        settings.set("name", "");
        assert!(!settings.changed);
        settings.set("name", "ann");
        assert!(settings.changed);
        settings.changed = false;
        settings.set("name", "ann");
        assert!(!settings.changed);
    }

    #[test]
    fn a_change_is_on_the_disk_soon_and_the_last_one_at_the_end() {
        let folder = std::env::temp_dir().join(format!("multichat-settings-{}", std::process::id()));
        let file = folder.join("new/client.conf");
        let mut settings = Settings::forgetful();
        settings.file = Some(file.clone());
        let now = Instant::now();
        settings.keep(now, |settings| settings.set("name", "ann"));
        settings.wait();
        assert!(std::fs::read_to_string(&file).unwrap().ends_with("\nname = ann\n"));
        settings.keep(now, |_| panic!("so soon again"));
        settings.set("name", "ben");
        drop(settings);
        assert!(std::fs::read_to_string(&file).unwrap().ends_with("\nname = ben\n"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
