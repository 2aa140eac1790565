//! Each fault that the READMEs of rungs 5 to 10 speak of is put into a solution, and the check that is there for it turns red.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

use ladder::program::Launch;
use ladder::rungs;
use ladder::stage::Stage;

/// Compiles a rung's solution in which some text stands in the place of another. Returns the program.
fn with_fault(name: &str, rung: &str, right: &str, wrong: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let solution = fs::read_to_string(folder.join(rung).join("solution.rs")).unwrap();
    assert!(solution.contains(right), "{rung}/solution.rs has no {right:?}");
    let faulty = solution.replace(right, wrong).replace("\"../", &format!("\"{}/", folder.display()));
    let source = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.rs"));
    fs::write(&source, faulty).unwrap();
    let program = source.with_extension(env::consts::EXE_EXTENSION);
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let compiled = Command::new(rustc)
        .args(["--edition", "2024", "--allow", "warnings", "-o"])
        .arg(&program)
        .arg(&source)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{name}: {}", String::from_utf8_lossy(&compiled.stderr));
    program
}

/// Does the checks of a rung whose names contain a text. Returns what came where one failed.
fn failure(program: &Path, rung: u8, check: &str) -> Option<String> {
    let launch = Launch { program: program.into(), args: Vec::new() };
    let rung = rungs::ALL.iter().find(|one| one.number == rung).unwrap();
    let checks: Vec<_> = rung.checks.iter().filter(|one| one.name.contains(check)).collect();
    assert!(!checks.is_empty(), "rung {} has no check {check:?}", rung.number);
    checks.into_iter().find_map(|check| (check.run)(&mut Stage::new(&launch)).err()).map(|trouble| trouble.came)
}

/// A fault: its name, the rung and its folder, what is right, what is wrong, the check that finds it, and what comes.
type Fault = (&'static str, u8, &'static str, &'static str, &'static str, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    (
        "a_lock_for_each_piece_of_a_line",
        7,
        "rung07_two_writers",
        "let _ = lock(writer).write_all(line.as_bytes());",
        "for piece in line.as_bytes().chunks(1000) { let _ = lock(writer).write_all(piece); thread::yield_now(); }",
        "every line comes whole",
        "it goes on with",
    ),
    (
        "a_second_writer",
        8,
        "rung08_outbox",
        "!mem::replace(&mut outbox.writing, true)",
        "outbox.writing = true; true",
        "every line comes whole",
        "it goes on with",
    ),
    (
        "no_drain_thread",
        8,
        "rung08_outbox",
        "return self.start_drain(rest.to_vec());",
        "return self.drain(rest);",
        "keeps nobody waiting",
        "nothing within",
    ),
    (
        "no_bound",
        8,
        "rung08_outbox",
        "if outbox.queue.len() + line.len() > QUEUE_MAX",
        "if false",
        "has a bound",
        "and no end",
    ),
    (
        "one_after_the_other",
        9,
        "rung09_stop",
        "let claimed: Vec<_> =",
        "for one in &members { if one.finish(\"ERR SHUTTING_DOWN\\n\") { one.write(); } drop(room); thread::sleep(LINGER / 9); room = lock(&self.room); }\nlet claimed: Vec<_> =",
        "a last line and an end",
        "BYE",
    ),
    (
        "exit_in_place_of_the_steps",
        9,
        "rung09_stop",
        "// 3. The last lines are",
        "std::process::exit(0);\n// 3. The last lines are",
        "what was said before the stop",
        "has closed the connection",
    ),
    (
        "patience_without_an_end",
        9,
        "rung09_stop",
        "            member.shut();\n",
        "            let _ = member;\n",
        "does not hold up the stop",
        "it still runs",
    ),
    (
        "a_timeout_for_each_read",
        10,
        "rung10_limits",
        "self.deadline.get().map(|deadline| deadline.saturating_duration_since(Instant::now()))",
        "self.deadline.get().map(|_| HELLO_WITHIN)",
        "no HELLO within two seconds",
        "none after",
    ),
    (
        "one_timeout_for_a_stalled_reader",
        10,
        "rung10_limits",
        "set_write_timeout(Some(TRY_AGAIN))",
        "set_write_timeout(Some(STALL_MAX))",
        "does read, stays",
        "has closed the connection",
    ),
    (
        "a_refused_line_costs",
        10,
        "rung10_limits",
        "            return Err(Duration::from_secs_f64((1.0 - self.tokens) / RATE));",
        "            let wait = (1.0 - self.tokens) / RATE;\n            self.tokens -= 1.0;\n            return Err(Duration::from_secs_f64(wait));",
        "then ten a second",
        "",
    ),
];

#[test]
fn each_fault_is_found_by_its_check() {
    thread::scope(|scope| {
        let is_here = |number| rungs::ALL.iter().any(|rung| rung.number == number && rung.holds_here());
        for &(name, number, rung, right, wrong, check, came) in FAULTS.iter().filter(|fault| is_here(fault.1)) {
            scope.spawn(move || {
                let failure = failure(&with_fault(name, rung, right, wrong), number, check);
                let failure =
                    failure.unwrap_or_else(|| panic!("{name}: the check {check:?} of rung {number} is green"));
                assert!(failure.contains(came), "{name}: {failure}");
            });
        }
    });
}

#[test]
fn rung_7_the_order_of_rung_5_is_lost() {
    let program = with_fault("right", "rung07_two_writers", "use std::env;", "use std::env;");
    let lost = (0..100).find_map(|_| failure(&program, 5, "in the same order"));
    let lost = lost.unwrap_or_else(|| panic!("a hundred times all heard one order"));
    assert!(lost.contains("for carl and"), "{lost}");
}

#[test]
#[cfg_attr(windows, ignore = "a single write that does not wait is not there")]
fn rung_8_the_checks_are_fair_to_python() {
    let python = ["python3", "python"].into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    let launch = Launch { program: python.unwrap_or("python3").into(), args: vec!["rung08_outbox/outbox.py".into()] };
    let rung = rungs::ALL.iter().find(|rung| rung.number == 8).unwrap();
    for check in rung.checks {
        (check.run)(&mut Stage::new(&launch)).unwrap_or_else(|trouble| panic!("{}: {trouble:#?}", check.name));
    }
}
