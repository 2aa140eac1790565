//! What the operator does to a running server: announce, kick, ban, and see why connections ended.

use std::time::{Duration, SystemTime};

use crate::support::program::Home;
use crate::support::{Peer, Room, config, eventually_eq};
use multichat::protocol::{ErrorCode, Username};
use multichat::server::{Ban, BanTarget, Config, DisconnectReason, HasLeft, Server};

fn name(name: &str) -> BanTarget {
    BanTarget::Name(Username::parse(name).unwrap_or_else(|why| panic!("{name}: {why}")))
}

fn expect_banned(mut peer: Peer, hello: &str) {
    peer.send(format!("{hello}\n"));
    peer.expect_start("ERR BANNED permanently");
    assert!(peer.until_end().0.is_empty());
}

#[test]
fn an_announcement_reaches_everybody_in_the_operators_name() {
    let room = Room::open();
    let mut peers = room.join_all(["ann", "ben"]);
    room.server.announce("the room closes at noon").unwrap();
    for peer in &mut peers {
        peer.expect("MSG server the room closes at noon");
    }
    for bad in ["", "two\nlines", "\u{1b}[2J", &"x".repeat(4096)] {
        assert!(room.server.announce(bad).is_err(), "{bad:?}");
    }
    peers[0].sync();
}

#[test]
fn somebody_who_is_kicked_is_told_why_and_may_come_back() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let id = room.person("ben").unwrap().id;
    assert_eq!(room.server.kick(id, "calm down"), Ok(()));
    ben.expect("ERR KICKED calm down");
    ben.expect_end();
    ann.expect("BYE ben");
    assert_eq!(room.disconnect_reason("ben"), DisconnectReason::Ended(ErrorCode::Kicked, "calm down".into()));
    assert_eq!(room.server.kick(id, "again"), Err(HasLeft), "by connection, not by name");
    let mut carl = room.join("carl");
    ann.expect("HELLO carl");
    room.server.kick(room.person("carl").unwrap().id, "two\nlines").unwrap();
    carl.expect("ERR KICKED two<U+000A>lines");
    ann.expect("BYE carl");
    let _ben = room.join("ben");
    assert_eq!(room.server.kick(id, "again"), Err(HasLeft), "whoever came back is somebody else");
    ann.expect("HELLO ben");
    ann.sync();
}

#[test]
fn what_a_kicked_person_says_is_not_heard_any_more() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    room.server.kick(room.person("ben").unwrap().id, "").unwrap();
    ben.expect("ERR KICKED");
    // The other end may have reset the connection by now, which is as well.
    let _ = ben.try_send("MSG ben but\n");
    ann.expect("BYE ben");
    ann.sync();
}

#[test]
fn a_banned_name_is_ended_and_kept_out_until_it_is_let_in_again() {
    let room = Room::open();
    let [mut ann, mut mallory] = room.join_all(["ann", "mallory"]);
    assert_eq!(room.server.ban(Ban { target: name("Mallory"), until: None }).unwrap(), 1);
    mallory.expect_start("ERR BANNED");
    mallory.expect_end();
    ann.expect("BYE mallory");
    expect_banned(room.peer(), "HELLO MALL0RY");
    ann.sync();
    room.server.unban(&name("mallory")).unwrap();
    assert_eq!(room.server.bans(), []);
    room.join("mallory");
}

#[test]
fn a_banned_address_is_turned_away_before_it_says_a_word() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let until = SystemTime::now() + Duration::from_hours(1);
    let whom = BanTarget::Address("127.0.0.1".parse().unwrap());
    assert_eq!(room.server.ban(Ban { target: whom.clone(), until: Some(until) }).unwrap(), 1);
    ann.expect_start("ERR BANNED until 2");
    let mut peer = room.peer();
    peer.expect_start("ERR BANNED");
    room.server.unban(&whom).unwrap();
    // Her name is hers until her thread has noticed.
    room.disconnect_reason("ann");
    room.join("ann");
}

#[test]
fn bans_survive_a_restart_and_a_list_that_cannot_be_read_is_said() {
    let home = Home::new();
    let file = home.path().join("bans.txt");
    let with_bans = || Config { bans: Some(file.clone()), ..config() };
    let room = Room::with(with_bans());
    room.server.ban(Ban { target: name("mallory"), until: None }).unwrap();
    room.stop();
    let room = Room::with(with_bans());
    expect_banned(room.peer(), "HELLO mallory");
    room.stop();
    std::fs::write(&file, "name mallory\n").unwrap();
    let error = Server::start(with_bans()).unwrap_err().to_string();
    assert!(error.contains("line 1: write «name <username> forever»"), "{error}");
}

#[test]
fn why_connections_ended_is_counted() {
    let room = Room::open();
    let (mut ann, ben) = (room.join("ann"), room.join("ben"));
    room.peer().send("GET / HTTP/1.1\n");
    // One after the other: if the server is writing to ben when he resets, that write is told of it, and his thread reads an end.
    ben.reset();
    room.disconnect_reason("ben");
    ann.send("BYE\n");
    let expected = vec![("connection broken", 1), ("not a chat program", 1), ("said goodbye", 1)];
    eventually_eq("three endings", expected, || room.snapshot().disconnects);
}
