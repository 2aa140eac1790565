//! A connection against small servers made of raw sockets, which say and do exactly what a test is about.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::client::address::ServerAddress;
use crate::client::connection::*;
use crate::client::event::{Line, Said};
use crate::password::Password;
use crate::protocol::{Capabilities, Username};

mod blocking;
#[cfg(feature = "tls")]
mod encrypted;
mod fault_injection;

/// Long enough for a busy machine; only a failing test waits for it. Under Wine, the root certificates of the system take half a
/// minute there, when a process asks for them for the first time.
const PATIENCE: Duration = Duration::from_secs(90);

/// The server's end of a connection, with HELLO read.
struct Peer {
    reader: BufReader<TcpStream>,
}

impl Peer {
    fn accept(listener: &TcpListener) -> Peer {
        let (socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut peer = Peer { reader: BufReader::new(socket) };
        assert_eq!(peer.line(), "HELLO bob stamp echo\n");
        peer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line
    }

    fn say(&mut self, bytes: &[u8]) {
        self.reader.get_mut().write_all(bytes).unwrap();
    }
}

fn listen() -> (TcpListener, ServerAddress) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().into();
    (listener, address)
}

fn options(address: ServerAddress) -> ConnectOptions {
    let capabilities = Capabilities { stamp: true, echo: true, ..Capabilities::default() };
    ConnectOptions { capabilities, ..ConnectOptions::new(address, Username::parse("bob").unwrap()) }
}

fn open(address: ServerAddress) -> Connection {
    Connection::open(options(address))
}

fn connected() -> (Connection, Peer) {
    let (listener, address) = listen();
    let connection = open(address);
    let peer = Peer::accept(&listener);
    assert!(matches!(next(&connection), Some(Event::Connected { .. })));
    (connection, peer)
}

/// The next event; `None` when there will be no more.
fn next(connection: &Connection) -> Option<Event> {
    match connection.events().recv_timeout(PATIENCE) {
        Ok(event) => Some(event),
        Err(crossbeam_channel::RecvTimeoutError::Disconnected) => None,
        Err(crossbeam_channel::RecvTimeoutError::Timeout) => panic!("no event within {PATIENCE:?}"),
    }
}

/// Everything until the end: the lines, how many were not understood, and why it ended.
fn rest(connection: &Connection) -> (Vec<Line>, usize, Option<ConnectionError>) {
    let (mut all, mut strange, mut ended) = (Vec::new(), 0, None);
    while let Some(event) = next(connection) {
        match event {
            Event::Connected { .. } => panic!("connected twice"),
            Event::Received { lines, not_understood } => {
                all.extend(lines);
                strange += not_understood;
            }
            Event::Ended(ending) => assert!(ended.replace(ending).is_none(), "ended twice"),
        }
    }
    (all, strange, ended)
}

fn msg(from: &str, text: &str) -> Line {
    Line { label: None, stamp: None, said: Said::Msg { from: from.into(), text: text.into() } }
}

#[test]
fn hello_asks_for_stamp_and_echo_and_lines_go_both_ways() {
    let (connection, mut peer) = connected();
    connection.send(&ClientLine::Msg { username: "bob", text: " hi  all " }).unwrap();
    assert_eq!(peer.line(), "MSG bob  hi  all \n");
    peer.say(b"@17 HELLO bob\n");
    let line = Line { label: None, stamp: Some(17), said: Said::Hello("bob".into()) };
    assert!(matches!(next(&connection), Some(Event::Received { lines, not_understood: 0 }) if lines == [line]));
}

#[test]
fn a_label_goes_out_before_the_line_and_comes_back_with_the_answer() {
    let (connection, mut peer) = connected();
    connection.send_labelled("7", &ClientLine::Tell { recipient: "ann", text: "hi" }).unwrap();
    assert_eq!(peer.line(), "#7 TELL ann hi\n");
    peer.say(b"#7 OK\n#8 @17 MSG bob hi\n");
    let expected = [
        Line { label: Some("7".into()), stamp: None, said: Said::Ok },
        Line { label: Some("8".into()), stamp: Some(17), ..msg("bob", "hi") },
    ];
    assert!(matches!(next(&connection), Some(Event::Received { lines, not_understood: 0 }) if lines == expected));
}

#[test]
fn a_password_goes_before_the_name() {
    let (listener, address) = listen();
    let password = Password::typed(" open sesame").unwrap();
    let _connection = Connection::open(ConnectOptions { password, ..options(address) });
    let mut reader = BufReader::new(listener.accept().unwrap().0);
    let mut lines = [String::new(), String::new()];
    lines.iter_mut().for_each(|line| assert!(reader.read_line(line).unwrap() > 0));
    assert_eq!(lines, ["PASS  open sesame\n", "HELLO bob stamp echo\n"]);
}

#[test]
fn what_is_strange_is_counted_and_the_rest_is_read() {
    let (connection, mut peer) = connected();
    let mut bytes = b"NEWS today\n\xff\xfe\n\nMSG\nMSG ann hi\n".to_vec();
    bytes.extend(b"x".repeat(20_000));
    bytes.extend(b"\nMSG ann again\n");
    peer.say(&bytes);
    drop(peer);
    let (lines, strange, ended) = rest(&connection);
    assert_eq!(lines, [msg("ann", "hi"), msg("ann", "again")]);
    assert_eq!(strange, 4);
    assert!(matches!(ended, Some(ConnectionError::Closed)), "{ended:?}");
}

#[test]
fn names_and_reasons_longer_than_the_protocol_allows_are_not_taken() {
    let (connection, mut peer) = connected();
    let (longest, longer) = ("ü".repeat(32), "w".repeat(33));
    let (reason, too_much) = ("r".repeat(200), "r".repeat(201));
    for name in [&longer, &longest] {
        let lines = [
            format!("HELLO {name}\nBYE {name}\nMSG {name} hi\nTELL {name} hi\n"),
            format!("AWAY {name} {reason}\nTYPING {name}\nTYPING ann {name}\n"),
        ];
        peer.say(lines.concat().as_bytes());
    }
    peer.say(format!("AWAY ann {too_much}\nAWAY ann r\n").as_bytes());
    drop(peer);
    let (lines, strange, _) = rest(&connection);
    assert_eq!((lines.len(), strange), (8, 8), "{lines:?}");
}

#[test]
fn a_line_that_comes_in_pieces_is_one_line() {
    let (connection, mut peer) = connected();
    for byte in "MSG ann grüße\r\n".as_bytes() {
        peer.say(&[*byte]);
    }
    drop(peer);
    assert_eq!(rest(&connection).0, [msg("ann", "grüße")]);
}

#[test]
fn leaving_says_bye_after_what_was_sent_and_waits_for_the_servers_end() {
    let (mut connection, mut peer) = connected();
    connection.send(&ClientLine::Msg { username: "bob", text: "last words" }).unwrap();
    connection.leave();
    assert_eq!(connection.send(&ClientLine::Who), Err(NotSent::Ended));
    let mut heard = String::new();
    peer.reader.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "MSG bob last words\nBYE\n");
    peer.say(b"MSG bob last words\n");
    drop(peer);
    let (lines, _, ended) = rest(&connection);
    assert_eq!(lines, [msg("bob", "last words")]);
    assert!(matches!(ended, Some(ConnectionError::Closed)), "{ended:?}");
}

#[test]
fn a_server_that_does_not_close_is_left_all_the_same() {
    let (mut connection, _peer) = connected();
    connection.leave();
    assert!(matches!(rest(&connection).2, Some(ConnectionError::Closed)));
}

#[test]
fn closing_joins_the_threads_even_if_nobody_read_the_events_and_the_server_reads_nothing() {
    let (connection, peer) = connected();
    let mut flooded = peer.reader.get_ref().try_clone().unwrap();
    let flood = thread::spawn(move || while flooded.write_all(&b"MSG ann spam\n".repeat(1000)).is_ok() {});
    let text = "x".repeat(4000);
    while connection.send(&ClientLine::Msg { username: "bob", text: &text }).is_ok() {}
    let socket = Arc::downgrade(&connection.context.socket);
    connection.close(Instant::now() + Duration::from_millis(200));
    assert_eq!(socket.strong_count(), 0, "a thread still has the socket");
    flood.join().unwrap();
}

#[test]
fn when_too_much_waits_a_line_is_given_back_and_not_waited_for() {
    let (connection, _peer) = connected();
    let text = "x".repeat(4000);
    let why = loop {
        if let Err(why) = connection.send(&ClientLine::Msg { username: "bob", text: &text }) {
            break why;
        }
    };
    assert_eq!(why, NotSent::Busy);
}

#[test]
fn a_flood_ends_with_the_handle_even_if_somebody_else_holds_the_events() {
    let (connection, peer) = connected();
    let events = connection.events().clone();
    let mut flooded = peer.reader.get_ref().try_clone().unwrap();
    let flood = thread::spawn(move || while flooded.write_all(&b"MSG ann spam\n".repeat(1000)).is_ok() {});
    let deadline = Instant::now() + PATIENCE;
    while !events.is_full() && Instant::now() < deadline {
        thread::yield_now();
    }
    assert!(events.is_full(), "the reader waits");
    let (ended, end) = bounded(0);
    thread::spawn(move || {
        connection.close(Instant::now());
        let _ = ended.send(());
    });
    end.recv_timeout(PATIENCE).expect("closing waits for the reader, which does not wait for the events to be taken");
    drop(events);
    flood.join().unwrap();
}

#[test]
fn a_flood_that_nobody_reads_is_held_back_by_tcp() {
    let (connection, peer) = connected();
    let mut socket = peer.reader.into_inner();
    socket.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let spam = b"MSG ann spam\n".repeat(5000);
    let mut written = 0;
    while let Ok(count) = socket.write(&spam) {
        written += count;
        assert!(written < 200 << 20, "{written} bytes were taken, and still it goes on");
    }
    assert!(connection.events().len() <= EVENTS_WAITING);
}

#[test]
fn dropping_it_closes_the_socket_at_once() {
    let (connection, mut peer) = connected();
    drop(connection);
    assert_eq!(peer.line(), "", "the end, without a BYE");
}

#[test]
fn an_attempt_that_was_given_up_before_it_connected_never_says_hello() {
    let (listener, address) = listen();
    // The receiver of the events outlives the handle.
    let ((sender, _receiver), (owner, handle)) = (bounded(EVENTS_WAITING), bounded(0));
    let events = reader::Events { sender, handle };
    let (_lines, line_receiver) = bounded(LINES_WAITING);
    drop(owner);
    let reader =
        thread::spawn(move || reader::run(&options(address), &ConnectionContext::default(), &events, line_receiver));
    reader.join().unwrap();
    // It may have connected all the same, if that was quicker.
    listener.set_nonblocking(true).unwrap();
    if let Ok((mut socket, _)) = listener.accept() {
        let mut heard = String::new();
        socket.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "", "the end, without a HELLO");
    }
}

#[test]
fn where_nobody_listens_the_reason_says_so() {
    let (listener, address) = listen();
    let at: SocketAddr = listener.local_addr().unwrap();
    drop(listener);
    let connection = open(address);
    match rest(&connection).2 {
        Some(ConnectionError::Unreachable { tried, .. }) => assert_eq!(tried, [at]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_name_that_does_not_exist_is_unresolved() {
    let connection = open("no-such-host.invalid:5555".parse().unwrap());
    // Without a network, a look-up may also fail to end in time.
    let ended = rest(&connection).2;
    assert!(matches!(ended, Some(ConnectionError::Unresolved { .. } | ConnectionError::TimedOut)), "{ended:?}");
}
