//! The exercises of rung 9: a stop that is announced, and an end for one.

use std::time::{Duration, Instant};

use super::{chat, ends_well, rung08};
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::rungs::Exercise;
use crate::stage::Stage;

const ANNOUNCED: &str = "Exercise 1: an announcement";
const KICK: &str = "Exercise 2: an end for one";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "an announcement",
        checks: &[
            Check { name: "\"stop 2\" is announced, and comes in two seconds", heading: ANNOUNCED, run: announced },
            Check { name: "meanwhile people join, and are told, too", heading: ANNOUNCED, run: meanwhile },
            Check { name: "\"stop\" stops at once, also after \"stop 60\"", heading: ANNOUNCED, run: at_once },
            Check { name: "the end of standard input stops at once, too", heading: ANNOUNCED, run: end_of_input },
        ],
    },
    Exercise {
        title: "an end for one",
        checks: &[
            Check { name: "\"kick ben\" is a last line and an end for ben alone", heading: KICK, run: kick },
            Check { name: "\"kick\" of one who is not here is answered", heading: KICK, run: nobody },
            Check {
                name: "what waits for one who is kicked arrives before the reason",
                heading: "Last lines",
                run: last_lines,
            },
        ],
    },
];

fn announced(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let start = Instant::now();
    stage.program().type_line("stop 2")?;
    for peer in [&mut ann, &mut ben] {
        peer.expect("NOTE the server stops in 2 s")?;
    }
    ann.send("MSG ann good night\n")?;
    ben.expect("MSG ann good night")?;
    for peer in [&mut ann, &mut ben] {
        peer.expect_start("ERR SHUTTING_DOWN")?;
        peer.expect_end()?;
    }
    let took = start.elapsed();
    if took < Duration::from_millis(1900) {
        return Err(Trouble::new("the stop after 2 s", format!("it came after {} ms", took.as_millis())));
    }
    ends_well(stage)
}

fn meanwhile(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    stage.program().type_line("stop 60")?;
    ann.expect("NOTE the server stops in 60 s")?;
    let mut crowd = Vec::new();
    for name in ["ben", "carl"] {
        let mut peer = chat::join(stage, name)?;
        let line = peer.expect_start("NOTE the server stops in ")?;
        let left = line["NOTE the server stops in ".len()..].strip_suffix(" s").and_then(|left| left.parse().ok());
        if !left.is_some_and(|left: u64| (50..=60).contains(&left)) {
            return Err(Trouble::new("the seconds that are left, 60 or some less", format!("{line:?}")));
        }
        ann.expect(&format!("HELLO {name}"))?;
        crowd.iter_mut().try_for_each(|other: &mut Peer| other.expect(&format!("HELLO {name}")))?;
        crowd.push(peer);
    }
    ann.send("MSG ann be quick\n")?;
    crowd.iter_mut().try_for_each(|peer| peer.expect("MSG ann be quick"))
}

fn at_once(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    stage.program().type_line("stop 60")?;
    ann.expect("NOTE the server stops in 60 s")?;
    stage.program().type_line("stop")?;
    ann.expect_start("ERR SHUTTING_DOWN")?;
    ann.expect_end()?;
    ends_well(stage)
}

fn end_of_input(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    stage.program().type_line("stop 60")?;
    ann.expect("NOTE the server stops in 60 s")?;
    stage.program().end_input();
    ann.expect_start("ERR SHUTTING_DOWN")?;
    ann.expect_end()?;
    ends_well(stage)
}

fn kick(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    stage.program().type_line("kick ben")?;
    ben.expect_start("ERR KICKED")?;
    ben.expect_end()?;
    ann.expect("BYE ben")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    ann.send("MSG ann again?\n")?;
    ben.expect("MSG ann again?")?;
    stage.program().type_line("stop")?;
    ann.expect_start("ERR SHUTTING_DOWN")?;
    ends_well(stage)
}

fn nobody(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    stage.program().type_line("kick carl")?;
    stage.program().expect_output("there is no carl")?;
    ben.send("MSG ben is carl here?\n")?;
    ann.expect("MSG ben is carl here?")
}

fn last_lines(stage: &mut Stage) -> Result<(), Trouble> {
    let lines = rung08::beyond_the_kernel(1 << 19)?;
    let (mut ann, mut ben, mut carl) = rung08::stalled(stage, lines)?;
    stage.program().type_line("kick carl")?;
    // The console does not wait for Carl, nor does the room.
    stage.program().type_line("kick dora")?;
    stage.program().expect_output("there is no dora")?;
    ann.send("MSG ann carl hears this no more\n")?;
    ben.expect("MSG ann carl hears this no more")?;
    stage.tell("carl reads again");
    (0..lines).try_for_each(|number| carl.expect(&chat::long_line("ann", number)))?;
    carl.expect_start("ERR KICKED")?;
    carl.expect_end()?;
    ben.expect("BYE carl")
}
