//! `--watch`: does something now, and again whenever a file is saved. The standard library cannot wait for that, so it looks.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

/// The time between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// Does it now and after each change of these files, or of files in these folders. Ctrl-C ends it.
pub(crate) fn at_each_change(watched: &[PathBuf], mut what: impl FnMut()) -> ! {
    loop {
        // Before the work: a file that is saved while it goes on is looked at again.
        let before = saved(watched);
        what();
        let names: Vec<_> = watched.iter().map(|path| path.display().to_string()).collect();
        println!("\nwaits for a change of {} (Ctrl-C ends it)\n", names.join(", "));
        while saved(watched) == before {
            thread::sleep(LOOK);
        }
    }
}

/// When each file was saved last.
fn saved(watched: &[PathBuf]) -> Vec<(PathBuf, Option<SystemTime>)> {
    let mut files: Vec<_> = watched.iter().flat_map(|path| files(path)).collect();
    files.sort();
    let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    files.into_iter().map(|path| (time(&path), path)).map(|(time, path)| (path, time)).collect()
}

fn files(path: &Path) -> Vec<PathBuf> {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => vec![path.to_owned()],
    }
}
