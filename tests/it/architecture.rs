//! The directions of the source: which file may import which.
//!
//! The test reads every `use` and every path that begins with `crate::` or `super::` outside of tests, and finds the file that
//! each of them leads to. `cargo test --test it architecture -- --nocapture` prints the graph of the folders.
//!
//! An import of one's own parent is not counted as an edge between files: a file may add methods to its parent's type.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module, as the names on the way to it from the crate's root.
type Module = Vec<String>;

/// The folders from the bottom up, each with those below it that it may import. What is not listed may be imported by none.
const FOLDERS: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("mood", &[]),
    ("ring_log", &[]),
    ("sorting", &[]),
    ("sync", &[]),
    ("password", &["protocol"]),
    ("clock", &["protocol"]),
    ("signals", &[]),
    ("console", &[]),
    ("systemd", &[]),
    ("computer", &[]),
    ("files", &["clock", "protocol"]),
    ("logging", &["sync"]),
    ("transport", &["protocol", "sync"]),
    ("wire", &["clock", "protocol", "ring_log"]),
    ("discovery", &["computer", "protocol"]),
    ("server", &["clock", "computer", "discovery", "files", "password", "protocol", "sync", "transport", "wire"]),
    ("client", &["clock", "files", "password", "protocol", "sync", "transport", "wire"]),
    ("options", &["discovery", "files", "password", "protocol", "server"]),
    ("desktop", &[]),
    ("ui", &["clock", "desktop", "files", "mood", "sorting", "wire"]),
    (
        "chat",
        &[
            "client",
            "clock",
            "desktop",
            "discovery",
            "files",
            "mood",
            "signals",
            "password",
            "protocol",
            "sync",
            "ui",
            "wire",
        ],
    ),
    (
        "monitor",
        &[
            "clock", "files", "mood", "options", "signals", "password", "protocol", "ring_log", "server", "sorting",
            "sync", "ui", "wire",
        ],
    ),
];

/// The rooms of the server from the bottom up: each may import those above it in this list, and the single files of `server/`.
const ROOMS: &[&str] = &["observe", "delivery", "storage", "registry", "session", "connect"];

/// Roots that only say what there is: no file below one imports from it.
const HALVES: &[&str] = &["server", "client", "chat", "monitor"];

struct Source {
    files: BTreeMap<PathBuf, Module>,
    /// Imports between files, parents left out.
    edges: BTreeMap<Module, BTreeSet<Module>>,
    /// Files that import something of their own root (`server.rs`, `client.rs`, ...).
    to_root: Vec<(PathBuf, String)>,
}

#[test]
fn no_file_imports_what_imports_it() {
    let source = Source::read();
    let cycles = source.cycles();
    let text: Vec<String> = cycles.iter().map(|cycle| show_all(cycle)).collect();
    assert!(cycles.is_empty(), "files that import each other:\n{}", text.join("\n"));
}

#[test]
fn every_folder_imports_only_those_below_it() {
    let source = Source::read();
    let folders = source.grouped(|module| module.first().cloned());
    for (folder, imported) in &folders {
        println!("{folder} -> {}", imported.iter().cloned().collect::<Vec<_>>().join(", "));
    }
    for (folder, imported) in folders {
        let allowed = FOLDERS.iter().find(|(name, _)| *name == folder).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("src/{folder} is not in the list of folders"));
        let others: Vec<_> = imported.iter().filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(others.is_empty(), "{folder} imports {others:?}");
    }
}

#[test]
fn every_room_of_the_server_imports_only_those_below_it() {
    let source = Source::read();
    let rooms = source.grouped(|module| match module {
        [server, room, ..] if server == "server" => Some(room.clone()),
        _ => None,
    });
    for (room, imported) in &rooms {
        println!("server/{room} -> {}", imported.iter().cloned().collect::<Vec<_>>().join(", "));
    }
    let height = |room: &String| ROOMS.iter().position(|name| name == room);
    for (room, imported) in rooms {
        let Some(own) = height(&room) else { continue };
        let above: Vec<_> = imported.iter().filter(|other| height(other).is_some_and(|other| other > own)).collect();
        assert!(above.is_empty(), "server/{room} imports {above:?}");
    }
}

#[test]
fn no_file_imports_from_the_root_of_its_own_half() {
    let source = Source::read();
    assert!(source.to_root.is_empty(), "{:#?}", source.to_root);
}

#[test]
fn only_window_files_name_the_toolkit() {
    for file in rust_files(Path::new("src")) {
        let name = file.to_string_lossy().replace('\\', "/");
        let is_window = ["src/ui", "src/chat/window", "src/monitor/window"].iter().any(|start| name.starts_with(start));
        let text = fs::read_to_string(&file).unwrap();
        let named = code(&text).contains("fltk::") || text.contains("use fltk");
        assert!(is_window || !named, "{name} names fltk");
    }
}

impl Source {
    fn read() -> Source {
        let files: BTreeMap<PathBuf, Module> = rust_files(Path::new("src"))
            .into_iter()
            .filter(|file| !file.starts_with("src/bin") && file != Path::new("src/lib.rs"))
            // Tests may look at anything.
            .filter(|file| !file.iter().any(|part| part == "tests"))
            .map(|file| (file.clone(), module_of(&file)))
            .collect();
        let modules: BTreeSet<Module> = files.values().cloned().collect();
        let mut source = Source { files: files.clone(), edges: BTreeMap::new(), to_root: Vec::new() };
        for (file, own) in &files {
            let text = code(&fs::read_to_string(file).unwrap());
            let children: BTreeSet<String> = declared(&text);
            for path in paths(&text) {
                let Some(full) = absolute(&path, own, &children) else { continue };
                let Some(depth) = (1..=full.len()).rev().find(|depth| modules.contains(&full[..*depth])) else {
                    continue;
                };
                let target = full[..depth].to_vec();
                if HALVES.contains(&target[0].as_str()) && target.len() == 1 && own[0] == target[0] && own.len() > 1 {
                    source.to_root.push((file.clone(), full.join("::")));
                }
                if !own.starts_with(&target) {
                    source.edges.entry(own.clone()).or_default().insert(target);
                }
            }
        }
        assert!(source.files.len() > 50, "read from the project's folder");
        source
    }

    /// The edges between groups of files.
    fn grouped(&self, group: impl Fn(&[String]) -> Option<String>) -> BTreeMap<String, BTreeSet<String>> {
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in self.edges.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to))) {
            let (Some(from), Some(to)) = (group(from), group(to)) else { continue };
            if from != to {
                groups.entry(from).or_default().insert(to);
            }
        }
        groups
    }

    /// The shortest cycle through each file that is on one, without repeats.
    fn cycles(&self) -> Vec<Vec<Module>> {
        let mut seen = BTreeSet::new();
        let mut cycles = Vec::new();
        for start in self.edges.keys() {
            if seen.contains(start) {
                continue;
            }
            if let Some(cycle) = self.cycle_through(start) {
                seen.extend(cycle.iter().cloned());
                cycles.push(cycle);
            }
        }
        cycles
    }

    fn cycle_through(&self, start: &Module) -> Option<Vec<Module>> {
        let mut came_from: BTreeMap<&Module, &Module> = BTreeMap::new();
        let mut queue = vec![start];
        for next in 0.. {
            let at = *queue.get(next)?;
            for to in self.edges.get(at).into_iter().flatten() {
                if to == start {
                    let mut cycle = vec![at.clone()];
                    while let Some(before) = came_from.get(cycle.last()?) {
                        cycle.push((*before).clone());
                    }
                    return Some(cycle);
                }
                if !came_from.contains_key(to) {
                    came_from.insert(to, at);
                    queue.push(to);
                }
            }
        }
        None
    }
}

fn show_all(cycle: &[Module]) -> String {
    cycle.iter().map(|module| module.join("::")).collect::<Vec<_>>().join(" <- ")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.append(&mut rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `src/server/storage/history/enabled.rs` is the module `server::storage::history`, as its neighbour `disabled.rs` is.
fn module_of(file: &Path) -> Module {
    assert!(file.file_name().is_some_and(|name| name != "mod.rs"), "{}: name it after its folder", file.display());
    let mut module: Module =
        file.with_extension("").iter().skip(1).map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|name| name == "enabled" || name == "disabled") {
        module.pop();
    }
    module
}

/// The text without comments and without its tests, which may look at anything.
fn code(text: &str) -> String {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect()
}

fn declared(text: &str) -> BTreeSet<String> {
    let name = |line: &str| Some(line.split_once("mod ")?.1.strip_suffix(';')?.to_owned());
    text.lines().filter(|line| line.starts_with("mod ") || line.starts_with("pub")).filter_map(name).collect()
}

/// Every path of a `use`, and every other path that begins at `crate` or `super`.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = String::new();
    let mut statement: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let after = trimmed.split_once("use ").filter(|(before, _)| before.is_empty() || before.starts_with("pub"));
        match (&mut statement, after) {
            (None, Some((_, tree))) => statement = Some(tree.to_owned()),
            (Some(open), _) => open.push_str(trimmed),
            (None, None) => rest.push_str(&format!("{line}\n")),
        }
        if let Some(tree) = statement.as_ref().and_then(|open| open.strip_suffix(';')) {
            flatten(tree, &[], &mut found);
            statement = None;
        }
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    for word in rest.split(|c: char| !is_part(c)) {
        if word.starts_with("crate::") || word.starts_with("super::") {
            found.push(word.split("::").map(str::to_owned).collect());
        }
    }
    found
}

/// `a::{b, c::{d, self}}` is `a::b`, `a::c::d` and `a::c`.
fn flatten(tree: &str, before: &[String], found: &mut Vec<Vec<String>>) {
    let (path, inner) = match tree.split_once('{') {
        Some((path, inner)) => (path, Some(inner.trim_end().strip_suffix('}').unwrap_or(inner))),
        None => (tree, None),
    };
    let names = path.split(" as ").next().unwrap_or_default().split("::").map(|name| name.trim().to_owned());
    let mut full = before.to_vec();
    full.extend(names.filter(|name| !name.is_empty() && (name != "self" || before.is_empty())));
    let Some(inner) = inner else { return found.push(full) };
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner.get(start..at).unwrap_or_default().trim();
                if !part.is_empty() {
                    flatten(part, &full, found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The path from the crate's root, without `crate`; `None` for other crates.
fn absolute(path: &[String], own: &Module, children: &BTreeSet<String>) -> Option<Vec<String>> {
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "super" => {
            let up = path.iter().take_while(|name| *name == "super").count();
            let mut full = own[..own.len().checked_sub(up)?].to_vec();
            full.extend_from_slice(&path[up..]);
            Some(full)
        }
        first if children.contains(first) => Some([own, path].concat()),
        _ => None,
    }
}
