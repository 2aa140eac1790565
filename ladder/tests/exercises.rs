//! Each exercise has a solution, a patch of the rung's. With it the exercise's checks and the rung's are green, without it they are
//! red, and so they are with the shortcuts that come to mind.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use ladder::check::Check;
use ladder::program::Launch;
use ladder::rungs::{self, Rung};
use ladder::stage::Stage;

/// How many exercises are compiled and checked at once. Their checks have deadlines, and a machine may be small.
const AT_ONCE: usize = 4;

/// Returns the path of a program of this package, which cargo has built before the tests.
fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_climb")).with_file_name(name).with_extension(env::consts::EXE_EXTENSION)
}

fn climb(rung: &Rung, exercise: usize, program: &Path) -> Output {
    let (rung, exercise) = (rung.number.to_string(), exercise.to_string());
    Command::new(built("climb")).args([&rung, "--exercise", &exercise, "--"]).arg(program).output().unwrap()
}

fn report(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Applies the patch of an exercise in a folder of its own, and a shortcut to the result: `wrong` in the place of `right`.
/// Returns the program.
fn solved(folder: &str, rung: &Rung, exercise: usize, shortcut: Option<(&str, &str)>) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exercises").join(folder);
    let _ = fs::remove_dir_all(&folder);
    // The rung, and what it takes from others.
    for file in [&format!("{}/solution.rs", rung.name), "rung03_framing/lines.rs", "rung05_broadcast/words.rs"] {
        let copy = folder.join("ladder").join(file);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(file, copy).unwrap();
    }
    let patch = fs::canonicalize(format!("{}/exercise{exercise}.patch", rung.name)).unwrap();
    // Without a ceiling, git would look for a repository above, and take the paths for those of that one.
    let applied = Command::new("git")
        .args(["apply", "--ignore-whitespace"])
        .arg(&patch)
        .current_dir(&folder)
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap())
        .output()
        .unwrap();
    assert!(applied.status.success(), "{}: {}", patch.display(), String::from_utf8_lossy(&applied.stderr));
    let source = folder.join("ladder").join(rung.name).join("solution.rs");
    if let Some((right, wrong)) = shortcut {
        let text = fs::read_to_string(&source).unwrap();
        assert!(text.contains(right), "{}: no {right:?}", source.display());
        fs::write(&source, text.replace(right, wrong)).unwrap();
    }
    let program = folder.join("program").with_extension(env::consts::EXE_EXTENSION);
    let warnings = if shortcut.is_some() { "--allow" } else { "--deny" };
    let compiled = Command::new(env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc")))
        .args(["--edition", "2024", warnings, "warnings", "-o"])
        .arg(&program)
        .arg(&source)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}: {}", source.display(), String::from_utf8_lossy(&compiled.stderr));
    program
}

/// Does something with each of these, some of them at the same time.
fn for_each<T: Send>(all: impl IntoIterator<Item = T>, what: impl Fn(T) + Sync) {
    let left = Mutex::new(all.into_iter().collect::<Vec<_>>());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(one) = left.lock().unwrap().pop() else { return };
                    what(one);
                }
            });
        }
    });
}

/// Returns the rungs that hold on this system, with the numbers of their exercises.
fn exercises() -> impl Iterator<Item = (&'static Rung, usize)> {
    rungs::ALL
        .iter()
        .filter(|rung| rung.holds_here())
        .flat_map(|rung| (1..=rung.exercises.len()).map(|number| (*rung, number)))
}

#[test]
fn every_exercise_is_green_with_its_patch() {
    let failed = Mutex::new(Vec::new());
    for_each(exercises(), |(rung, number)| {
        let program = solved(&format!("{}-{number}", rung.name), rung, number, None);
        let output = climb(rung, number, &program);
        if !output.status.success() {
            failed.lock().unwrap().push((rung, number, program, report(&output)));
        }
    });
    // As with the rungs: what fails beside others runs once more by itself.
    for (rung, number, program, first) in failed.into_inner().unwrap() {
        let output = climb(rung, number, &program);
        let again = report(&output);
        assert!(output.status.success(), "{}, {number}:\n{first}\n\nand alone:\n{again}", rung.name);
        println!("PASSED ALONE ONLY: {}, {number}\n{first}", rung.name);
    }
}

/// Does checks with a program, up to the first that fails. What does not come in a second does not come.
fn first_failure<'a>(checks: impl IntoIterator<Item = &'a Check>, program: &Path) -> Option<&'a Check> {
    let launch = Launch { program: program.into(), args: Vec::new() };
    checks.into_iter().find(|check| {
        let mut stage = Stage::new(&launch);
        stage.patience(Duration::from_secs(1));
        (check.run)(&mut stage).is_err()
    })
}

#[test]
fn every_exercise_is_red_without_its_patch() {
    for_each(exercises(), |(rung, number)| {
        let failed = first_failure(rung.exercises[number - 1].checks, &built(&format!("{}_solution", rung.name)));
        assert!(failed.is_some(), "rung {}, exercise {number}: the plain solution does it", rung.number);
    });
}

#[test]
fn what_an_exercise_lacks_is_told_like_what_a_rung_lacks() {
    let output = climb(rungs::ALL[1], 1, &built("rung01_echo_solution"));
    let report = report(&output);
    assert_eq!(output.status.code(), Some(1), "{report}");
    for part in [
        "✗ COUNT is answered",
        "ann > \"COUNT\\n\"",
        "expected: ann gets the line \"0\"",
        "\"COUNT\"",
        "Exercise 1: a count",
    ] {
        assert!(report.contains(part), "{part}:\n{report}");
    }
    // The rung's own checks come when the exercise is done.
    assert!(!report.contains(rungs::ALL[1].checks[0].name), "{report}");
}

#[test]
fn every_readme_states_its_exercises_and_links_their_solutions() {
    for (rung, number) in exercises() {
        let title = rung.exercises[number - 1].title;
        for part in [
            format!("\n### Exercise {number}: {title}\n"),
            format!("    cargo climb {} --exercise {number}\n", rung.number),
            format!("](exercise{number}.patch)"),
        ] {
            assert!(rung.readme.contains(&part), "{}/README.md lacks {part:?}", rung.name);
        }
    }
}

/// A shortcut: the rung, the exercise, what is right in the solution, what is wrong, and the check that finds it.
type Shortcut = (u8, usize, &'static str, &'static str, &'static str);

const SHORTCUTS: &[Shortcut] = &[
    // A number of its own for each client.
    (1, 1, "echo(&socket, &mut count)", "echo(&socket, &mut 0)", "the lines of all clients are counted"),
    // The question counts.
    (1, 1, "format!(\"{count}\\n\")", "*count += 1; format!(\"{}\\n\", *count - 1)", "COUNT is answered"),
    // The end, without the word.
    (
        1,
        2,
        "return socket.write_all(b\"ERR TOO_SILENT others are waiting\\n\");",
        "return Ok(());",
        "one who is silent",
    ),
    // A deadline for the whole conversation.
    (
        1,
        2,
        "    for line in BufReader",
        "    let start = std::time::Instant::now();\n    for line in BufReader::new(socket).lines().take_while(|_| start.elapsed() < SILENCE_MAX) {\n        socket.write_all(format!(\"{}\\n\", line?).as_bytes())?;\n    }\n    for line in BufReader",
        "one who says something now and then stays",
    ),
    // Never counted down, and only at the end of the closure, where a panic does not come by.
    (2, 1, "let _place = place;", "let _place = std::mem::ManuallyDrop::new(place);", "who leaves makes room"),
    (
        2,
        1,
        "self.0.fetch_sub(1",
        "if thread::panicking() { return }\n        self.0.fetch_sub(1",
        "thread panic makes room",
    ),
    (
        2,
        2,
        "        change(lock(&self.0), -1);",
        "if !thread::panicking() { change(lock(&self.0), -1); }",
        "panics counts",
    ),
    // The number is right, and printed when others have changed it.
    (
        2,
        2,
        "    *clients = clients.saturating_add_signed(by);\n    println!(\"clients: {clients}\");",
        "    *clients = clients.saturating_add_signed(by);\n    let now = *clients;\n    drop(clients);\n    thread::yield_now();\n    println!(\"clients: {now}\");",
        "many at once",
    ),
    // Reads from the socket, past what has come with the line.
    (
        3,
        1,
        "let Some(bytes) = lines.next_bytes(count)? else { return Ok(()) };",
        "let mut bytes = vec![0u8; count]; let count: usize = count;\n            io::Read::read_exact(&mut socket, &mut bytes)?;",
        "DATA comes back",
    ),
    // Text, and no bytes.
    (
        3,
        1,
        "let Some(bytes) = lines.next_bytes(count)? else { return Ok(()) };",
        "let Some(Line::Text(bytes)) = lines.next_line()? else { return Ok(()) };\n            let bytes = bytes.into_bytes();",
        "DATA comes back",
    ),
    // Letters, and no bytes.
    (3, 2, "ERR NOT_UTF8 {right}", "ERR NOT_UTF8 {right} bytes", "NOT_UTF8 tells"),
    // The time of the one who has the name.
    (
        4,
        1,
        "Entry::Occupied(_) => return None,",
        "Entry::Occupied(mut taken) => { taken.insert(Instant::now()); return None }",
        "who is refused does not change",
    ),
    (4, 1, "(*name == self.name, *since)", "(*name == self.name, name.clone())", "the first comer first"),
    // The guard gives the old name back.
    (4, 2, "        self.name = name.into();\n", "", "frees the new name"),
    // Two locks: one for the check, one for the change.
    (
        4,
        2,
        "        room.remove(&self.name);\n",
        "        drop(room);\n        thread::yield_now();\n        lock(&self.room).remove(&self.name);\n",
        "at every moment",
    ),
    // The new name, and the old one, too.
    (4, 2, "        room.remove(&self.name);\n", "", "NICK changes the name"),
    // `answer` locks once more.
    (
        5,
        1,
        "write(&people[&self.name], &format!(\"ERR NO_SUCH_USER {to}\\n\"))",
        "self.answer(&format!(\"ERR NO_SUCH_USER {to}\\n\"))",
        "somebody who is not here",
    ),
    (5, 1, "Some(socket) => write(socket, ", "Some(_) => broadcast(&people, &self.name, ", "TELL reaches one"),
    // Said and kept in two steps.
    (
        5,
        2,
        "        if shared.said.len() == KEPT {",
        "        drop(shared);\n        thread::sleep(Duration::from_micros(50));\n        let mut shared = lock(&self.room);\n        if shared.said.len() == KEPT {",
        "misses nothing",
    ),
    (5, 2, "shared.said.pop_front();", "shared.said.pop_back();", "last ten"),
    (6, 1, "us(50), us(99)", "(delays.iter().sum::<Duration>() / 500).as_micros(), us(99)", "the median"),
    (6, 1, "us(50), us(99)", "us(50), us(100)", "of a hundred lines"),
    // Looks at the listener alone.
    (6, 2, "ann.has_ended()", "false", "closes the speaker's connection"),
    // What times out is tried again with the next line, in the middle of the last one.
    (7, 1, "        let _ = socket.shutdown(Shutdown::Both);", "", "the others go on"),
    (7, 1, "Duration = Duration::from_secs(2)", "Duration = Duration::from_millis(20)", "one who pauses"),
    // Waits for a place in the channel.
    (7, 2, "try_send(", "send(", "keeps nobody waiting"),
    (7, 2, "WAITING_MAX: usize = 256", "WAITING_MAX: usize = 1 << 20", "has a bound"),
    // Into the channels, one speaker beside the other.
    (
        7,
        2,
        "        send_to_others(&lock(&self.room), &self.name, line);",
        "        let all: Vec<_> = lock(&self.room).iter().filter(|(name, _)| **name != self.name).map(|(_, writer)| writer.clone()).collect();\n        for one in all { thread::yield_now(); one.send(line); }",
        "the same order",
    ),
    // The reason at once, in the middle of a line.
    (
        8,
        1,
        "            outbox.queue.clear();",
        "            let _ = (&self.socket).write_all(b\"ERR TOO_SLOW\\n\");\n            outbox.queue.clear();\n            self.shut();",
        "the last line",
    ),
    // Without an end of the reads: he stays until he reads.
    (8, 1, "            let _ = self.socket.shutdown(Shutdown::Read);\n", "", "has left"),
    // A copy for each.
    (
        8,
        2,
        "outbox.queue.push_back(line.clone());",
        "outbox.queue.push_back(Arc::from(&line[..]));",
        "in the memory once",
    ),
    // Little memory, because less may wait.
    (8, 2, "QUEUE_MAX: usize = 1 << 20", "QUEUE_MAX: usize = 1 << 17", "in the memory once"),
    // Sleeps, and hears no second stop.
    (
        9,
        1,
        "stops_at = Some(server.announce(seconds));",
        "server.announce(seconds); thread::sleep(Duration::from_secs(seconds.into())); stops_at = Some(Instant::now());",
        "also after",
    ),
    (9, 1, "        here.extend(room.stops_at.map(note));\n", "", "are told, too"),
    // An end, and what waited is lost.
    (
        9,
        2,
        "        if member.finish(",
        "        member.shut();\n        if member.finish(",
        "a last line and an end for ben",
    ),
    (
        9,
        2,
        "            member.write();\n        }\n        true",
        "            member.write();\n        }\n        thread::sleep(LINGER / 4);\n        member.shut();\n        true",
        "arrives before the reason",
    ),
    // A token for a line that is refused.
    (
        10,
        1,
        "        if wait > 0.0 {",
        "        if wait > 0.0 {\n            self.tokens = (self.tokens - 1.0).max(0.0);",
        "costs neither",
    ),
    (10, 1, "        if wait > 0.0 {", "        if wait > 0.0 {\n            self.bytes -= cost;", "costs neither"),
    // Asks, and never minds the answer.
    (10, 2, "deadline.set(Instant::now() + GONE_AFTER);", "deadline.set(Instant::now() + 9 * GONE_AFTER);", "PING"),
    // The answer is a line like any other.
    (10, 2, "if text == \"PONG\"", "if text == \"PONG?\"", "PING"),
];

#[test]
fn no_shortcut_passes() {
    let passed = Mutex::new(Vec::new());
    for_each(SHORTCUTS.iter().enumerate(), |(place, &(number, exercise, right, wrong, check))| {
        let Some((rung, _)) = exercises().find(|(rung, _)| rung.number == number) else { return };
        let program = solved(&format!("shortcut-{place}"), rung, exercise, Some((right, wrong)));
        let checks: Vec<_> =
            rung.exercises[exercise - 1].checks.iter().filter(|one| one.name.contains(check)).collect();
        assert_eq!(checks.len(), 1, "rung {number}, exercise {exercise}: {check:?}");
        if first_failure(checks, &program).is_none() {
            passed.lock().unwrap().push(format!("rung {number}, exercise {exercise}: {wrong:?} passes {check:?}"));
        }
    });
    let passed = passed.into_inner().unwrap();
    assert!(passed.is_empty(), "{passed:#?}");
}
