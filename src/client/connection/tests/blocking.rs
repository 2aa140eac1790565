//! The calls that wait: joining, sending and reading without events.

use super::*;

/// Connects with the calls that wait, to a server that answers HELLO with this.
fn joined(answer: &'static [u8]) -> (Result<Connection, ConnectionError>, Peer) {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let mut peer = Peer::accept(&listener);
        peer.say(answer);
        peer
    });
    (Connection::connect(options(address)), server.join().unwrap())
}

#[test]
fn connecting_returns_in_the_room_and_no_later_line_is_missed() {
    let (connection, mut peer) = joined(b"MSG ann earlier\nHELLO ann\nHELLO bob\nMSG ann one\nMSG ann two\n");
    let connection = connection.unwrap();
    assert_eq!(connection.lines().next().unwrap().unwrap(), msg("ann", "one"));
    assert_eq!(connection.lines().next().unwrap().unwrap(), msg("ann", "two"), "although the iterator was dropped");
    connection.say("hi all").unwrap();
    connection.tell("ann", "hi ann").unwrap();
    assert_eq!((peer.line(), peer.line()), ("MSG bob hi all\n".into(), "TELL ann hi ann\n".into()));
    peer.say(b"MSG ann three\n");
    drop(peer);
    let mut lines = connection.lines();
    assert_eq!(lines.next().unwrap().unwrap(), msg("ann", "three"));
    assert!(matches!(lines.next(), Some(Err(ConnectionError::Closed))));
    assert!(lines.next().is_none());
}

#[test]
fn a_rejection_is_the_error_of_connecting() {
    let rejected = joined(b"ERR BAD_LINE what?\nERR USERNAME_TAKEN bob is here\n").0;
    let Err(ConnectionError::Rejected { code, detail }) = rejected else { panic!("{rejected:?}") };
    assert_eq!((code.word(), detail.as_str()), ("USERNAME_TAKEN", "bob is here"));
    let (listener, address) = listen();
    drop(listener);
    let error = Connection::connect(options(address)).unwrap_err();
    assert!(std::error::Error::source(&error).is_some(), "{error}: what the system says is its source");
}

#[test]
fn a_connection_that_waits_says_bye_when_it_is_dropped() {
    let (connection, mut peer) = joined(b"HELLO bob\n");
    let connection = connection.unwrap();
    connection.say("last words").unwrap();
    let dropped = thread::spawn(move || drop(connection));
    assert_eq!((peer.line(), peer.line()), ("MSG bob last words\n".into(), "BYE\n".into()));
    drop(peer);
    dropped.join().unwrap();
}

#[test]
fn what_would_be_two_lines_is_not_sent() {
    let (connection, mut peer) = connected();
    for text in ["one\nBYE", "one\n", &"x".repeat(4096)] {
        assert_eq!(connection.say(text), Err(NotSent::NotALine));
    }
    assert_eq!(connection.tell("ann\nBYE", "hi"), Err(NotSent::NotALine));
    assert_eq!(connection.tell("ann hi", "hi"), Err(NotSent::NotALine));
    connection.say(&"x".repeat(4096 - "MSG bob \n".len())).unwrap();
    assert_eq!(peer.line().len(), 4096);
}

#[test]
fn a_server_that_says_a_lot_and_lets_nobody_in_is_not_waited_for_beyond_the_deadline() {
    let hello = || Event::Received {
        lines: vec![Line { label: None, stamp: None, said: Said::Hello("bob".into()) }],
        not_understood: 0,
    };
    let (connection, events, _lines) = Connection::fake();
    events.send(hello()).unwrap();
    assert!(connection.joined(Instant::now() + PATIENCE).is_ok());
    let (connection, events, _lines) = Connection::fake();
    events.send(hello()).unwrap();
    assert!(matches!(connection.joined(Instant::now()), Err(ConnectionError::TimedOut)), "what is queued is too late");
}
