//! The exercises of rung 8: a reason for the one who is sent away, and a line that is kept once for all.

use super::{beyond_the_kernel, chat, stalled};
use crate::check::{Check, Trouble};
use crate::rungs::Exercise;
use crate::stage::Stage;

const REASON: &str = "Exercise 1: a reason";
const ONCE: &str = "Exercise 2: one line, a hundred readers";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "a reason",
        checks: &[
            Check { name: "who is sent away has left, before he reads a byte", heading: REASON, run: has_left },
            Check {
                name: "when he reads, the reason is the last line, behind whole lines",
                heading: REASON,
                run: last_line,
            },
            Check {
                name: "one who reads in time gets every line, and no reason",
                heading: "A bound, and an end",
                run: in_time,
            },
        ],
    },
    Exercise {
        title: "one line, a hundred readers",
        checks: &[
            Check { name: "what waits for many is in the memory once", heading: ONCE, run: once },
            Check { name: "what waits for one who reads nothing has a bound", heading: ONCE, run: super::bounded },
        ],
    },
];

fn has_left(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, mut ben, _carl) = stalled(stage, beyond_the_kernel(8 << 20)?)?;
    // His BYE is among what Ann got.
    ann.read_until("BYE carl")?;
    let (_again, here) = chat::join_and_see(stage, "carl")?;
    ben.read_until("HELLO carl")?;
    if here == ["ann", "ben"] { Ok(()) } else { Err(Trouble::new("a list of ann and ben", format!("{here:?}"))) }
}

fn last_line(stage: &mut Stage) -> Result<(), Trouble> {
    let lines = beyond_the_kernel(8 << 20)?;
    let (_ann, _ben, mut carl) = stalled(stage, lines)?;
    stage.tell("carl reads again");
    for number in 0..lines {
        let wanted = chat::long_line("ann", number);
        let came = carl.line()?;
        if came.starts_with("ERR TOO_SLOW") && number > 0 {
            stage.note(format!("carl got {number} of {lines} lines, and the reason"));
            return carl.expect_end();
        }
        if came != wanted {
            let expected = "carl gets the next line of ann as she said it, or ERR TOO_SLOW";
            return Err(Trouble::new(expected, format!("{came:?}").chars().take(100).collect::<String>()));
        }
    }
    Err(Trouble::new("ERR TOO_SLOW and the end: more than a mebibyte has waited for carl", "all that ann has said"))
}

fn in_time(stage: &mut Stage) -> Result<(), Trouble> {
    let lines = beyond_the_kernel(1 << 19)?;
    let (mut ann, _ben, mut carl) = stalled(stage, lines)?;
    stage.tell("carl reads again");
    (0..lines).try_for_each(|number| carl.expect(&chat::long_line("ann", number)))?;
    ann.send("MSG ann welcome back\n")?;
    carl.expect("MSG ann welcome back")
}

/// How many read nothing, and how much memory that may cost in bytes: half a mebibyte, and what threads and sockets take.
const STALLED: usize = 16;
const LITTLE: u64 = 4 << 20;

fn once(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let mut readers = Vec::new();
    for number in 0..STALLED {
        let name = format!("reader-{number}");
        readers.push(chat::join(stage, &name)?);
        ann.expect(&format!("HELLO {name}"))?;
        ben.expect(&format!("HELLO {name}"))?;
    }
    // Those who joined first have heard of those who joined later.
    for (at, reader) in readers.iter_mut().enumerate() {
        (at + 1..STALLED).try_for_each(|number| reader.expect(&format!("HELLO reader-{number}")))?;
    }
    stage.tell(format!("{STALLED} readers read nothing from now on"));
    let before = stage.program().memory();
    let lines = beyond_the_kernel(5 << 17)?;
    for number in 0..lines {
        let line = chat::long_line("ann", number);
        ann.send(format!("{line}\n"))?;
        ben.expect(&line)?;
    }
    // Only Linux tells the memory of another process.
    if let Some(grown) = before.zip(stage.program().memory()).map(|(before, after)| after.saturating_sub(before)) {
        stage.note(format!("{STALLED} readers lag behind, and the memory has grown by {} KiB", grown >> 10));
        if grown > LITTLE {
            return Err(Trouble::new(
                format!("less than {} MiB of memory for what waits for {STALLED} readers", LITTLE >> 20),
                format!("{:.1} MiB", grown as f64 / f64::from(1 << 20)),
            ));
        }
    }
    stage.tell("they read again");
    for reader in &mut readers {
        for number in 0..lines {
            reader.expect(&chat::long_line("ann", number))?;
        }
    }
    Ok(())
}
