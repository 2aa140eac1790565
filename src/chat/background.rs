//! Background tasks: work that may wait for a disk or for another program, on threads of its own so that the UI
//! thread never blocks. Each task reports its outcome over a channel, as a text for the status line.
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `save` | until the file is written | writes a conversation to a new file |
//! | `browse` | until the system's opener has ended | opens a link in the browser |

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::files::write_new;
use crate::password::PASSWORD_VARIABLE;

/// Maximum number of unread reports. Each stands for one task that the user has started.
const REPORTS_WAITING: usize = 64;

/// Kind of a background task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Writes a file.
    Save,
    /// Opens a link.
    Browse,
}

/// Outcome of a background task, as an escaped text. That of a failed one says why it failed, and what would help.
type Outcome = Result<String, String>;

/// A background task that has ended, and its outcome.
pub type Report = (Task, Outcome);

/// Background tasks of one window. Owned by the UI thread; only [`finish`](BackgroundTasks::finish) blocks.
#[derive(Debug)]
pub struct BackgroundTasks {
    sender: Sender<Report>,
    reports: Receiver<Report>,
    /// Threads that write files, which the end of the program must not cut off.
    saving: Vec<JoinHandle<()>>,
}

impl Default for BackgroundTasks {
    fn default() -> BackgroundTasks {
        let (sender, reports) = bounded(REPORTS_WAITING);
        BackgroundTasks { sender, reports, saving: Vec::new() }
    }
}

impl BackgroundTasks {
    /// Writes the result of `text` to a new file. An existing file is not overwritten.
    pub fn save(&mut self, path: PathBuf, text: impl FnOnce() -> String + Send + 'static) {
        self.saving.retain(|thread| !thread.is_finished());
        let thread = self.spawn(Task::Save, move || match write_new(&path, &text()) {
            Ok(()) => Ok(format!("Saved as {}", path.display())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(format!("Not saved: {} exists already. Choose another name", path.display()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(format!("Not saved: the folder of {} does not exist", path.display()))
            }
            Err(error) => Err(format!("Not saved as {} ({error}). Choose another place", path.display())),
        });
        self.saving.extend(thread);
    }

    /// Opens a link in the browser. Any scheme but `http` and `https` is rejected, wherever the link came from.
    pub fn browse(&mut self, link: &str) {
        let small = link.to_ascii_lowercase();
        if !small.starts_with("http://") && !small.starts_with("https://") {
            return self.report((Task::Browse, Err(format!("Not opened: {link} is not the address of a web page"))));
        }
        let link = link.to_owned();
        // This thread is not joined: some openers run as long as the browser does, which may be for days.
        self.spawn(Task::Browse, move || match open(&link) {
            Ok(()) => Ok(format!("Opened {link}")),
            Err(why) => Err(format!("Not opened: {why}. The address is {link}")),
        });
    }

    /// Returns the outcome of a task, if one has ended.
    pub fn try_report(&self) -> Option<Report> {
        self.reports.try_recv().ok()
    }

    /// Waits until all files are written. To be called after the window is closed.
    pub fn finish(self) {
        for thread in self.saving {
            if thread.join().is_err() {
                log::error!("the save thread panicked");
            }
        }
        while let Ok((_, Err(why))) = self.reports.try_recv() {
            log::warn!("{why}");
        }
    }

    fn spawn(&self, kind: Task, task: impl FnOnce() -> Outcome + Send + 'static) -> Option<JoinHandle<()>> {
        let sender = self.sender.clone();
        let name = match kind {
            Task::Save => "save",
            Task::Browse => "browse",
        };
        let spawned = thread::Builder::new().name(name.into()).spawn(move || {
            // If the window is gone or far too many reports wait, this one is dropped.
            let _ = sender.try_send((kind, task()));
        });
        spawned.map_err(|error| self.report((kind, Err(format!("Not done: {error}: close other programs"))))).ok()
    }

    fn report(&self, report: Report) {
        let _ = self.sender.try_send(report);
    }
}

/// Passes a link to the program that opens links on this system. There is no shell in between that could interpret
/// the link, and since it begins with `http` it cannot be taken for an option.
fn open(link: &str) -> Result<(), String> {
    let (program, options): (_, &[&str]) = if cfg!(target_os = "windows") {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else if cfg!(target_os = "macos") {
        ("open", &[])
    } else {
        ("xdg-open", &[])
    };
    let quiet = || Stdio::null();
    let mut command = Command::new(program);
    command.args(options).arg(link).env_remove(PASSWORD_VARIABLE);
    let status = command.stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("{program} found no browser")),
        Err(error) => Err(format!("{program} could not be started ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn report(tasks: &BackgroundTasks) -> Outcome {
        tasks.reports.recv_timeout(Duration::from_secs(10)).unwrap().1
    }

    #[test]
    fn a_conversation_is_saved_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chat.txt");
        let mut tasks = BackgroundTasks::default();
        tasks.save(path.clone(), || "one\n".into());
        assert_eq!(report(&tasks), Ok(format!("Saved as {}", path.display())));
        tasks.save(path.clone(), || "two\n".into());
        let Err(why) = report(&tasks) else { panic!("it was overwritten") };
        assert!(why.contains("exists already. Choose another name"), "{why}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n");
    }

    #[test]
    fn a_folder_that_is_not_there_is_said_to_be_missing() {
        let mut tasks = BackgroundTasks::default();
        tasks.save(tempfile::tempdir().unwrap().path().join("no-such-folder").join("chat.txt"), String::new);
        let Err(why) = report(&tasks) else { panic!("it was saved") };
        assert!(why.contains("does not exist"), "{why}");
    }

    #[test]
    fn finishing_waits_for_what_is_being_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chat.txt");
        let (go, told) = bounded(1);
        let mut tasks = BackgroundTasks::default();
        tasks.save(path.clone(), move || {
            told.recv().unwrap();
            "late\n".into()
        });
        go.send(()).unwrap();
        tasks.finish();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "late\n");
    }

    #[test]
    fn only_web_pages_are_opened() {
        for link in ["file:///etc/passwd", "javascript:alert(1)", "--help", ""] {
            let mut tasks = BackgroundTasks::default();
            tasks.browse(link);
            assert!(report(&tasks).is_err(), "{link}");
        }
    }
}
