//! Runs tests that are processes: some at the same time, each with a deadline, and what fails once more by itself.
//!
//! A test that waits for a window may fail because the processor is busy with others. Such a failure is reported, and is none of
//! the program's.

use std::io::{Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Number of failed tests above which none is repeated: the cause is not the crowd.
const MOST_AGAIN: usize = 8;

/// Runs tests, given by their names, `at_a_time` at the same time. When all have ended, each that has failed runs once more.
/// Returns the names of those that have failed alone, too. `test` returns the output of a failure, and `say` prints.
pub(crate) fn run<'a>(
    names: &[&'a str],
    at_a_time: usize,
    test: impl Fn(&str) -> Result<(), String> + Sync,
    say: impl Fn(String) + Sync,
) -> Vec<&'a str> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            match test(name) {
                Ok(()) => say(format!("test {name} ... ok")),
                Err(output) => {
                    say(format!("test {name} ... FAILED\n{output}"));
                    failed.lock().unwrap().push((*name, output));
                }
            }
        }
    };
    thread::scope(|scope| (0..at_a_time).for_each(|_| _ = scope.spawn(work)));
    let mut failed = failed.into_inner().unwrap();
    if at_a_time > 1 && failed.len() <= MOST_AGAIN {
        failed.retain(|(name, output)| match test(name) {
            Ok(()) => {
                say(format!("PASSED ALONE ONLY: {name}\nits failure among the others was:\n{output}"));
                false
            }
            Err(output) => {
                say(format!("test {name} ... FAILED alone, too\n{output}"));
                true
            }
        });
    }
    failed.into_iter().map(|(name, _)| name).collect()
}

/// Runs a command, and kills it with the processes that it has started if it takes longer than `limit`. Returns what it has
/// written if it fails.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<(), String> {
    // A file, and no pipe: a process that it has left behind would keep the pipe open.
    let mut written = tempfile::tempfile().unwrap();
    command.stdin(Stdio::null()).stdout(written.try_clone().unwrap()).stderr(written.try_clone().unwrap());
    let mut process = command.process_group(0).spawn().unwrap();
    let deadline = Instant::now() + limit;
    let ended = loop {
        match process.try_wait().unwrap() {
            Some(status) if status.success() => return Ok(()),
            Some(status) => break status.to_string(),
            None if Instant::now() > deadline => {
                let group = format!("-{}", process.id());
                Command::new("kill").args(["-s", "KILL", "--", &group]).status().unwrap();
                process.wait().unwrap();
                break format!("killed, because it has not ended within {limit:?}");
            }
            None => thread::park_timeout(Duration::from_millis(10)),
        }
    };
    let mut bytes = Vec::new();
    written.rewind().unwrap();
    written.read_to_end(&mut bytes).unwrap();
    Err(String::from_utf8_lossy(&bytes).into_owned() + &ended)
}
