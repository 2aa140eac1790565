//! Rung 1: an echo for one client at a time.

mod exercises;

use super::Rung;
use crate::check::{Check, Trouble};
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 1,
    name: "rung01_echo",
    title: "one client at a time; each line comes back",
    readme: include_str!("../../rung01_echo/README.md"),
    checks: &[
        Check { name: "a line comes back", heading: "Listen, accept, read, write", run: a_line_comes_back },
        Check { name: "each line comes back, in its order", heading: "A connection is a stream", run: each_line },
        Check {
            name: "lines that were sent before the end are answered before the end",
            heading: "The end of a stream",
            run: the_end,
        },
        Check { name: "when a client has left, the next is served", heading: "One after the other", run: the_next },
        Check {
            name: "a client that breaks off does not end the server",
            heading: "An error is the end of one client",
            run: breaks_off,
        },
    ],
    exercises: exercises::EXERCISES,
};

fn a_line_comes_back(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("good morning\n")?;
    ann.expect("good morning")
}

fn each_line(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    // Two in one packet, and one in two.
    ann.send("one\ntwo\nthr")?;
    ann.expect("one")?;
    ann.expect("two")?;
    ann.send("ee\n")?;
    ann.expect("three")?;
    for number in 4..50 {
        ann.send(format!("{number}\n"))?;
        ann.expect(&number.to_string())?;
    }
    Ok(())
}

fn the_end(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("the last line\n")?;
    ann.end_sending();
    ann.expect("the last line")?;
    ann.expect_end()
}

fn the_next(stage: &mut Stage) -> Result<(), Trouble> {
    for who in ["ann", "ben", "carl"] {
        let mut peer = stage.connect(who)?;
        peer.send("hello\n")?;
        peer.expect("hello")?;
        peer.hang_up();
    }
    Ok(())
}

fn breaks_off(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("an echo that nobody will read\n".repeat(100))?;
    ann.break_off()?;
    let mut ben = stage.connect("ben")?;
    ben.send("is anybody there?\n")?;
    ben.expect("is anybody there?")
}
