//! Runs the tests of all files: two for each processor at a time, since most of the time a test waits for a window.
//! One that fails among the others runs once more by itself.

use std::num::NonZero;
use std::process::Command;
use std::time::Duration;
use std::{env, thread};

use crate::support::crowd;
use crate::support::desktop::Test;
use crate::support::program::{Home, path_with};
use crate::support::x_server::XServer;

/// The variable that names the one test that this process is to run.
const ONE: &str = "MULTICHAT_WINDOW_TEST";

/// Time after which a test hangs, and is killed. Each wait in it gives up sooner.
const LIMIT: Duration = Duration::from_mins(3);

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
        #[cfg(feature = "discovery")]
        ("found", super::found::tests()),
        ("focus", super::focus::tests()),
        ("frame", super::frame::tests()),
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
        ("room", super::room::tests()),
        ("session", super::session::tests()),
        ("settings", super::settings::tests()),
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
    let names: Vec<_> = tests.iter().map(|(name, _)| name.as_str()).collect();
    let at_a_time = 2 * thread::available_parallelism().map_or(1, NonZero::get);
    let failed = crowd::run(&names, at_a_time, in_a_process_of_its_own, |line| println!("{line}"));
    println!("\n{} of {} window tests failed: {failed:#?}", failed.len(), tests.len());
    assert!(failed.is_empty());
}

/// Runs one test; returns what it wrote if it fails.
fn in_a_process_of_its_own(name: &str) -> Result<(), String> {
    let (home, screen) = (Home::new(), XServer::start(1600));
    let mut test = Command::new(env::current_exe().unwrap());
    test.env(ONE, name)
        // Neither the notifications nor the colours of the desktop on which the tests run.
        .env("DBUS_SESSION_BUS_ADDRESS", "none:")
        .env("DISPLAY", &screen.display)
        .env("HOME", home.path())
        .env("PATH", path_with(&home));
    crowd::run_within(LIMIT, &mut test)
}
