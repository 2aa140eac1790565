//! Every solution is green, every start is red and says what is to do, and the transcripts of the READMEs are true.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::Duration;
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

/// Does something for each rung that holds on this system, at the same time.
fn for_each_rung(what: impl Fn(&'static Rung) + Sync) {
    thread::scope(|scope| {
        let what = &what;
        for rung in rungs::ALL.iter().filter(|rung| rung.holds_here()) {
            scope.spawn(move || what(rung));
        }
    });
}

/// All rungs at once keep a small machine busy beyond the deadlines of the checks. What fails then runs once more by itself.
#[test]
fn every_solution_is_green() {
    let failed = Mutex::new(Vec::new());
    for_each_rung(|rung| {
        let output = climb(rung, &format!("{}_solution", rung.name));
        if !output.status.success() {
            failed.lock().unwrap().push((rung, output));
        }
    });
    for (rung, first) in failed.into_inner().unwrap() {
        let output = climb(rung, &format!("{}_solution", rung.name));
        let [first, report] = [first.stdout, output.stdout].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(output.status.success(), "{}:\n{first}\n\nand alone:\n{report}", rung.name);
        println!("PASSED ALONE ONLY: {}\n{first}", rung.name);
    }
}

/// Where a user may have a network of their own (Linux), nothing can be reached in it: each check would blame the program.
#[test]
fn a_system_without_127_0_0_1_is_told_apart_from_a_wrong_program() {
    let alone =
        |program: &Path| Command::new("unshare").arg("-rn").arg(program).args(["0", "--", "no such program"]).output();
    if !Command::new("unshare").args(["-rn", "true"]).output().is_ok_and(|output| output.status.success()) {
        return;
    }
    let output = alone(&built("climb")).unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert!(report.contains("ip link set lo up") && !report.contains("README.md"), "{report}");
}

#[test]
fn every_start_is_red_and_says_what_is_to_do() {
    for_each_rung(|rung| {
        let start = fs::read_to_string(Path::new(rung.name).join("start.rs")).unwrap();
        let output = climb(rung, rung.name);
        let report = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{}:\n{report}", rung.name);
        // The words of a todo!() up to a quotation mark in them.
        let mut todos =
            start.split("todo!(").filter_map(|todo| todo.trim_start().strip_prefix('"')?.split(['"', '\\']).next());
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

/// Runs `cargo climb` with these arguments; returns its exit code and all that it prints.
fn climb_with(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(built("climb")).args(args).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code(), said)
}

/// So a clone is enough to begin: no registry is asked.
#[test]
fn the_ladder_needs_no_other_package() {
    assert_eq!(include_str!("../Cargo.lock").matches("[[package]]").count(), 1);
}

#[test]
fn without_arguments_it_lists_the_rungs_and_their_exercises() {
    let (code, said) = climb_with(&[]);
    assert_eq!(code, Some(0));
    for rung in rungs::ALL {
        assert!(said.contains(&format!("{:2}  {}", rung.number, rung.name)), "{said}");
        assert!(said.contains(rung.title), "{said}");
        for (number, exercise) in (1..).zip(rung.exercises) {
            assert!(said.contains(&format!("exercise {number}: {}", exercise.title)), "{said}");
        }
    }
}

#[test]
fn wrong_arguments_are_refused_with_what_would_work() {
    for (args, wrong) in [
        (&["99"][..], "there is no rung 99"),
        (&["1", "2"], "what is 2?"),
        (&["--watch"], "which rung?"),
        (&["1", "--solutions"], "what is --solutions?"),
        (&["1", "--exercise"], "after --exercise comes its number"),
        (&["1", "--exercise", "one"], "after --exercise comes its number"),
        (&["1", "--exercise", "0"], "rung 1 has no exercise 0"),
        (&["1", "--exercise", "3"], "rung 1 has no exercise 3"),
        (&["1", "--solution", "--exercise", "1"], "--solution does no exercises"),
        (&["1", "--"], "after -- comes a program"),
        (&["1", "--solution", "--", "x"], "--solution names our program"),
        (&["1", "--watch", "--", "./no/such/program"], "--watch looks at the files"),
    ] {
        let (code, said) = climb_with(args);
        assert_eq!(code, Some(2), "{args:?}");
        assert!(said.starts_with(wrong) && said.contains("usage: cargo climb"), "{args:?}: {said}");
    }
}

#[test]
fn a_program_that_does_not_exist_fails_and_says_so() {
    let (code, said) = climb_with(&["1", "--", "./no/such/program"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("to start ./no/such/program"), "{said}");
}

#[test]
fn the_solution_is_built_and_checked() {
    let (code, said) = climb_with(&["1", "--solution"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("rung01_echo/solution.rs"), "{said}");
}

#[test]
fn watch_checks_again_when_the_program_is_saved() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("watch");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("server").with_extension(std::env::consts::EXE_EXTENSION);
    fs::copy(built("rung01_echo"), &program).unwrap();
    let mut watching =
        Command::new(built("climb")).args(["1", "--watch", "--"]).arg(&program).stdout(Stdio::piped()).spawn().unwrap();
    let (sender, said) = mpsc::channel();
    let stdout = BufReader::new(watching.stdout.take().unwrap());
    thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let until = |wanted: &str| {
        while let Ok(line) = said.recv_timeout(Duration::from_mins(1)) {
            if line.contains(wanted) {
                return true;
            }
        }
        false
    };
    let was_red = until("Begin with the first") && until("waits for a change");
    // Renamed, not written: the old one may still be running.
    let saved = folder.join("saved");
    fs::copy(built("rung01_echo_solution"), &saved).unwrap();
    fs::rename(&saved, &program).unwrap();
    let is_green = was_red && until("checks of rung 1 passed");
    watching.kill().unwrap();
    watching.wait().unwrap();
    assert!(was_red, "the start was not checked");
    assert!(is_green, "the solution was not checked after it was saved");
}

#[test]
fn what_breaks_in_a_rung_is_what_a_rung_above_checks() {
    let table = [
        ("rung01_echo", 2, &["a client that says nothing keeps nobody waiting"][..]),
        (
            "rung02_threads",
            3,
            &[
                "a longer line gets an error, and the next line comes back",
                "a line without end takes no memory",
                "a line that is not UTF-8 gets an error, and the next line comes back",
            ],
        ),
        ("rung03_framing", 4, &["HELLO is answered by the list, one's own name last"]),
        ("rung05_broadcast", 8, &["one who reads nothing keeps nobody waiting"]),
        ("rung08_outbox", 9, &["\"stop\" is a last line and an end for everybody"]),
    ];
    thread::scope(|scope| {
        for (below, above, broken) in table {
            scope.spawn(move || {
                let rung = rungs::ALL.iter().find(|rung| rung.number == above).unwrap();
                let output = climb(rung, &format!("{below}_solution"));
                let report = String::from_utf8_lossy(&output.stdout);
                for check in broken {
                    assert!(report.contains(&format!("✗ {check}\n")), "{below} in rung {above}:\n{report}");
                }
            });
        }
    });
}
