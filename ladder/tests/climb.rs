//! Every solution is green, every start is red and says what is to do, and the transcripts of the READMEs are true.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, thread};

use ladder::program::Launch;
use ladder::rungs::{self, Rung};
use ladder::stage::Stage;
use ladder::transcript::transcripts;

/// Returns the path of a program of this package, which cargo has built before the tests.
fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_climb")).with_file_name(name).with_extension(std::env::consts::EXE_EXTENSION)
}

fn climb(rung: &Rung, program: &str) -> Output {
    Command::new(built("climb")).arg(rung.number.to_string()).arg("--").arg(built(program)).output().unwrap()
}

/// Does something for each rung, at the same time.
fn for_each_rung(what: impl Fn(&'static Rung) + Sync) {
    thread::scope(|scope| {
        let what = &what;
        for rung in rungs::ALL {
            scope.spawn(move || what(rung));
        }
    });
}

#[test]
fn every_solution_is_green() {
    for_each_rung(|rung| {
        let output = climb(rung, &format!("{}_solution", rung.name));
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}:\n{report}", rung.name);
        assert_eq!(report.matches('✓').count(), rung.checks.len(), "{report}");
    });
}

#[test]
fn every_start_is_red_and_says_what_is_to_do() {
    for_each_rung(|rung| {
        let start = fs::read_to_string(Path::new(rung.name).join("start.rs")).unwrap();
        let output = climb(rung, rung.name);
        let report = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{}:\n{report}", rung.name);
        // The first words of a todo!() are shown, whatever its quotation marks.
        let mut todos = start.split("todo!(\"").skip(1).map(|todo| todo.split(['"', '\\']).next().unwrap());
        assert!((2..=4).contains(&todos.clone().count()), "{}: two to four things to do", rung.name);
        assert!(todos.any(|todo| report.contains(&format!("not yet implemented: {todo}"))), "{}:\n{report}", rung.name);
        assert!(report.contains(rung.checks[0].heading), "{}: no explanation:\n{report}", rung.name);
    });
}

#[test]
fn the_transcripts_of_the_readmes_are_true() {
    for_each_rung(|rung| {
        for transcript in transcripts(rung.readme) {
            let launch = Launch { program: built(&transcript.program).into(), args: Vec::new() };
            let played = transcript.play(&mut Stage::new(&launch));
            played.unwrap_or_else(|trouble| panic!("{}/README.md:{}: {trouble:#?}", rung.name, transcript.line));
        }
    });
}
