//! The four experiments, against a server of a raw socket that sees what they do.

use std::io::ErrorKind;
use std::time::Instant;

use crate::client::connection::tests::*;
use crate::client::fault_injection::{DRIBBLE_PAUSE, FLOOD_MAX, flood_text};

#[test]
fn whoever_has_stopped_reading_leaves_it_to_the_server_and_reads_all_of_it_later() {
    let (connection, mut peer) = connected();
    connection.set_fault(Fault::StopReading, true);
    assert_eq!(connection.fault_injection().summary().as_deref(), Some("Laboratory: not reading"));
    // The server writes until its socket is full, and stays so.
    let socket = peer.reader.get_mut();
    socket.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let line = format!("MSG ann {}\n", "x".repeat(1000));
    let (mut sent, mut rest) = (0, &b""[..]);
    loop {
        if rest.is_empty() {
            rest = line.as_bytes();
        }
        match socket.write(rest) {
            Ok(count) => (sent, rest) = (sent + count, &rest[count..]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
            Err(error) => panic!("{error}"),
        }
        assert!(sent < 1 << 30, "it reads");
    }
    let lines = |event| match event {
        Event::Received { lines, .. } => lines.len(),
        other => panic!("{other:?}"),
    };
    // The lines that it was reading when the fault was set.
    let early: usize = connection.events().try_iter().map(lines).sum();
    assert!(early * line.len() < sent / 2, "{early} lines of {sent} bytes were read");

    connection.set_fault(Fault::StopReading, false);
    let (mut read, whole) = (early, sent / line.len());
    while read < whole {
        read += lines(next(&connection).unwrap());
    }
    assert_eq!(read, whole);
}

#[test]
fn what_is_dribbled_comes_byte_by_byte_until_it_is_enough() {
    let (connection, mut peer) = connected();
    connection.set_fault(Fault::Dribble, true);
    let begun = Instant::now();
    connection.send(&ClientLine::Who).unwrap();
    assert_eq!(peer.line(), "WHO\n");
    assert!(begun.elapsed() >= DRIBBLE_PAUSE * 3, "it came within {:?}", begun.elapsed());

    // A long line would take a minute; the rest of it comes at once when it is enough.
    let text = "x".repeat(1200);
    connection.send(&ClientLine::Tell { recipient: "ann", text: &text }).unwrap();
    let mut first = [0];
    peer.reader.read_exact(&mut first).unwrap();
    connection.set_fault(Fault::Dribble, false);
    assert_eq!(peer.line(), format!("ELL ann {text}\n"));
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn whoever_vanishes_says_nothing_and_the_server_is_reset() {
    let (mut connection, mut peer) = connected();
    connection.abort();
    drop(connection);
    let mut rest = Vec::new();
    let end = peer.reader.read_to_end(&mut rest).map_err(|error| error.kind());
    assert_eq!((end, rest.as_slice()), (Err(ErrorKind::ConnectionReset), &b""[..]));
}

#[test]
fn whoever_does_not_read_can_vanish_too_and_whoever_drowns_can_leave() {
    let (mut connection, mut peer) = connected();
    connection.set_fault(Fault::StopReading, true);
    connection.leave();
    assert_eq!(peer.line(), "BYE\n");
    drop(peer);
    assert!(matches!(until_ended(&connection), ConnectionError::Closed | ConnectionError::Broken(_)));

    let (mut connection, mut peer) = connected();
    connection.set_fault(Fault::StopReading, true);
    connection.set_fault(Fault::Dribble, true);
    connection.send(&ClientLine::Who).unwrap();
    connection.abort();
    drop(connection);
    let mut rest = Vec::new();
    assert_eq!(peer.reader.read_to_end(&mut rest).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
}

#[test]
fn a_flood_can_be_stopped_and_ends_by_itself() {
    let (connection, mut peer) = connected();
    connection.set_fault(Fault::Flood, true);
    for number in 1..=100 {
        assert_eq!(peer.line(), format!("MSG bob {}\n", flood_text(number)));
    }
    connection.set_fault(Fault::Flood, false);
    connection.send(&ClientLine::Ping("1")).unwrap();
    let after = std::iter::from_fn(|| Some(peer.line()).filter(|line| line != "PING 1\n")).count() as u64;
    assert!(after < FLOOD_MAX / 2, "{after} lines came after it was stopped");

    connection.set_fault(Fault::Flood, true);
    while peer.line() != format!("MSG bob {}\n", flood_text(FLOOD_MAX)) {}
    assert!(!connection.fault_injection().is_on(Fault::Flood));
    connection.send(&ClientLine::Ping("2")).unwrap();
    assert_eq!(peer.line(), "PING 2\n");
}

fn until_ended(connection: &Connection) -> ConnectionError {
    loop {
        match next(connection) {
            Some(Event::Ended(ending)) => return ending,
            Some(_) => {}
            None => panic!("no end was told"),
        }
    }
}
