//! Rung 2: an echo for many clients at once.

mod exercises;

use std::thread;
use std::time::{Duration, Instant};

use super::Rung;
use crate::check::{Check, Trouble};
use crate::program::PATIENCE;
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 2,
    name: "rung02_threads",
    title: "many clients at once: a thread for each",
    readme: include_str!("../../rung02_threads/README.md"),
    checks: &[
        Check { name: "a line comes back", heading: "A thread for each client", run: a_line_comes_back },
        Check {
            name: "a client that says nothing keeps nobody waiting",
            heading: "A thread for each client",
            run: keeps_nobody_waiting,
        },
        Check {
            name: "fifty clients are served at once, each with its own lines",
            heading: "Who owns what",
            run: fifty,
        },
        Check { name: "a client that breaks off disturbs nobody", heading: "The end of a thread", run: breaks_off },
        Check { name: "a client that has left leaves no thread behind", heading: "The end of a thread", run: leaves },
    ],
    exercises: exercises::EXERCISES,
};

fn a_line_comes_back(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("good morning\n")?;
    ann.expect("good morning")
}

fn keeps_nobody_waiting(stage: &mut Stage) -> Result<(), Trouble> {
    let mut silent = stage.connect("ann")?;
    let mut ben = stage.connect("ben")?;
    ben.send("ann is silent\n")?;
    ben.expect("ann is silent")?;
    silent.send("not any more\n")?;
    silent.expect("not any more")
}

fn fifty(stage: &mut Stage) -> Result<(), Trouble> {
    let mut peers = Vec::new();
    for number in 0..50 {
        peers.push(stage.connect(&format!("client {number}"))?);
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.send(format!("I am number {number}\n"))?;
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.expect(&format!("I am number {number}"))?;
    }
    Ok(())
}

fn breaks_off(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, mut ben) = (stage.connect("ann")?, stage.connect("ben")?);
    ann.send("an echo that nobody will read\n".repeat(100))?;
    ann.break_off()?;
    ben.send("I am still here\n")?;
    ben.expect("I am still here")?;
    let mut carl = stage.connect("carl")?;
    carl.send("and I come late\n")?;
    carl.expect("and I come late")
}

fn leaves(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("hello\n")?;
    ann.expect("hello")?;
    let before = stage.program().threads();
    for number in 0..50 {
        let mut peer = stage.connect(&format!("client {number}"))?;
        peer.send("hello and good bye\n")?;
        peer.expect("hello and good bye")?;
        peer.end_sending();
        peer.expect_end()?;
    }
    // Only Linux tells the number of threads. The last threads may just be ending.
    let Some(before) = before else { return Ok(()) };
    let mut after = before;
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        after = stage.program().threads().unwrap_or(before);
        if after <= before + 5 {
            stage.note(format!("{before} threads with one client, and {after} after fifty others have come and gone"));
            return Ok(());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(Trouble::new(format!("about {before} threads, as before the fifty came"), format!("{after} threads")))
}
