//! Rung 9: a stop, in which nothing that was said is lost, and nobody can hold it up.

mod exercises;

use std::time::Duration;

use super::{Rung, chat, rung08};
use crate::check::{Check, Trouble};
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 9,
    name: "rung09_stop",
    title: "a stop in numbered steps",
    readme: include_str!("../../rung09_stop/README.md"),
    checks: &[
        Check { name: "newcomers see who is here, and are announced", heading: "Still a chat", run: chat::joining },
        Check { name: "what one says all others hear", heading: "Still a chat", run: chat::talking },
        Check { name: "who leaves is announced, and the name is free", heading: "Still a chat", run: chat::leaving },
        Check {
            name: "one who reads nothing keeps nobody waiting",
            heading: "Still a chat",
            run: rung08::nobody_waits,
        },
        Check { name: "\"stop\" is a last line and an end for everybody", heading: "The steps", run: stop_by_line },
        Check { name: "the end of standard input stops it, too", heading: "How a stop comes in", run: stop_by_end },
        Check { name: "what was said before the stop arrives before the end", heading: "Last lines", run: last_lines },
        Check {
            name: "one who reads nothing does not hold up the stop",
            heading: "A limit for patience",
            run: stalled,
        },
    ],
    exercises: exercises::EXERCISES,
};

/// How long a stop may take: a second for the last lines, and some for a busy machine.
const STOP: Duration = Duration::from_secs(5);

pub(super) fn stop_by_line(stage: &mut Stage) -> Result<(), Trouble> {
    stop(stage, true)
}

fn stop_by_end(stage: &mut Stage) -> Result<(), Trouble> {
    stop(stage, false)
}

fn stop(stage: &mut Stage, by_line: bool) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let mut stranger = stage.connect("a stranger, who has not said HELLO")?;
    stranger.send("HEL")?;
    if by_line {
        stage.program().type_line("stop")?;
    } else {
        stage.program().end_input();
    }
    for peer in [&mut ann, &mut ben] {
        peer.expect_start("ERR SHUTTING_DOWN")?;
        peer.expect_end()?;
    }
    // Whether a stranger gets a last line is a matter of taste.
    while stranger.line().is_ok() {}
    stranger.expect_end()?;
    ends_well(stage)
}

/// Expects that the program ends by itself, and well.
fn ends_well(stage: &mut Stage) -> Result<(), Trouble> {
    let status = stage.program().expect_exit(STOP)?;
    if !status.success() {
        return Err(Trouble::new("an exit code of 0", status.to_string()));
    }
    match stage.stderr() {
        errors if errors.contains("panicked") => Err(Trouble::new("that no thread panics", "a panic")),
        _ => Ok(()),
    }
}

fn last_lines(stage: &mut Stage) -> Result<(), Trouble> {
    let lines = rung08::beyond_the_kernel(1 << 19)?;
    let (_ann, _ben, mut carl) = rung08::stalled(stage, lines)?;
    stage.program().type_line("stop")?;
    stage.tell("carl reads again");
    for number in 0..lines {
        carl.expect(&chat::long_line("ann", number))?;
    }
    carl.expect_start("ERR SHUTTING_DOWN")?;
    carl.expect_end()?;
    ends_well(stage)
}

fn stalled(stage: &mut Stage) -> Result<(), Trouble> {
    let _peers = rung08::stalled(stage, rung08::beyond_the_kernel(1 << 19)?)?;
    stage.program().type_line("stop")?;
    ends_well(stage)
}
