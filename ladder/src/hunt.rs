//! `cargo hunt`: makes a copy of the project with a bug in it, and checks the test that finds the bug. See `hunt/README.md`.
//!
//! A hunt is a patch: `hunt/07.patch`. Above its changes it says which group of tests it concerns (`Group:`), and which of them
//! turn red (`Red:`). The copy has the changes and lacks those tests, so that its other tests are green. The copies lie in
//! `target/hunt`, and share what they build.

use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: cargo hunt               the list of bugs
       cargo hunt N             makes the copy with bug N, and says what a user reports
       cargo hunt N --again     makes it anew: what was changed in it is lost
       cargo hunt N --check     runs the tests of the copy, with the bug and without it
       cargo hunt --prove       turns the tests of all bugs red, and no others: for a change of the source
       cargo hunt --prove --each, or N     one bug after the other, which takes longer";

/// What is not copied: what is built, what git keeps, and the bugs themselves.
const LEFT_OUT: [&str; 4] = ["target", ".git", ".tools", "hunt"];

/// A bug, as its patch says.
struct Hunt {
    number: u8,
    patch: PathBuf,
    group: Group,
    /// The tests that find the bug.
    red: BTreeSet<String>,
}

/// Tests that are run together.
#[derive(Debug, PartialEq, Eq)]
enum Group {
    /// Those within the source.
    Lib,
    /// Those that talk to a server, in one file of `tests/it/`.
    It(String),
    /// Those that loom runs under every interleaving.
    Loom,
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        [] => list().map(|()| true),
        ["--prove"] => hunts().and_then(|hunts| prove(&sets(&hunts))),
        ["--prove", "--each"] => {
            hunts().and_then(|hunts| prove(&hunts.iter().map(|hunt| vec![hunt]).collect::<Vec<_>>()))
        }
        ["--prove", number] => hunt(number).and_then(|hunt| prove(&[vec![&hunt]])),
        [number] => hunt(number).and_then(|hunt| begin(&hunt, false)).map(|()| true),
        [number, "--again"] => hunt(number).and_then(|hunt| begin(&hunt, true)).map(|()| true),
        [number, "--check"] => hunt(number).and_then(|hunt| check(&hunt)),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Returns the bugs whose tests are built together, which are in places that do not touch.
fn sets(hunts: &[Hunt]) -> Vec<Vec<&Hunt>> {
    let is_it = |hunt: &&Hunt| matches!(hunt.group, Group::It(_));
    let of = |group: Group| hunts.iter().filter(|hunt| hunt.group == group).collect();
    vec![of(Group::Lib), hunts.iter().filter(is_it).collect(), of(Group::Loom)]
}

/// Returns the project's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".."))
}

/// Returns all bugs, in order.
fn hunts() -> Result<Vec<Hunt>> {
    let mut hunts = Vec::new();
    for entry in fs::read_dir(root().join("hunt"))? {
        let patch = entry?.path();
        let Some(number) = patch.file_stem().and_then(OsStr::to_str).and_then(|name| name.parse().ok()) else {
            continue;
        };
        hunts.push(Hunt::parse(number, &fs::read_to_string(&patch)?, patch)?);
    }
    hunts.sort_by_key(|hunt| hunt.number);
    Ok(hunts)
}

fn hunt(number: &str) -> Result<Hunt> {
    let all = hunts()?;
    let last = all.len();
    let found = all.into_iter().find(|hunt| number.parse() == Ok(hunt.number));
    found.ok_or_else(|| format!("{number} is no bug: they are 1 to {last}\n\n{USAGE}").into())
}

impl Hunt {
    fn parse(number: u8, text: &str, patch: PathBuf) -> Result<Hunt> {
        let said = |what: &'static str| text.lines().filter_map(move |line| line.strip_prefix(what)).map(str::trim);
        let group = match said("Group:").next() {
            Some("--lib") => Group::Lib,
            Some("loom") => Group::Loom,
            Some(it) if it.starts_with("--test it ") => Group::It(it["--test it ".len()..].into()),
            other => return Err(format!("{}: which group of tests is {other:?}?", patch.display()).into()),
        };
        Ok(Hunt { number, patch, group, red: said("Red:").map(str::to_owned).collect() })
    }

    /// Returns what `hunt/README.md` has to say about it before the hints.
    fn report(&self) -> Result<String> {
        let readme = fs::read_to_string(root().join("hunt/README.md"))?;
        let start = format!("\n## {}. ", self.number);
        let (_, section) = readme.split_once(&start).ok_or_else(|| format!("hunt/README.md has no{start}"))?;
        let report = section.split("\n<details>").next().unwrap_or_default();
        Ok(format!("{}. {}", self.number, report.trim_end()))
    }

    /// Returns the folder of the copy.
    fn copy(&self) -> PathBuf {
        root().join(format!("target/hunt/{:02}", self.number))
    }

    /// Applies the patch in a folder, or takes it back. `dry`: only says whether that is possible.
    fn apply(&self, folder: &Path, back: bool, dry: bool) -> Result<bool> {
        let mut git = Command::new("git");
        git.arg("apply").arg("--ignore-whitespace");
        if back {
            git.arg("--reverse");
        }
        if dry {
            git.arg("--check");
        }
        // Git is to find no repository: in one, it takes the paths for those of the project.
        git.env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder));
        let applied = git.arg(&self.patch).current_dir(folder).stderr(Stdio::null()).status();
        Ok(applied.map_err(|error| format!("git cannot be run: {error}"))?.success())
    }
}

/// Runs the tests of some bugs in a folder. Returns those that failed, and failed again by themselves: on a busy machine a test
/// may fail that has nothing to do with the bugs.
fn failures(hunts: &[&Hunt], folder: &Path) -> Result<BTreeSet<String>> {
    let Some(first) = hunts.first() else { return Ok(BTreeSet::new()) };
    let run = |filters: Vec<&str>| -> Result<BTreeSet<String>> {
        let mut cargo = Command::new("cargo");
        cargo.args(first.group.target()).args(["--no-fail-fast", "--"]).args(filters).current_dir(folder);
        let ran = cargo.output()?;
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        if !out.contains("\ntest result: ") {
            return Err(format!("{err}\nthe tests cannot be built").into());
        }
        let failed = out.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
        Ok(failed.map(|test| test.split(" - ").next().unwrap_or(test).to_owned()).collect())
    };
    let failed = run(hunts.iter().map(|hunt| hunt.group.filter()).filter(|filter| !filter.is_empty()).collect())?;
    if failed.is_empty() {
        return Ok(failed);
    }
    run(["--exact"].into_iter().chain(failed.iter().map(String::as_str)).collect())
}

impl Group {
    /// Returns the arguments with which cargo builds the tests.
    fn target(&self) -> &'static [&'static str] {
        match self {
            Group::Lib | Group::Loom => &["test", "--no-default-features", "--lib"],
            Group::It(_) => &["test", "--no-default-features", "--test", "it"],
        }
    }

    /// Returns the beginning of the names of its tests.
    fn filter(&self) -> &str {
        match self {
            Group::Lib => "",
            Group::It(file) => file,
            Group::Loom => "loom_",
        }
    }

    /// Returns the command that runs it.
    fn command(&self) -> String {
        let dashes = if *self == Group::Lib { "" } else { " -- " };
        format!("cargo {}{dashes}{}", self.target().join(" "), self.filter())
    }

    /// Returns the place where a test of this group is written.
    fn place(&self) -> String {
        match self {
            Group::Lib => "the tests at the end of the file that you suspect, or the `tests.rs` beside it".into(),
            Group::It(file) => format!("tests/it/{file}.rs"),
            Group::Loom => "the `interleavings.rs` of what you suspect: its name begins with loom_".into(),
        }
    }
}

fn list() -> Result<()> {
    for hunt in hunts()? {
        println!("{}", hunt.report()?.lines().next().unwrap_or_default());
    }
    println!("\n{USAGE}");
    Ok(())
}

/// Makes the copy, and says what a user reports.
fn begin(hunt: &Hunt, again: bool) -> Result<()> {
    let copy = hunt.copy();
    if again && copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    if copy.exists() {
        println!(
            "{} is there already, and stays as it is. Begin again: cargo hunt {} --again\n",
            copy.display(),
            hunt.number
        );
    } else {
        make(hunt, &copy)?;
        if !hunt.apply(&copy, false, false)? {
            return Err(format!("{} does not fit this source", hunt.patch.display()).into());
        }
        for folder in ["src", "tests"] {
            remove_tests(&copy.join(folder), &hunt.red)?;
        }
    }
    let number = hunt.number;
    println!("{}\n", hunt.report()?);
    println!("The bug is in {}: one line of src/, or two.", copy.display());
    println!("Say which promise it breaks, and write the test that shows it, in\n    {}\n", hunt.group.place());
    println!("    cd {}\n    {}", copy.display(), hunt.group.command());
    println!("    cargo hunt {number} --check\n");
    println!("It is solved when your test is red with the bug and green without it. Hints: hunt/README.md");
    Ok(())
}

/// Makes a folder a copy of the project that builds where the other copies do.
fn make(hunt: &Hunt, copy: &Path) -> Result<()> {
    copy_folder(root(), copy)?;
    // By its version Cargo tells what it has built for this copy from what it has built for others.
    let manifest = copy.join("Cargo.toml");
    let (name, text) = (copy.file_name().and_then(OsStr::to_str).unwrap_or_default(), fs::read_to_string(&manifest)?);
    let (before, version) = text.split_once("version = \"").ok_or("Cargo.toml has no version")?;
    fs::write(&manifest, format!("{before}version = \"{}", version.replacen('"', &format!("+hunt-{name}\""), 1)))?;
    let build = match hunt.group {
        Group::Lib | Group::It(_) => "target-dir = \"../built\"\n",
        // Code that is not optimized takes minutes to try all orders.
        Group::Loom => {
            "target-dir = \"../built-loom\"\nrustflags = [\"--cfg\", \"loom\"]\n\n\
             [profile.dev.package]\nmultichat.opt-level = 1\nloom.opt-level = 1\ngenerator.opt-level = 1\n"
        }
    };
    let alias = "hunt = \"run -q --manifest-path ../../../ladder/Cargo.toml --bin hunt --\"";
    fs::write(copy.join(".cargo/config.toml"), format!("[alias]\n{alias}\n\n[build]\n{build}"))?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if LEFT_OUT.iter().any(|left_out| name == *left_out) {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else if path.is_file() && fs::read(to.join(&name)).ok() != Some(fs::read(&path)?) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

/// Removes these tests from all files below a folder.
fn remove_tests(folder: &Path, tests: &BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_tests(&path, tests)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let before = fs::read_to_string(&path)?;
            let after = tests.iter().fold(before.clone(), |text, test| without(&text, test));
            if after != before {
                fs::write(&path, after)?;
            }
        }
    }
    Ok(())
}

/// Returns a source without one test: from its attributes and comments to the brace at its end.
fn without(source: &str, test: &str) -> String {
    let start = format!("fn {}()", test.rsplit("::").next().unwrap_or(test));
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    let Some(at) = lines.iter().position(|line| line.trim_start().starts_with(&start)) else { return source.into() };
    let is_above = |line: &&&str| ["#[", "//"].iter().any(|begin| line.trim_start().starts_with(begin));
    let first = at - lines[..at].iter().rev().take_while(is_above).count();
    let indent = lines[at].len() - lines[at].trim_start().len();
    let is_end = |line: &&str| line.trim_end().len() == indent + 1 && line.trim() == "}";
    let end = at + lines[at..].iter().position(is_end).unwrap_or(0);
    let rest = &lines[end + 1..];
    let rest = rest.strip_prefix(&["\n"]).unwrap_or(rest);
    [&lines[..first], rest].concat().concat()
}

/// Runs the tests of the copy, with the bug and without it, and says whether it is caught.
fn check(hunt: &Hunt) -> Result<bool> {
    let copy = hunt.copy();
    if !copy.exists() {
        return Err(format!("first: cargo hunt {}", hunt.number).into());
    }
    let was_mended = hunt.apply(&copy, false, true)?;
    if !was_mended && !hunt.apply(&copy, true, true)? {
        let again = "the lines of the bug are neither as they were made nor as they were before: put them back";
        return Err(format!("{again}, or make a new copy: cargo hunt {} --again", hunt.number).into());
    }
    println!("the tests with the bug ...");
    if was_mended {
        hunt.apply(&copy, false, false)?;
    }
    let with = failures(&[hunt], &copy);
    println!("the tests without it ...");
    hunt.apply(&copy, true, false)?;
    let without = failures(&[hunt], &copy);
    if !was_mended {
        hunt.apply(&copy, false, false)?;
    }
    let (with, without) = (with?, without?);
    if let Some(test) = without.iter().next() {
        println!("✗ {test} is red without the bug, too: it demands what the program does not promise");
        return Ok(false);
    }
    let Some(test) = with.iter().next() else {
        println!("✗ all tests are green with the bug: none has found it yet");
        return Ok(false);
    };
    println!("✓ {test} is red with the bug, and green without it");
    println!("Solved. Compare with hunt/README.md: which promise was it, and how would you say so in a commit?");
    Ok(true)
}

/// Applies patches to the source as it is, each set at once, and shows that their tests turn red and no others of their group.
fn prove(sets: &[Vec<&Hunt>]) -> Result<bool> {
    let mut proved = true;
    for hunts in sets {
        let Some(first) = hunts.first() else { continue };
        let folder =
            root().join(if first.group == Group::Loom { "target/hunt/proof-loom" } else { "target/hunt/proof" });
        // Only what differs is copied, so that the next build is a small one.
        make(first, &folder)?;
        for hunt in hunts {
            if !hunt.apply(&folder, false, false)? {
                return Err(format!("{} does not fit this source", hunt.patch.display()).into());
            }
        }
        let red = failures(hunts, &folder)?;
        for hunt in hunts {
            hunt.apply(&folder, true, false)?;
            let is_red = red.is_superset(&hunt.red);
            println!("{} {}", if is_red { '✓' } else { '✗' }, hunt.report()?.lines().next().unwrap_or_default());
            proved &= is_red;
        }
        for test in red.iter().filter(|test| !hunts.iter().any(|hunt| hunt.red.contains(*test))) {
            println!("✗ {test} is red, too");
            proved = false;
        }
    }
    Ok(proved)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const SOURCE: &str = "mod tests {\n    /// One.\n    #[test]\n    fn one() {\n        if true {\n        }\n    }\n\n    #[test]\n    fn two() {\n    }\n}\n";

    #[test]
    fn a_test_is_removed_with_what_stands_above_it() {
        assert_eq!(without(SOURCE, "a::tests::one"), "mod tests {\n    #[test]\n    fn two() {\n    }\n}\n");
        assert_eq!(without(SOURCE, "three"), SOURCE);
    }

    #[test]
    fn there_are_twelve_bugs_and_each_is_a_line_or_two_with_a_report() {
        let hunts = hunts().unwrap();
        assert!(hunts.iter().map(|hunt| hunt.number).eq(1..=12));
        for hunt in hunts {
            let patch = fs::read_to_string(&hunt.patch).unwrap();
            let changed = |sign: char| {
                let is_changed = |line: &&str| line.starts_with(sign) && !line.starts_with(&format!("{sign}{sign}"));
                patch.lines().filter(is_changed).count()
            };
            assert!(changed('-').max(changed('+')) <= 2, "{patch}");
            assert!(hunt.report().unwrap().lines().count() > 2 && !hunt.red.is_empty(), "{patch}");
        }
    }

    /// The copy lacks the tests that find the bug.
    #[test]
    fn each_bug_names_tests_that_exist() {
        for hunt in hunts().unwrap() {
            for test in &hunt.red {
                let path: Vec<&str> = test.split("::").collect();
                let (name, modules) = path.split_last().unwrap();
                let modules: Vec<&str> = modules.iter().copied().filter(|module| *module != "tests").collect();
                let folder = if matches!(hunt.group, Group::It(_)) { "tests/it" } else { "src" };
                let file = root().join(folder).join(modules.join("/"));
                let sources = [file.with_extension("rs"), file.join("tests.rs")].map(fs::read_to_string);
                let is_there = sources.iter().flatten().any(|source| without(source, name) != *source);
                assert!(is_there, "bug {}: there is no test {test}", hunt.number);
            }
        }
    }
}
