//! The exercises of rung 10: a limit for bytes, and a silence that is asked about.

use std::thread;
use std::time::{Duration, Instant};

use super::{BURST, LATE, chat};
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::rungs::Exercise;
use crate::stage::Stage;

const BYTES: &str = "Exercise 1: bytes";
const PING: &str = "Exercise 2: are you there?";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "bytes",
        checks: &[
            Check { name: "long lines are refused when the bytes are spent", heading: BYTES, run: spent },
            Check {
                name: "a line that is refused costs neither bytes nor a token",
                heading: BYTES,
                run: costs_nothing,
            },
        ],
    },
    Exercise {
        title: "are you there?",
        checks: &[Check {
            name: "one who answers PING stays, and one who does not is sent away",
            heading: PING,
            run: ping,
        }],
    },
];

/// The bytes that pass in a second, when those that pass at once are spent.
const BYTES_RATE: usize = 8192;

/// After this time tokens for nineteen lines are there again, and bytes for four long ones.
const AGAIN: Duration = Duration::from_millis(1900);
const LINES: usize = 19;

/// Joins, and says as much as is let through at once. Returns Ann, Ben, and the time of it.
fn spend(stage: &mut Stage) -> Result<(Peer, Peer, Instant), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let start = Instant::now();
    for number in 0..BURST {
        let line = chat::long_line("ann", number);
        ann.send(format!("{line}\n"))?;
        ben.expect(&line)?;
    }
    Ok((ann, ben, start))
}

/// Says so many long lines at once. Returns how many were refused, and the milliseconds that the last refusal tells.
fn say(ann: &mut Peer, count: usize) -> Result<(usize, u64), Trouble> {
    let lines: String = (0..count).flat_map(|number| [chat::long_line("ann", number), "\n".into()]).collect();
    ann.send(lines)?;
    let (mut refused, mut wait) = (0, 0);
    ann.patience(Duration::from_millis(500));
    while let Ok(line) = ann.line() {
        let milliseconds = line.strip_prefix("ERR SLOW_DOWN ").and_then(|number| number.trim().parse().ok());
        let expected = "ERR SLOW_DOWN and the milliseconds until the line is accepted";
        wait = milliseconds.ok_or_else(|| Trouble::new(expected, format!("{line:?}")))?;
        refused += 1;
    }
    Ok((refused, wait))
}

fn spent(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, mut ben, start) = spend(stage)?;
    thread::sleep(AGAIN);
    let (refused, wait) = say(&mut ann, LINES)?;
    // 1920 bytes are left of those at once; what has come since then is the time's.
    let most = (1920 + (start.elapsed().as_millis() as usize + 1) * BYTES_RATE / 1000) / chat::LONG;
    let passed = LINES - refused;
    if !(4..=most).contains(&passed) {
        return Err(Trouble::new(
            format!("4 to {most} of {LINES} lines of {} bytes pass", chat::LONG),
            format!("{passed} pass"),
        ));
    }
    for _ in 0..passed {
        ben.expect_start("MSG ann ")?;
    }
    thread::sleep(Duration::from_millis(wait.min(1000)));
    let line = chat::long_line("ann", 99);
    ann.send(format!("{line}\n"))?;
    ben.expect(&line)
}

fn costs_nothing(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, mut ben, _) = spend(stage)?;
    thread::sleep(AGAIN);
    let (refused, _) = say(&mut ann, LINES)?;
    for _ in 0..LINES - refused {
        ben.expect_start("MSG ann ")?;
    }
    // Their bytes have come meanwhile, and the tokens of those that were refused are still there.
    for number in 0..10 {
        ann.send(format!("MSG ann {number}\n"))?;
    }
    (0..10).try_for_each(|number| ben.expect(&format!("MSG ann {number}")))
}

/// How long one may be silent until the server asks, and then until it sends one away.
const ASKED_AFTER: Duration = Duration::from_secs(4);
const GONE_AFTER: Duration = Duration::from_secs(6);

fn ping(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let start = Instant::now();
    ann.expect_nothing(ASKED_AFTER.mul_f32(0.8))?;
    for peer in [&mut ann, &mut ben] {
        peer.patience(ASKED_AFTER + GONE_AFTER + LATE);
        peer.expect("PING")?;
    }
    // Ann listens, and answers. Ben's computer is gone. The answer has no answer, and no other hears it.
    ann.send("PONG\n")?;
    ann.expect("PING")?;
    ann.send("PONG\n")?;
    ben.expect_start("ERR TIMEOUT")?;
    if start.elapsed() < (ASKED_AFTER + GONE_AFTER).mul_f32(0.9) {
        return Err(Trouble::new("ERR TIMEOUT after 10 s", format!("after {} ms", start.elapsed().as_millis())));
    }
    ben.expect_end()?;
    ann.expect("BYE ben")?;
    // Whatever comes is an answer.
    ann.send("MSG ann is nobody here?\n")?;
    let mut carl = chat::join(stage, "carl")?;
    ann.expect("HELLO carl")?;
    ann.expect_nothing(ASKED_AFTER / 2)?;
    ann.send("MSG ann welcome, carl\n")?;
    carl.expect("MSG ann welcome, carl")
}
