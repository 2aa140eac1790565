//! A client's thread: what a panic in it does to the others, and what it does with its memory.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Peer;
use crate::password::Password;
use crate::protocol::framing::{Frame, LineBuffer};
use crate::protocol::{CLIENT_LINE_MAX, Capabilities, Username};
use crate::server::config::Config;
use crate::server::connect::hello::Hello;
use crate::server::connect::new_connection::NewConnection;
use crate::server::context::ServerContext;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
use crate::server::observe::activity::ThreadRole;
use crate::server::observe::event::{DisconnectReason, EventKind};
use crate::server::session::Session;
use crate::server::{Server, delivery};
use crate::transport::Transport;

#[test]
fn a_panic_in_a_clients_thread_is_one_leaving_among_others() {
    let (server, happenings) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() }).unwrap();
    let mut ann = Peer::join(server.addr(), "ann");

    // Ben comes by a listener of ours, so that his thread can do what no client can make it do.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ben = Peer::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
    let (socket, addr) = listener.accept().unwrap();
    delivery::prepare(&socket).unwrap();
    let (id, socket, context) = (ConnectionId(1000), Arc::new(socket), server.context.clone());
    let permit = context.limits.acquire(id, addr, &socket).unwrap();
    let threads = context.writers.threads.clone();
    let connection = NewConnection { context, id, addr, socket, permit };
    let life = move || {
        let transport = Transport::plain(connection.socket.clone());
        let hello =
            Hello { name: Username::parse("ben").unwrap(), capabilities: Capabilities::default(), password: None };
        let guard = connection.join(&transport, &hello).unwrap();
        let mut session = Session::new(&guard);
        for line in [&b"MSG ben last words"[..], b"PING 1"] {
            assert_eq!(session.handle_line(Frame::Line(line), Instant::now()), Ok(None));
        }
        panic!("on purpose");
    };
    threads.spawn("client #1000".into(), ThreadRole::All, life).unwrap();

    for line in ["HELLO ben", "MSG ben last words", "BYE ben"] {
        assert_eq!(ann.line(), line);
    }
    for line in ["HELLO ann", "HELLO ben", "PONG 1", ""] {
        assert_eq!(ben.line(), line);
    }
    let why = happenings.iter().find_map(|event| match event.kind {
        EventKind::Left { why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(why, Some(DisconnectReason::Panicked));

    // The name is free, no lock minds, and nothing is left to keep the server from stopping.
    let mut ben = Peer::join(server.addr(), "ben");
    assert_eq!(ann.line(), "HELLO ben");
    ann.say("MSG ann hi");
    assert_eq!(ben.line(), "MSG ann hi");
    assert_eq!(server.snapshot().totals.unauthenticated, 0);
    server.stop();
    assert_eq!(ann.line(), "ERR SHUTTING_DOWN the server stops");
}

/// Runs the session of a client that joins as ann. Returns why it ended, and whether the buffer of lines is large then.
fn run_session(context: Arc<ServerContext>, addr: SocketAddr, transport: &Transport) -> (DisconnectReason, bool) {
    let (id, socket) = (ConnectionId(1000), Arc::new(transport.socket().try_clone().unwrap()));
    let permit = context.limits.acquire(id, addr, &socket).unwrap();
    let connection = NewConnection { context, id, addr, socket, permit };
    let hello = Hello { name: Username::parse("ann").unwrap(), capabilities: Capabilities::default(), password: None };
    let guard = connection.join(transport, &hello).unwrap();
    let mut buffer = LineBuffer::new(CLIENT_LINE_MAX);
    let why = Session::new(&guard).run(&mut buffer);
    (why, buffer.has_grown())
}

/// Waits until a read of this socket has a timeout, and until it has none again.
fn wait_for_silence(socket: &TcpStream) {
    let deadline = Instant::now() + Duration::from_secs(10);
    for has_limit in [true, false] {
        while socket.read_timeout().unwrap().is_some() != has_limit {
            assert!(Instant::now() < deadline, "its silence is not noticed");
            thread::yield_now();
        }
    }
}

#[test]
fn a_client_that_falls_silent_gives_the_memory_of_its_burst_back() {
    let (server, _) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ann = Peer::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
    let (socket, addr) = listener.accept().unwrap();
    delivery::prepare(&socket).unwrap();
    let (socket, context) = (Arc::new(socket), server.context.clone());
    let transport = Transport::plain(socket.clone());
    let thread = thread::spawn(move || run_session(context, addr, &transport));
    assert_eq!(ann.line(), "HELLO ann");
    // The last line is not over: it is kept.
    ann.0.get_mut().write_all(&[vec![b'x'; 1 << 18], b"\nPING 1\nPI".to_vec()].concat()).unwrap();
    assert_eq!(ann.line(), "ERR LINE_TOO_LONG a line has at most 4096 bytes");
    assert_eq!(ann.line(), "PONG 1");
    wait_for_silence(&socket);
    ann.0.get_mut().write_all(b"NG 2\n").unwrap();
    assert_eq!(ann.line(), "PONG 2");
    ann.0.get_mut().shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(thread.join().unwrap(), (DisconnectReason::Closed, false));
    server.stop();
}

#[cfg(feature = "tls")]
#[test]
fn a_client_of_tls_gives_the_memory_of_its_records_back_although_its_lines_were_short() {
    let (server, _) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() }).unwrap();
    let (near, far) = crate::transport::tests::pair();
    delivery::prepare(far.socket()).unwrap();
    // That of the handshake.
    far.socket().set_read_timeout(None).unwrap();
    // Much more on the wire than in lines, and all of it is there before the first read.
    for _ in 0..400 {
        near.send_all(b"\n").unwrap();
    }
    let (addr, context, transport) = (far.socket().peer_addr().unwrap(), server.context.clone(), far.clone());
    let thread = thread::spawn(move || run_session(context, addr, &transport));
    wait_for_silence(far.socket());
    assert!(!far.has_grown());
    near.end().unwrap();
    assert_eq!(thread.join().unwrap(), (DisconnectReason::Closed, false));
    server.stop();
}

#[test]
fn a_network_with_too_many_joins_gets_no_password_checked_and_a_wrong_password_costs_no_join() {
    let password = Password::parse("swordfish").unwrap();
    let config = Config { listen: "127.0.0.1:0".into(), password: Some(password), ..Config::default() };
    let (server, _) = Server::start(config).unwrap();
    let (network, begun) = (Network::of(server.addr().ip()), Instant::now());
    let quotas = &server.context.quotas;
    // In the future and in the past, so that no join is added meanwhile.
    while quotas.join(network, begun + Duration::from_secs(100)).is_ok() {}
    let answer = |password: &str| {
        let mut far = Peer::new(TcpStream::connect(server.addr()).unwrap());
        far.say(&format!("PASS {password}\nHELLO ann"));
        far.line()
    };
    assert!(answer("guess").starts_with("ERR TOO_MANY_CONNECTIONS too many have just joined"));
    while quotas.join(network, begun + Duration::from_secs(200)).is_ok() {}
    quotas.forgive_join(network, begun);
    assert!(answer("guess").starts_with("ERR BAD_PASSWORD "));
    assert_eq!(quotas.join(network, begun), Ok(()));
    server.stop();
}
