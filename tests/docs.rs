//! What the documentation tells is so: files that it names exist, and sessions that it shows are what a server says.

// In a helper too, what fails is to fail the test.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use support::{Peer, Room};

/// Everything that tells a reader where to look.
const PAGES: [&str; 7] = [
    "README.md",
    "src/lib.rs",
    "src/protocol.rs",
    "examples/README.md",
    "docs/exercises.md",
    "docs/why-threads.md",
    "docs/many-machines.md",
];

fn read(page: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{page}: {error}"))
}

fn has_extension(name: &str, wanted: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == wanted)
}

/// A page's lines, without what makes them a comment.
fn lines(page: &str) -> impl Iterator<Item = String> {
    let is_code = has_extension(page, "rs");
    let text = read(page);
    let lines: Vec<_> = text.lines().filter(|line| !is_code || line.starts_with("//!")).map(str::to_owned).collect();
    lines.into_iter().map(move |line| if is_code { line[3..].strip_prefix(' ').unwrap_or("").to_owned() } else { line })
}

#[test]
fn every_file_that_is_named_exists() {
    let mut named = 0;
    for page in PAGES {
        // What stands between backticks and looks like the path of a file of ours.
        let text = lines(page).collect::<Vec<_>>().join("\n");
        for word in text.split('`').skip(1).step_by(2) {
            let is_file = has_extension(word, "rs") || has_extension(word, "md") || word.starts_with("script/");
            let is_folder = word.starts_with("src/") || word.starts_with("examples/") || word.starts_with("tests/");
            if word.contains([' ', '*']) || !(is_file || is_folder) {
                continue;
            }
            named += 1;
            let exists = ["", "src", "src/server"]
                .iter()
                .any(|root| Path::new(env!("CARGO_MANIFEST_DIR")).join(root).join(word).exists());
            assert!(exists, "{page} names {word}, which does not exist");
        }
    }
    assert!(named > 100, "only {named} names of files were found: does this test still read the pages?");
}

#[test]
fn every_file_that_the_tour_names_is_a_link_to_that_file() {
    let tour = read("src/lib.rs");
    let mut links = BTreeMap::new();
    for line in tour.lines() {
        if let Some((name, address)) = line.strip_prefix("//! [`").and_then(|rest| rest.split_once("`]: ")) {
            links.insert(name, address);
        }
    }
    for (name, address) in &links {
        assert_eq!(*address, format!("../src/multichat/{name}.html"));
        assert!(tour.contains(&format!("[`{name}`]")), "{name} is linked to and not named");
    }
    for word in tour.split("[`").skip(1).filter_map(|rest| rest.split_once("`]")) {
        let (name, _) = word;
        assert!(!has_extension(name, "rs") || links.contains_key(name), "{name} is no link: where does it lead?");
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

/// The sessions on a page: runs of lines that begin with `>` or `<` and a space.
fn sessions(page: &str) -> Vec<Vec<String>> {
    let mut sessions = vec![Vec::new()];
    for line in lines(page) {
        let line = line.trim_start();
        if line.starts_with("> ") || line.starts_with("< ") {
            // Behind two spaces is what is told about it.
            sessions.last_mut().unwrap().push(line.split("  ").next().unwrap().to_owned());
        } else if !sessions.last().unwrap().is_empty() {
            sessions.push(Vec::new());
        }
    }
    sessions.retain(|session| !session.is_empty());
    sessions
}

/// Plays a session against a server: what the others do is seen from what the server says of them.
fn play(page: &str, session: &[String]) {
    let room = Room::open();
    let own = session[0].strip_prefix("> HELLO ").unwrap_or_else(|| panic!("{page}: it begins with {}", session[0]));
    let acknowledged = session.iter().position(|line| *line == format!("< HELLO {own}"));
    let acknowledged = acknowledged.unwrap_or_else(|| panic!("{page}: there is no HELLO {own} for {own}"));
    let mut others: BTreeMap<String, Peer> = session[1..acknowledged]
        .iter()
        .map(|line| line.strip_prefix("< HELLO ").unwrap_or_else(|| panic!("{page}: {line} before one's own HELLO")))
        .map(|name| (name.to_owned(), room.join(name)))
        .collect();
    let mut bob = room.peer();
    for (at, line) in session.iter().enumerate() {
        if let Some(typed) = line.strip_prefix("> ") {
            bob.send(format!("{typed}\n"));
            continue;
        }
        let said = line.strip_prefix("< ").unwrap();
        let (verb, rest) = said.split_once(' ').unwrap_or((said, ""));
        let who = rest.split(' ').next().unwrap();
        match verb {
            "HELLO" if at > acknowledged => drop(others.insert(who.into(), room.join(who))),
            "MSG" => others.get_mut(who).unwrap_or_else(|| panic!("{page}: who is {who}?")).send(format!("{said}\n")),
            "BYE" => drop(others.remove(who)),
            _ => {}
        }
        bob.expect(said);
    }
    bob.expect_end();
}

#[test]
fn the_sessions_that_are_shown_are_what_a_server_says() {
    for page in ["README.md", "src/lib.rs", "src/protocol.rs"] {
        let sessions = sessions(page);
        assert!(!sessions.is_empty(), "{page} shows no session");
        sessions.iter().for_each(|session| play(page, session));
    }
}
