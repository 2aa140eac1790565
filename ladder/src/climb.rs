//! `cargo climb`: reads its arguments, builds the rung's program, does the checks, and reports.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::check::{Check, Trouble, paragraph};
use crate::program::Launch;
use crate::rungs::{self, Exercise, Rung};
use crate::stage::Stage;
use crate::watch;

const USAGE: &str = "\
usage: cargo climb                            the list of rungs
       cargo climb N                          checks rung N, as you have written it (start.rs)
       cargo climb N --watch                  again at each save
       cargo climb N --solution               checks our solution
       cargo climb N --exercise M             checks exercise M of rung N in your start.rs, and then the rung
       cargo climb N [--watch] -- PROGRAM ARGUMENT...   checks any program, in any language: it gets the address
                                              to listen on, 127.0.0.1:PORT, as its last argument";

/// How many lines of what happened before a failure are shown.
const STORY: usize = 12;
/// How many lines of what the program printed on standard error are shown.
const ERRORS: usize = 8;

/// How wide the explanation of a failure is in characters.
const WIDTH: usize = 90;
/// How long the checks after a failure wait for what should come at once: often they fail, too.
const SHORT_PATIENCE: Duration = Duration::from_secs(1);

/// What the arguments ask for.
struct Climb {
    rung: &'static Rung,
    exercise: Option<(usize, &'static Exercise)>,
    solution: bool,
    watch: bool,
    program: Option<Launch>,
}

/// Runs the command with these arguments. The exit code is 0 if all checks passed.
pub fn main(args: Vec<OsString>) -> ExitCode {
    if args.is_empty() {
        print!("{}\n{USAGE}\n", list());
        return ExitCode::SUCCESS;
    }
    match parse(args) {
        Err(wrong) => {
            eprintln!("{wrong}\n\n{USAGE}");
            ExitCode::from(2)
        }
        Ok(climb) if climb.watch => watch::at_each_change(&climb.files(), || {
            climb.once();
        }),
        Ok(climb) => ExitCode::from(u8::from(!climb.once())),
    }
}

/// Returns the table of rungs, with the exercises of each.
pub fn list() -> String {
    let mut list = String::from("The ladder (ladder/README.md):\n\n");
    for rung in rungs::ALL {
        let _ = writeln!(list, "  {:2}  {:22}{}", rung.number, rung.name, rung.title);
        for (number, exercise) in (1..).zip(rung.exercises) {
            let _ = writeln!(list, "      {:22}  exercise {number}: {}", "", exercise.title);
        }
    }
    list
}

fn parse(args: Vec<OsString>) -> Result<Climb, String> {
    let (mut rung, mut exercise, mut solution, mut watch) = (None, None, false, false);
    let mut args = args.into_iter();
    let mut program = None;
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--solution") => solution = true,
            Some("--watch") => watch = true,
            Some("--exercise") => {
                let number = args.next().and_then(|number| number.to_str()?.parse::<usize>().ok());
                exercise = Some(number.ok_or("after --exercise comes its number, for instance: --exercise 1")?);
            }
            Some("--") => {
                let name = args.next().ok_or("after -- comes a program, for instance: -- ./my_server")?;
                program = Some(Launch { program: name, args: args.by_ref().collect() });
            }
            Some(word) if rung.is_none() && !word.starts_with('-') => {
                let number = word.parse::<u8>().ok();
                let found = rungs::ALL.iter().find(|rung| Some(rung.number) == number || rung.name == word);
                let last = rungs::ALL.last().map_or(0, |rung| rung.number);
                rung = Some(*found.ok_or(format!("there is no rung {word}: they are 0 to {last}"))?);
            }
            _ => return Err(format!("what is {}?", arg.display())),
        }
    }
    let rung = rung.ok_or("which rung? For instance: cargo climb 1")?;
    if solution && program.is_some() {
        return Err("--solution names our program, and -- another: leave one of them away".into());
    }
    if solution && exercise.is_some() {
        return Err(
            "--solution does no exercises: the solution of one is a patch, which the rung's README links".into()
        );
    }
    let exercise = match exercise {
        None => None,
        Some(number) => match rung.exercises.get(number.wrapping_sub(1)) {
            Some(exercise) => Some((number, exercise)),
            None => return Err(format!("rung {} has no exercise {number}: cargo climb lists them", rung.number)),
        },
    };
    let climb = Climb { rung, exercise, solution, watch, program };
    if watch && climb.files().is_empty() {
        return Err("--watch looks at the files among PROGRAM and its arguments, and there is none".into());
    }
    Ok(climb)
}

impl Climb {
    /// Builds and checks once, and prints the report. Returns whether all is well.
    fn once(&self) -> bool {
        let launch = match self.launch() {
            Ok(launch) => launch,
            Err(wrong) => {
                println!("{wrong}");
                return false;
            }
        };
        // Otherwise each check would blame the program.
        if let Err(error) = loopback() {
            println!("✗ nothing can be reached at 127.0.0.1 on this system: {error}. The program is not to blame.");
            println!("  In a network of its own (unshare -n) it has to be started first: ip link set lo up");
            return false;
        }
        let Some((number, exercise)) = self.exercise else { return check(self.rung, &launch) };
        // An exercise is the rung and something more: the rung's own checks stay green.
        let is_done = all(self.rung, exercise.checks, &launch) && all(self.rung, self.rung.checks, &launch);
        if is_done {
            let (rung, name) = (self.rung.number, self.rung.name);
            println!("\nExercise {number} of rung {rung} is done. Compare it with {name}/exercise{number}.patch.");
        }
        is_done
    }

    /// The program to check; the rung's own is built first.
    fn launch(&self) -> Result<Launch, String> {
        if let Some(program) = &self.program {
            return Ok(program.clone());
        }
        let file = if self.solution { "solution.rs" } else { "start.rs" };
        let exercise = self.exercise.map_or(String::new(), |(number, _)| format!(", exercise {number}"));
        println!("rung {}{exercise}, {}: {}/{file}\n", self.rung.number, self.rung.title, self.rung.name);
        let name = if self.solution { format!("{}_solution", self.rung.name) } else { self.rung.name.to_owned() };
        build(&name).map_err(|error| format!("✗ {error}: mend {}/{file} first", self.rung.name))
    }

    /// The files and folders whose change is a reason to check again.
    fn files(&self) -> Vec<PathBuf> {
        match &self.program {
            None => vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(self.rung.name)],
            Some(launch) => {
                let words = [&launch.program].into_iter().chain(&launch.args);
                words.map(PathBuf::from).filter(|path| path.is_file()).collect()
            }
        }
    }
}

/// Connects to this computer itself, as every check does.
fn loopback() -> io::Result<TcpStream> {
    TcpStream::connect(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Builds a program of this package. Returns how to start it: it is beside this one.
pub(crate) fn build(name: &str) -> Result<Launch, String> {
    let built = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--quiet", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--bin"])
        .arg(name)
        .status();
    match built {
        Ok(status) if status.success() => {}
        Ok(_) => return Err("it does not compile".into()),
        Err(error) => return Err(format!("cargo cannot be started ({error})")),
    }
    let own = env::current_exe().map_err(|error| format!("where is this program? {error}"))?;
    let program = own.with_file_name(name).with_extension(env::consts::EXE_EXTENSION);
    Ok(Launch { program: program.into(), args: Vec::new() })
}

/// Does the checks of a rung. Returns whether all passed.
fn check(rung: &Rung, launch: &Launch) -> bool {
    let is_green = all(rung, rung.checks, launch);
    if is_green {
        println!("\nAll {} checks of rung {} passed. {}", rung.checks.len(), rung.number, next(rung));
    }
    is_green
}

/// Does checks, and prints each with a mark. Returns whether all passed.
fn all(rung: &Rung, checks: &[Check], launch: &Launch) -> bool {
    let mut failed = 0;
    for check in checks {
        let mut stage = Stage::new(launch);
        if failed > 0 {
            stage.patience(SHORT_PATIENCE);
        }
        let result = (check.run)(&mut stage);
        println!("{} {}", if result.is_ok() { '✓' } else { '✗' }, check.name);
        for note in stage.notes() {
            println!("    {note}");
        }
        if let Err(trouble) = result {
            // The first failure is told in full: those after it are often the same one again.
            let told = if failed == 0 { in_full(rung, check, &stage, &trouble) } else { in_short(&stage, &trouble) };
            println!("{told}");
            failed += 1;
        }
    }
    if failed > 0 {
        println!("\n{failed} of {} checks failed. Begin with the first.", checks.len());
    }
    failed == 0
}

fn next(rung: &Rung) -> String {
    match rungs::ALL.iter().find(|other| other.number > rung.number) {
        Some(next) => format!("The next is {}/README.md.", next.name),
        None => "You are at the top of this ladder: its README says where it goes on.".into(),
    }
}

/// Tells a failure that is not the first.
fn in_short(stage: &Stage, trouble: &Trouble) -> String {
    match todo(&stage.stderr()) {
        Some((place, _)) => format!("    comes to a todo!() at {place}"),
        None => halves(trouble),
    }
}

/// Tells a failure: what happened, what was expected, what came, what the program said, and why it matters.
fn in_full(rung: &Rung, check: &Check, stage: &Stage, trouble: &Trouble) -> String {
    let mut told = String::new();
    let (left_out, story) = stage.story().end(STORY);
    if left_out > 0 {
        let _ = writeln!(told, "    ... {left_out} lines before");
    }
    for line in story {
        let _ = writeln!(told, "    {line}");
    }
    told += &halves(trouble);
    let errors = stage.stderr();
    if let Some((place, what)) = todo(&errors) {
        let _ = write!(told, "\n    it has come to the todo!() at {place}\n      not yet implemented: {what}");
    } else {
        // The first lines tell what went wrong, the ones below them what followed from that.
        let lines = errors.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("note: run with"));
        for (number, line) in lines.take(ERRORS).enumerate() {
            told += if number == 0 { "\n    it printed on standard error:\n" } else { "\n" };
            let _ = write!(told, "      {line}");
        }
    }
    let _ = write!(told, "\n\n    {}/README.md, \"{}\":\n", rung.name, check.heading);
    for line in wrapped(&paragraph(rung.readme, check.heading).unwrap_or_default()) {
        let _ = writeln!(told, "      {line}");
    }
    told
}

fn halves(trouble: &Trouble) -> String {
    format!("    expected: {}\n    came:     {}", trouble.expected, trouble.came)
}

/// Returns the place and the words of the first `todo!()` that a Rust program has come to.
fn todo(errors: &str) -> Option<(&str, &str)> {
    let lines: Vec<_> = errors.lines().collect();
    let pair = lines.windows(2).find(|pair| pair[1].starts_with("not yet implemented"))?;
    let place = pair[0].split("panicked at ").nth(1)?.trim_end_matches(':');
    Some((place, pair[1].trim_start_matches("not yet implemented").trim_start_matches(": ")))
}

/// Returns the lines of a text, none of them longer than a terminal is wide.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let is_full = lines.last().is_some_and(|line| line.chars().count() + word.chars().count() >= WIDTH);
        if is_full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            *line += if line.is_empty() { "" } else { " " };
            *line += word;
        }
    }
    lines
}
