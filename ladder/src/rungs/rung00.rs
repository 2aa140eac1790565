//! Rung 0: a client for two directions at once. The checks play the server.

use super::Rung;
use crate::check::{Check, Trouble};
use crate::program::PATIENCE;
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 0,
    name: "rung00_talk",
    title: "a client: what is typed is sent, what comes is shown",
    readme: include_str!("../../rung00_talk/README.md"),
    checks: &[
        Check { name: "it connects to the address that it is given", heading: "A connection", run: connects },
        Check { name: "what comes is shown", heading: "Reading", run: shows },
        Check { name: "what comes is shown before its line has ended", heading: "Writing", run: shows_at_once },
        Check { name: "what is typed is sent", heading: "Two directions, two threads", run: sends },
        Check {
            name: "Ctrl-D closes one direction, and what comes afterwards is still shown",
            heading: "The end of a direction",
            run: ends_one_direction,
        },
        Check {
            name: "it ends when the server closes, although the keyboard is open",
            heading: "The end of the program",
            run: ends,
        },
    ],
    exercises: &[],
};

fn connects(stage: &mut Stage) -> Result<(), Trouble> {
    stage.accept("the server").map(drop)
}

fn shows(stage: &mut Stage) -> Result<(), Trouble> {
    let mut server = stage.accept("the server")?;
    for line in ["good morning", "nobody has typed yet"] {
        server.send(format!("{line}\n"))?;
        stage.program().expect_output(line)?;
    }
    Ok(())
}

fn shows_at_once(stage: &mut Stage) -> Result<(), Trouble> {
    let mut server = stage.accept("the server")?;
    server.send("your name? ")?;
    stage.program().expect_output("your name? ")
}

fn sends(stage: &mut Stage) -> Result<(), Trouble> {
    let mut server = stage.accept("the server")?;
    for line in ["hello", "and again"] {
        stage.program().type_line(line)?;
        server.expect(line)?;
    }
    // One direction does not wait for the other.
    server.send("an answer\n")?;
    stage.program().expect_output("an answer")
}

fn ends_one_direction(stage: &mut Stage) -> Result<(), Trouble> {
    let mut server = stage.accept("the server")?;
    stage.program().type_line("the last line")?;
    stage.program().end_input();
    server.expect("the last line")?;
    server.expect_end()?;
    server.send("an answer to your last line\n")?;
    stage.program().expect_output("an answer to your last line")
}

fn ends(stage: &mut Stage) -> Result<(), Trouble> {
    let mut server = stage.accept("the server")?;
    server.send("good bye\n")?;
    server.hang_up();
    let status = stage.program().expect_exit(PATIENCE)?;
    stage.program().expect_output("good bye")?;
    if status.success() {
        return Ok(());
    }
    Err(Trouble::new("the exit code 0: nothing went wrong", status.to_string()))
}
