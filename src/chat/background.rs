//! Errands: what takes as long as a disk or another program likes, done on threads of its own so that the window need not
//! wait. What has become of one is told over a channel, in words for the status line.
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `save` | until the file is written | writes a conversation into a new file |
//! | `browse` | until the system's opener has ended | hands a link to the browser |

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::files::write_new;
use crate::password::PASSWORD_VARIABLE;

/// Reports that may wait to be read. There is one for each errand that a person has asked for.
const REPORTS_WAITING: usize = 64;

/// What has become of an errand, in words that are fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// It is done.
    Done(String),
    /// It is not, and why, and what would help.
    Failed(String),
}

/// The errands of one window. It belongs to the UI thread, and only [`finish`](BackgroundTasks::finish) waits.
#[derive(Debug)]
pub struct BackgroundTasks {
    sender: Sender<Report>,
    reports: Receiver<Report>,
    /// Files that are being written, which must not be cut off by the end of the program.
    saving: Vec<JoinHandle<()>>,
}

impl Default for BackgroundTasks {
    fn default() -> BackgroundTasks {
        let (sender, reports) = bounded(REPORTS_WAITING);
        BackgroundTasks { sender, reports, saving: Vec::new() }
    }
}

impl BackgroundTasks {
    /// Writes what `text` returns into a new file. A file that is there already is left alone.
    pub fn save(&mut self, path: PathBuf, text: impl FnOnce() -> String + Send + 'static) {
        self.saving.retain(|thread| !thread.is_finished());
        let thread = self.spawn("save", move || match write_new(&path, &text()) {
            Ok(()) => Report::Done(format!("Saved as {}", path.display())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Report::Failed(format!("Not saved: {} is there already: choose another name", path.display()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Report::Failed(format!("Not saved: there is no folder for {}: choose another", path.display()))
            }
            Err(error) => Report::Failed(format!("Not saved as {}: {error}: choose another place", path.display())),
        });
        self.saving.extend(thread);
    }

    /// Opens a link in the browser. Anything but `http` and `https` is refused, wherever it came from.
    pub fn browse(&mut self, link: &str) {
        let small = link.to_ascii_lowercase();
        if !small.starts_with("http://") && !small.starts_with("https://") {
            return self.report(Report::Failed(format!("Not opened: {link} is no address of a web page")));
        }
        let link = link.to_owned();
        // It is not joined: some openers last as long as the browser does, and that may be for days.
        self.spawn("browse", move || match open(&link) {
            Ok(()) => Report::Done(format!("Opened {link}")),
            Err(why) => Report::Failed(format!("Not opened: {why}. The address is {link}")),
        });
    }

    /// What has become of one of them, if there is news.
    pub fn report_of_one(&self) -> Option<Report> {
        self.reports.try_recv().ok()
    }

    /// Waits until what is being saved is saved; for when the window is closed.
    pub fn finish(self) {
        for thread in self.saving {
            if thread.join().is_err() {
                log::error!("the save thread panicked");
            }
        }
        while let Ok(Report::Failed(why)) = self.reports.try_recv() {
            log::warn!("{why}");
        }
    }

    fn spawn(&self, name: &str, errand: impl FnOnce() -> Report + Send + 'static) -> Option<JoinHandle<()>> {
        let sender = self.sender.clone();
        let spawned = thread::Builder::new().name(name.into()).spawn(move || {
            // With nobody there to hear it, or far too much to hear, it is not told.
            let _ = sender.try_send(errand());
        });
        spawned.map_err(|error| self.report(Report::Failed(format!("Not done: {error}: close other programs")))).ok()
    }

    fn report(&self, report: Report) {
        let _ = self.sender.try_send(report);
    }
}

/// Hands a link to the program that this system opens links with. There is no shell in between that could read more into the
/// link than an address, and as it begins with `http` it is no option either.
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

    fn report(errands: &BackgroundTasks) -> Report {
        errands.reports.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    /// A folder that is gone afterwards.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let folder = std::env::temp_dir().join(format!("multichat-errand-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            Folder(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_conversation_is_saved_and_nothing_is_overwritten() {
        let folder = Folder::new("save");
        let path = folder.0.join("chat.txt");
        let mut errands = BackgroundTasks::default();
        errands.save(path.clone(), || "one\n".into());
        assert_eq!(report(&errands), Report::Done(format!("Saved as {}", path.display())));
        errands.save(path.clone(), || "two\n".into());
        let Report::Failed(why) = report(&errands) else { panic!("it was overwritten") };
        assert!(why.contains("is there already: choose another name"), "{why}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n");
    }

    #[test]
    fn a_folder_that_is_not_there_is_said_to_be_missing() {
        let mut errands = BackgroundTasks::default();
        errands.save(std::env::temp_dir().join("multichat-no-such-folder").join("chat.txt"), String::new);
        let Report::Failed(why) = report(&errands) else { panic!("it was saved") };
        assert!(why.contains("there is no folder for"), "{why}");
    }

    #[test]
    fn finishing_waits_for_what_is_being_saved() {
        let folder = Folder::new("finish");
        let path = folder.0.join("chat.txt");
        let (go, told) = bounded(1);
        let mut errands = BackgroundTasks::default();
        errands.save(path.clone(), move || {
            told.recv().unwrap();
            "late\n".into()
        });
        go.send(()).unwrap();
        errands.finish();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "late\n");
    }

    #[test]
    fn only_web_pages_are_opened() {
        for link in ["file:///etc/passwd", "javascript:alert(1)", "--help", ""] {
            let mut errands = BackgroundTasks::default();
            errands.browse(link);
            assert!(matches!(report(&errands), Report::Failed(_)), "{link}");
        }
    }
}
