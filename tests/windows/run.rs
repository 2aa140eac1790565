//! Runs the tests of all files: two for each processor at a time, since most of the time a test waits for a window.

use std::num::NonZero;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use crate::support::desktop::Test;
use crate::support::program::{Home, path_with};
use crate::support::x_server::XServer;

/// The variable that names the one test that this process is to run.
const ONE: &str = "MULTICHAT_WINDOW_TEST";

/// Returns all tests, each by the name of its file and its own.
fn all() -> Vec<(String, fn())> {
    let files = [
        ("alerts", super::alerts::tests()),
        ("client", super::client::tests()),
        ("connect", super::connect::tests()),
        ("context_menu", super::context_menu::tests()),
        ("deleted", super::deleted::tests()),
        ("desk", super::desk::tests()),
        ("drawer", super::drawer::tests()),
        ("ends", super::ends::tests()),
        ("entry", super::entry::tests()),
        ("flood", super::flood::tests()),
        ("focus", super::focus::tests()),
        ("history", super::history::tests()),
        ("ignore", super::ignore::tests()),
        ("kept", super::kept::tests()),
        ("keyboard", super::keyboard::tests()),
        ("keys", super::keys::tests()),
        ("laboratory", super::laboratory::tests()),
        ("ladder", super::ladder::tests()),
        ("layout", super::layout::tests()),
        ("monitor", super::monitor::tests()),
        ("monitor_people", super::monitor_people::tests()),
        ("operator", super::operator::tests()),
        ("overlaps", super::overlaps::tests()),
        ("people", super::people::tests()),
        ("place", super::place::tests()),
        ("private", super::private::tests()),
        ("quit", super::quit::tests()),
        ("reading", super::reading::tests()),
        ("session", super::session::tests()),
        ("talks", super::talks::tests()),
        ("threads", super::threads::tests()),
        ("transcript", super::transcript::tests()),
        ("trust", super::trust::tests()),
        ("whom", super::whom::tests()),
        ("wire", super::wire::tests()),
    ];
    let named = |(file, tests): (&str, Vec<Test>)| {
        tests.into_iter().map(|(name, test)| (format!("{file}: {name}"), test)).collect::<Vec<_>>()
    };
    files.into_iter().flat_map(named).collect()
}

/// Runs the one test that the environment names, or those whose names contain one of the arguments; all without arguments.
pub(crate) fn run() {
    let mut tests = all();
    if let Ok(one) = env::var(ONE) {
        let (_, test) = tests.into_iter().find(|(name, _)| *name == one).expect("there is no such test");
        return test();
    }
    let words: Vec<_> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    tests.retain(|(name, _)| words.is_empty() || words.iter().any(|word| name.contains(word)));
    let at_a_time = 2 * thread::available_parallelism().map_or(1, NonZero::get);
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                while let Some((name, _)) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(output) = in_a_process_of_its_own(name) {
                        println!("test {name} ... FAILED\n{output}");
                        failed.lock().unwrap().push(name);
                    } else {
                        println!("test {name} ... ok");
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    println!("\n{} of {} window tests failed: {failed:#?}", failed.len(), tests.len());
    assert!(failed.is_empty());
}

/// Runs one test; returns what it wrote if it fails.
fn in_a_process_of_its_own(name: &str) -> Result<(), String> {
    let (home, screen) = (Home::new(), XServer::start(1600));
    let output = Command::new(env::current_exe().unwrap())
        .env(ONE, name)
        // Neither the notifications nor the colours of the desktop on which the tests run.
        .env("DBUS_SESSION_BUS_ADDRESS", "none:")
        .env("DISPLAY", &screen.display)
        .env("HOME", home.path())
        .env("PATH", path_with(&home))
        .output()
        .unwrap();
    let written = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{written}{}", output.status)) }
}
