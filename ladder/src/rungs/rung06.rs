//! Rung 6: a program that measures what one stalled reader does to a server.

mod exercises;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Rung;
use crate::check::{Check, Story, Trouble, quoted};
use crate::climb;
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 6,
    name: "rung06_stall",
    title: "what one stalled reader does to all, measured",
    readme: include_str!("../../rung06_stall/README.md"),
    checks: &[
        Check {
            name: "a server that goes quiet is FROZEN, and the bytes are counted",
            heading: "What to measure",
            run: quiet,
        },
        Check { name: "a server that hesitates for a second is NOT FROZEN", heading: "A patience", run: hesitates },
        Check { name: "rung 5 is FROZEN", heading: "What to expect", run: rung_5 },
        // Rung 8 does not hold there.
        #[cfg(not(windows))]
        Check { name: "rung 8 is NOT FROZEN", heading: "What to expect", run: rung_8 },
    ],
    exercises: exercises::EXERCISES,
};

/// How long a measurement may take.
const MEASUREMENT: Duration = Duration::from_mins(2);

/// A server that this check plays. It writes nothing to the third who joins, as if that one's socket were full.
struct Played {
    /// Those who have joined, in this order.
    sockets: Mutex<Vec<TcpStream>>,
    /// The bytes relayed since the third has joined.
    relayed: AtomicUsize,
    /// When more bytes would have been relayed, this happens.
    after: usize,
    then: Then,
    /// The milliseconds that each line takes before the third has joined, by its number.
    slow: fn(usize) -> u64,
    story: Story,
}

#[derive(Clone, Copy)]
enum Then {
    Quiet,
    HesitateOnce,
    /// All connections are closed.
    End,
    /// The connection of the one who speaks is closed.
    EndSpeaker,
}

impl Played {
    /// Starts the server, and returns it with its address.
    fn start(
        stage: &Stage,
        after: usize,
        then: Then,
        slow: fn(usize) -> u64,
    ) -> Result<(Arc<Played>, SocketAddr), Trouble> {
        let (listener, addr) = listen()?;
        let story = stage.story().clone();
        let (sockets, relayed) = (Mutex::default(), AtomicUsize::new(0));
        let played = Arc::new(Played { sockets, relayed, after, then, slow, story });
        let server = played.clone();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let server = server.clone();
                thread::spawn(move || server.serve(socket));
            }
        });
        Ok((played, addr))
    }

    /// Serves one client.
    fn serve(&self, socket: TcpStream) -> Option<()> {
        socket.set_nodelay(true).ok()?;
        let mut lines = BufReader::new(socket.try_clone().ok()?).split(b'\n');
        let hello = lines.next()?.ok()?;
        self.story.add(format!("somebody > {}", quoted(&hello)));
        let number = {
            let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
            (&socket).write_all(&[&hello[..], b"\n"].concat()).ok()?;
            sockets.push(socket);
            sockets.len() - 1
        };
        for (at, line) in lines.enumerate() {
            let mut line = line.ok()?;
            line.push(b'\n');
            let sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
            if sockets.len() < 3 {
                thread::sleep(Duration::from_millis((self.slow)(at)));
            } else if !self.may_relay(&sockets, number, line.len()) {
                continue;
            }
            for (_, mut socket) in sockets.iter().enumerate().filter(|(other, _)| *other != number && *other != 2) {
                socket.write_all(&line).ok()?;
            }
        }
        Some(())
    }

    /// Counts a line. Returns whether it is to be relayed.
    fn may_relay(&self, sockets: &[TcpStream], speaker: usize, bytes: usize) -> bool {
        let before = self.relayed.load(Ordering::Relaxed);
        let is_after = before + bytes > self.after;
        match self.then {
            Then::Quiet if is_after => {
                self.story.add(format!("the server relays nothing more, after {before} bytes"));
                return false;
            }
            Then::End | Then::EndSpeaker if is_after => {
                let is_all = matches!(self.then, Then::End);
                let whose = if is_all { "all connections" } else { "the connection of the one who speaks" };
                self.story.add(format!("the server closes {whose}, after {before} bytes"));
                for (_, socket) in sockets.iter().enumerate().filter(|(number, _)| is_all || *number == speaker) {
                    let _ = socket.shutdown(Shutdown::Both);
                }
                return false;
            }
            Then::HesitateOnce if is_after && before <= self.after => {
                self.story.add("the server waits for a second, and then goes on");
                thread::sleep(Duration::from_secs(1));
            }
            _ => {}
        }
        self.relayed.fetch_add(bytes, Ordering::Relaxed);
        true
    }
}

fn listen() -> Result<(TcpListener, SocketAddr), Trouble> {
    let unable = |error: std::io::Error| Trouble::new("a free port", error.to_string());
    let listener = TcpListener::bind("127.0.0.1:0").map_err(unable)?;
    let addr = listener.local_addr().map_err(unable)?;
    Ok((listener, addr))
}

/// Lets the program measure a server. Returns the bytes of its verdict, which has to be this one.
fn verdict(stage: &mut Stage, server: SocketAddr, wanted: &str) -> Result<usize, Trouble> {
    let is_verdict =
        |line: &&str| ["FROZEN after", "NOT FROZEN after", "ENDED after"].iter().any(|start| line.starts_with(start));
    let program = stage.start_client(server)?;
    let start = Instant::now();
    while program.has_ended().is_none() && !program.stdout().lines().any(|line| is_verdict(&line)) {
        if start.elapsed() > MEASUREMENT {
            return Err(Trouble::new("a verdict", format!("none within {} s", MEASUREMENT.as_secs())));
        }
        thread::sleep(Duration::from_millis(10));
    }
    let printed = program.stdout();
    for line in printed.lines() {
        stage.tell(format!("printed: {line}"));
    }
    let verdict = printed.lines().find(is_verdict);
    let bytes = verdict.and_then(|line| line.strip_prefix(wanted)?.split(' ').find_map(|word| word.parse().ok()));
    let came = verdict.map_or("no such line".into(), |line| quoted(line.as_bytes()).to_string());
    bytes
        .ok_or_else(|| Trouble::new(format!("the line \"{wanted} after <number> bytes\" on its standard output"), came))
}

fn quiet(stage: &mut Stage) -> Result<(), Trouble> {
    let (server, addr) = Played::start(stage, 1_000_000, Then::Quiet, |_| 0)?;
    let bytes = verdict(stage, addr, "FROZEN")?;
    let relayed = server.relayed.load(Ordering::Relaxed);
    // Whether a program counts verb, name and line feed is a matter of taste.
    if (relayed - relayed / 10..=relayed).contains(&bytes) {
        return Ok(());
    }
    Err(Trouble::new(format!("FROZEN after {relayed} bytes: so many were relayed"), format!("{bytes} bytes")))
}

fn hesitates(stage: &mut Stage) -> Result<(), Trouble> {
    let (_, addr) = Played::start(stage, 1_000_000, Then::HesitateOnce, |_| 0)?;
    verdict(stage, addr, "NOT FROZEN").map(drop)
}

fn rung_5(stage: &mut Stage) -> Result<(), Trouble> {
    let (_server, addr) = solution("rung05_broadcast_solution")?;
    let bytes = verdict(stage, addr, "FROZEN")?;
    stage.note(format!("this kernel took {:.1} MB for the one who reads nothing", bytes as f64 / 1e6));
    Ok(())
}

#[cfg(not(windows))]
fn rung_8(stage: &mut Stage) -> Result<(), Trouble> {
    let (_server, addr) = solution("rung08_outbox_solution")?;
    verdict(stage, addr, "NOT FROZEN").map(drop)
}

/// Starts another rung's solution. Returns it with its address.
fn solution(name: &str) -> Result<(Stage, SocketAddr), Trouble> {
    let launch = climb::build(name).map_err(|error| Trouble::new(format!("to start {name}"), error))?;
    let mut server = Stage::new(&launch);
    server.connect("the check")?.hang_up();
    let addr = server.addr();
    Ok((server, addr))
}
