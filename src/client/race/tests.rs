use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use crossbeam_channel::{never, unbounded};

use super::*;
use crate::sync::{Mutex, lock};

/// Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

fn addresses(count: u16) -> Vec<SocketAddr> {
    (1..=count).map(|port| (Ipv4Addr::LOCALHOST, port).into()).collect()
}

fn rules(delay: Duration) -> (Duration, Instant) {
    (delay, Instant::now() + PATIENCE)
}

/// An attempt of a test: announces that it has begun, and waits for its end.
#[derive(Clone)]
struct Attempts {
    begun: Sender<u16>,
    /// A refusal; the channel is disconnected at the end.
    refusals: Receiver<()>,
}

impl Attempts {
    /// Returns the attempts, those that have begun, and the sender of refusals.
    fn new() -> (Attempts, Receiver<u16>, Sender<()>) {
        let ((begun, seen), (refuse, refusals)) = (unbounded(), unbounded());
        (Attempts { begun, refusals }, seen, refuse)
    }

    fn connect(&self, address: SocketAddr) -> io::Result<()> {
        self.begun.send(address.port()).unwrap();
        let is_refused = self.refusals.recv_timeout(PATIENCE).is_ok();
        Err(if is_refused { ErrorKind::ConnectionRefused } else { ErrorKind::TimedOut }.into())
    }
}

#[test]
fn the_families_take_turns_ipv6_first_and_each_address_is_tried_once() {
    let (v4, v6) = (
        |last| SocketAddr::from(([192, 0, 2, last], 5555)),
        |last| SocketAddr::from((Ipv6Addr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]), 5555)),
    );
    assert_eq!(interleaved(&[v4(1), v4(2), v4(3), v6(1), v6(2)]), [v6(1), v4(1), v6(2), v4(2), v4(3)]);
    assert_eq!(interleaved(&[v4(2), v4(1), v4(2)]), [v4(2), v4(1)], "in the order of the system");
    assert_eq!(interleaved(&addresses(100)), addresses(16));
}

#[test]
fn the_next_address_is_tried_at_once_when_one_refuses() {
    let tried = Arc::new(Mutex::new(Vec::new()));
    let seen = tried.clone();
    // With this delay none but the first would ever begin.
    let lost = race(&addresses(6), rules(PATIENCE * 2), &never(), move |_, address, _| {
        lock(&seen).push(address);
        Err(ErrorKind::ConnectionRefused.into())
    });
    let Lost { tried: told, error } = lost.unwrap_err();
    assert_eq!((&*lock(&tried), &told), (&addresses(6), &addresses(6)));
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn the_next_address_is_tried_while_one_is_silent_and_the_first_that_connects_wins() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let there = listener.local_addr().unwrap();
    let (attempts, begun, _refuse) = Attempts::new();
    let all = [addresses(1)[0], there, addresses(2)[1]];
    let socket = race(&all, rules(Duration::from_millis(1)), &never(), move |socket, address, limit| {
        if address == there { socket.connect_timeout(&address.into(), limit) } else { attempts.connect(address) }
    });
    assert_eq!(socket.unwrap().peer_addr().unwrap(), there);
    // The last one may have begun, too, and threads begin in any order.
    while begun.recv_timeout(PATIENCE).unwrap() != 1 {}
}

#[test]
fn four_addresses_are_tried_at_once_at_most() {
    let (attempts, begun, refuse) = Attempts::new();
    thread::scope(|scope| {
        let race = scope.spawn(|| {
            race(&addresses(9), rules(Duration::ZERO), &never(), move |_, address, _| attempts.connect(address))
        });
        let mut order: Vec<u16> = (0..4).map(|_| begun.recv_timeout(PATIENCE).unwrap()).collect();
        // Each that ends makes room for one.
        for port in 5..=9 {
            assert!(begun.is_empty());
            refuse.send(()).unwrap();
            order.push(begun.recv_timeout(PATIENCE).unwrap());
            assert_eq!(order.last(), Some(&port));
        }
        (0..4).for_each(|_| refuse.send(()).unwrap());
        assert_eq!(race.join().unwrap().unwrap_err().tried, addresses(9));
        order.sort_unstable();
        assert_eq!(order, (1..=9).collect::<Vec<_>>());
    });
}

#[test]
fn silence_ends_at_the_deadline_and_each_address_has_its_share_of_the_time() {
    let (limits, seen) = unbounded();
    let (attempts, _begun, _refuse) = Attempts::new();
    let deadline = Instant::now() + Duration::from_secs(2);
    let lost = race(&addresses(5), (Duration::ZERO, deadline), &never(), move |_, address, limit| {
        limits.send(limit).unwrap();
        attempts.connect(address)
    });
    let Lost { tried, error } = lost.unwrap_err();
    assert_eq!((tried, error.kind()), (addresses(4), ErrorKind::TimedOut));
    assert!(Instant::now() >= deadline);
    assert!(seen.try_iter().all(|limit| limit <= Duration::from_secs(1)), "there are two rounds");
}

#[test]
fn a_cancellation_ends_the_race_and_begins_no_attempt() {
    let (attempts, begun, _refuse) = Attempts::new();
    let (owner, cancelled) = bounded(0);
    thread::scope(|scope| {
        let race = scope.spawn(|| {
            race(&addresses(2), rules(PATIENCE * 2), &cancelled, move |_, address, _| attempts.connect(address))
        });
        assert_eq!(begun.recv_timeout(PATIENCE), Ok(1));
        drop(owner);
        assert_eq!(race.join().unwrap().unwrap_err().tried, addresses(1), "nobody waited for the end of the first");
    });
}

/// Only Linux drops the packets to a listener whose queue is full, and ends a `connect` by a shutdown.
#[cfg(target_os = "linux")]
#[test]
fn an_address_that_swallows_packets_does_not_hold_up_the_others_and_its_attempt_is_ended() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let there = listener.local_addr().unwrap();
    let full = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    full.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    full.listen(0).unwrap();
    let nowhere = full.local_addr().unwrap().as_socket().unwrap();
    let _fills = TcpStream::connect(nowhere).unwrap();
    let (ends, ended) = unbounded();
    let connect = move |socket: &Socket, address: SocketAddr, limit| {
        let result = socket.connect_timeout(&address.into(), limit);
        ends.send((address, result.is_ok())).unwrap();
        result
    };
    let rules = (Duration::from_millis(1), Instant::now() + PATIENCE * 2);
    let socket = race(&[nowhere, there], rules, &never(), connect).unwrap();
    assert_eq!(socket.peer_addr().unwrap(), there);
    assert_eq!(ended.recv_timeout(PATIENCE), Ok((there, true)));
    assert_eq!(ended.recv_timeout(PATIENCE), Ok((nowhere, false)), "long before its limit");
}
