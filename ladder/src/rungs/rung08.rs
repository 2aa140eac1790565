//! Rung 8: the outbox. Nobody waits for another client's reader, and what waits for one has a bound.

mod exercises;

use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use super::{Rung, chat, rung04};
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 8,
    name: "rung08_outbox",
    title: "the outbox: nobody waits for another's reader",
    readme: include_str!("../../rung08_outbox/README.md"),
    checks: &[
        Check { name: "newcomers see who is here, and are announced", heading: "Still a chat", run: chat::joining },
        Check { name: "what one says all others hear", heading: "Still a chat", run: chat::talking },
        Check { name: "who leaves is announced, and the name is free", heading: "Still a chat", run: chat::leaving },
        Check {
            name: "all hear all lines in the same order",
            heading: "Pushed under the lock",
            run: |stage| chat::one_order(stage, 500),
        },
        Check {
            name: "every line comes whole, also to one who reads late",
            heading: "The flag",
            run: |stage| chat::whole_lines(stage, 1 << 19),
        },
        Check {
            name: "one who reads nothing keeps nobody waiting",
            heading: "A full socket gets a thread of its own",
            run: nobody_waits,
        },
        Check {
            name: "what waits for one who reads nothing has a bound",
            heading: "A bound, and an end",
            run: bounded,
        },
    ],
    exercises: exercises::EXERCISES,
};

/// Ann speaks, Ben listens, and Carl reads nothing. Ann says so many lines, and Ben has got all of them. Returns the three.
pub(super) fn stalled(stage: &mut Stage, lines: usize) -> Result<(Peer, Peer, Peer), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let carl = chat::join(stage, "carl")?;
    ann.expect("HELLO carl")?;
    ben.expect("HELLO carl")?;
    stage.tell("carl reads nothing from now on");
    for number in 0..lines {
        let line = chat::long_line("ann", number);
        ann.send(format!("{line}\n"))?;
        // There may be a BYE between them: Carl is sent away.
        ben.read_until(&line)?;
    }
    Ok((ann, ben, carl))
}

/// Returns the number of long lines that are so many bytes more than a kernel takes.
pub(super) fn beyond_the_kernel(more: usize) -> Result<usize, Trouble> {
    Ok((chat::kernel_takes().map_err(chat::no_measure)? + more) / chat::LONG)
}

pub(super) fn nobody_waits(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, mut ben, _carl) = stalled(stage, beyond_the_kernel(8 << 20)?)?;
    let mut dora = chat::join(stage, "dora")?;
    ben.read_until("HELLO dora")?;
    ann.send("MSG ann welcome, dora\n")?;
    dora.read_until("MSG ann welcome, dora")?;
    dora.send("BYE\n")?;
    ben.read_until("BYE dora")
}

pub(super) fn bounded(stage: &mut Stage) -> Result<(), Trouble> {
    let lines = beyond_the_kernel(8 << 20)?;
    let (_ann, _ben, carl) = stalled(stage, lines)?;
    let said = lines * chat::LONG;
    let (got, has_ended) = read_to_end(&carl);
    stage.tell(format!("carl reads, and gets {:.1} MB of {:.1} MB", got as f64 / 1e6, said as f64 / 1e6));
    if !has_ended {
        let expected = "the end of carl's connection: when more than a mebibyte waits for him, he is sent away";
        return Err(Trouble::new(expected, format!("he gets {:.1} MB, and no end", got as f64 / 1e6)));
    }
    stage.note(format!(
        "{:.1} MB were said; carl got {:.1} MB of them, and the end",
        said as f64 / 1e6,
        got as f64 / 1e6
    ));
    // To the others it is an end like any other, and the name is free.
    drop(carl);
    rung04::joins_soon(stage, "carl")
}

/// Reads until the end or until nothing comes. Returns the number of bytes, and whether the connection has ended.
fn read_to_end(peer: &Peer) -> (usize, bool) {
    let mut socket = peer.socket();
    let _ = socket.set_read_timeout(Some(Duration::from_secs(1)));
    let (mut bytes, mut count) = (vec![0; 1 << 16], 0);
    loop {
        match socket.read(&mut bytes) {
            Ok(0) => return (count, true),
            Ok(read) => count += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A reset is an end, too.
            Err(error) => return (count, !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)),
        }
    }
}
