//! Starting and stopping: everybody is told, everything is closed, and the port can be bound again at once.

use std::io::ErrorKind;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::support::{End, Peer, Room, config, eventually_eq, eventually_within};
use multichat::internal::monitor::hints::with_hint;
use multichat::protocol::ErrorCode;
use multichat::server::{Config, DisconnectReason, EventKind, Server, StartError};

const GOODBYE: &str = "ERR SHUTTING_DOWN the server stops";

#[test]
fn a_stop_waits_for_nobody_where_nobody_is_slow() {
    // It waits a second for those who do not read.
    eventually_within(Duration::from_millis(900), "a quick stop", || {
        let room = Room::open();
        let _peers = room.join_all(["ann", "ben", "carl"]);
        room.stop();
    });
}

#[test]
fn a_stop_tells_everybody_and_closes() {
    let room = Room::open();
    let mut peers = room.join_all(["ann", "ben", "carl"]);
    let (addr, events) = (room.addr(), room.events.clone());
    room.stop();
    for peer in &mut peers {
        peer.expect(GOODBYE);
        peer.expect_end();
    }
    let refused = TcpStream::connect(addr).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);

    let mut told: Vec<String> = events.try_iter().map(|event| event.kind.to_string()).collect();
    assert_eq!(told.pop().as_deref(), Some("server stopped"));
    let at = told.iter().position(|line| line == "server stops, 3 are here").unwrap_or_else(|| panic!("{told:#?}"));
    assert_eq!(told[at + 1..].iter().filter(|line| line.contains("left: server stopped")).count(), 3, "{told:#?}");
}

#[test]
fn what_was_said_before_the_stop_still_arrives() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ann.send("MSG ann last words\n");
    ann.sync();
    room.stop();
    ben.expect("MSG ann last words");
    ben.expect(GOODBYE);
    ben.expect_end();
}

#[test]
fn those_who_have_not_said_hello_are_told_too() {
    let room = Room::open();
    let mut silent = room.peer();
    let mut halfway = room.peer();
    halfway.send("HELLO an");
    eventually_eq("two wait to say HELLO", 2, || room.snapshot().totals.unauthenticated);
    room.stop();
    // Windows resets a connection whose input is ended before all of it was read, which may be so with the second.
    for peer in [&mut silent, &mut halfway].into_iter().take(if cfg!(windows) { 1 } else { 2 }) {
        peer.expect(GOODBYE);
        peer.expect_end();
    }
}

#[test]
fn a_stop_does_not_wait_for_those_who_do_not_read() {
    // More than the system keeps for a peer that does not read: on Windows that is some megabytes.
    let many = if cfg!(windows) { 2000 } else { 800 };
    let room = Room::with(Config { backlog_max: 1 << 30, ..config() });
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let mut stalled: Vec<_> = (0..3).map(|_| Peer::connect_with_small_buffer(room.addr())).collect();
    for (number, peer) in stalled.iter_mut().enumerate() {
        peer.join(&format!("stalled{number}"));
        ann.expect(&format!("HELLO stalled{number}"));
        ben.expect(&format!("HELLO stalled{number}"));
    }
    let line = format!("MSG ann {}\n", "x".repeat(4000));
    let reader = thread::spawn(move || {
        assert_eq!(ben.lines(many).len(), many);
        ben
    });
    ann.send(line.repeat(many));
    let mut ben = reader.join().unwrap();
    eventually_eq("three have stalled", 3, || {
        room.snapshot().people.iter().filter(|person| person.stalled.is_some()).count()
    });
    room.stop();
    for peer in [&mut ann, &mut ben] {
        peer.expect(GOODBYE);
        peer.expect_end();
    }
}

#[test]
fn a_stop_does_not_wait_for_those_who_have_left_and_read_in_dribs() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let mut slow = Peer::connect_with_small_buffer(room.addr());
    slow.join("slow");
    ann.expect("HELLO slow");
    ann.send(format!("MSG ann {}\n", "x".repeat(4000)).repeat(800));
    ann.sync();
    slow.send("BYE\n");
    ann.expect("BYE slow");
    // It takes a little again and again, so its socket is never stalled.
    let (stopped, wait) = crossbeam_channel::bounded::<()>(0);
    let reader = thread::spawn(move || {
        while wait.recv_timeout(Duration::from_millis(20)).is_err_and(|error| error.is_timeout()) {
            if slow.next().is_err() {
                break;
            }
        }
    });
    room.stop();
    drop(stopped);
    reader.join().unwrap();
}

#[test]
fn a_stop_in_the_middle_of_a_flood_ends() {
    let room = Room::open();
    let peers: Vec<Peer> = (0..6).map(|number| room.join(&format!("p{number}"))).collect();
    thread::scope(|scope| {
        for (number, mut peer) in peers.into_iter().enumerate() {
            let sender = peer.for_sending();
            scope.spawn(move || {
                let packet = format!("MSG p{number} flood\n").repeat(50);
                // Until the server has gone.
                while sender.try_send(&packet).is_ok() {}
            });
            scope.spawn(move || {
                // How much of it all still comes is not said: the server waits for a second.
                peer.skip_to_end();
                // Gets the sender out of its write, as any client would: the server takes no more, yet this end's system
                // may go on asking it for a minute.
                let _ = peer.socket().shutdown(Shutdown::Both);
            });
        }
        room.wait_for("all have joined", |happening| match happening {
            EventKind::Joined { name, .. } => (name.as_str() == "p5").then_some(()),
            _ => None,
        });
        room.stop();
    });
}

#[test]
fn the_same_port_can_be_bound_again_at_once() {
    let mut room = Room::open();
    let addr = room.addr();
    for _ in 0..10 {
        let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
        ann.send("MSG ann hi\n");
        ben.expect("MSG ann hi");
        room.stop();
        room = Room::with(Config { listen: addr.to_string().into(), ..config() });
        assert_eq!(room.addr(), addr);
    }
}

#[test]
fn dropping_the_server_stops_it() {
    let Room { server, events } = Room::open();
    let mut ann = Peer::connect(server.addr());
    ann.join("ann");
    let addr = server.addr();
    drop(server);
    ann.expect(GOODBYE);
    ann.expect_end();
    assert!(TcpStream::connect(addr).is_err());
    assert!(events.try_iter().any(|event| matches!(event.kind, EventKind::Stopped)));
}

#[test]
fn a_server_that_listens_everywhere_can_be_stopped() {
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let Ok((server, _)) = Server::start(Config { listen: listen.into(), ..config() }) else {
            // This machine has no IPv6.
            assert_eq!(listen, "[::]:0");
            continue;
        };
        server.stop();
    }
}

#[test]
fn ipv6_serves_as_well() {
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let room = Room::with(Config { listen: "[::1]:0".into(), ..config() });
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ann.send("MSG ann hi\n");
    ben.expect("MSG ann hi");
    room.stop();
    ann.expect(GOODBYE);
    ben.expect(GOODBYE);
}

/// Why a server does not start with this address.
fn refused(listen: &str) -> (StartError, String) {
    let Err(error) = Server::start(Config { listen: listen.into(), ..config() }) else {
        panic!("the server starts with {listen}, which cannot be had");
    };
    let words = with_hint(&error);
    (error, words)
}

#[test]
fn a_port_that_is_taken_is_an_error_that_says_so() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = other.local_addr().unwrap().to_string();
    let (error, words) = refused(&addr);
    assert!(matches!(error, StartError::CannotBind { .. }));
    assert_eq!(
        words,
        format!("{addr} is in use by another program: stop that program, or choose another port with --listen")
    );
}

#[test]
fn what_is_no_address_is_an_error_that_says_what_would_be() {
    for listen in ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "localhost", ":::1:5555"] {
        let (error, words) = refused(listen);
        assert!(matches!(error, StartError::NotAnAddress { .. }), "{listen}: {error:?}");
        assert!(words.starts_with(&format!("{listen} is not an address to listen on (")), "{words}");
        assert!(words.ends_with("write ADDRESS:PORT, for example 127.0.0.1:5555"), "{words}");
    }
}

#[test]
fn an_address_of_another_machine_is_an_error_that_says_so() {
    // From the block that is kept for documentation (RFC 5737).
    let (error, words) = refused("203.0.113.1:0");
    assert!(matches!(error, StartError::CannotBind { .. }));
    assert!(words.starts_with("203.0.113.1:0 is not an address of this computer: "), "{words}");
}

#[test]
fn those_who_come_while_it_stops_are_told_or_closed_and_never_left_hanging() {
    for _ in 0..5 {
        let room = Room::open();
        let addr: SocketAddr = room.addr();
        thread::scope(|scope| {
            for number in 0..4 {
                scope.spawn(move || {
                    loop {
                        let Ok(socket) = TcpStream::connect(addr) else { return };
                        let mut peer = Peer::of(socket);
                        if peer.try_send(format!("HELLO p{number}\n")).is_err() {
                            continue;
                        }
                        // The end of the stream, or a goodbye and then the end. A connection that the system took for
                        // the listener, but nobody accepted, is reset.
                        if let Ok(line) = peer.next()
                            && line.starts_with("HELLO ")
                            && number % 2 == 0
                        {
                            let _ = peer.try_send("BYE\n");
                        }
                        peer.until_end();
                    }
                });
            }
            room.wait_for("somebody joined", |happening| matches!(happening, EventKind::Joined { .. }).then_some(()));
            room.stop();
        });
    }
}

#[test]
fn why_people_left_is_known_after_a_stop() {
    let room = Room::open();
    let _ann = room.join("ann");
    let Room { server, events } = room;
    server.stop();
    let why = events.try_iter().find_map(|event| match event.kind {
        EventKind::Left { why, .. } => Some(why),
        _ => None,
    });
    assert!(matches!(why, Some(DisconnectReason::Ended(ErrorCode::ShuttingDown, _))), "{why:?}");
}

#[test]
fn a_stop_ends_streams_in_order() {
    // Not with a reset, although the client has sent what the server will not read.
    let room = Room::open();
    let mut ann = room.join("ann");
    room.stop();
    ann.expect(GOODBYE);
    assert_eq!(ann.next(), Err(End::Closed));
}
