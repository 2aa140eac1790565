//! The exercises of rung 6: a number that an average hides, and a server that ends.

use std::sync::atomic::Ordering;

use super::{Played, Then, verdict};
use crate::check::{Check, Trouble, quoted};
use crate::rungs::Exercise;
use crate::stage::Stage;

const DELAYS: &str = "Exercise 1: the middle and the end";
const ENDED: &str = "Exercise 2: a server that ends";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "the middle and the end",
        checks: &[
            Check { name: "the median is the middle one, and no average", heading: DELAYS, run: median },
            Check { name: "of a hundred lines, the slowest is outside of the 99 %", heading: DELAYS, run: most },
        ],
    },
    Exercise {
        title: "a server that ends",
        checks: &[
            Check {
                name: "a server that closes the connections has ENDED, and is not FROZEN",
                heading: ENDED,
                run: |stage| ended(stage, Then::End),
            },
            Check {
                name: "a server that closes the speaker's connection has ENDED",
                heading: ENDED,
                run: |stage| ended(stage, Then::EndSpeaker),
            },
        ],
    },
];

/// Lets the program measure a server that holds up some of the first 500 lines. Returns the three numbers in microseconds.
fn delays(stage: &mut Stage, slow: fn(usize) -> u64) -> Result<[u64; 3], Trouble> {
    let (_, addr) = Played::start(stage, 100_000, Then::Quiet, slow)?;
    verdict(stage, addr, "FROZEN")?;
    let printed = stage.program().stdout();
    let line = printed.lines().find(|line| line.starts_with("delays: "));
    let numbers = line.and_then(|line| {
        let words = line.strip_prefix("delays: median ")?.strip_suffix(" us")?;
        let (median, words) = words.split_once(" us, 99% ")?;
        let (most, slowest) = words.split_once(" us, slowest ")?;
        Some([median.parse().ok()?, most.parse().ok()?, slowest.parse().ok()?])
    });
    let came = line.map_or("no such line".into(), |line| quoted(line.as_bytes()).to_string());
    let expected = "the line \"delays: median <n> us, 99% <n> us, slowest <n> us\" on its standard output";
    numbers.ok_or_else(|| Trouble::new(expected, came))
}

fn median(stage: &mut Stage) -> Result<(), Trouble> {
    // Two of five take 20 ms: the average is 8 ms.
    let [median, most, slowest] = delays(stage, |number| if number % 5 < 2 { 20 } else { 0 })?;
    stage.tell("two of five lines took 20 ms");
    let expected = "a median below 7000 us, and 99% and slowest above 20000 us";
    if median < 7000 && most >= 20_000 && slowest >= most {
        return Ok(());
    }
    Err(Trouble::new(expected, format!("median {median} us, 99% {most} us, slowest {slowest} us")))
}

fn most(stage: &mut Stage) -> Result<(), Trouble> {
    // Four of five hundred: the five slowest are the last hundredth.
    let [median, most, slowest] = delays(stage, |number| if number % 125 == 60 { 400 } else { 0 })?;
    stage.tell("four of 500 lines took 400 ms");
    let expected = "the slowest above 400000 us, and 99% below that";
    if median <= most && most < 400_000 && slowest >= 400_000 {
        return Ok(());
    }
    Err(Trouble::new(expected, format!("median {median} us, 99% {most} us, slowest {slowest} us")))
}

fn ended(stage: &mut Stage, how: Then) -> Result<(), Trouble> {
    let (server, addr) = Played::start(stage, 1_000_000, how, |_| 0)?;
    let bytes = verdict(stage, addr, "ENDED")?;
    let relayed = server.relayed.load(Ordering::Relaxed);
    if !(relayed - relayed / 10..=relayed).contains(&bytes) {
        return Err(Trouble::new(
            format!("ENDED after {relayed} bytes: so many were relayed"),
            format!("{bytes} bytes"),
        ));
    }
    let status = stage.program().expect_exit(crate::program::PATIENCE)?;
    if status.success() { Ok(()) } else { Err(Trouble::new("an exit code of 0: it has measured", status.to_string())) }
}
