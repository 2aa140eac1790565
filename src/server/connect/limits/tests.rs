//! The limits on connections: who gets a permit, and who is evicted for another.

use super::*;
use std::io::{ErrorKind, Read as _};
use std::net::TcpListener;

fn socket() -> Arc<TcpStream> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap())
}

fn limits(max_unauthenticated: usize, max_per_address: usize) -> Arc<ConnectionLimits> {
    ConnectionLimits::new(&Config { max_unauthenticated, max_per_address, ..Config::default() })
}

#[test]
fn a_network_has_so_many_permits_until_one_is_dropped() {
    let (limits, socket) = (limits(3, 2), socket());
    let acquire = |id, addr: &str| limits.acquire(ConnectionId(id), addr.parse().unwrap(), &socket);
    for [one, same, another] in [
        ["192.0.2.1:1000", "[::ffff:192.0.2.1]:1002", "192.0.2.2:1000"],
        ["[2001:db8::1]:1000", "[2001:db8::ffff:1]:1000", "[2001:db8:0:1::1]:1000"],
    ] {
        let permits = [acquire(1, one).unwrap(), acquire(2, same).unwrap()];
        permits.iter().for_each(|permit| permit.mark_joined().unwrap());
        assert!(acquire(3, same).is_err());
        assert!(acquire(3, another).is_ok());
        let [first, _second] = permits;
        drop(first);
        assert!(acquire(3, same).is_ok());
    }
    assert!(lock(&limits.state).networks.is_empty());
}

#[test]
fn a_new_connection_beyond_the_limit_evicts_the_oldest_of_the_network_that_has_most() {
    let (limits, socket) = (limits(4, 100), socket());
    let acquire = |id, addr: &str| limits.acquire(ConnectionId(id), addr.parse().unwrap(), &socket).unwrap();
    let old = acquire(1, "192.0.2.1:1");
    let crowd = [2, 3, 4].map(|id| acquire(id, &format!("[2001:db8::{id}]:1")));
    let evicted = || crowd.each_ref().map(|permit| permit.disconnect_reason().is_some());
    let first = acquire(5, "192.0.2.2:1");
    assert_eq!((evicted(), old.disconnect_reason()), ([true, false, false], None));
    let _second = acquire(6, "192.0.2.3:1");
    assert_eq!((evicted(), old.disconnect_reason()), ([true, true, false], None));
    // Of several, it is the one that has been there longest.
    let _third = acquire(7, "192.0.2.4:1");
    assert!(old.disconnect_reason().is_some_and(|why| why.kind() == "too many connections"));
    assert!(old.mark_joined().is_err() && old.wait_timeout(Duration::from_hours(1)).is_err());
    assert_eq!(limits.unauthenticated(), 4);
    // A network that would have most with one more loses its own.
    let _fourth = acquire(8, "192.0.2.2:2");
    assert!(first.disconnect_reason().is_some() && !evicted()[2]);
}

#[test]
fn a_silent_connection_is_evicted_before_an_older_one_that_has_said_hello() {
    let (limits, socket) = (limits(3, 100), socket());
    let acquire = |id| limits.acquire(ConnectionId(id), "127.0.0.1:1000".parse().unwrap(), &socket).unwrap();
    let [waiting, silent, newer] = [1, 2, 3].map(acquire);
    waiting.set_said_hello(true);
    let newest = acquire(4);
    let evicted = [&waiting, &silent, &newer].map(|permit| permit.disconnect_reason().is_some());
    assert_eq!(evicted, [false, true, false]);
    // Where all have said HELLO, it is the oldest again.
    newer.set_said_hello(true);
    newest.set_said_hello(true);
    let _last = acquire(5);
    assert!(waiting.disconnect_reason().is_some());
    assert!(waiting.mark_joined().is_err() && newer.mark_joined().is_ok());
}

#[test]
fn a_joined_connection_is_not_evicted_and_all_permits_come_back() {
    let (limits, socket) = (limits(1, 100), socket());
    let acquire = |id| limits.acquire(ConnectionId(id), "127.0.0.1:1000".parse().unwrap(), &socket).unwrap();
    let joined = acquire(1);
    joined.mark_joined().unwrap();
    let evicted: Vec<ConnectionPermit> = (2..10).map(acquire).collect();
    assert_eq!((joined.disconnect_reason(), limits.unauthenticated()), (None, 1));
    drop((joined, evicted));
    let state = lock(&limits.state);
    assert!(state.networks.is_empty() && state.evicted.is_empty() && state.unauthenticated == 0);
}

#[test]
fn so_many_evicted_connections_may_linger_and_then_the_oldest_is_closed() {
    let (limits, listener) = (limits(2, 100), TcpListener::bind("127.0.0.1:0").unwrap());
    let connect = |id| {
        let far = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (near, addr) = listener.accept().unwrap();
        (far, limits.acquire(ConnectionId(id), addr, &Arc::new(near)).unwrap())
    };
    let connections = [1, 2, 3, 4].map(connect);
    let [(oldest, first), (newer, second), ..] = &connections;
    assert!(first.disconnect_reason().is_some() && second.disconnect_reason().is_some());
    let can_be_sent_to = |mut far: &TcpStream| {
        far.set_nonblocking(true).unwrap();
        far.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    };
    assert!(can_be_sent_to(oldest) && can_be_sent_to(newer));
    let _fifth = connect(5);
    oldest.set_nonblocking(false).unwrap();
    oldest.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!((&*oldest).read(&mut [0]).unwrap(), 0, "it is closed");
    assert!(can_be_sent_to(newer));
}

#[test]
fn a_thread_that_waits_is_woken_by_its_eviction_and_by_the_shutdown() {
    let (limits, socket) = (limits(1, 100), socket());
    let acquire = |id| limits.acquire(ConnectionId(id), "127.0.0.1:1000".parse().unwrap(), &socket).unwrap();
    let (first, hour) = (acquire(1), Duration::from_hours(1));
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| first.wait_timeout(hour).unwrap_err().kind());
        while lock(&limits.state).waiting.is_empty() {
            std::thread::yield_now();
        }
        let second = acquire(2);
        assert_eq!(waiter.join().unwrap(), "too many connections");
        let waiter = scope.spawn(move || second.wait_timeout(hour).unwrap_err().kind());
        while lock(&limits.state).waiting.is_empty() {
            std::thread::yield_now();
        }
        limits.begin_shutdown();
        assert_eq!(waiter.join().unwrap(), "server stopped");
    });
}
