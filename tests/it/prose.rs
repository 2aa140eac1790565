//! The mechanical part of how this program is written: what a doc comment must not begin with, and words that blur a subject.
//!
//! A doc comment says what an item is or does ("Returns ...", "Maximum number of ..."): so no paragraph of one opens with a
//! question word. CONTRIBUTING.md has the rest, which no test can hold.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Words that open a question, or a clause without a noun.
const OPENERS: &[&str] = &[
    "Are", "Can", "Do", "Does", "Has", "Have", "How", "Is", "May", "What", "Whatever", "Where", "Whether", "Which",
    "Who", "Whoever", "Whose",
];

/// Words in whose place there is a noun: the thread, the caller, the client, the operator.
const WORDS: &[&str] = &["whoever", "whomever", "is told", "are told", "be ended"];

#[test]
fn no_paragraph_of_a_doc_comment_opens_with_a_question_word() {
    let mut found = Vec::new();
    for file in files(Path::new("src"), "rs") {
        let text = fs::read_to_string(&file).unwrap();
        let mut is_start = true;
        let mut is_sample = false;
        for (number, line) in text.lines().enumerate() {
            let Some(doc) = line.trim_start().strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
                is_start = true;
                continue;
            };
            let doc = doc.trim();
            is_sample ^= doc.starts_with("```");
            let opener = doc.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            if is_start && !is_sample && OPENERS.contains(&opener) {
                found.push(format!("{}:{}: {doc}", file.display(), number + 1));
            }
            is_start = doc.is_empty();
        }
    }
    assert!(found.is_empty(), "say what it is or does:\n{}", found.join("\n"));
}

#[test]
fn comments_and_pages_name_their_subjects() {
    let pages = files(Path::new("docs"), "md").into_iter().chain(files(Path::new("src"), "rs")).chain([
        PathBuf::from("README.md"),
        "CONTRIBUTING.md".into(),
        "SECURITY.md".into(),
        "benches/README.md".into(),
    ]);
    let mut found = Vec::new();
    for file in pages {
        let is_code = file.extension().is_some_and(|end| end == "rs");
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (number, line) in text.lines().enumerate() {
            if is_code && !line.trim_start().starts_with("//") {
                continue;
            }
            // What stands between backticks is a name, and no prose.
            let prose = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
            let words = format!(" {} ", prose.to_lowercase().replace(|c: char| !c.is_alphabetic(), " "));
            for word in WORDS.iter().filter(|word| words.contains(&format!(" {word} "))) {
                found.push(format!("{}:{}: {word}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "say who or what:\n{}", found.join("\n"));
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.append(&mut files(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            all.push(path);
        }
    }
    all.sort();
    all
}
