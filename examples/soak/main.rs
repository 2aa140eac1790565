//! A soak test: well-behaved and faulty clients together for minutes. No message may be lost, repeated or reordered, and no
//! resource may leak.
//!
//! ```text
//! cargo run --release --example soak                            a minute
//! cargo run --release --example soak -- --seconds 600 --seed 7  ten, with these random choices
//! ```
//!
//! It starts a server in this process, and runs against it: six well-behaved clients that check everything (`good.rs`), clients
//! that join and leave as with `nc` (`people.rs`), clients that read slowly or not at all (`slow.rs`), and clients that break
//! off, send garbage, flood, and compete for names (`rude.rs`). Each of them knows what the server must do, and reports any
//! deviation. At the end, all well-behaved clients must have received the same messages in the same order, each once; no client
//! may still be listed; and threads, sockets and memory must be released.
//!
//! A seed repeats the random choices, but not the interleaving of the threads. Each run has another interleaving, so a longer
//! soak finds more.
//!
//! What to try: break something, and see which client notices. In `src/server/delivery/outbox.rs`, lose how much of a chunk the
//! socket has accepted, or do not clear `writing`; in `src/server/registry.rs`, announce no BYE; keep a clone of a client's
//! socket somewhere.

mod good;
mod numbered;
mod peer;
mod people;
mod rng;
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
use multichat::server::{Config, Server};

use peer::{DEADLINE, MANY_ADDRESSES, Wrong};
use rng::Rng;
use room::{BURST, Life, RATE, Room};
use usage::Usage;
use watch::Watch;

/// Runs a server with well-behaved and faulty clients, and checks that nothing is lost, repeated, reordered or leaked.
#[derive(Debug, Parser)]
struct Args {
    /// Duration of the run, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seed of the random choices, to repeat those of another run
    #[arg(long)]
    seed: Option<u64>,
}

/// The other clients: kind, number at a time, behaviour.
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

/// Disconnect reasons that must occur in a long run. Without one of them the run has not tested what it claims.
const ENDINGS: [&str; 8] = [
    "said goodbye",
    "closed without a goodbye",
    "connection broken",
    "read too slowly",
    "kicked by the operator",
    "said no name in time",
    "not a chat program",
    "name taken",
];

/// Minimum duration of a long run.
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

/// Runs the soak; returns the number of findings.
fn soak(length: Duration, seed: u64) -> Result<usize, Box<dyn std::error::Error>> {
    let at_first = Usage::now();
    let config = Config {
        listen: "127.0.0.1:0".into(),
        // Where all clients share one address, they share its rate limit, too, and cannot check it.
        rate: if MANY_ADDRESSES { RATE } else { 0 },
        burst: BURST,
        // Short, so that many clients run into the timeouts; not so short that a slow machine alone does.
        hello_timeout: Duration::from_secs(5),
        stall_timeout: Duration::from_secs(5),
        backlog_max: 1 << 20,
        backlogs_max: 4 << 20,
        ..Config::default()
    };
    let (server, events) = Server::start(config)?;
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
    check("left in the registry", wait_until(quiet).err());
    check("left over with the server running", Usage::left_over(started));
    watch.read_events(Instant::now() + Duration::from_millis(200));
    let Watch { endings, memory, .. } = watch;
    let lost = server.lost_events();
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
    if cut > too_slow && lost == 0 {
        room.report("slow readers", &format!("{cut} were ended, {too_slow} of them as TOO_SLOW"));
    }
    watch::print_table(&room, &endings, lost);
    Ok(room.findings())
}

/// Runs all clients; returns when all are disconnected.
fn play<'scope>(
    scope: &'scope Scope<'scope, '_>,
    room: &'scope Room,
    server: &'scope Server,
    watch: &mut Watch<'_>,
) -> io::Result<()> {
    let mut good = Vec::new();
    for index in 0..good::COUNT {
        let rng = room.rng();
        let work =
            move || good::live(room, index, rng).inspect_err(|wrong| room.report(&good::name(index), wrong)).ok();
        good.push((good::name(index), Builder::new().name(good::name(index)).spawn_scoped(scope, work)?));
    }
    let rng = room.rng();
    let operator = Builder::new().name("operator".into()).spawn_scoped(scope, move || operate(room, server, rng))?;
    let mut others = Vec::new();
    for (kind, count, life) in CAST {
        for number in 0..count {
            let (name, rng) = (format!("{kind}-{number}"), room.rng());
            others.push(Builder::new().name(name).spawn_scoped(scope, move || room.live(kind, number, rng, life))?);
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
        room.report("left in the registry", &wrong);
    }
    room.quiet.store(true, Ordering::SeqCst);
    watch.until(|| good.iter().all(|(_, thread)| thread.is_finished()) && operator.is_finished());

    let mut orders = Vec::new();
    for (name, thread) in good {
        match thread.join() {
            Ok(Some(order)) => {
                room.count_life("good", "received all, in one order");
                orders.push((name, order));
            }
            // The thread has reported the reason.
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

/// Runs the operator, who announces several times a second and kicks the clients that are meant for it.
fn operate(room: &Room, server: &Server, mut rng: Rng) {
    let mut said = 0;
    while !room.quiet.load(Ordering::SeqCst) {
        if !room.is_over() && room.listening.load(Ordering::SeqCst) == good::COUNT {
            if server.announce(&numbered::text(said, RESERVED, &mut rng)).is_err() {
                room.report("operator", "could not announce");
            }
            said += 1;
        }
        for person in server.snapshot().people {
            if person.name.as_str().starts_with("kicked-") {
                // Some have left by now.
                let _ = server.kick(person.id, "on purpose");
            }
        }
        thread::sleep(rng.millis(50, 200));
    }
    room.has_said(RESERVED, said);
}

/// Polls until the condition holds; returns its last error at the deadline.
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
    #[cfg_attr(windows, ignore = "a client that talks while it is kicked may be reset before it has read why")]
    fn a_short_soak_finds_nothing() {
        assert_eq!(soak(Duration::from_secs(3), 1).unwrap(), 0, "findings: see the lines that begin with WRONG");
    }
}
