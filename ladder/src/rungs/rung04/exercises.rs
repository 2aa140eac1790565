//! The exercises of rung 4: a time beside each name, and a name that changes.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{AT_ONCE, join, listed};
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::program::PATIENCE;
use crate::rungs::Exercise;
use crate::stage::Stage;

const SINCE: &str = "Exercise 1: since when";
const NICK: &str = "Exercise 2: another name";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "since when",
        checks: &[
            Check { name: "SINCE lists all with their seconds, the first comer first", heading: SINCE, run: since },
            Check {
                name: "who is refused does not change the time of another",
                heading: "One lock for the check and the change",
                run: refused,
            },
            Check { name: "who leaves and comes again begins anew", heading: SINCE, run: again },
        ],
    },
    Exercise {
        title: "another name",
        checks: &[
            Check { name: "NICK changes the name, and the old one is free", heading: NICK, run: nick },
            Check { name: "a NICK that is taken or wrong changes nothing", heading: NICK, run: nick_refused },
            Check { name: "who leaves frees the new name, and no other", heading: "A guard that leaves", run: leaves },
            Check {
                name: "of many who want one name at once, one gets it",
                heading: "One lock for the check and the change",
                run: race,
            },
            Check { name: "at every moment there is one of the two names", heading: NICK, run: never_none },
        ],
    },
];

/// Asks SINCE. Returns the names and the seconds, one's own as the last.
fn ask_since(peer: &mut Peer, own: &str) -> Result<Vec<(String, u64)>, Trouble> {
    peer.send("SINCE\n")?;
    let mut list = Vec::new();
    loop {
        let line = peer.expect_start("SINCE ")?;
        let parts: Vec<_> = line.split(' ').collect();
        let (name, seconds) = match parts[..] {
            [_, name, seconds] => (name, seconds.parse().ok()),
            _ => ("", None),
        };
        let seconds = seconds.ok_or_else(|| Trouble::new("SINCE <name> <whole seconds>", format!("{line:?}")))?;
        list.push((name.to_owned(), seconds));
        if name == own {
            return Ok(list);
        }
    }
}

/// Expects these names in this order, each with at least and at most so many seconds.
fn expect_since(list: &[(String, u64)], expected: &[(&str, u64, u64)]) -> Result<(), Trouble> {
    let is_one = |((name, seconds), (wanted, least, most)): (&(String, u64), &(&str, u64, u64))| {
        name == wanted && (least..=most).contains(&seconds)
    };
    if list.len() == expected.len() && list.iter().zip(expected).all(is_one) {
        return Ok(());
    }
    let wanted: Vec<_> = expected.iter().map(|(name, least, most)| format!("{name} {least} to {most}")).collect();
    Err(Trouble::new(format!("{wanted:?}"), format!("{list:?}")))
}

fn since(stage: &mut Stage) -> Result<(), Trouble> {
    let start = Instant::now();
    let (_zoe, _) = join(stage, "zoë")?;
    thread::sleep(Duration::from_millis(1100));
    let middle = Instant::now();
    let (_ben, _) = join(stage, "ben")?;
    let (mut dora, _) = join(stage, "dora")?;
    let (_ann, _) = join(stage, "ann")?;
    let list = ask_since(&mut dora, "dora")?;
    let (all, part) = (start.elapsed().as_secs(), middle.elapsed().as_secs());
    expect_since(&list, &[("zoë", 1, all), ("ben", 0, part), ("ann", 0, part), ("dora", 0, part)])
}

fn refused(stage: &mut Stage) -> Result<(), Trouble> {
    let start = Instant::now();
    let (mut ann, _) = join(stage, "ann")?;
    thread::sleep(Duration::from_millis(1100));
    let mut twin = stage.connect("a second ann")?;
    twin.send("HELLO ann\n")?;
    twin.expect_start("ERR USERNAME_TAKEN")?;
    twin.expect_end()?;
    let list = ask_since(&mut ann, "ann")?;
    expect_since(&list, &[("ann", 1, start.elapsed().as_secs())])
}

fn again(stage: &mut Stage) -> Result<(), Trouble> {
    let start = Instant::now();
    let (mut ben, _) = join(stage, "ben")?;
    let (mut ann, _) = join(stage, "ann")?;
    thread::sleep(Duration::from_millis(1100));
    ann.send("BYE\n")?;
    ann.expect_end()?;
    let middle = Instant::now();
    let (mut ann, _) = join_soon(stage, "ann")?;
    let list = ask_since(&mut ann, "ann")?;
    expect_since(&list, &[("ben", 1, start.elapsed().as_secs()), ("ann", 0, middle.elapsed().as_secs())])?;
    ask_since(&mut ben, "ben").map(drop)
}

/// Joins when the name is free: the thread that serves the one who has left may still be about to notice.
fn join_soon(stage: &mut Stage, name: &str) -> Result<(Peer, Vec<String>), Trouble> {
    let (start, mark) = (Instant::now(), stage.story().mark());
    loop {
        match join(stage, name) {
            Err(trouble) if trouble.came.contains("USERNAME_TAKEN") && start.elapsed() < PATIENCE => {
                stage.story().forget(mark);
                thread::sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}

/// Returns the others whom somebody sees, sorted.
fn others(peer: &mut Peer, own: &str) -> Result<Vec<String>, Trouble> {
    peer.send("WHO\n")?;
    listed(peer, own)
}

fn expect_names(came: &[String], expected: &[&str]) -> Result<(), Trouble> {
    if came == expected { Ok(()) } else { Err(Trouble::new(format!("{expected:?} are here"), format!("{came:?}"))) }
}

fn nick(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    let (mut ben, _) = join(stage, "ben")?;
    ann.send("NICK anna\n")?;
    ann.expect("NICK anna")?;
    expect_names(&others(&mut ben, "ben")?, &["anna"])?;
    expect_names(&others(&mut ann, "anna")?, &["ben"])?;
    let (_ann, here) = join(stage, "ann")?;
    expect_names(&here, &["anna", "ben"])
}

fn nick_refused(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    let (mut ben, _) = join(stage, "ben")?;
    for (name, code) in [("ben", "ERR USERNAME_TAKEN"), ("a/b", "ERR BAD_USERNAME"), ("", "ERR BAD_USERNAME")] {
        ann.send(format!("NICK {name}\n"))?;
        ann.expect_start(code)?;
    }
    expect_names(&others(&mut ann, "ann")?, &["ben"])?;
    expect_names(&others(&mut ben, "ben")?, &["ann"])?;
    // One's own name is taken by oneself.
    ann.send("NICK ann\n")?;
    ann.expect("NICK ann")?;
    expect_names(&others(&mut ben, "ben")?, &["ann"])
}

fn leaves(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    let (mut ben, _) = join(stage, "ben")?;
    ann.send("NICK anna\n")?;
    ann.expect("NICK anna")?;
    let (_ann, _) = join(stage, "ann")?;
    ann.end_sending();
    ann.expect_end()?;
    let (_anna, _) = join_soon(stage, "anna")?;
    expect_names(&others(&mut ben, "ben")?, &["ann", "anna"])
}

fn race(stage: &mut Stage) -> Result<(), Trouble> {
    let mut peers = Vec::new();
    for number in 0..AT_ONCE {
        peers.push(join(stage, &format!("candidate-{number}"))?.0);
    }
    let mark = stage.story().mark();
    for round in 0..300 {
        stage.story().forget(mark);
        let (start, wanted) = (Barrier::new(AT_ONCE), format!("winner-{round}"));
        let ask = |peer: &mut Peer| {
            start.wait();
            peer.send(format!("NICK {wanted}\n"))?;
            Ok(peer.line()?.starts_with("NICK "))
        };
        let answers: Result<Vec<bool>, Trouble> = thread::scope(|scope| {
            let asking: Vec<_> = peers.iter_mut().map(|peer| scope.spawn(|| ask(peer))).collect();
            asking.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        let winners = answers?.into_iter().filter(|is_winner| *is_winner).count();
        if winners != 1 {
            return Err(Trouble::new(format!("one of {AT_ONCE} gets the name {wanted}"), format!("{winners} get it")));
        }
    }
    Ok(())
}

fn never_none(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, _) = join(stage, "ann")?;
    let (mut ben, _) = join(stage, "ben")?;
    stage.tell("ann becomes anna and ann again, all the time, and ben asks WHO");
    let mark = stage.story().mark();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let changing = scope.spawn(|| {
            for name in ["anna", "ann"].iter().cycle().take_while(|_| !is_over.load(Ordering::Relaxed)) {
                ann.send(format!("NICK {name}\n"))?;
                ann.expect(&format!("NICK {name}"))?;
            }
            Ok(())
        });
        let seen = (0..2000).try_for_each(|_| {
            let seen = others(&mut ben, "ben")?;
            stage.story().forget(mark);
            if seen.len() == 1 { Ok(()) } else { Err(Trouble::new("ann or anna", format!("{seen:?}"))) }
        });
        is_over.store(true, Ordering::Relaxed);
        let changed = changing.join().unwrap_or_else(|_| Err(Trouble::new("that ann can change", "a panic")));
        seen.and(changed)
    })
}
