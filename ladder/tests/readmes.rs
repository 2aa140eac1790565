//! Every README has the parts of a lesson, every prediction and question has an answer, and every trap has a name.

// Clippy sees tests in functions that are marked so, not in what they call.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use ladder::rungs;

/// Returns the lines of a section, up to the next one of the same level.
fn section(readme: &str, heading: &str) -> Vec<String> {
    let lines = readme.lines().skip_while(|line| *line != format!("## {heading}")).skip(1);
    lines.take_while(|line| !line.starts_with("## ")).map(str::to_owned).collect()
}

/// Returns the number of the items of a numbered list: the lines that begin with a number.
fn items(section: &[String]) -> usize {
    section.iter().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(". ")).count()
}

#[test]
fn every_readme_has_the_parts_of_a_lesson() {
    for rung in rungs::ALL {
        let name = rung.name;
        assert!(rung.readme.starts_with(&format!("# Rung {}: ", rung.number)), "{name}: the title");
        for part in ["**Goal:**", "The trap", "**What breaks:**"] {
            assert!(rung.readme.contains(part), "{name} lacks {part}");
        }
        // Nothing is below the first.
        assert!(rung.number == 0 || rung.readme.contains("**What breaks below:**"), "{name} lacks what breaks below");
        for part in ["What you need", "Predict", "Do", "Check", "Questions", "In the real program", "Exercises"] {
            assert!(!section(rung.readme, part).is_empty(), "{name} lacks ## {part}");
        }
        let exercises = section(rung.readme, "Exercises");
        let checked = exercises.iter().filter(|line| line.starts_with("### Exercise ")).count();
        assert_eq!(checked, rung.exercises.len(), "{name}: exercises that are checked");
        assert_eq!(items(&exercises) + checked, 2, "{name}: two exercises");
        let check = section(rung.readme, "Check").join("\n");
        assert!(check.contains(&format!("cargo climb {}", rung.number)), "{name}: how to check");
    }
}

#[test]
fn every_prediction_and_question_has_an_answer() {
    let mut all = 0;
    for rung in rungs::ALL {
        for part in ["Predict", "Questions"] {
            let section = section(rung.readme, part);
            let answers = section.iter().filter(|line| line.contains("<details><summary>Answer</summary>")).count();
            let ends = section.iter().filter(|line| line.contains("</details>")).count();
            let asked = items(&section);
            assert!(asked >= 2, "{}: two or more under ## {part}", rung.name);
            assert_eq!((answers, ends), (asked, asked), "{}: answers under ## {part}", rung.name);
            all += asked;
        }
    }
    let page = include_str!("../README.md");
    assert!(page.contains(&format!("{all} predictions and questions")), "there are {all} predictions and questions");
}

/// The counts in the door "Learn" of the project's README.
#[test]
fn the_counts_of_the_project_are_true() {
    let read = |path: &str| fs::read_to_string(Path::new("..").join(path)).unwrap();
    let files = |folder: &str, start: &str| {
        let names = fs::read_dir(Path::new("..").join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter_map(|name| name.into_string().ok()?.strip_suffix(".patch")?.strip_prefix(start).map(drop)).count()
    };
    let folders = rungs::ALL.iter().map(|rung| format!("ladder/{}", rung.name));
    let pages = folders.clone().map(|folder| format!("{folder}/README.md")).chain(["examples/README.md".into()]);
    let answers: usize = pages.map(|page| read(&page).matches("<details><summary>").count()).sum();
    let solutions: usize = folders.map(|folder| files(&folder, "exercise")).sum();
    let readme = read("README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    for count in [
        format!("{answers} predictions and questions have their answer"),
        format!("{solutions} exercises of the ladder have a solution"),
        format!("{} bugs are to be hunted", files("hunt", "")),
    ] {
        assert!(readme.contains(&count), "README.md, Learn: {count}");
    }
}
