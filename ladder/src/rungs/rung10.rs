//! Rung 10: deadlines and a rate limit.

mod exercises;

use std::io::Read as _;
use std::iter;
use std::thread;
use std::time::{Duration, Instant};

use super::{Rung, chat, rung08, rung09};
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 10,
    name: "rung10_limits",
    title: "a deadline for HELLO, one for a stalled reader, and a rate limit",
    readme: include_str!("../../rung10_limits/README.md"),
    checks: &[
        Check { name: "newcomers see who is here, and are announced", heading: "Still a chat", run: chat::joining },
        Check { name: "what one says all others hear", heading: "Still a chat", run: chat::talking },
        Check { name: "who leaves is announced, and the name is free", heading: "Still a chat", run: chat::leaving },
        Check {
            name: "\"stop\" is a last line and an end for everybody",
            heading: "Still a chat",
            run: rung09::stop_by_line,
        },
        Check {
            name: "one who says no HELLO within two seconds is sent away",
            heading: "A deadline for HELLO",
            run: hello,
        },
        Check { name: "one who has joined may be silent", heading: "A deadline for HELLO", run: silence },
        Check { name: "twenty lines at once pass, then ten a second", heading: "A rate limit", run: rate },
        Check {
            name: "one who reads nothing is sent away within seconds",
            heading: "A deadline for a stalled reader",
            run: stalled,
        },
        Check {
            name: "one who reads slowly, and does read, stays",
            heading: "A deadline for a stalled reader",
            run: slow,
        },
    ],
    exercises: exercises::EXERCISES,
};

/// The two deadlines of the rung.
const DEADLINE: Duration = Duration::from_secs(2);
/// How much later than its deadline something may come: a machine may be busy.
const LATE: Duration = Duration::from_secs(2);
/// The lines that pass at once, and those that pass in a second.
const BURST: usize = 20;
const RATE: usize = 10;

fn hello(stage: &mut Stage) -> Result<(), Trouble> {
    let mut silent = stage.connect("one who says nothing")?;
    let mut dribbles = stage.connect("one who sends a byte now and then")?;
    let start = Instant::now();
    silent.patience(DEADLINE + LATE);
    // Until something comes. An end counts as well.
    for byte in b"HELLO ".iter().chain(iter::repeat(&b'a')) {
        if start.elapsed() > DEADLINE + LATE {
            let expected = "an end 2 s after the connection: a byte that comes is no new deadline";
            return Err(Trouble::new(expected, format!("none after {} ms", start.elapsed().as_millis())));
        }
        if dribbles.send([*byte]).is_err() || dribbles.expect_nothing(Duration::from_millis(150)).is_err() {
            break;
        }
    }
    if start.elapsed() < DEADLINE.mul_f32(0.9) {
        return Err(Trouble::new("an end after 2 s", format!("one after {} ms", start.elapsed().as_millis())));
    }
    for peer in [&mut dribbles, &mut silent] {
        peer.expect_start("ERR HELLO_TIMEOUT")?;
        peer.expect_end()?;
    }
    Ok(())
}

fn silence(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    ann.expect_nothing(DEADLINE + Duration::from_millis(500))?;
    ann.send("MSG ann I was silent\n")?;
    ben.expect("MSG ann I was silent")
}

fn rate(stage: &mut Stage) -> Result<(), Trouble> {
    const LINES: usize = 60;
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let start = Instant::now();
    let lines: Vec<_> = (0..LINES).map(|number| format!("MSG ann {number}\n")).collect();
    ann.send(lines.concat())?;
    let refused = LINES - BURST;
    // All but the first twenty are refused, or some fewer if the machine is slow.
    let mut wait = None;
    let mut came = 0;
    loop {
        ann.patience(Duration::from_millis(500));
        let Ok(line) = ann.line() else { break };
        let milliseconds = line.strip_prefix("ERR SLOW_DOWN ").and_then(|number| number.trim().parse::<u64>().ok());
        let expected = "ERR SLOW_DOWN and the milliseconds until the next line is accepted";
        wait = Some(milliseconds.ok_or_else(|| Trouble::new(expected, format!("{line:?}")))?);
        came += 1;
    }
    let passed_meanwhile = (start.elapsed().as_millis() as usize * RATE).div_ceil(1000);
    let expected = format!("{refused} of {LINES} lines are refused, or {passed_meanwhile} less");
    if !(refused.saturating_sub(passed_meanwhile)..=refused).contains(&came) {
        return Err(Trouble::new(expected, format!("{came} are")));
    }
    thread::sleep(Duration::from_millis(wait.unwrap_or_default().min(1000)));
    ann.send("MSG ann thank you\n")?;
    for _ in 0..LINES - came {
        ben.expect_start("MSG ann ")?;
    }
    ben.expect("MSG ann thank you")
}

/// Carl reads nothing, and people come, say as much as they may at once, and go: until so many bytes more than a kernel takes were
/// said. Returns Ben, who hears all of it, Carl, and the lines.
fn said_to_carl(stage: &mut Stage, more: usize) -> Result<(Peer, Peer, Vec<String>), Trouble> {
    let mut ben = chat::join(stage, "ben")?;
    let carl = chat::join(stage, "carl")?;
    ben.expect("HELLO carl")?;
    stage.tell("carl reads nothing from now on");
    let mut lines = Vec::new();
    for number in 0..rung08::beyond_the_kernel(more)?.div_ceil(BURST) {
        let name = format!("guest-{number}");
        let mut guest = chat::join(stage, &name)?;
        let own: Vec<_> = (0..BURST).map(|number| chat::long_line(&name, number)).collect();
        guest.send(own.iter().flat_map(|line| [line, "\n"]).collect::<String>())?;
        guest.send("BYE\n")?;
        ben.read_until(&format!("BYE {name}"))?;
        lines.extend(own);
    }
    Ok((ben, carl, lines))
}

fn stalled(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ben, _carl, _) = said_to_carl(stage, 1 << 18)?;
    ben.patience(DEADLINE + LATE);
    ben.read_until("BYE carl")
}

fn slow(stage: &mut Stage) -> Result<(), Trouble> {
    let (_ben, mut carl, lines) = said_to_carl(stage, 1 << 18)?;
    stage.tell("carl reads 64 kB, four times a second, for four seconds");
    let mut read = Vec::new();
    let mut piece = vec![0; 64_000];
    for _ in 0..16 {
        match carl.socket().read(&mut piece) {
            Ok(count) => read.extend_from_slice(&piece[..count]),
            Err(error) => return Err(Trouble::new("that carl can read", error.to_string())),
        }
        thread::sleep(Duration::from_millis(250));
    }
    carl.put_back(read);
    stage.tell("carl reads all the rest");
    for line in lines {
        carl.read_until(&line)?;
    }
    Ok(())
}
