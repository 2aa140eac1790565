//! A soak: good and bad clients together for minutes, to see that nothing is lost, repeated, reordered or left over.
//!
//! ```text
//! cargo run --release --example soak                            a minute
//! cargo run --release --example soak -- --seconds 600 --seed 7  ten, with these random choices
//! ```
//!
//! It starts a server in this process, and lets loose on it: six who behave and check everything (`good.rs`), people who
//! come and go as with `nc` (`people.rs`), those who read slowly or not at all (`slow.rs`), and those who break off, send
//! garbage, flood, and fight for names (`rude.rs`). Each of them knows what the server must do, and reports anything else. In
//! the end, everybody who behaved must have seen the same messages in the same order, all of them once; nobody may still
//! be listed; and threads, sockets and memory must be back.
//!
//! The seed repeats the choices, not the interleaving of the threads: that is another one in every run, which is why a
//! longer soak finds more.
//!
//! What to try: break something, and see who notices. In `src/server/delivery/outbox.rs`, forget how much of a piece the socket has
//! taken, or to lower the flag; in `src/server/registry.rs`, announce no BYE; keep a clone of a client's socket somewhere.

mod dice;
mod good;
mod numbered;
mod peer;
mod people;
mod room;
mod rude;
mod slow;
mod usage;
mod watch;

use std::io;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::thread::{self, Builder, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use multichat::protocol::RESERVED;
use multichat::server::{Config, EventSink, Server};

use dice::Dice;
use peer::{DEADLINE, MANY_ADDRESSES, Wrong};
use room::{BURST, Life, RATE, Room};
use usage::Usage;
use watch::Watch;

/// Runs a server with good and bad clients, and checks that nothing is lost, repeated, reordered or left over.
#[derive(Debug, Parser)]
struct Args {
    /// How long
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Repeats the random choices of another run
    #[arg(long)]
    seed: Option<u64>,
}

/// Who takes part besides those who behave: kind, how many at a time, what they do.
const CAST: [(&str, usize, Life); 10] = [
    ("plain", 4, people::plain),
    ("kicked", 2, people::kicked),
    ("dribbler", 3, people::dribbler),
    ("half-closer", 2, people::half_closer),
    ("slow", 4, slow::reader),
    ("stalled", 4, slow::stalled),
    ("dropper", 6, rude::dropper),
    ("garbage", 3, rude::garbage),
    ("flood", 2, rude::flood),
    ("grabber", 3, rude::grabber),
];

/// How connections must have ended in a run that is long enough, or it has shown less than it says.
const ENDINGS: [&str; 8] =
    ["BYE", "closed", "broken", "TOO_SLOW", "KICKED", "HELLO_TIMEOUT", "HELLO_EXPECTED", "USERNAME_TAKEN"];

/// A run that is long enough for that.
const LONG: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let args = Args::parse();
    let by_the_clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| u64::from(time.subsec_nanos()));
    let seed = args.seed.unwrap_or_else(by_the_clock);
    println!("{} s with seed {seed}", args.seconds);
    match soak(Duration::from_secs(args.seconds), seed) {
        Ok(0) => {
            println!("nothing was lost, repeated, reordered or left over");
            ExitCode::SUCCESS
        }
        Ok(findings) => {
            println!("{findings} findings: see the lines that begin with WRONG");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The whole of it. Returns how many things were not as they must be.
fn soak(length: Duration, seed: u64) -> Result<usize, Box<dyn std::error::Error>> {
    let at_first = Usage::now();
    let config = Config {
        listen: "127.0.0.1:0".into(),
        // Without addresses for all of them, nothing can be said about the rate.
        rate: if MANY_ADDRESSES { RATE } else { 0 },
        burst: BURST,
        // Short, so that there are many who run into them; not so short that a machine out of breath does.
        hello_timeout: Duration::from_secs(5),
        stall_timeout: Duration::from_secs(5),
        backlog_max: 1 << 20,
        backlogs_max: 4 << 20,
        ..Config::default()
    };
    let (sink, events) = EventSink::watched();
    let server = Server::start(config, sink.clone())?;
    let started = Usage::now();
    let room = Room::new(server.addr(), length, seed);
    let mut watch = Watch::new(&room, &server, events);

    thread::scope(|scope| play(scope, &room, &server, &mut watch))?;

    let quiet = || {
        let snapshot = server.snapshot();
        let left = (snapshot.people.len(), snapshot.totals.unauthenticated, snapshot.totals.waiting);
        if left == (0, 0, 0) { Ok(()) } else { Err(format!("(people, greeting, bytes that wait) = {left:?}")) }
    };
    let check = |what: &str, left: Option<Wrong>| left.iter().for_each(|wrong| room.report(what, wrong));
    check("left over in the registry", wait_until(quiet).err());
    check("left over with the server running", Usage::left_over(started));
    watch.read_events(Instant::now() + Duration::from_millis(200));
    let Watch { endings, memory, .. } = watch;
    let stopping = Instant::now();
    server.stop();
    if stopping.elapsed() > Duration::from_secs(3) {
        room.report("the stop", &format!("took {:?} with nobody here", stopping.elapsed()));
    }
    check("left over after the stop", Usage::left_over(at_first));
    check("memory", usage::grows(&memory));
    if length >= LONG {
        for ending in ENDINGS.iter().filter(|ending| !endings.contains_key(*ending)) {
            room.report("the soak itself", &format!("no connection ended with {ending}"));
        }
    }
    let lives = room.lives();
    let cut =
        lives.iter().filter(|((_, outcome), _)| [slow::TOLD, slow::CUT].contains(outcome)).map(|(_, count)| count);
    let (cut, too_slow) = (cut.sum::<u64>(), endings.get("TOO_SLOW").copied().unwrap_or(0));
    if cut > too_slow && sink.lost() == 0 {
        room.report("slow readers", &format!("{cut} were ended, {too_slow} of them as TOO_SLOW"));
    }
    watch::print_table(&room, &endings, sink.lost());
    Ok(room.findings())
}

/// Everybody comes on; returns when all have gone.
fn play<'scope>(
    scope: &'scope Scope<'scope, '_>,
    room: &'scope Room,
    server: &'scope Server,
    watch: &mut Watch<'_>,
) -> io::Result<()> {
    let mut good = Vec::new();
    for index in 0..good::COUNT {
        let dice = room.dice();
        let work =
            move || good::live(room, index, dice).inspect_err(|wrong| room.report(&good::name(index), wrong)).ok();
        good.push((good::name(index), Builder::new().name(good::name(index)).spawn_scoped(scope, work)?));
    }
    let dice = room.dice();
    let operator = Builder::new().name("operator".into()).spawn_scoped(scope, move || operate(room, server, dice))?;
    let mut others = Vec::new();
    for (kind, count, life) in CAST {
        for number in 0..count {
            let (name, dice) = (format!("{kind}-{number}"), room.dice());
            others.push(Builder::new().name(name).spawn_scoped(scope, move || room.live(kind, number, dice, life))?);
        }
    }

    watch.until(|| others.iter().all(ScopedJoinHandle::is_finished));
    if others.into_iter().any(|other| other.join().is_err()) {
        room.report("the soak itself", "a thread panicked");
    }
    let only_good = || {
        let people = server.snapshot().people;
        let ghosts = people.iter().filter(|person| !person.name.as_str().starts_with("good-"));
        let ghosts: Vec<_> = ghosts.map(|person| person.name.as_str()).collect();
        if ghosts.is_empty() { Ok(()) } else { Err(format!("{ghosts:?} did not leave")) }
    };
    if let Err(wrong) = wait_until(only_good) {
        room.report("left over in the registry", &wrong);
    }
    room.quiet.store(true, Ordering::SeqCst);
    watch.until(|| good.iter().all(|(_, thread)| thread.is_finished()) && operator.is_finished());

    let mut orders = Vec::new();
    for (name, thread) in good {
        match thread.join() {
            Ok(Some(order)) => {
                room.count_life("good", "heard all, in one order");
                orders.push((name, order));
            }
            // It has reported why.
            Ok(None) => {}
            Err(_) => room.report(&name, "its thread panicked"),
        }
    }
    for pair in orders.windows(2) {
        let [(one, order), (other, other_order)] = pair else { continue };
        if order != other_order {
            let same = order.iter().zip(other_order).take_while(|(one, other)| one == other).count();
            room.report(other, &format!("reordered: not the order of {one}, from about message {same}000 on"));
        }
    }
    Ok(())
}

/// The operator announces something several times a second, and kicks those who are there to be kicked.
fn operate(room: &Room, server: &Server, mut dice: Dice) {
    let mut said = 0;
    while !room.quiet.load(Ordering::SeqCst) {
        if !room.is_over() && room.listening.load(Ordering::SeqCst) == good::COUNT {
            if !server.announce(&numbered::text(said, RESERVED, &mut dice)) {
                room.report("operator", "could not announce");
            }
            said += 1;
        }
        for person in server.snapshot().people {
            if person.name.as_str().starts_with("kicked-") {
                server.kick(person.id, "on purpose");
            }
        }
        thread::sleep(dice.millis(50, 200));
    }
    room.has_said(RESERVED, said);
}

/// Asks again and again, until it is so or the time is over.
fn wait_until(is_so: impl Fn() -> Result<(), Wrong>) -> Result<(), Wrong> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        match is_so() {
            Err(wrong) if Instant::now() > deadline => return Err(wrong),
            Err(_) => thread::sleep(Duration::from_millis(10)),
            Ok(()) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::soak;
    use std::time::Duration;

    #[test]
    fn a_short_soak_finds_nothing() {
        assert_eq!(soak(Duration::from_secs(5), 1).unwrap(), 0, "findings: see the lines that begin with WRONG");
    }
}
