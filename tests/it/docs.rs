//! The documentation against the program: the files, functions, links and options that it names exist, every option is documented,
//! and the sessions that it shows are what a server says.

// In a helper too, what fails is to fail the test.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use multichat::server::Deletion;

use crate::support::{Peer, Room, stamped, unstamped};

/// The pages outside of `docs/`.
const PAGES: [&str; 13] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benches/README.md",
    "benches/RESULTS.md",
    "examples/README.md",
    "fuzz/README.md",
    "hunt/README.md",
    "ladder/README.md",
    "src/lib.rs",
    "src/guide.rs",
    "src/protocol.rs",
];

/// Pages that `src/guide.rs` puts into the documentation, where a link to another page would lead nowhere.
const INCLUDED: [&str; 6] = [
    "docs/exercises.md",
    "docs/glossary.md",
    "docs/many-machines.md",
    "docs/reading.md",
    "docs/why-threads.md",
    "examples/README.md",
];

/// Lines that the README may have.
const README_MAX: usize = 130;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every page, by its path in the repository.
fn pages() -> Vec<String> {
    let docs =
        fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let docs = docs.filter(|name| has_extension(name, "md")).map(|name| format!("docs/{name}"));
    let rungs =
        fs::read_dir(root().join("ladder")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let rungs = rungs.filter(|name| name.starts_with("rung")).map(|name| format!("ladder/{name}/README.md"));
    PAGES.into_iter().map(str::to_owned).chain(docs).chain(rungs).collect()
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

fn has_extension(name: &str, wanted: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == wanted)
}

/// Returns a page's lines, without the marks of a comment.
fn lines(page: &str) -> impl Iterator<Item = String> {
    let is_code = has_extension(page, "rs");
    let text = read(page);
    let lines: Vec<_> = text.lines().filter(|line| !is_code || line.starts_with("//!")).map(str::to_owned).collect();
    lines.into_iter().map(move |line| if is_code { line[3..].strip_prefix(' ').unwrap_or("").to_owned() } else { line })
}

/// Returns a page without its blocks of code.
fn prose(page: &str) -> String {
    let mut is_block = false;
    let mut text = String::new();
    for line in lines(page) {
        let is_fence = line.trim_start().starts_with("```");
        is_block ^= is_fence;
        if !is_block && !is_fence && !line.starts_with("    ") {
            text += &line;
        }
        text.push('\n');
    }
    text
}

/// Returns the file that a page names: by its path in the repository, or from `src/` or `src/server/` on, or beside the page.
fn find(page: &str, name: &str) -> Option<PathBuf> {
    let beside = Path::new(page).parent().unwrap();
    let roots = [Path::new(""), Path::new("src"), Path::new("src/server"), beside];
    roots.iter().map(|folder| root().join(folder).join(name)).find(|file| file.exists())
}

#[test]
fn every_file_that_is_named_exists() {
    let mut named = 0;
    for page in pages() {
        // What stands between backticks and looks like the path of a file of ours.
        for word in prose(&page).split('`').skip(1).step_by(2) {
            let is_file = has_extension(word, "rs") || has_extension(word, "md") || word.starts_with("script/");
            let is_folder = ["src/", "examples/", "tests/", "docs/"].iter().any(|folder| word.starts_with(folder));
            if word.contains([' ', '*', '\n']) || !(is_file || is_folder) {
                continue;
            }
            named += 1;
            let name = word.trim_matches('/');
            assert!(find(&page, name).is_some(), "{page} names {word}, which does not exist");
        }
    }
    assert!(named > 300, "only {named} names of files were found: does this test still read the pages?");
}

/// "`push` in `src/server/delivery/outbox.rs`", or the same with a link: the file has such a word.
#[test]
fn every_item_that_is_said_to_be_in_a_file_is_in_it() {
    let mut named = 0;
    for page in pages() {
        let text = prose(&page).replace(['\n', '[', ']'], " ");
        let words: Vec<&str> = text.split('`').collect();
        for at in (1..words.len().saturating_sub(2)).step_by(2) {
            let [item, between, file] = words[at..at + 3] else { unreachable!() };
            if between.trim() != "in" || !has_extension(file, "rs") {
                continue;
            }
            named += 1;
            let path = find(&page, file).unwrap_or_else(|| panic!("{page} names {file}, which does not exist"));
            let source = fs::read_to_string(path).unwrap();
            let last = item.rsplit("::").next().unwrap().trim_end_matches("()");
            let is_there = source.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == last);
            assert!(is_there, "{page} says that {item} is in {file}, which has no {last}");
        }
    }
    assert!(named > 20, "only {named} names of items were found: does this test still read the pages?");
}

/// A block of Rust stands in the file that was named last before it, line by line.
#[test]
fn the_lines_that_are_quoted_are_in_their_files() {
    let page = "docs/from-the-outbox-to-the-server.md";
    let text = read(page);
    let (mut quoted, mut file) = (0, "");
    for (at, part) in text.split("```").enumerate() {
        let Some(code) = part.strip_prefix("rust\n") else {
            assert!(at % 2 == 0, "{page}: this is no Rust: {part}");
            file = part.split('`').rfind(|word| has_extension(word, "rs")).unwrap_or(file);
            continue;
        };
        let trimmed = |text: &str| text.lines().flat_map(|line| [line.trim(), "\n"]).collect::<String>();
        let source = trimmed(&fs::read_to_string(root().join(file)).unwrap());
        assert!(source.contains(&format!("\n{}", trimmed(code))), "{page} quotes {file}, which has no lines\n{code}");
        quoted += 1;
    }
    assert!(quoted > 12, "only {quoted} blocks were found: does this test still read the page?");
}

/// A test that a page names, `like_this_one` with four words or more, exists.
#[test]
fn the_tests_that_are_named_exist() {
    let mut sources = String::new();
    for folder in ["src", "tests"] {
        read_all(&root().join(folder), &mut sources);
    }
    for page in ["docs/from-the-outbox-to-the-server.md", "hunt/README.md"] {
        let text = prose(page);
        let is_test =
            |word: &&str| word.matches('_').count() >= 3 && word.chars().all(|c| c.is_lowercase() || c == '_');
        let tests: BTreeSet<&str> = text.split('`').skip(1).step_by(2).filter(is_test).collect();
        assert!(tests.len() > 10, "{page} names {tests:?}");
        for test in tests {
            assert!(sources.contains(&format!("fn {test}()")), "{page} names {test}, which does not exist");
        }
    }
}

fn read_all(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, text);
        } else if has_extension(path.to_str().unwrap(), "rs") {
            *text += &fs::read_to_string(path).unwrap();
        }
    }
}

/// Returns the definition of a link, `[name]: target`, if a line is one.
fn definition(line: &str) -> Option<(&str, &str)> {
    let (name, target) = line.strip_prefix('[')?.split_once("]: ")?;
    (!name.contains(']') && !target.contains(' ')).then_some((name, target))
}

/// Returns the targets of a page's links: `[text](target)` and `[name]: target`.
fn links(page: &str) -> Vec<String> {
    let text = prose(page);
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let defined = text.lines().filter_map(definition).map(|(_, target)| target);
    inline.chain(defined).map(str::to_owned).collect()
}

/// Returns the anchors of a page's headings, as forges make them.
fn anchors(page: &str) -> Vec<String> {
    let headings = prose(page);
    let headings =
        headings.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let keep = |c: &char| c.is_alphanumeric() || *c == '-' || *c == ' ';
    headings.map(|line| line.to_lowercase().chars().filter(keep).collect::<String>().replace(' ', "-")).collect()
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    for page in pages().iter().filter(|page| has_extension(page, "md")) {
        for link in links(page) {
            if link.starts_with("https://") {
                continue;
            }
            let is_included = INCLUDED.contains(&page.as_str());
            assert!(!is_included, "{page} is shown by rustdoc too, where {link} leads nowhere");
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let folder = Path::new(page).parent().unwrap();
            let target = if file.is_empty() { PathBuf::from(page) } else { folder.join(file) };
            let target = normal(&target);
            assert!(root().join(&target).exists(), "{page} links to {link}, which does not exist");
            if !anchor.is_empty() {
                let anchors = anchors(target.to_str().unwrap());
                assert!(anchors.iter().any(|found| found == anchor), "{page} links to {link}: {anchors:?}");
            }
        }
    }
}

/// Removes `..` from a path.
fn normal(path: &Path) -> PathBuf {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.iter().map(|part| part.to_str().unwrap()) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.iter().collect()
}

/// Returns the definitions of links on a page, by name.
fn definitions(page: &str) -> BTreeMap<String, String> {
    lines(page)
        .filter_map(|line| definition(&line).map(|(name, target)| (name.to_owned(), target.to_owned())))
        .collect()
}

/// The tour is a page of the forge and of rustdoc, where the same links have other targets: `src/guide.rs` defines those first,
/// the ones to files by a list of their names.
#[test]
fn every_link_of_the_tour_is_alive_on_a_forge_and_in_rustdoc() {
    let forge = definitions("docs/tour.md");
    let guide = read("src/guide.rs");
    let (files, rest) = guide.split_once("source_links! {").unwrap().1.split_once("}]").unwrap();
    let files = files.split('"').skip(1).step_by(2).map(|file| format!("`{file}`"));
    let others =
        rest.lines().filter_map(|line| definition(line.strip_prefix("/// ")?)).map(|(name, _)| name.to_owned());
    let rustdoc: BTreeSet<String> = files.chain(others).collect();
    let names: BTreeSet<String> = forge.keys().cloned().collect();
    assert_eq!(names, rustdoc, "docs/tour.md and src/guide.rs define the same links");
    for (name, target) in forge {
        if let Some(file) =
            name.strip_prefix('`').and_then(|name| name.strip_suffix("`")).filter(|name| name.contains('.'))
        {
            assert_eq!(target, format!("../src/{file}"));
        }
    }
    let tour = prose("docs/tour.md");
    let text: Vec<&str> = tour.lines().filter(|line| definition(line).is_none()).collect();
    let used: BTreeSet<String> = text
        .join("\n")
        .split("[`")
        .skip(1)
        .filter_map(|rest| rest.split_once("`]"))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let defined: BTreeSet<String> = rustdoc.into_iter().filter(|name| name.starts_with('`')).collect();
    assert_eq!(used, defined, "every name in the tour has a definition, and every definition is used");
}

#[test]
fn the_readme_is_short() {
    let count = lines("README.md").count();
    assert!(count <= README_MAX, "README.md has {count} lines; {README_MAX} are enough for a front page");
}

/// Returns the options in a text: words that begin with `--`.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c.is_whitespace() || "[]<>(),;`'\"".contains(c));
    let words = words.filter(|word| word.starts_with("--") && word.len() > 2);
    words.map(|word| word.trim_end_matches(['.', ':']).to_owned()).collect()
}

/// Returns the options that a program prints when it is asked for help.
fn help(program: &str, commands: &[&str]) -> BTreeSet<String> {
    let output = Command::new(program).args(commands).arg("--help").output().unwrap();
    assert!(output.status.success(), "{program} {commands:?} --help: {output:?}");
    options(&String::from_utf8(output.stdout).unwrap())
}

#[test]
fn every_option_is_documented_and_every_documented_option_exists() {
    let server = env!("CARGO_BIN_EXE_server");
    let mut existing = help(server, &[]);
    for command in [&["members"][..], &["members", "add"], &["members", "reset"], &["members", "remove"]] {
        existing.append(&mut help(server, command));
    }
    // Cargo sets the variable for a program that it does not build, too.
    if cfg!(feature = "gui") {
        existing.append(&mut help(env!("CARGO_BIN_EXE_client"), &[]));
    }
    let page = "docs/options.md and docs/operating.md";
    let text = prose("docs/options.md") + &prose("docs/operating.md");
    let spans = text.split('`').skip(1).step_by(2);
    let spans = spans.filter(|span| ["--", "server ", "client "].iter().any(|start| span.starts_with(start)));
    let documented: BTreeSet<String> = spans.flat_map(options).collect();
    let missing: Vec<_> = existing.difference(&documented).collect();
    assert!(missing.is_empty(), "{page} does not have {missing:?}");
    if cfg!(all(feature = "gui", feature = "storage")) {
        let unknown: Vec<_> = documented.difference(&existing).collect();
        assert!(unknown.is_empty(), "{page} has {unknown:?}, which no program has");
    }
}

#[test]
fn the_rungs_are_listed_in_their_order_and_all_of_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut rungs: Vec<_> = names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect();
    rungs.retain(|name| name.starts_with("rung"));
    rungs.sort();
    let page = read("examples/README.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `rung")?.split_once('`'));
    let listed: Vec<_> = rows.map(|(name, _)| format!("rung{name}")).collect();
    assert_eq!(listed, rungs);
    for rung in rungs {
        let header: String = lines(&format!("examples/{rung}.rs")).collect::<Vec<_>>().join("\n");
        for part in ["**You learn**", "**Run it**", "**Predict before you run.**", "**Try**", "**What breaks:**"] {
            assert!(header.contains(part), "{rung} does not say {part}");
        }
        assert!(header.contains("real program") && header.contains("Rung"), "{rung} does not say where it leads");
    }
}

/// Returns the sessions on a page: runs of lines that begin with `>` or `<` and a space.
fn sessions(page: &str) -> Vec<Vec<String>> {
    let mut sessions = vec![Vec::new()];
    for line in lines(page) {
        let line = line.trim_start();
        if line.starts_with("> ") || line.starts_with("< ") {
            // Behind two spaces is the explanation.
            sessions.last_mut().unwrap().push(line.split("  ").next().unwrap().to_owned());
        } else if !sessions.last().unwrap().is_empty() {
            sessions.push(Vec::new());
        }
    }
    sessions.retain(|session| !session.is_empty());
    sessions
}

/// Plays a session against a server. What the others do follows from what the server says of them.
fn play(page: &str, session: &[String]) {
    let room = Room::open();
    let hello = session[0].strip_prefix("> HELLO ").unwrap_or_else(|| panic!("{page}: it begins with {}", session[0]));
    let own = hello.split(' ').next().unwrap();
    let heard = |line: &'_ String| line.strip_prefix("< ").map(|said| unstamped(said).to_owned());
    let acknowledged = session.iter().position(|line| heard(line) == Some(format!("HELLO {own}")));
    let acknowledged = acknowledged.unwrap_or_else(|| panic!("{page}: there is no HELLO {own} for {own}"));
    let mut others: BTreeMap<String, Peer> = session[1..acknowledged]
        .iter()
        .map(|line| heard(line).unwrap_or_else(|| panic!("{page}: {line} before one's own HELLO")))
        .map(|said| said.strip_prefix("HELLO ").unwrap_or_else(|| panic!("{page}: {said} before HELLO")).to_owned())
        .map(|name| (name.clone(), room.join(&name)))
        .collect();
    let mut bob = room.peer();
    // The stamps on the page, and those that the server has given in their place.
    let mut stamps = BTreeMap::new();
    for (at, line) in session.iter().enumerate() {
        if let Some(typed) = line.strip_prefix("> ") {
            bob.send(format!("{typed}\n"));
            continue;
        }
        let shown = line.strip_prefix("< ").unwrap();
        let said = unstamped(shown);
        let (verb, rest) = said.split_once(' ').unwrap_or((said, ""));
        let who = rest.split(' ').next().unwrap();
        match verb {
            "HELLO" if at > acknowledged => drop(others.insert(who.into(), room.join(who))),
            "MSG" => others.get_mut(who).unwrap_or_else(|| panic!("{page}: who is {who}?")).send(format!("{said}\n")),
            "BYE" => drop(others.remove(who)),
            "DELETED" => {
                let deleted: u64 = stamps[who];
                // The room is without a history, which is an error of its own.
                let _ = room.server.forget(&Deletion::One(deleted));
                bob.expect(&format!("DELETED {deleted}"));
                continue;
            }
            _ => {}
        }
        if said == shown {
            bob.expect(said);
        } else {
            let line = bob.line();
            let (stamp, line) = stamped(&line);
            assert_eq!(line, said, "{page}");
            stamps.insert(shown[1..].split(' ').next().unwrap(), stamp);
        }
    }
    bob.expect_end();
}

#[test]
fn the_sessions_that_are_shown_are_what_a_server_says() {
    for page in ["README.md", "docs/tour.md", "src/protocol.rs"] {
        let sessions = sessions(page);
        assert!(!sessions.is_empty(), "{page} shows no session");
        sessions.iter().for_each(|session| play(page, session));
    }
}
