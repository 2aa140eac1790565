//! Rung 4: names, a list of who is here, and a way to leave that cannot be forgotten.

mod exercises;

use std::sync::Barrier;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::Rung;
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::program::PATIENCE;
use crate::stage::Stage;

/// How many ask for one name at the same moment, and how often.
const AT_ONCE: usize = 8;
const ROUNDS: usize = 300;

pub(super) const RUNG: Rung = Rung {
    number: 4,
    name: "rung04_names",
    title: "names: a registry that all threads share",
    readme: include_str!("../../rung04_names/README.md"),
    checks: &[
        Check { name: "HELLO is answered by the list, one's own name last", heading: "The protocol", run: hello },
        Check { name: "WHO lists all who are here", heading: "Under the lock, and without it", run: who },
        Check { name: "a name that is taken is refused", heading: "One lock for the check and the change", run: taken },
        Check {
            name: "of many who want one name at once, one gets it",
            heading: "One lock for the check and the change",
            run: race,
        },
        Check { name: "after BYE the name is free", heading: "A guard that leaves", run: bye },
        Check { name: "after Ctrl-D the name is free", heading: "A guard that leaves", run: ctrl_d },
        Check { name: "after a connection that broke the name is free", heading: "A guard that leaves", run: broken },
        Check {
            name: "who is refused does not free the name of another",
            heading: "A guard that leaves",
            run: refused,
        },
        Check { name: "wrong lines get their errors", heading: "The protocol", run: wrong_lines },
        Check {
            name: "a client that does not read its answers keeps nobody waiting",
            heading: "Under the lock, and without it",
            run: does_not_read,
        },
    ],
    exercises: exercises::EXERCISES,
};

/// Connects, sends HELLO, and expects to be let in. Returns the names of the others.
fn join(stage: &mut Stage, name: &str) -> Result<(Peer, Vec<String>), Trouble> {
    let mut peer = stage.connect(name)?;
    peer.send(format!("HELLO {name}\n"))?;
    let others = listed(&mut peer, name)?;
    Ok((peer, others))
}

/// Reads a list up to one's own name. Returns the names of the others, sorted.
fn listed(peer: &mut Peer, own: &str) -> Result<Vec<String>, Trouble> {
    let mut others = Vec::new();
    loop {
        let line = peer.expect_start("HELLO ")?;
        let name = &line["HELLO ".len()..];
        if name == own {
            others.sort();
            return Ok(others);
        }
        others.push(name.into());
    }
}

/// Expects that the list of others is this one.
fn expect_others(others: &[String], expected: &[&str]) -> Result<(), Trouble> {
    if others == expected {
        return Ok(());
    }
    Err(Trouble::new(format!("a line HELLO for each of {expected:?}, before the own one"), format!("{others:?}")))
}

fn hello(stage: &mut Stage) -> Result<(), Trouble> {
    let (_ann, others) = join(stage, "ann")?;
    expect_others(&others, &[])?;
    let (_ben, others) = join(stage, "ben")?;
    expect_others(&others, &["ann"])?;
    let (_aaron, others) = join(stage, "aaron")?;
    expect_others(&others, &["ann", "ben"])
}

fn who(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    // A rung further up also tells of those who come, so all who will be here come first.
    let (_zoe, _) = join(stage, "zoë")?;
    let (mut ben, _) = join(stage, "ben")?;
    ben.send("WHO\n")?;
    expect_others(&listed(&mut ben, "ben")?, &["ann", "zoë"])?;
    ann.send("WHO\n")?;
    let mut others = listed(&mut ann, "ann")?;
    others.dedup();
    expect_others(&others, &["ben", "zoë"])
}

fn taken(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    let mut twin = stage.connect("a second ann")?;
    twin.send("HELLO ann\n")?;
    twin.expect_start("ERR USERNAME_TAKEN")?;
    twin.expect_end()?;
    ann.send("WHO\n")?;
    ann.expect("HELLO ann")
}

fn race(stage: &mut Stage) -> Result<(), Trouble> {
    (0..ROUNDS).try_for_each(|round| one_round(stage, round))
}

/// Several send the same HELLO at the same moment: one is let in.
fn one_round(stage: &mut Stage, round: usize) -> Result<(), Trouble> {
    let (name, mark) = (format!("ann{round}"), stage.story().mark());
    let mut peers = Vec::new();
    for number in 0..AT_ONCE {
        peers.push(stage.connect(&format!("candidate {number}"))?);
    }
    let start = Barrier::new(AT_ONCE);
    let ask = |peer: &mut Peer| {
        start.wait();
        peer.send(format!("HELLO {name}\n"))?;
        loop {
            match peer.line()? {
                line if line.starts_with("ERR USERNAME_TAKEN") => return Ok(false),
                line if line == format!("HELLO {name}") => return Ok(true),
                line if line.starts_with("ERR") => return Err(Trouble::new("HELLO or ERR USERNAME_TAKEN", line)),
                // Winners of earlier rounds, whose threads have not noticed their end yet.
                _ => {}
            }
        }
    };
    let answers: Vec<_> = thread::scope(|scope| {
        let asking: Vec<_> = peers.iter_mut().map(|peer| scope.spawn(|| ask(peer))).collect();
        asking.into_iter().flat_map(ScopedJoinHandle::join).collect()
    });
    let let_in = answers.into_iter().collect::<Result<Vec<bool>, _>>()?.iter().filter(|is_in| **is_in).count();
    stage.story().forget(mark);
    if let_in == 1 {
        return Ok(());
    }
    stage.tell(format!("{AT_ONCE} connect, and send HELLO {name} at the same moment, in round {round}"));
    Err(Trouble::new("one of them is let in", format!("{let_in} were let in")))
}

/// Joins again and again until the name is free: the thread that serves the one who has left may still be about to notice.
pub(super) fn joins_soon(stage: &mut Stage, name: &str) -> Result<(), Trouble> {
    let (start, mark) = (Instant::now(), stage.story().mark());
    loop {
        stage.story().forget(mark);
        let mut peer = stage.connect(name)?;
        peer.send(format!("HELLO {name}\n"))?;
        let line = peer.line()?;
        if line.starts_with("HELLO ") {
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            return Err(Trouble::new(format!("that the name {name} is free when its owner has left"), line));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn bye(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    ann.send("BYE\n")?;
    ann.expect_end()?;
    joins_soon(stage, "ann")
}

fn ctrl_d(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    ann.end_sending();
    ann.expect_end()?;
    joins_soon(stage, "ann")
}

fn broken(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    ann.send("WHO\nWHO\nWHO\n")?;
    ann.break_off()?;
    joins_soon(stage, "ann")
}

fn refused(stage: &mut Stage) -> Result<(), Trouble> {
    let (_ann, _) = join(stage, "ann")?;
    for _ in 0..3 {
        let mut twin = stage.connect("a second ann")?;
        twin.send("HELLO ann\n")?;
        twin.expect_start("ERR USERNAME_TAKEN")?;
        twin.expect_end()?;
    }
    Ok(())
}

fn wrong_lines(stage: &mut Stage) -> Result<(), Trouble> {
    for (line, code) in [
        ("WHO", "ERR HELLO_EXPECTED"),
        ("GET / HTTP/1.1", "ERR HELLO_EXPECTED"),
        ("HELLO", "ERR BAD_USERNAME"),
        ("HELLO ann/ben", "ERR BAD_USERNAME"),
        ("HELLO anna-maria-theresia-walburga-amalia", "ERR BAD_USERNAME"),
    ] {
        let mut peer = stage.connect("somebody")?;
        peer.send(format!("{line}\n"))?;
        peer.expect_start(code)?;
        peer.expect_end()?;
    }
    let (mut ann, _) = join(stage, "ann")?;
    ann.send("\nWHAT\n")?;
    ann.expect_start("ERR BAD_LINE")?;
    ann.send(format!("{}\n", "x".repeat(5000)))?;
    ann.expect_start("ERR LINE_TOO_LONG")?;
    ann.send("WHO\n")?;
    ann.expect("HELLO ann")
}

fn does_not_read(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("HELLO ann\n")?;
    listed(&mut ann, "ann")?;
    let mut crowd = Vec::new();
    for number in 0..20 {
        crowd.push(join(stage, &format!("somebody-with-a-long-name-{number:05}"))?);
    }
    let (mut ben, _) = join(stage, "ben")?;
    // The answers are some ten megabytes: more than the kernel takes for one connection.
    ann.send("WHO\n".repeat(16_000))?;
    stage.tell("ann reads nothing of that");
    let mark = stage.story().mark();
    for _ in 0..20 {
        stage.story().forget(mark);
        ben.send("WHO\n")?;
        listed(&mut ben, "ben")?;
        thread::sleep(Duration::from_millis(25));
    }
    join(stage, "dora").map(drop)
}
