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
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use directories::ProjectDirs;

use super::theme::Theme;
use crate::files;

/// How often it is looked at whether something has changed.
const EVERY: Duration = Duration::from_secs(1);

/// How long it takes until what could not be written is tried again: a full disk is not empty a moment later.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The remembered settings of one program. Without a place to write, they last as long as the program.
#[derive(Debug, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    /// Each program has one of its own, since it is written as a whole: two in one would undo each other.
    file: Option<PathBuf>,
    /// They differ from what was given to the thread.
    changed: bool,
    /// What was wrong with the file, until the window has said it.
    complaint: Option<String>,
    writing: Option<JoinHandle<io::Result<()>>>,
    looked: Option<Instant>,
    /// When the last writing began.
    started: Option<Instant>,
    /// When one began that failed, if it was the last one.
    failed: Option<Instant>,
}

impl Settings {
    /// Reads the settings of `"client"` or `"server"`.
    pub fn load(program: &str) -> Settings {
        let file = ProjectDirs::from("", "", "multichat").map(|dirs| dirs.config_dir().join(format!("{program}.conf")));
        file.map_or_else(
            || {
                log::warn!("there is no place for settings: what you set is forgotten at the end");
                Settings::default()
            },
            Settings::in_file,
        )
    }

    /// Reads what can be read, line by line. A file with lines that cannot is kept under another name, since it is written over
    /// soon; one that cannot be opened is left alone.
    fn in_file(file: PathBuf) -> Settings {
        let bytes = match std::fs::read(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let file = file.display();
                return Settings::default().complain(format!(
                    "{file} cannot be read ({error}), and is left alone: what you set is forgotten at the end"
                ));
            }
            // The first time there is none.
            bytes => bytes.unwrap_or_default(),
        };
        let (values, damaged) = read(&bytes);
        let mut settings = Settings::default();
        (settings.values, settings.file) = (values, Some(file));
        if damaged.is_empty() { settings } else { settings.set_aside(&damaged, &bytes) }
    }

    fn set_aside(mut self, damaged: &[usize], bytes: &[u8]) -> Settings {
        let Some(file) = &self.file else { return self };
        let lines = damaged.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let what = format!("what cannot be read in {} has no effect (line {lines})", file.display());
        match files::save_damaged_copy(file, bytes) {
            Ok(aside) => {
                self.changed = true;
                self.complain(format!("{what}; the file as it was is {} now", aside.display()))
            }
            Err(error) => {
                self.file = None;
                self.complain(format!(
                    "{what}; it cannot be kept under another name ({error}), so what you set is forgotten at the end"
                ))
            }
        }
    }

    fn complain(mut self, complaint: String) -> Settings {
        log::warn!("{complaint}");
        self.complaint = Some(complaint);
        self
    }

    /// What was wrong with the file, if anything was, for the window to say: once.
    pub fn take_complaint(&mut self) -> Option<String> {
        self.complaint.take()
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
        if self.writing.as_ref().is_none_or(JoinHandle::is_finished) {
            self.wait();
            if self.failed.is_some_and(|failed| now.saturating_duration_since(failed) >= RETRY_AFTER) || self.is_due() {
                self.write(now);
            }
        }
    }

    /// Something has changed, and the last writing has not just failed.
    fn is_due(&self) -> bool {
        self.changed && self.failed.is_none()
    }

    fn write(&mut self, now: Instant) {
        let Some(file) = self.file.clone() else { return };
        self.changed = false;
        self.started = Some(now);
        let text = written(&self.values);
        let write = move || files::write_atomic(&file, &text);
        match thread::Builder::new().name("settings".into()).spawn(write) {
            Ok(thread) => self.writing = Some(thread),
            Err(error) => self.note_outcome(Err(error)),
        }
    }

    fn wait(&mut self) {
        if let Some(thread) = self.writing.take() {
            let outcome = thread.join().unwrap_or_else(|_| Err(io::Error::other("the settings thread panicked")));
            self.note_outcome(outcome);
        }
    }

    /// Says it once if the disk does not take them, and once if it does again.
    fn note_outcome(&mut self, outcome: io::Result<()>) {
        match (outcome, self.failed) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) => {
                log::warn!("the settings are written again");
                self.failed = None;
            }
            (Err(error), before) => {
                if before.is_none() {
                    let file = self.file.as_deref().unwrap_or(Path::new("")).display();
                    log::warn!("the settings could not be written to {file}: {error}; trying again");
                }
                (self.changed, self.failed) = (true, self.started);
            }
        }
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        self.wait();
        if self.changed {
            self.write(Instant::now());
            self.wait();
        }
    }
}

/// A line for each: `key = value`; and `#` before what is for people. The numbers of the lines that are none of these.
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
        let (values, damaged) = read(written(&settings.values).as_bytes());
        assert!(damaged.is_empty());
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

    #[test]
    fn a_line_that_cannot_be_read_costs_no_other_and_is_kept() {
        let folder = std::env::temp_dir().join(format!("multichat-settings-bytes-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("client.conf");
        let damaged = b"# na\xffme\nencryption = always\nname = b\xffb\nno such line\ntheme = dark\n";
        std::fs::write(&file, damaged).unwrap();
        for aside in ["client.conf.damaged", "client.conf.damaged-2"] {
            let mut settings = Settings::in_file(file.clone());
            let complaint = settings.take_complaint().unwrap();
            assert!(complaint.contains("(line 3, 4)") && complaint.contains(aside), "{complaint}");
            assert_eq!(settings.get("encryption").as_deref(), Some("always"));
            assert_eq!(settings.get("theme").as_deref(), Some("dark"));
            assert_eq!(settings.get("name"), None);
            drop(settings);
            assert_eq!(std::fs::read(folder.join(aside)).unwrap(), damaged, "{aside}");
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.ends_with("\nencryption = always\ntheme = dark\n"), "{text}");
            std::fs::write(&file, damaged).unwrap();
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_cannot_be_opened_is_left_alone() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = std::env::temp_dir().join(format!("multichat-settings-closed-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let [closed, circle] = ["closed.conf", "circle.conf"].map(|name| folder.join(name));
        std::fs::write(&closed, "name = ann\n").unwrap();
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
        // Not even the superuser can open this one.
        symlink("circle.conf", &circle).unwrap();
        for file in [&closed, &circle] {
            let is_open = std::fs::read(file).is_ok();
            let mut settings = Settings::in_file(file.clone());
            assert_eq!(settings.file.is_some(), is_open, "{}", file.display());
            settings.set("name", "ben");
        }
        assert!(circle.is_symlink());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_could_not_be_written_is_tried_again() {
        let folder = std::env::temp_dir().join(format!("multichat-settings-again-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("new/client.conf");
        let mut settings = Settings::forgetful();
        settings.file = Some(file.clone());
        // A file where a folder would have to be.
        std::fs::write(folder.join("new"), "").unwrap();
        let now = Instant::now();
        settings.keep(now, |settings| settings.set("name", "ann"));
        settings.wait();
        std::fs::remove_file(folder.join("new")).unwrap();
        settings.keep(now + EVERY, |_| ());
        assert!(settings.writing.is_none(), "so soon");
        settings.keep(now + RETRY_AFTER, |_| ());
        settings.wait();
        assert!(std::fs::read_to_string(&file).unwrap().ends_with("\nname = ann\n"));
        settings.keep(now + RETRY_AFTER + EVERY, |_| ());
        assert!(settings.writing.is_none(), "once is enough");
        drop(settings);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
