//! The model of the chat window against a real server that remembers: a conversation with breaks in it is, in the end,
//! what was sent; older messages are loaded up to the first; what is far back is gone to.

#![cfg(feature = "storage")]
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use multichat::client::ConnectOptions;
use multichat::internal::chat::state::{Chat, Phase, StatusParts};
use multichat::internal::chat::state::{Entry, Kind, Position, Whom};
use multichat::internal::clock::Clock;
use multichat::protocol::Username;
use multichat::server::Config;

use crate::support::program::Home;
use crate::support::{Peer, Room, config, eventually};

/// A room that remembers, at this address.
fn room(home: &Home, listen: &str) -> Room {
    Room::with(Config { listen: listen.into(), history: Some(home.path().join("history.db")), ..config() })
}

/// A chat that is on its way into a room, as bob.
fn bob(addr: SocketAddr) -> Chat {
    let mut chat = Chat::default();
    let visit = ConnectOptions::new(addr.into(), Username::parse("bob").unwrap());
    chat.connect(visit, Instant::now());
    chat
}

/// The state of the room, after the remark if there is one.
fn status(chat: &Chat) -> String {
    let StatusParts { remark, state, .. } = chat.status_parts_of(&Whom::All, &Clock::system());
    remark.map_or(String::new(), |remark| remark + ". ") + &state
}

/// Lets the chat live until it shows what is wanted.
#[track_caller]
fn until(what: &str, chat: &mut Chat, mut shows: impl FnMut(&mut Chat) -> bool) {
    eventually(what, || {
        chat.tick(Instant::now());
        if shows(chat) { Ok(()) } else { Err((status(chat), said(chat).len(), said(chat).pop())) }
    });
}

fn entries(chat: &Chat) -> impl DoubleEndedIterator<Item = &Entry> {
    chat.talks.room().log.since(Position::MIN)
}

/// Everything that was said, oldest first, and where something is missing.
fn said(chat: &Chat) -> Vec<String> {
    let text = |entry: &Entry| match &entry.kind {
        Kind::Message { from, text, .. } => Some(format!("{from}: {text}")),
        Kind::Announcement { text, .. } => Some(format!("server: {text}")),
        Kind::Deleted { from } => Some(format!("{from}, deleted")),
        Kind::Gap { .. } => Some("a gap".into()),
        Kind::Beginning => Some("the beginning".into()),
        _ => None,
    };
    entries(chat).filter_map(text).collect()
}

/// Somebody says so many messages, numbered, and knows that they were relayed; returns how they are shown.
fn say(peer: &mut Peer, name: &str, numbers: std::ops::Range<usize>) -> Vec<String> {
    peer.send(numbers.clone().map(|n| format!("MSG {name} number {n}\n")).collect::<Vec<_>>().concat());
    peer.until_sync();
    numbers.map(|n| format!("{name}: number {n}")).collect()
}

/// Scrolls up to the top again and again until this is shown.
fn scroll_up_until(what: &str, chat: &mut Chat, shows: impl Fn(&Chat) -> bool) {
    until(what, chat, |chat| {
        let (first, end) = (chat.talks.room().log.first(), chat.talks.room().log.end());
        chat.scrolled_up(first, end);
        shows(chat)
    });
}

#[test]
fn after_every_break_the_conversation_is_what_was_sent() {
    let home = Home::new();
    let mut server = room(&home, "127.0.0.1:0");
    let addr = server.addr();
    let mut chat = bob(addr);
    until("bob is in", &mut chat, |chat| chat.link.phase() == Phase::Online);
    let mut expected = Vec::new();
    // More is missed the second time than a server replays, and the third time hardly anything.
    for (round, missed) in [40, 2500, 1].into_iter().enumerate() {
        let mut ann = server.join("ann");
        expected.extend(say(&mut ann, "ann", round * 10_000..round * 10_000 + 20));
        let own = format!("mine {round}");
        assert!(chat.send(&Whom::All, &own));
        expected.push(format!("bob: {own}"));
        until("what was said", &mut chat, |chat| said(chat).last() == expected.last());
        // This one is never told to be there: the connection ends first, as far as bob is concerned.
        let in_doubt = format!("in doubt {round}");
        assert!(chat.send(&Whom::All, &in_doubt));
        eventually("it is in the room", || {
            let line = ann.line();
            if line.ends_with(&in_doubt) { Ok(()) } else { Err(line) }
        });
        expected.push(format!("bob: {in_doubt}"));
        drop(ann);
        server.stop();
        server = room(&home, &addr.to_string());
        let mut ben = server.join("ben");
        expected.extend(say(&mut ben, "ben", round * 10_000..round * 10_000 + missed));
        until("bob is back", &mut chat, |chat| chat.link.phase() == Phase::Online);
        until("no gap", &mut chat, |chat| {
            !said(chat).contains(&"a gap".to_owned()) && said(chat).len() == expected.len()
        });
        assert_eq!(said(&chat), expected, "round {round}");
        assert_eq!(chat.talks.recall_returned(&Whom::All, ""), None);
        assert_eq!(chat.outgoing.pending(&Whom::All).count(), 0);
    }
}

#[test]
fn older_messages_are_loaded_up_to_the_first() {
    let home = Home::new();
    let room = room(&home, "127.0.0.1:0");
    let mut ann = room.join("ann");
    let expected = say(&mut ann, "ann", 0..730);
    let mut chat = bob(room.addr());
    until("bob is in", &mut chat, |chat| chat.link.phase() == Phase::Online);
    assert_eq!(said(&chat), expected[630..]);
    scroll_up_until("the beginning", &mut chat, |chat| said(chat)[0] == "the beginning");
    assert_eq!(said(&chat)[1..], expected);
    let stamps: Vec<_> =
        entries(&chat).filter(|entry| matches!(entry.kind, Kind::Message { .. })).map(|e| e.at).collect();
    assert!(stamps.is_sorted());
}

#[test]
fn what_is_far_back_is_gone_to_and_the_gap_below_can_be_closed() {
    let home = Home::new();
    let room = room(&home, "127.0.0.1:0");
    let mut ann = room.join("ann");
    let expected = say(&mut ann, "ann", 0..1500);
    let mut chat = bob(room.addr());
    until("bob is in", &mut chat, |chat| chat.link.phase() == Phase::Online);
    // Its stamp, as somebody else sees it.
    let mut carl = room.peer();
    carl.send("HELLO carl stamp\nFIND \"number 700\"\n");
    let stamp = eventually("a match", || match crate::support::stamped(&carl.line()) {
        (stamp, line) if line.ends_with("FOUND ann number 700") => Ok(stamp),
        (_, line) => Err(line.to_owned()),
    });
    chat.go_to(stamp);
    let mut arrived = None;
    until("it was gone to", &mut chat, |chat| {
        arrived = arrived.or(chat.backfill.take_jump());
        arrived.is_some()
    });
    let entry = chat.talks.room().log.since(arrived.unwrap()).next().unwrap();
    assert_eq!(entry.at, Some(stamp));
    assert!(said(&chat).contains(&"a gap".to_owned()));
    scroll_up_until("the beginning", &mut chat, |chat| said(chat)[0] == "the beginning");
    assert_eq!(said(&chat)[1..], expected, "with the gap closed");
}

#[test]
fn a_server_that_keeps_nothing_is_asked_once() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let mut chat = bob(room.addr());
    until("bob is in", &mut chat, |chat| chat.link.phase() == Phase::Online);
    say(&mut ann, "ann", 0..3);
    until("what was said", &mut chat, |chat| said(chat).len() == 3);
    scroll_up_until("the refusal", &mut chat, |chat| status(chat).starts_with("The server stores no older messages"));
    assert!(chat.send(&Whom::All, "well then"));
    until("what bob said", &mut chat, |chat| chat.outgoing.pending(&Whom::All).count() == 0);
    assert_eq!(said(&chat).len(), 4);
}

#[test]
fn scrolling_as_fast_as_one_can_leaves_room_to_speak() {
    let home = Home::new();
    let file = home.path().join("history.db");
    let writing = room(&home, "127.0.0.1:0");
    let mut ann = writing.join("ann");
    say(&mut ann, "ann", 0..1000);
    drop(ann);
    writing.stop();
    let room = Room::with(Config { history: Some(file), rate: 10, burst: 20, ..config() });
    let mut chat = bob(room.addr());
    until("bob is in", &mut chat, |chat| chat.link.phase() == Phase::Online);
    let mut n = 0;
    let mut spoke = Instant::now();
    until("the beginning", &mut chat, |chat| {
        let (first, end) = (chat.talks.room().log.first(), chat.talks.room().log.end());
        chat.scrolled_up(first, end);
        if spoke.elapsed() > Duration::from_millis(200) {
            spoke = Instant::now();
            n += 1;
            assert!(chat.send(&Whom::All, &format!("said {n}")), "{:?}", status(chat));
        }
        assert!(!status(chat).contains("wait"), "{:?}", status(chat));
        said(chat)[0] == "the beginning"
    });
    assert!(n > 5, "this shows nothing, since bob has said so little");
}
