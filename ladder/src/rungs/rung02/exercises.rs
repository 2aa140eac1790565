//! The exercises of rung 2: a limit for the number of clients, and a number that is printed at each change.

use std::thread;
use std::time::{Duration, Instant};

use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::program::PATIENCE;
use crate::rungs::Exercise;
use crate::stage::Stage;

const FULL: &str = "Exercise 1: sixty clients";
const NUMBER: &str = "Exercise 2: who is here";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "sixty clients",
        checks: &[
            Check { name: "the sixty-first client is refused", heading: FULL, run: refused },
            Check {
                name: "who leaves makes room for another",
                heading: FULL,
                run: |stage| makes_room(stage, Peer::hang_up),
            },
            Check {
                name: "who makes its thread panic makes room for another",
                heading: FULL,
                run: |stage| makes_room(stage, |mut peer| drop(peer.send("panic\n"))),
            },
        ],
    },
    Exercise {
        title: "who is here",
        checks: &[
            Check { name: "the number is printed when somebody comes or goes", heading: NUMBER, run: comes_and_goes },
            Check { name: "a thread that panics counts as one who goes", heading: NUMBER, run: panics },
            Check { name: "many at once: each number differs from the one before by one", heading: NUMBER, run: many },
        ],
    },
];

/// How many clients may be here.
const MAX: usize = 60;

/// Connects as many clients as are allowed, and sees that each is served.
fn fill(stage: &mut Stage) -> Result<Vec<Peer>, Trouble> {
    let mut peers = Vec::new();
    for number in 1..=MAX {
        let mut peer = stage.connect(&format!("client {number}"))?;
        peer.send("hello\n")?;
        peer.expect("hello")?;
        peers.push(peer);
    }
    Ok(peers)
}

/// Connects one more, who is to be refused.
fn one_more(stage: &mut Stage) -> Result<(), Trouble> {
    let mut peer = stage.connect("one too many")?;
    peer.expect_start("ERR SERVER_FULL")?;
    peer.expect_end()
}

fn refused(stage: &mut Stage) -> Result<(), Trouble> {
    let mut peers = fill(stage)?;
    for _ in 0..3 {
        one_more(stage)?;
    }
    for peer in &mut peers {
        peer.send("I am still here\n")?;
        peer.expect("I am still here")?;
    }
    Ok(())
}

fn makes_room(stage: &mut Stage, leave: fn(Peer)) -> Result<(), Trouble> {
    let mut peers = fill(stage)?;
    // Who is refused takes no place, and leaves none.
    for _ in 0..3 {
        one_more(stage)?;
    }
    for _ in 0..5 {
        leave(peers.remove(0));
        let newcomer = comes_in_soon(stage)?;
        peers.push(newcomer);
        one_more(stage)?;
    }
    Ok(())
}

/// Connects again and again until there is room: the thread of the one who has left may still be about to end.
fn comes_in_soon(stage: &mut Stage) -> Result<Peer, Trouble> {
    let (start, mark) = (Instant::now(), stage.story().mark());
    loop {
        stage.story().forget(mark);
        let mut peer = stage.connect("a newcomer")?;
        // It fails where the newcomer was refused already.
        let _ = peer.send("hello\n");
        match peer.line() {
            Ok(line) if line == "hello" => return Ok(peer),
            came if start.elapsed() > PATIENCE => {
                let came = came.map_or_else(|trouble| trouble.came, |line| format!("{line:?}"));
                return Err(Trouble::new("that there is room when a client has left", came));
            }
            _ => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Waits until the program has printed so many numbers of clients, and returns them.
fn printed(stage: &mut Stage, count: usize) -> Result<Vec<usize>, Trouble> {
    let start = Instant::now();
    loop {
        let output = stage.program().stdout();
        let numbers: Vec<_> =
            output.lines().filter_map(|line| line.strip_prefix("clients: ")?.trim().parse().ok()).collect();
        if numbers.len() >= count {
            return Ok(numbers);
        }
        if start.elapsed() > PATIENCE {
            let expected = format!("{count} lines \"clients: <number>\" on its standard output");
            return Err(Trouble::new(expected, format!("{}: {numbers:?}", numbers.len())));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Expects that these numbers have been printed, and no others.
fn expect_numbers(stage: &mut Stage, expected: &[usize]) -> Result<(), Trouble> {
    let came = printed(stage, expected.len())?;
    stage.tell(format!("printed: the numbers of clients {came:?}"));
    if came == expected { Ok(()) } else { Err(Trouble::new(format!("{expected:?}"), format!("{came:?}"))) }
}

fn comes_and_goes(stage: &mut Stage) -> Result<(), Trouble> {
    let ann = stage.connect("ann")?;
    expect_numbers(stage, &[1])?;
    let mut ben = stage.connect("ben")?;
    expect_numbers(stage, &[1, 2])?;
    ann.hang_up();
    expect_numbers(stage, &[1, 2, 1])?;
    ben.send("an echo that nobody will read\n")?;
    ben.break_off()?;
    expect_numbers(stage, &[1, 2, 1, 0])
}

fn panics(stage: &mut Stage) -> Result<(), Trouble> {
    let _ann = stage.connect("ann")?;
    expect_numbers(stage, &[1])?;
    let mut ben = stage.connect("ben")?;
    expect_numbers(stage, &[1, 2])?;
    ben.send("panic\n")?;
    ben.expect_end()?;
    expect_numbers(stage, &[1, 2, 1])
}

fn many(stage: &mut Stage) -> Result<(), Trouble> {
    const CLIENTS: usize = 50;
    const ROUNDS: usize = 10;
    // The first connection starts the program.
    stage.connect("client 1")?.hang_up();
    let addr = stage.addr();
    stage.tell(format!("{CLIENTS} clients come and go, {ROUNDS} times each"));
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(move || (0..ROUNDS).for_each(|_| drop(std::net::TcpStream::connect(addr))));
        }
    });
    let numbers = printed(stage, 2 + 2 * CLIENTS * ROUNDS)?;
    let before = [0].iter().chain(&numbers);
    match before.zip(&numbers).find(|(before, now)| before.abs_diff(**now) != 1) {
        None if numbers.last() == Some(&0) => Ok(()),
        None => Err(Trouble::new("0 at the end", format!("{:?}", numbers.last()))),
        Some((before, now)) => Err(Trouble::new(
            format!("behind \"clients: {before}\" one more or one less"),
            format!("\"clients: {now}\""),
        )),
    }
}
