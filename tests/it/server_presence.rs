//! Who is away, and who is typing: told to those who asked, and to nobody else.

use crate::support::{Room, config, stamped};
use multichat::server::Config;

#[test]
fn those_who_asked_are_told_who_is_away_why_and_who_is_back() {
    let room = Room::open();
    let [mut ann, mut ben, mut nc] = room.join_all(["ann away", "ben", "nc"]);
    ben.send("AWAY for  lunch\nAWAY back soon\nAWAY\nAWAY\n");
    ann.expect("AWAY ben for  lunch");
    ann.expect("AWAY ben back soon");
    ann.expect("AWAY ben");
    ben.sync();
    ann.sync();
    nc.sync();
}

#[test]
fn a_newcomer_is_told_who_is_away_and_since_when_if_it_asked() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann stamp away", "ben"]);
    ben.send("AWAY lunch\n");
    let line = ann.line();
    let (since, said) = stamped(&line);
    assert_eq!(said, "AWAY ben lunch");
    let mut carl = room.peer();
    let past = carl.join("carl stamp away");
    assert!(past.contains(&format!("@{since} AWAY ben lunch")), "{past:?} has not @{since}");
    let hello = past.iter().position(|line| line.ends_with("HELLO ben"));
    let away = past.iter().position(|line| line.ends_with("AWAY ben lunch"));
    assert!(hello < away, "the name comes before what is said of it: {past:?}");
    let mut nc = room.peer();
    assert!(!nc.join("nc").iter().any(|line| line.contains("AWAY")));
    ben.send("BYE\n");
    room.disconnect_reason("ben");
    let _back = room.join("ben");
    let mut dora = room.peer();
    assert!(!dora.join("dora away").iter().any(|line| line.contains("AWAY")), "who comes back is not away");
}

#[test]
fn a_roster_says_since_when_people_are_here() {
    let room = Room::open();
    let mut ann = room.peer();
    ann.send("HELLO ann stamp\n");
    let own = ann.line();
    let _ben = room.join("ben");
    let heard = ann.line();
    let mut carl = room.peer();
    let mut past = carl.join("carl stamp");
    past.sort();
    assert_eq!(past, [own, heard], "everybody learns the same stamp for the same event");
}

#[test]
fn a_reason_that_is_too_long_is_refused() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann away", "ben"]);
    ben.send(format!("AWAY {}\nAWAY {}\n", "x".repeat(201), "x".repeat(200)));
    ben.expect("ERR BAD_LINE a reason has at most 200 bytes");
    ann.expect(&format!("AWAY ben {}", "x".repeat(200)));
}

#[test]
fn typing_is_told_to_those_who_asked_and_not_more_than_once_a_second() {
    let room = Room::open();
    let [mut ann, mut ben, mut nc] = room.join_all(["ann typing", "ben typing", "nc"]);
    ben.send("TYPING\nTYPING\nTYPING ann\nMSG ben hi\n");
    ann.expect("TYPING ben");
    ann.expect("MSG ben hi");
    nc.expect("MSG ben hi");
    ben.sync();
    ann.sync();
    nc.sync();
}

#[test]
fn typing_to_one_person_is_told_to_that_person() {
    let room = Room::open();
    let [mut ann, mut ben, mut carl] = room.join_all(["ann typing", "ben typing", "carl typing"]);
    ben.send("TYPING Ann\n");
    ann.expect("TYPING ben ann");
    carl.send("TYPING nobody\n");
    carl.sync();
    ben.sync();
}

#[test]
fn typing_costs_nothing_of_what_one_may_say() {
    let room = Room::with(Config { rate: 1, burst: 2, ..config() });
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ben.send(format!("{}MSG ben one\nMSG ben two\n", "TYPING\n".repeat(50)));
    ann.expect("MSG ben one");
    ann.expect("MSG ben two");
}
