//! The exercises of rung 1: a number that outlives a client, and a client that is silent for too long.

use std::thread;
use std::time::Duration;

use crate::check::{Check, Trouble};
use crate::program::PATIENCE;
use crate::rungs::Exercise;
use crate::stage::Stage;

const COUNT: &str = "Exercise 1: a count";
const SILENCE: &str = "Exercise 2: no silence";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "a count",
        checks: &[
            Check { name: "COUNT is answered by the number of lines that came back", heading: COUNT, run: count },
            Check { name: "the lines of all clients are counted", heading: COUNT, run: all_clients },
            Check { name: "a client that breaks off does not begin the count anew", heading: COUNT, run: breaks_off },
        ],
    },
    Exercise {
        title: "no silence",
        checks: &[
            Check {
                name: "one who is silent for two seconds is sent away, and the next is served",
                heading: SILENCE,
                run: silent,
            },
            Check { name: "one who says something now and then stays", heading: SILENCE, run: now_and_then },
        ],
    },
];

fn count(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("COUNT\n")?;
    ann.expect("0")?;
    for line in ["one", "two", "COUNT me", "count"] {
        ann.send(format!("{line}\n"))?;
        ann.expect(line)?;
    }
    // To ask changes nothing.
    for _ in 0..2 {
        ann.send("COUNT\n")?;
        ann.expect("4")?;
    }
    Ok(())
}

fn all_clients(stage: &mut Stage) -> Result<(), Trouble> {
    for (number, who) in ["ann", "ben", "carl"].into_iter().enumerate() {
        let mut peer = stage.connect(who)?;
        peer.send("hello\nCOUNT\n")?;
        peer.expect("hello")?;
        peer.expect(&(number + 1).to_string())?;
        peer.hang_up();
    }
    Ok(())
}

fn breaks_off(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("hello\n")?;
    ann.expect("hello")?;
    ann.send("an echo that nobody will read\n")?;
    ann.break_off()?;
    let mut ben = stage.connect("ben")?;
    ben.send("COUNT\n")?;
    ben.expect("2")
}

/// How long a client may be silent.
const SILENT: Duration = Duration::from_secs(2);

fn silent(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.patience(SILENT + PATIENCE);
    ann.send("hello\n")?;
    ann.expect("hello")?;
    let mut ben = stage.connect("ben")?;
    ben.patience(SILENT + PATIENCE);
    ben.send("is it my turn?\n")?;
    ann.expect_nothing(SILENT / 2)?;
    ann.expect_start("ERR TOO_SILENT")?;
    ann.expect_end()?;
    ben.expect("is it my turn?")
}

fn now_and_then(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    for number in 0..4 {
        thread::sleep(SILENT * 3 / 8);
        ann.send(format!("line {number}\n"))?;
        ann.expect(&format!("line {number}"))?;
    }
    Ok(())
}
