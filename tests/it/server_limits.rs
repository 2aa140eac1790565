//! Limits in time: how long a connection may take to say HELLO, and how fast it may speak after it.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{DEADLINE, Peer, Room, config, eventually, eventually_eq};
use multichat::protocol::ErrorCode;
use multichat::server::{Config, DisconnectReason};

/// What a refused line says about how long to wait.
fn slow_down(peer: &mut Peer) -> Duration {
    told(&peer.line()).unwrap()
}

/// The same, for a line that may be something else.
fn told(line: &str) -> Option<Duration> {
    Some(Duration::from_millis(line.strip_prefix("ERR SLOW_DOWN ")?.parse().unwrap()))
}

/// Waits as long as a refused line said. This wait is not for something else to happen: the server's promise that it is
/// long enough is what is tested.
fn wait_as_told(wait: Duration) {
    thread::sleep(wait);
}

#[test]
fn whoever_does_not_say_hello_in_time_is_told_and_closed() {
    let hello_timeout = Duration::from_millis(200);
    let room = Room::with(Config { hello_timeout, ..config() });
    let mut ann = room.join("ann");
    let begun = Instant::now();
    let mut silent = room.peer();
    silent.expect("ERR HELLO_TIMEOUT write HELLO <name> within 0.2 s");
    assert!(begun.elapsed() >= hello_timeout, "after {:?} already", begun.elapsed());
    silent.expect_end();
    assert!(matches!(room.refusal(), DisconnectReason::Ended(ErrorCode::HelloTimeout, _)));
    eventually_eq("nobody waits to say HELLO", 0, || room.snapshot().totals.unauthenticated);
    ann.sync();
}

#[test]
fn bytes_that_trickle_in_do_not_give_more_time() {
    let hello_timeout = Duration::from_millis(300);
    let room = Room::with(Config { hello_timeout, ..config() });
    for trickle in [&b"x"[..], b"\n"] {
        let begun = Instant::now();
        let mut peer = room.peer();
        let writer = peer.for_sending();
        let writer = thread::spawn(move || {
            // Until the server has closed the connection.
            while writer.try_send(trickle).is_ok() && begun.elapsed() < 2 * DEADLINE {
                thread::park_timeout(Duration::from_millis(20));
            }
        });
        peer.expect_start("ERR HELLO_TIMEOUT ");
        peer.until_end();
        drop(peer);
        writer.join().unwrap();
    }
}

/// Sends bytes past the transport, one at a time, until the server has closed the connection.
fn dribble(peer: &Peer, bytes: Vec<u8>) -> thread::JoinHandle<()> {
    let mut socket = peer.socket().try_clone().unwrap();
    thread::spawn(move || {
        let begun = Instant::now();
        for byte in bytes.into_iter().cycle() {
            if socket.write_all(&[byte]).is_err() || begun.elapsed() > 2 * DEADLINE {
                break;
            }
            thread::park_timeout(Duration::from_millis(20));
        }
    })
}

/// The room of the tests that are about every transport.
fn both(config: Config) -> Room {
    #[cfg(feature = "tls")]
    let config = Config { tls: Some(crate::support::tls::own_certificate()), ..config };
    Room::with(config)
}

#[test]
#[cfg(feature = "tls")]
fn one_tls_record_that_trickles_in_does_not_give_more_time_for_the_hello_or_the_password() {
    let hello_timeout = Duration::from_millis(500);
    let room = both(Config { hello_timeout, ..config() });
    // The head of a record of 16 KiB, and then as much of the rest as there is time for: no text can be made of it.
    let record = [&[0x17, 3, 3, 0x40, 0][..], &[0; 16 * 1024]].concat();
    for said in ["", "PASS secret\n", "PASS secret\nHEL"] {
        let mut peer = Peer::with_tls(room.addr());
        peer.send(said);
        let writer = dribble(&peer, record.clone());
        peer.expect("ERR HELLO_TIMEOUT write HELLO <name> within 0.5 s");
        peer.until_end();
        drop(peer);
        writer.join().unwrap();
    }
    eventually_eq("nobody waits to say HELLO", 0, || room.snapshot().totals.unauthenticated);
}

#[test]
#[cfg(feature = "tls")]
fn a_handshake_that_trickles_in_does_not_get_more_time() {
    let room = both(Config { handshake_timeout: Duration::from_millis(500), ..config() });
    let peer = Peer::in_plain_text(room.addr());
    // The head of a `ClientHello` of 16 KiB, and then as much of the rest as there is time for.
    let record = [&[0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc][..], &[0; 16 * 1024]].concat();
    let writer = dribble(&peer, record);
    assert_eq!(room.refusal(), DisconnectReason::Broken("the TLS handshake took too long".into()));
    writer.join().unwrap();
}

#[test]
fn whoever_is_refused_and_goes_on_dribbling_is_closed_all_the_same() {
    let room = both(Config { max_clients: 1, ..config() });
    let _ann = room.join("ann");
    for encrypted in [false, cfg!(feature = "tls")] {
        let (mut peer, bytes) = if encrypted {
            (Peer::with_tls(room.addr()), [&[0x17, 3, 3, 0x40, 0][..], &[0; 16 * 1024]].concat())
        } else {
            (Peer::in_plain_text(room.addr()), vec![b'x'])
        };
        peer.send("HELLO ben\n");
        let writer = dribble(&peer, bytes);
        peer.expect_start("ERR SERVER_FULL ");
        peer.until_end();
        drop(peer);
        writer.join().unwrap();
        let no_thread = || room.server.threads(&[]).iter().filter(|thread| thread.name.starts_with("client ")).count();
        eventually_eq("only ann has a thread", 1, no_thread);
    }
}

#[test]
fn once_joined_one_may_be_silent() {
    let room = Room::with(Config { hello_timeout: Duration::from_millis(100), ..config() });
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    // Another one's timeout shows that the time has passed, twice.
    for _ in 0..2 {
        room.peer().expect_start("ERR HELLO_TIMEOUT ");
    }
    ann.send("MSG ann still here\n");
    ben.expect("MSG ann still here");
}

#[test]
fn whoever_speaks_too_fast_is_told_how_long_to_wait_and_what_it_said_is_dropped() {
    let room = Room::with(Config { rate: 2, burst: 5, ..config() });
    let [mut ann, mut ben] = room.join_all(["ann echo", "ben"]);
    ann.send((0..8).map(|number| format!("MSG ann {number}\n")).collect::<Vec<_>>().concat());
    for number in 0..5 {
        ann.expect(&format!("MSG ann {number}"));
        ben.expect(&format!("MSG ann {number}"));
    }
    let waits = [slow_down(&mut ann), slow_down(&mut ann), slow_down(&mut ann)];
    assert!(waits.iter().all(|wait| (1..=501).contains(&wait.as_millis())), "{waits:?}");

    // The wait is long enough, and what was dropped does not come later.
    wait_as_told(waits[2]);
    ann.send("MSG ann 8\n");
    ann.expect("MSG ann 8");
    ben.expect("MSG ann 8");
    ben.sync();
}

#[test]
fn a_flood_does_not_mute_for_good() {
    let room = Room::with(Config { rate: 10, burst: 2, ..config() });
    let [mut ann, mut ben] = room.join_all(["ann echo", "ben"]);
    ann.send("MSG ann flood\n".repeat(2000));
    // Every line has one answer: its echo, or how long to wait.
    let refused: Vec<_> = (0..2000).filter_map(|_| told(&ann.line())).collect();
    assert!(refused.len() >= 1900, "only {} lines were refused", refused.len());
    let mut wait = *refused.last().unwrap();
    eventually("a line that passes", || {
        assert!(wait <= Duration::from_millis(101), "the flood has made the wait {wait:?} long");
        wait_as_told(wait);
        ann.send("MSG ann and I am back\n");
        // On a slow machine some of the last lines have passed, and each of them costs.
        told(&ann.line()).map_or(Ok(()), |again| {
            wait = again;
            Err(again)
        })
    });
    loop {
        match ben.line().as_str() {
            "MSG ann flood" => {}
            line => break assert_eq!(line, "MSG ann and I am back"),
        }
    }
}

#[test]
fn every_line_counts_against_the_rate_but_bye_typing_and_empty_ones() {
    let room = Room::with(Config { rate: 1, burst: 5, ..config() });
    let mut ann = room.join("ann");
    ann.send("\n\r\n".repeat(50));
    ann.send("TYPING\nPING 1\n\nNONSENSE\nMSG ben x\nTELL nobody x\n");
    ann.send([b"x".repeat(5000), b"\nWHO\nBYE\n".to_vec()].concat());
    ann.expect("PONG 1");
    ann.expect_start("ERR BAD_LINE ");
    ann.expect_start("ERR NOT_YOUR_NAME ");
    ann.expect_start("ERR NO_SUCH_USER ");
    ann.expect_start("ERR LINE_TOO_LONG ");
    slow_down(&mut ann);
    ann.expect_end();
    assert_eq!(room.disconnect_reason("ann"), DisconnectReason::Bye);
}

#[test]
fn one_who_speaks_too_fast_does_not_slow_down_the_others() {
    let room = Room::with(Config { rate: 1, burst: 5, ..config() });
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ann.send("PING x\n".repeat(100));
    for number in 0..5 {
        ben.send(format!("PING {number}\n"));
        ben.expect(&format!("PONG {number}"));
    }
    for _ in 0..5 {
        ann.expect("PONG x");
    }
    slow_down(&mut ann);
}

#[test]
fn a_rate_of_zero_is_no_limit() {
    let room = Room::with(Config { rate: 0, burst: 1, ..config() });
    let mut ann = room.join("ann");
    ann.send("PING x\n".repeat(10_000));
    for _ in 0..10_000 {
        ann.expect("PONG x");
    }
}
