//! Joining: the roster, names that are taken or no names, and first lines that are no HELLO.

use std::sync::Barrier;
use std::thread;

use crate::support::{Peer, Room, config, eventually_eq};
use multichat::protocol::ErrorCode;
use multichat::server::{Config, DisconnectReason};

#[test]
fn the_first_to_come_gets_just_the_own_hello() {
    let room = Room::open();
    let mut ann = room.peer();
    ann.send("HELLO ann\n");
    ann.expect("HELLO ann");
    ann.sync();
}

#[test]
fn all_before_the_own_hello_is_the_past_and_all_after_it_is_live() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ann.send("MSG ann before\n");
    ben.expect("MSG ann before");

    let mut carl = room.peer();
    let mut past = carl.join("carl");
    past.sort();
    assert_eq!(past, ["HELLO ann", "HELLO ben"]);
    ann.expect("HELLO carl");
    ben.expect("HELLO carl");

    ann.send("MSG ann after\nBYE\n");
    carl.expect("MSG ann after");
    carl.expect("BYE ann");
    carl.sync();
}

#[test]
fn a_roster_is_a_fold_over_hello_and_bye_however_people_come_and_go() {
    let room = Room::open();
    let mut watcher = room.join("watcher");
    // Ten people come and go at once, each several times.
    thread::scope(|scope| {
        for number in 0..10 {
            let room = &room;
            scope.spawn(move || {
                for _ in 0..10 {
                    let mut peer = room.join(&format!("p{number}"));
                    peer.send("BYE\n");
                    peer.until_end();
                }
            });
        }
    });
    let mut here: Vec<String> = Vec::new();
    for line in watcher.until_sync() {
        match line.split_once(' ') {
            Some(("HELLO", name)) => {
                assert!(!here.iter().any(|other| other == name), "{name} came twice; here: {here:?}");
                here.push(name.into());
            }
            Some(("BYE", name)) => {
                let at = here.iter().position(|other| other == name);
                here.remove(at.unwrap_or_else(|| panic!("{name} left without having come; here: {here:?}")));
            }
            _ => panic!("{line}"),
        }
    }
    assert_eq!(here, [""; 0]);
    assert_eq!(room.names(), ["watcher"]);
    assert_eq!(room.snapshot().totals.joined, 101);
}

#[test]
fn a_taken_name_is_refused_and_closed_while_its_holder_is_undisturbed() {
    let room = Room::open();
    let mut bob = room.join("bob");
    let mut other = room.peer();
    other.send("HELLO bob\n");
    other.expect("ERR USERNAME_TAKEN bob is here already: choose another name");
    other.expect_end();
    assert!(matches!(room.refusal(), DisconnectReason::Ended(ErrorCode::UsernameTaken, _)));
    bob.sync();
    assert_eq!(room.names(), ["bob"]);
}

#[test]
fn a_name_is_free_again_when_its_holder_has_left() {
    let room = Room::open();
    for _ in 0..20 {
        let mut bob = room.join("bob");
        bob.send("BYE\n");
        bob.expect_end();
    }
}

#[test]
fn names_that_could_pass_for_one_who_is_here_are_refused() {
    let room = Room::open();
    let mut alice = room.join("Alice");
    for lookalike in ["alice", "ALICE", "AIice", "\u{ff21}\u{ff4c}ice", "A1ice", "Ali\u{307}ce"] {
        let mut peer = room.peer();
        peer.send(format!("HELLO {lookalike}\n"));
        peer.expect_start("ERR USERNAME_TAKEN ");
        peer.expect_end();
    }
    // Greek, and the letters that it looks like as it is written, and in small letters.
    let _greek = room.join("\u{399}\u{3bd}");
    for lookalike in ["lv", "iv"] {
        let mut peer = room.peer();
        peer.send(format!("HELLO {lookalike}\n"));
        peer.expect_start("ERR USERNAME_TAKEN that could be mistaken for \u{399}\u{3bd}");
        peer.expect_end();
    }
    alice.expect("HELLO \u{399}\u{3bd}");
    let mut zoe = room.join("Zo\u{eb}");
    let mut peer = room.peer();
    peer.send("HELLO Zoe\u{308}\n");
    peer.expect_start("ERR USERNAME_TAKEN ");
    peer.expect_end();
    alice.expect("HELLO Zo\u{eb}");
    alice.sync();
    zoe.sync();
}

#[test]
fn of_fifty_who_ask_for_one_name_at_the_same_instant_exactly_one_gets_it() {
    let room = Room::open();
    let mut watcher = room.join("watcher");
    let ready = Barrier::new(50);
    let answers: Vec<(String, Peer)> = thread::scope(|scope| {
        let peers = (0..50).map(|number| {
            let (room, ready) = (&room, &ready);
            scope.spawn(move || {
                let mut peer = room.peer();
                let name = ["neo", "Neo", "ne0", "NE0"][number % 4];
                ready.wait();
                peer.send(format!("HELLO {name}\n"));
                let mut answer = peer.line();
                if answer == "HELLO watcher" {
                    answer = peer.line();
                }
                (answer, peer)
            })
        });
        let peers: Vec<_> = peers.collect();
        peers.into_iter().map(|peer| peer.join().unwrap()).collect()
    });
    let joined: Vec<_> = answers.iter().filter(|(answer, _)| answer.starts_with("HELLO ")).collect();
    assert_eq!(joined.len(), 1, "{:#?}", answers.iter().map(|(answer, _)| answer).collect::<Vec<_>>());
    assert!(
        answers.iter().all(|(answer, _)| answer.starts_with("HELLO ") || answer.starts_with("ERR USERNAME_TAKEN "))
    );
    assert_eq!(watcher.until_sync(), [joined[0].0.as_str()]);
}

#[test]
fn what_is_no_name_is_refused_with_the_reason() {
    const MIXED: &str =
        "a name has letters of one script, or of Latin with Chinese, Japanese or Korean: do not mix it with others";
    let room = Room::open();
    let long = "x".repeat(33);
    for (name, detail) in [
        ("", "a name is missing: write HELLO <name>"),
        ("_bob", "a name begins with a letter or a digit"),
        (long.as_str(), "a name has at most 32 characters"),
        ("bo/b", "a name cannot contain /: use letters, digits, _ - and ."),
        ("b\u{202e}ob", "a name cannot contain U+202E: use letters, digits, _ - and ."),
        ("b\u{200b}ob", "a name cannot contain U+200B: use letters, digits, _ - and ."),
        ("bob\u{1f600}", "a name cannot contain U+1F600: use letters, digits, _ - and ."),
        ("server", "the name server is reserved for the operator"),
        ("S\u{435}rver", MIXED),
        ("i\u{3bd}an", MIXED),
    ] {
        let mut peer = room.peer();
        peer.send(format!("HELLO {name}\n"));
        peer.expect(&format!("ERR BAD_USERNAME {detail}"));
        peer.expect_end();
    }
    assert_eq!(room.names(), [""; 0]);
}

#[test]
fn a_first_line_that_is_no_hello_is_answered_and_closed() {
    let room = Room::open();
    let mut bob = room.join("bob");
    for first in [
        &b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"[..],
        b"MSG bob I am not here yet\n",
        b"WHO\n",
        b"PING 1\n",
        b"BYE\n",
        b"\x15\x03\x01\x00\x02\x02\x28\n",
        b"HELLO b\xffb\n",
        b"HELLO\tbob\n",
        &[b'x'; 10_000],
    ] {
        let mut peer = room.peer();
        peer.send(first);
        peer.expect("ERR HELLO_EXPECTED this is a chat server: the first line is HELLO <name>");
        peer.expect_end();
        assert!(matches!(room.refusal(), DisconnectReason::Ended(ErrorCode::HelloExpected, _)));
    }
    bob.sync();
}

#[test]
fn whoever_is_refused_may_finish_its_sentence_and_read_why() {
    let room = Room::open();
    let mut peer = room.peer();
    peer.send([b'x'; 5000]);
    peer.expect_start("ERR HELLO_EXPECTED ");
    peer.expect_end();
    // A connection that was closed with this unread is reset, which can overtake the answer on a slower network.
    for _ in 0..10 {
        peer.send([b'x'; 1000]);
    }
}

#[test]
fn verbs_may_be_in_any_case_lines_may_end_with_cr_lf_and_empty_lines_mean_nothing() {
    let room = Room::open();
    let mut ann = room.peer();
    ann.send("\n\r\n\nhello ann\r\n");
    ann.expect("HELLO ann");
    let mut ben = room.join("ben");
    ann.expect("HELLO ben");
    ann.send("\r\n\nmsg ann one\r\nMsg ann two\n\npInG x\r\n");
    ben.expect("MSG ann one");
    ben.expect("MSG ann two");
    ann.expect("PONG x");
    ben.send("who\r\nbye\r\n");
    ben.expect("HELLO ann");
    ben.expect("HELLO ben");
    ben.expect_end();
    ann.expect("BYE ben");
    ann.sync();
}

#[test]
fn lines_behind_the_hello_in_the_same_packet_are_heard() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let mut ben = room.peer();
    ben.send("HELLO ben\nMSG ben hi\nPING 1\n");
    ben.expect("HELLO ann");
    ben.expect("HELLO ben");
    ben.expect("PONG 1");
    ann.expect("HELLO ben");
    ann.expect("MSG ben hi");
}

#[test]
fn unknown_capabilities_are_ignored() {
    let room = Room::open();
    let mut ann = room.join("ann teleport  stamp= since=abc \u{e9}cho echoes");
    let mut ben = room.join("ben");
    ann.expect("HELLO ben");
    ann.send("MSG ann no echo, no stamp\n");
    ben.expect("MSG ann no echo, no stamp");
    ann.sync();
}

#[test]
fn a_second_hello_is_refused_and_changes_nothing() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    for again in ["HELLO ann", "HELLO carl", "HELLO _", "HELLO"] {
        ann.send(format!("{again}\n"));
        ann.expect("ERR BAD_LINE you are ann already: BYE first to be somebody else");
    }
    ann.sync();
    ben.sync();
    assert_eq!(room.names(), ["ann", "ben"]);
}

#[test]
fn a_full_server_says_so_and_has_room_again_when_somebody_leaves() {
    let room = Room::with(Config { max_clients: 2, ..config() });
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let mut carl = room.peer();
    carl.send("HELLO carl\n");
    carl.expect("ERR SERVER_FULL try again when somebody has left");
    carl.expect_end();
    ben.send("BYE\n");
    ben.expect_end();
    ann.expect("BYE ben");
    room.join("carl");
    ann.expect("HELLO carl");
}

#[test]
fn the_silent_ones_are_limited_while_those_who_joined_go_on() {
    let room = Room::with(Config { max_unauthenticated: 5, ..config() });
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let mut silent: Vec<_> = (0..5).map(|_| room.peer()).collect();
    eventually_eq("five wait to say HELLO", 5, || room.snapshot().totals.unauthenticated);
    let late = room.peer();
    silent[0].expect_start("ERR TOO_MANY_CONNECTIONS ");
    silent[0].expect_end();
    assert_eq!(room.snapshot().totals.unauthenticated, 5);
    ann.send("MSG ann we go on\n");
    ben.expect("MSG ann we go on");
    drop((silent, late));
    eventually_eq("their places are free again", 0, || room.snapshot().totals.unauthenticated);
    room.join("carl");
    ann.expect("HELLO carl");
}

#[test]
fn who_is_refused_a_taken_name_counts_as_unauthenticated_while_its_connection_lasts() {
    let room = Room::with(Config { max_unauthenticated: 1, ..config() });
    let _ann = room.join("ann");
    let mut late = room.peer();
    late.send("HELLO ann\n");
    late.expect_start("ERR USERNAME_TAKEN ");
    late.expect_end();
    // The server asks whether the other ann is still there, which takes some seconds.
    assert_eq!(room.snapshot().totals.unauthenticated, 1);
    // It gives way to a newcomer, like any other.
    let _ben = room.join("ben");
    eventually_eq("none is unauthenticated", 0, || room.snapshot().totals.unauthenticated);
}
