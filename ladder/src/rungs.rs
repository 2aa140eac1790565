//! The rungs, from below. Each has a file with its checks, and a folder with its README, its start and its solution.

mod chat;
mod rung00;
mod rung01;
mod rung02;
mod rung03;
mod rung04;
mod rung05;
mod rung06;
mod rung07;
mod rung08;
mod rung09;
mod rung10;

use crate::check::Check;

/// A rung of the ladder.
pub struct Rung {
    /// Its number.
    pub number: u8,
    /// The name of its folder and of its program.
    pub name: &'static str,
    /// What it adds, in a few words.
    pub title: &'static str,
    /// The text of its README.
    pub readme: &'static str,
    /// What its program has to do, in the order in which it is written.
    pub checks: &'static [Check],
    /// What may be added to its program.
    pub exercises: &'static [Exercise],
}

/// Something that is added to a rung's program. The rung's own checks stay green.
pub struct Exercise {
    /// What it adds, in a few words. Its heading in the README is `Exercise 1: ` and this.
    pub title: &'static str,
    /// What it asks for. The plain solution of the rung fails in at least one of them.
    pub checks: &'static [Check],
}

impl Rung {
    /// Whether the solution is one on this system. Rungs 8 to 10 go on with a socket whose write has timed out, and Windows says
    /// that it is not to be used any more.
    pub fn holds_here(&self) -> bool {
        cfg!(not(windows)) || self.number < 8
    }
}

/// All rungs.
pub const ALL: &[&Rung] = &[
    &rung00::RUNG,
    &rung01::RUNG,
    &rung02::RUNG,
    &rung03::RUNG,
    &rung04::RUNG,
    &rung05::RUNG,
    &rung06::RUNG,
    &rung07::RUNG,
    &rung08::RUNG,
    &rung09::RUNG,
    &rung10::RUNG,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::paragraph;

    #[test]
    fn each_check_names_a_paragraph_of_its_readme() {
        for rung in ALL {
            for check in rung.checks.iter().chain(rung.exercises.iter().flat_map(|exercise| exercise.checks)) {
                assert!(
                    paragraph(rung.readme, check.heading).is_some(),
                    "{}: no paragraph under {:?}, which {:?} names",
                    rung.name,
                    check.heading,
                    check.name
                );
            }
        }
    }
}
