//! The exercises of rung 7: a limit for the patience of a writer, and a thread for each writer.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{chat, newcomers_come_in};
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::program::PATIENCE;
use crate::rungs::Exercise;
use crate::rungs::rung08;
use crate::stage::Stage;

const PATIENT: &str = "Exercise 1: two seconds";
const CHANNEL: &str = "Exercise 2: a thread that writes";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "two seconds",
        checks: &[
            Check {
                name: "one who takes nothing is sent away, and the others go on",
                heading: PATIENT,
                run: sent_away,
            },
            Check { name: "one who pauses for a second stays", heading: PATIENT, run: pauses },
            Check {
                name: "what one who is sent away gets has no hole and no torn line",
                heading: "One writer at a time",
                run: no_hole,
            },
        ],
    },
    Exercise {
        title: "a thread that writes",
        checks: &[
            Check { name: "one who reads nothing keeps nobody waiting", heading: CHANNEL, run: rung08::nobody_waits },
            Check { name: "what waits for one who reads nothing has a bound", heading: CHANNEL, run: rung08::bounded },
            Check {
                name: "all hear all lines in the same order",
                heading: CHANNEL,
                // Together fewer lines than a channel takes: nobody has to be sent away.
                run: |stage| chat::one_order(stage, 30),
            },
            Check { name: "newcomers come in meanwhile", heading: CHANNEL, run: newcomers_come_in },
            Check { name: "who leaves takes the thread along", heading: CHANNEL, run: no_thread_stays },
        ],
    },
];

/// Ann, Ben and Carl.
fn three(stage: &mut Stage) -> Result<(Peer, Peer, Peer), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let mut ben = chat::join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let carl = chat::join(stage, "carl")?;
    ann.expect("HELLO carl")?;
    ben.expect("HELLO carl")?;
    Ok((ann, ben, carl))
}

/// Ann says more than a kernel takes for Carl. Meanwhile something else happens, which ends it if it fails.
fn while_ann_speaks(
    stage: &Stage,
    ann: &Peer,
    what: impl FnOnce(usize) -> Result<(), Trouble>,
) -> Result<usize, Trouble> {
    let lines = (chat::kernel_takes().map_err(chat::no_measure)? + (2 << 20)) / chat::LONG;
    stage.tell(format!("ann > {lines} numbered lines of {} bytes", chat::LONG));
    let mut socket: &TcpStream = ann.socket();
    let _ = socket.set_write_timeout(Some(2 * PATIENCE));
    thread::scope(|scope| {
        scope.spawn(move || {
            // A failed write shows in what the others hear.
            let mut lines = (0..lines).map(|number| format!("{}\n", chat::long_line("ann", number)));
            lines.try_for_each(|line| socket.write_all(line.as_bytes()))
        });
        let result = what(lines);
        if result.is_err() {
            let _ = ann.socket().shutdown(Shutdown::Both);
        }
        result.map(|()| lines)
    })
}

/// Carl reads nothing, and Ben hears all that Ann says, a bit later. Returns Carl, and the number of the lines.
fn said_past(stage: &mut Stage) -> Result<(Peer, usize), Trouble> {
    let (ann, mut ben, carl) = three(stage)?;
    stage.tell("carl reads nothing from now on");
    // The two seconds, once, and what a busy machine takes.
    ben.patience(PATIENCE + Duration::from_secs(2));
    let lines = while_ann_speaks(stage, &ann, |lines| {
        let mut waits = 0;
        for number in 0..lines {
            let start = Instant::now();
            ben.read_until(&chat::long_line("ann", number))?;
            waits += usize::from(start.elapsed() > Duration::from_secs(1));
            // A busy machine may make one more.
            if waits > 2 {
                return Err(Trouble::new("the others wait for carl once", format!("{waits} times, line after line")));
            }
        }
        Ok(())
    })?;
    Ok((carl, lines))
}

/// Carl's socket is full for a second, which is his right, and Ben reads all the time.
fn pauses(stage: &mut Stage) -> Result<(), Trouble> {
    let (ann, mut ben, mut carl) = three(stage)?;
    let heard = AtomicUsize::new(0);
    while_ann_speaks(stage, &ann, |lines| {
        thread::scope(|scope| {
            let listening = scope.spawn(|| {
                (0..lines).try_for_each(|number| {
                    heard.fetch_add(1, Ordering::Relaxed);
                    ben.read_until(&chat::long_line("ann", number))
                })
            });
            stage.tell("carl reads nothing until the others wait for him, and most of a second more");
            chat::while_changing(|| heard.load(Ordering::Relaxed));
            thread::sleep(Duration::from_millis(700));
            let read = (0..lines).try_for_each(|number| carl.expect(&chat::long_line("ann", number)));
            if read.is_err() {
                // Ben may be waiting for what does not come.
                let _ = ann.socket().shutdown(Shutdown::Both);
            }
            read.and(listening.join().unwrap_or(Ok(())))
        })
    })
    .map(drop)
}

fn sent_away(stage: &mut Stage) -> Result<(), Trouble> {
    let (_carl, _) = said_past(stage)?;
    // To the others it is an end like any other, and the name is free.
    let (_again, here) = chat::join_and_see(stage, "carl")?;
    stage.tell(format!("a new carl sees {here:?}"));
    Ok(())
}

fn no_hole(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut carl, lines) = said_past(stage)?;
    stage.tell("carl reads again");
    for number in 0..lines {
        match carl.expect(&chat::long_line("ann", number)) {
            // The last line may have come in part.
            Err(trouble) if trouble.is_end() && number > 0 => return Ok(()),
            result => result?,
        }
    }
    Err(Trouble::new("the end of carl's connection", "all that was said"))
}

fn no_thread_stays(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    // Only Linux tells the number of threads.
    let Some(before) = stage.program().threads() else { return Ok(()) };
    for number in 0..30 {
        let name = format!("guest-{number}");
        chat::join(stage, &name)?.hang_up();
        ann.read_until(&format!("BYE {name}"))?;
    }
    for _ in 0..100 {
        if stage.program().threads().is_some_and(|after| after <= before + 5) {
            return Ok(());
        }
        thread::sleep(PATIENCE / 100);
    }
    let after = stage.program().threads().unwrap_or_default();
    Err(Trouble::new(format!("about {before} threads, as before the guests came"), format!("{after} threads")))
}
