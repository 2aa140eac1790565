//! The addresses to listen on: both families, several at once, and all of them or none.
//!
//! What listens on every address does so in a network namespace of its own.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::support::program::{Home, Program};
use crate::support::{DEADLINE, Peer, Room, config};
use multichat::internal::monitor::hints::with_hint;
use multichat::server::{Config, EventKind, Server, StartError};

/// Returns why a server does not start with these addresses.
fn refused(listen: &str) -> (StartError, String) {
    let Err(error) = Server::start(Config { listen: listen.into(), ..config() }) else {
        panic!("the server starts with {listen}, which cannot be had");
    };
    let words = with_hint(&error);
    (error, words)
}

/// Returns another address of this computer, of IPv6 if there is any.
fn second() -> &'static str {
    if TcpListener::bind("[::1]:0").is_ok() { "[::1]:0" } else { "127.0.0.1:0" }
}

#[test]
fn a_server_serves_one_room_at_several_addresses() {
    let room = Room::with(Config { listen: format!("127.0.0.1:0, {}", second()).into(), ..config() });
    let addresses = room.server.addresses().to_vec();
    assert_eq!((addresses.len(), addresses[0]), (2, room.addr()));
    let listening = room.wait_for("it listens", |event| match event {
        EventKind::Listening(addresses) => Some(addresses.clone()),
        _ => None,
    });
    assert_eq!(listening, addresses);
    let mut ann = Peer::connect(addresses[0]);
    let mut ben = Peer::connect(addresses[1]);
    ann.join("ann");
    ben.join("ben");
    ann.expect("HELLO ben");
    ben.send("MSG ben hi\n");
    ann.expect("MSG ben hi");
    let people = room.snapshot().people;
    let ids: BTreeSet<_> = people.iter().map(|person| person.id).collect();
    assert_eq!(ids.len(), 2, "{people:?}");
    let threads: Vec<_> = room.server.threads(&people).into_iter().map(|thread| thread.name).collect();
    for addr in &addresses {
        assert!(threads.contains(&format!("accept {addr}")), "{threads:?}");
    }
    room.stop();
    for addr in &addresses {
        assert!(TcpStream::connect(addr).is_err(), "{addr}");
    }
    // Both are free at once.
    let listen = addresses.as_slice().into();
    let again = Room::with(Config { listen, ..config() });
    assert_eq!(again.server.addresses(), addresses);
}

#[test]
fn the_limits_are_those_of_the_server_and_not_of_an_address() {
    let listen = format!("127.0.0.1:0 {}", second());
    let room = Room::with(Config { listen: listen.into(), max_clients: 1, ..config() });
    let [first, second] = room.server.addresses() else { panic!("there are two") };
    let mut ann = Peer::connect(*first);
    ann.join("ann");
    let mut ben = Peer::connect(*second);
    ben.send("HELLO ben\n");
    ben.expect_start("ERR SERVER_FULL ");
}

#[test]
fn an_address_that_cannot_be_had_is_named_and_the_others_are_not_bound() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (error, words) = refused(&format!("{free}, {taken}"));
    assert!(matches!(error, StartError::CannotBind { .. }));
    assert!(words.starts_with(&format!("{taken} is in use by another program: ")), "{words}");
    let why = TcpStream::connect_timeout(&free, DEADLINE).unwrap_err();
    assert_eq!(why.kind(), ErrorKind::ConnectionRefused, "{free} is not bound");
    let (_, words) = refused("127.0.0.1:0, nowhere");
    assert!(words.starts_with("nowhere is not an address to listen on (it has no port)"), "{words}");
}

#[test]
fn addresses_that_exclude_each_other_are_refused_before_any_is_bound() {
    for (listen, part) in [
        ("127.0.0.1:5555, 127.0.0.1:5555", "127.0.0.1:5555 is there twice"),
        ("127.0.0.1:5555, 0.0.0.0:5555", "0.0.0.0:5555 includes 127.0.0.1:5555"),
        ("[::ffff:127.0.0.1]:5555, 127.0.0.1:5555", "127.0.0.1:5555 is there twice"),
        ("", "is not an address to listen on"),
    ] {
        let (_, words) = refused(listen);
        assert!(words.contains(part), "{listen}: {words}");
    }
}

#[test]
fn the_program_takes_the_option_several_times_and_prints_each_address() {
    let home = Home::new();
    let args = ["--headless", "--listen", "127.0.0.1:0", "--listen", second()];
    let program = Program::start(env!("CARGO_BIN_EXE_server"), &home, &args);
    let addresses: [SocketAddr; 2] = [(); 2].map(|()| program.listening().parse().unwrap());
    assert_ne!(addresses[0], addresses[1]);
    for (addr, name) in addresses.into_iter().zip(["ann", "ben"]) {
        Peer::in_plain_text(addr).join(name);
    }
}

#[cfg(target_os = "linux")]
mod everywhere {
    use std::fs;
    use std::net::IpAddr;

    use super::*;
    use crate::support::own_network::{ip, run_in_own_network};
    use crate::support::{Room, config, eventually_eq};
    use multichat::client::{ConnectOptions, Connection};
    use multichat::protocol::Username;
    use multichat::server::{Ban, BanTarget};
    use socket2::{Domain, Socket, Type};

    /// Two networks of IPv6 of two addresses each, and one of IPv4.
    const OTHERS: [&str; 4] = ["fd00:1::1", "fd00:1::2", "fd00:2::1", "10.9.0.7"];

    #[test]
    fn one_socket_serves_both_families_whatever_the_system_would_do_by_itself() {
        run_in_own_network("server_addresses::everywhere::in_a_network_of_its_own_one_socket_serves_both_families");
    }

    #[test]
    #[ignore = "is run by the one above, in a process of its own"]
    fn in_a_network_of_its_own_one_socket_serves_both_families() {
        ip("link set lo up");
        for address in OTHERS {
            let bits = if address.contains(':') { 128 } else { 32 };
            ip(&format!("address add {address}/{bits} dev lo"));
        }
        // As Windows and the BSDs have it.
        fs::write("/proc/sys/net/ipv6/bindv6only", "1").unwrap();
        both_families_are_served();
        one_family_is_served();
        each_socket_has_its_family();
        a_link_local_address_is_served_with_its_zone();
    }

    fn socket(from: &str, to: SocketAddr) -> TcpStream {
        let from: IpAddr = from.parse().unwrap();
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
        socket.connect_timeout(&to.into(), DEADLINE).unwrap();
        socket.into()
    }

    fn peer(from: &str, to: SocketAddr) -> Peer {
        Peer::of(socket(from, to))
    }

    /// Expects that a connection is rejected with this line, which comes in plain text.
    fn expect_rejection(from: &str, to: SocketAddr, start: &str) {
        Peer::over(socket(from, to), false).expect_start(start);
    }

    fn both_families_are_served() {
        let config = Config { listen: "[::]:0".into(), loopback_is_remote: true, max_per_address: 1, ..config() };
        let room = Room::with(config);
        let port = room.addr().port();
        let [ipv4, ipv6] = ["127.0.0.1", "::1"].map(|ip| SocketAddr::new(ip.parse().unwrap(), port));
        let mut people: Vec<Peer> = Vec::new();
        let mut join = |from: &str, to, name: &str| {
            let mut peer = peer(from, to);
            peer.join(name);
            people.push(peer);
        };
        join("10.9.0.7", ipv4, "ann");
        join("127.0.0.1", ipv4, "ben");
        join("fd00:1::1", ipv6, "carl");
        join("fd00:2::1", ipv6, "dora");
        let addresses = ["ann", "ben", "carl", "dora"].map(|name| room.person(name).unwrap().addr.ip().to_string());
        assert_eq!(addresses, ["10.9.0.7", "127.0.0.1", "fd00:1::1", "fd00:2::1"], "as they are written");
        // An address of IPv4 and a /64 of IPv6 have the same limit.
        let refused = "ERR TOO_MANY_CONNECTIONS too many connections come from your network: close some";
        expect_rejection("10.9.0.7", ipv4, refused);
        expect_rejection("fd00:1::2", ipv6, refused);
        // A ban of the one and of the other, as the operator sees them in the list.
        let ban = |address: &str| {
            let target = BanTarget::Address(address.parse().unwrap());
            room.server.ban(Ban { target, until: None }).unwrap();
        };
        ban("10.9.0.7");
        ban("fd00:1::1");
        eventually_eq("both have left", vec!["ben".to_owned(), "dora".to_owned()], || room.names());
        expect_rejection("10.9.0.7", ipv4, "ERR BANNED ");
        expect_rejection("fd00:1::2", ipv6, "ERR BANNED ");
        let log: Vec<_> = room.events.try_iter().map(|event| event.kind.to_string()).collect();
        assert!(log.iter().any(|line| line.starts_with("ann (10.9.0.7:")), "{log:#?}");
        assert!(log.iter().all(|line| !line.contains("::ffff:")), "{log:#?}");
    }

    fn one_family_is_served() {
        let room = Room::with(Config { listen: "0.0.0.0:0".into(), ..config() });
        peer("127.0.0.1", SocketAddr::new("127.0.0.1".parse().unwrap(), room.addr().port())).join("ann");
        assert!(TcpStream::connect(("::1", room.addr().port())).is_err());
    }

    fn each_socket_has_its_family() {
        // The other way round, as on Linux.
        fs::write("/proc/sys/net/ipv6/bindv6only", "0").unwrap();
        let room = Room::with(Config { listen: "0.0.0.0:5555, [::]:5555".into(), ..config() });
        peer("10.9.0.7", "127.0.0.1:5555".parse().unwrap()).join("ann");
        peer("fd00:1::1", "[::1]:5555".parse().unwrap()).join("ben");
        drop(room);
        let (error, words) = refused("[::]:5555, 127.0.0.1:5555");
        assert!(matches!(error, StartError::Overlap(_)), "{words}");
    }

    fn a_link_local_address_is_served_with_its_zone() {
        ip("link add v0 type veth peer name v1");
        for end in ["v0", "v1"] {
            ip(&format!("link set {end} up"));
        }
        ip("address add fe80::7/64 dev v0 nodad");
        let room = Room::with(Config { listen: "[fe80::7%v0]:0".into(), tls: None, ..config() });
        let SocketAddr::V6(addr) = room.addr() else { panic!("it is of IPv6") };
        assert_ne!(addr.scope_id(), 0, "{addr}");
        let typed = format!("multichat://[fe80::7%25v0]:{}", addr.port()).parse().unwrap();
        Connection::connect(ConnectOptions::new(typed, Username::parse("ann").unwrap())).unwrap();
    }
}
