//! Rejections by the accept thread: a connection for which there is no room gets the reason, in text or TLS, and no reset overtakes it.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

#[cfg(feature = "tls")]
use std::io::{Read as _, Write as _};
#[cfg(feature = "tls")]
use std::net::TcpStream;
use std::time::SystemTime;

use crate::support::{DEADLINE, End, Peer, Room, config, eventually_eq};
#[cfg(feature = "tls")]
use multichat::client::{ConnectOptions, Connection, ConnectionError, Encryption};
#[cfg(feature = "tls")]
use multichat::protocol::{ErrorCode, Username};
use multichat::server::{Ban, BanTarget, Config};

/// A room that has as many members of this network as it lets in, and the one who is.
fn full() -> (Room, Peer) {
    #[cfg(feature = "tls")]
    let config = Config { tls: Some(crate::support::tls::own_certificate()), ..config() };
    #[cfg(not(feature = "tls"))]
    let config = config();
    let room = Room::with(Config { max_per_address: 1, loopback_is_remote: true, ..config });
    let ann = room.join("ann");
    (room, ann)
}

/// A room that lets in nobody from this computer.
fn banning() -> (Room, Peer) {
    let (room, ann) = full();
    let ban = Ban {
        target: BanTarget::Address("127.0.0.1".parse().unwrap()),
        until: Some(SystemTime::now() + DEADLINE * 10),
    };
    room.server.ban(ban).unwrap();
    (room, ann)
}

#[test]
fn whoever_is_refused_at_the_door_reads_why_and_then_the_end_although_it_goes_on_talking() {
    for (open, reason) in [
        (full as fn() -> (Room, Peer), "ERR TOO_MANY_CONNECTIONS too many connections come from your "),
        (banning, "ERR BANNED until 2"),
    ] {
        let (room, _ann) = open();
        for _ in 0..20 {
            let mut late = Peer::in_plain_text(room.addr());
            // What is unread when a socket is closed, and what comes after that, makes the system reset the connection.
            late.send("HELLO late\nMSG late hi\n");
            late.expect_start(reason);
            late.send("MSG late are you there?\n");
            assert_eq!(late.next(), Err(End::Closed));
        }
    }
}

#[test]
#[cfg(feature = "tls")]
fn a_client_of_tls_that_is_refused_at_the_door_is_told_by_an_alert() {
    // Fatal: internal_error, for what passes, and access_denied.
    for (open, description) in [(full as fn() -> (Room, Peer), 80), (banning, 49)] {
        let (room, _ann) = open();
        for _ in 0..20 {
            let mut late = TcpStream::connect(room.addr()).unwrap();
            late.set_read_timeout(Some(DEADLINE)).unwrap();
            late.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap();
            let mut answer = Vec::new();
            late.read_to_end(&mut answer).unwrap();
            assert_eq!(answer, [21, 3, 1, 0, 2, 2, description]);
        }
    }
}

#[test]
#[cfg(feature = "tls")]
fn the_client_understands_both_refusals_and_does_not_take_them_for_a_server_without_tls() {
    for (open, expected) in
        [(full as fn() -> (Room, Peer), ErrorCode::TooManyConnections), (banning, ErrorCode::Banned)]
    {
        let (room, _ann) = open();
        for encryption in [Encryption::Always, Encryption::Automatic] {
            // On this computer, `Automatic` is plain text, and the refusal a line of the conversation.
            let bob = ConnectOptions::new(room.addr().into(), Username::parse("bob").unwrap());
            match Connection::connect(ConnectOptions { encryption, ..bob }) {
                Err(ConnectionError::Rejected { code, .. }) => assert_eq!(code, expected, "{encryption:?}"),
                other => panic!("{encryption:?}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_crowd_that_is_refused_and_says_nothing_holds_up_nobody() {
    let (room, mut ann) = full();
    let mut crowd: Vec<Peer> = (0..300).map(|_| Peer::in_plain_text(room.addr())).collect();
    crowd.iter().for_each(|_| drop(room.refusal()));
    ann.sync();
    for peer in &mut crowd {
        peer.expect_start("ERR TOO_MANY_CONNECTIONS ");
        peer.expect_end();
    }
    let refusing = || room.server.threads(&[]).iter().filter(|thread| thread.name == "rejection").count();
    eventually_eq("nobody is being refused any more", 0, refusing);
}

#[test]
#[cfg(feature = "tls")]
fn a_client_of_tls_that_is_evicted_during_its_handshake_is_told_by_an_alert() {
    let config = Config { tls: Some(crate::support::tls::own_certificate()), ..config() };
    let room = Room::with(Config { max_unauthenticated: 1, ..config });
    let mut slow = TcpStream::connect(room.addr()).unwrap();
    slow.set_read_timeout(Some(DEADLINE)).unwrap();
    slow.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    eventually_eq("it is unauthenticated", 1, || room.snapshot().totals.unauthenticated);
    let _newcomer = TcpStream::connect(room.addr()).unwrap();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, [21, 3, 1, 0, 2, 2, 80]);
}

/// More silent connections than the server waits for at once, all of them rejected.
fn silent_crowd(room: &Room) -> Vec<Peer> {
    let crowd: Vec<Peer> = (0..40).map(|_| Peer::in_plain_text(room.addr())).collect();
    crowd.iter().for_each(|_| drop(room.refusal()));
    crowd
}

#[test]
fn behind_a_silent_crowd_a_client_that_talks_reads_why_and_then_the_end() {
    let (room, _ann) = full();
    for _ in 0..5 {
        let mut crowd = silent_crowd(&room);
        let mut late = Peer::in_plain_text(room.addr());
        late.send("HELLO late\nMSG late hi\n");
        late.expect_start("ERR TOO_MANY_CONNECTIONS ");
        assert_eq!(late.next(), Err(End::Closed));
        for peer in &mut crowd {
            peer.expect_start("ERR TOO_MANY_CONNECTIONS ");
            peer.expect_end();
        }
    }
}

#[test]
#[cfg(feature = "tls")]
fn behind_a_silent_crowd_a_client_of_tls_is_told_by_an_alert() {
    let (room, _ann) = full();
    let _crowd = silent_crowd(&room);
    let mut late = TcpStream::connect(room.addr()).unwrap();
    late.set_read_timeout(Some(DEADLINE)).unwrap();
    late.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap();
    let mut answer = Vec::new();
    late.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, [21, 3, 1, 0, 2, 2, 80]);
}

#[test]
fn whoever_is_being_refused_when_the_server_stops_still_reads_why() {
    let (room, _ann) = full();
    let mut crowd: Vec<Peer> = (0..5).map(|_| Peer::in_plain_text(room.addr())).collect();
    crowd.iter().for_each(|_| drop(room.refusal()));
    room.stop();
    for peer in &mut crowd {
        peer.expect_start("ERR TOO_MANY_CONNECTIONS ");
    }
}
