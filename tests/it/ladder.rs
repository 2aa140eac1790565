//! The ladder: each rung in `examples/` runs, and shows what it is there to show. The windows are in `tests/windows/ladder.rs`.

// In a helper too, what fails is to fail the test.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::io::{ErrorKind, Read as _};
use std::thread;
use std::time::Duration;

use crate::support::program::{Home, Program};
use crate::support::{Peer, Room};

/// How long a measurement may take: a freeze is waited for, and much is sent.
const MEASUREMENT: Duration = Duration::from_mins(2);

/// A rung that serves.
struct Rung {
    _program: Program,
    addr: String,
    home: Home,
}

impl Rung {
    fn serve(name: &str) -> Rung {
        let home = Home::new();
        let program = Program::example(name, &home, &["127.0.0.1:0"]);
        let addr = program.listening();
        Rung { _program: program, addr, home }
    }

    fn peer(&self) -> Peer {
        Peer::connect(self.addr.parse().unwrap())
    }

    fn join(&self, name: &str) -> Peer {
        let mut peer = self.peer();
        peer.join(name);
        peer
    }
}

/// Nothing has come for this peer until now.
fn has_nothing(peer: &Peer) -> bool {
    peer.socket().set_nonblocking(true).unwrap();
    let read = peer.socket().peek(&mut [0]);
    peer.socket().set_nonblocking(false).unwrap();
    read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn rung_1_the_second_client_waits_until_the_first_has_left() {
    let rung = Rung::serve("rung01_echo");
    let (mut first, mut second) = (rung.peer(), rung.peer());
    second.send("is anybody there?\n");
    for _ in 0..100 {
        first.send("one\n");
        first.expect("one");
    }
    assert!(has_nothing(&second), "the second client was answered while the first was there");
    drop(first);
    second.expect("is anybody there?");
}

#[test]
fn rung_2_a_client_that_says_nothing_keeps_nobody_waiting_and_a_panic_ends_one_client() {
    let rung = Rung::serve("rung02_threads");
    let (mut silent, mut second, mut third) = (rung.peer(), rung.peer(), rung.peer());
    second.send("two\n");
    second.expect("two");
    second.send("panic\n");
    second.expect_end();
    third.send("three\n");
    third.expect("three");
    silent.send("one\n");
    silent.expect("one");
}

#[test]
fn rung_3_a_name_is_refused_while_somebody_has_it_and_free_when_that_one_is_gone() {
    let rung = Rung::serve("rung03_names");
    let mut ann = rung.join("ann");
    let mut twin = rung.peer();
    twin.send("HELLO ann\n");
    twin.expect_start("ERR USERNAME_TAKEN");
    twin.expect_end();
    let mut ben = rung.peer();
    assert_eq!(ben.join("ben"), ["HELLO ann"]);
    ann.send("WHO\n");
    assert_eq!(ann.lines(2), ["HELLO ben", "HELLO ann"]);
    ann.reset();
    crate::support::eventually_eq("ben is alone", vec!["HELLO ben".to_owned()], || {
        ben.send("WHO\nNONSENSE\n");
        let mut here = Vec::new();
        loop {
            match ben.line() {
                line if line.starts_with("ERR BAD_LINE") => return here,
                line => here.push(line),
            }
        }
    });
    rung.join("ann");
}

#[test]
fn rung_3_of_two_people_who_want_one_name_at_the_same_moment_one_gets_it() {
    let rung = Rung::serve("rung03_names");
    for round in 0..50 {
        let hello = format!("HELLO ann{round}");
        let ask = || {
            let mut peer = rung.peer();
            peer.send(format!("{hello}\n"));
            // The last line of those who are here, or the refusal; and the peer stays until both have been answered.
            let answer = std::iter::repeat_with(|| peer.line()).find(|line| *line == hello || line.starts_with("ERR"));
            (answer, peer)
        };
        let both = thread::scope(|scope| [scope.spawn(ask), scope.spawn(ask)].map(|one| one.join().unwrap()));
        let let_in = both.iter().filter(|(answer, _)| answer.as_ref() == Some(&hello)).count();
        assert_eq!(let_in, 1, "of two who said HELLO ann{round} at once");
    }
}

/// What rungs 4 and 6 have in common: they are a chat.
fn people_talk(rung: &Rung) {
    let (mut ann, mut ben) = (rung.join("ann"), rung.peer());
    assert_eq!(ben.join("ben"), ["HELLO ann"]);
    ann.expect("HELLO ben");
    let mut carl = rung.peer();
    let mut here = carl.join("carl");
    here.sort();
    assert_eq!(here, ["HELLO ann", "HELLO ben"]);
    ann.expect("HELLO carl");
    ben.expect("HELLO carl");
    let mut twin = rung.peer();
    twin.send("HELLO ann\n");
    twin.expect_start("ERR USERNAME_TAKEN");

    // Two talk at once, and all who hear both hear them in one order.
    thread::scope(|scope| {
        for (speaker, name) in [(&mut ann, "ann"), (&mut ben, "ben")] {
            scope.spawn(move || (0..200).for_each(|number| speaker.send(format!("MSG x {name} says {number}\n"))));
        }
    });
    let heard = carl.lines(400);
    for (name, peer, other) in [("ann", &mut ben, "ben"), ("ben", &mut ann, "ann")] {
        let expected: Vec<_> = (0..200).map(|number| format!("MSG {name} {name} says {number}")).collect();
        assert_eq!(peer.lines(200), expected, "what {other} heard of {name}");
        let carl_heard: Vec<_> = heard.iter().filter(|line| line.starts_with(&format!("MSG {name} "))).collect();
        assert!(carl_heard.into_iter().eq(&expected), "what carl heard of {name}: {heard:#?}");
    }
    carl.reset();
    ann.expect("BYE carl");
    ben.send("BYE\n");
    ann.expect("BYE ben");
}

/// Rung 5 measures a server.
fn measured(addr: &str, home: &Home) -> Program {
    let measuring = Program::example("rung05_stall", home, &[addr]);
    measuring.expect_output_within(MEASUREMENT, "everybody reads: ben got 500 lines");
    measuring
}

#[test]
fn rung_4_is_a_chat() {
    people_talk(&Rung::serve("rung04_broadcast"));
}

#[test]
fn rung_5_shows_that_one_stalled_reader_freezes_rung_4() {
    let home = Home::new();
    let measuring = Program::example("rung05_stall", &home, &[]);
    let verdict = measuring.expect_output_within(MEASUREMENT, "FROZEN");
    assert!(verdict.starts_with("FROZEN"), "{verdict}");
    assert_eq!(measuring.expect_output("dora"), "dora wants to join: no answer");
    assert_eq!(measuring.expect_output("carl"), "carl hangs up: ben gets the line after all");
}

#[test]
#[cfg_attr(windows, ignore = "the rungs use write timeouts, after which Windows leaves a socket unusable")]
fn rung_6_is_a_chat_which_one_stalled_reader_does_not_freeze() {
    let rung = Rung::serve("rung06_outbox");
    people_talk(&rung);
    let measuring = measured(&rung.addr, &rung.home);
    let verdict = measuring.expect_output_within(MEASUREMENT, "FROZEN");
    assert!(verdict.starts_with("NOT FROZEN"), "{verdict}");
    let dora = measuring.expect_output("dora wants to join");
    assert!(dora.contains("she is in"), "{dora}");
    measuring.expect_output("he was sent away");
}

#[test]
#[cfg_attr(windows, ignore = "the measurement of rung 5 sends less than Windows keeps for a peer that does not read")]
fn rung_5_finds_that_the_real_server_does_not_freeze() {
    let (room, home) = (Room::open(), Home::new());
    let measuring = measured(&room.addr().to_string(), &home);
    let verdict = measuring.expect_output_within(MEASUREMENT, "FROZEN");
    assert!(verdict.starts_with("NOT FROZEN"), "{verdict}");
    room.stop();
}

#[test]
#[cfg_attr(windows, ignore = "Windows takes all of a write at once, so that two do not mix")]
fn rung_7_mixes_what_two_threads_write_and_nothing_with_the_rule() {
    let home = Home::new();
    let rung = Program::example("rung07_two_writers", &home, &[]);
    let mixed = rung.expect_output_within(MEASUREMENT, "two writers: ");
    assert!(!mixed.contains(": 0 of"), "{mixed}");
    let with_rule = rung.expect_output_within(MEASUREMENT, "two writers, one at a time: ");
    assert!(with_rule.contains(": 0 of"), "{with_rule}");

    // For an nc it writes the same, without the rule.
    let rung = Rung::serve("rung07_two_writers");
    let mut bytes = Vec::new();
    rung.peer().socket().take(10_000_000).read_to_end(&mut bytes).unwrap();
    for letter in [b'a', b'b', b'\n'] {
        assert!(bytes.contains(&letter), "no {:?} in what it sends", char::from(letter));
    }
}

#[test]
fn rung_10_is_a_client_for_two_directions_at_once() {
    let (room, home) = (Room::open(), Home::new());
    let mut ann = room.join("ann");
    let mut terminal = Program::example("rung10_terminal", &home, &[&room.addr().to_string(), "ben"]);
    terminal.expect_output("* ann is here");
    terminal.expect_output("* ben is here");
    ann.expect("HELLO ben");
    ann.send("MSG ann hello ben\n");
    terminal.expect_output("ann: hello ben");
    terminal.type_line("hello all");
    ann.expect("MSG ben hello all");
    terminal.type_line("/msg ann and to you");
    ann.expect("TELL ben and to you");
    ann.send("TELL ben you too\u{202e}\n");
    let told = terminal.expect_output("ann (to you): you too");
    assert!(!told.contains('\u{202e}'), "a terminal gets what turns the direction of its text: {told:?}");
    terminal.end_typing();
    ann.expect("BYE ben");
    assert!(terminal.ended().success());
}

#[test]
fn rung_10_ends_with_the_server_although_nobody_types() {
    let (room, home) = (Room::open(), Home::new());
    let mut terminal = Program::example("rung10_terminal", &home, &[&room.addr().to_string(), "ben"]);
    terminal.expect_output("* ben is here");
    room.stop();
    terminal.expect_output("SHUTTING_DOWN");
    terminal.expect_output("the end: ");
    assert!(terminal.ended().success());
}

#[test]
fn rung_11_answers_aloud_what_is_said_aloud_and_alone_what_is_said_alone() {
    let (room, home) = (Room::open(), Home::new());
    let mut bot = Program::example("rung11_bot", &home, &[&room.addr().to_string(), "dice"]);
    bot.expect_output("dice is in");
    let (mut ann, mut ben) = (room.join("ann"), room.join("ben"));
    ann.expect("HELLO ben");
    ann.send("MSG ann is this dice working?\nMSG ann dice: roll 1\n");
    ann.expect("MSG dice ann: 1 of 1");
    ben.send("TELL dice roll x\n");
    ben.expect("MSG ann is this dice working?");
    ben.expect("MSG ann dice: roll 1");
    ben.expect("MSG dice ann: 1 of 1");
    ben.expect("TELL dice a die has a number of sides: roll 6");
    room.stop();
    bot.expect_output("the end: ");
    assert!(bot.ended().success());
}
