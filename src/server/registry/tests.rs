//! Tests of the registry, one call after the other in one thread.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::protocol::{Capabilities, Username};
use crate::server::delivery::WriterContext;
use crate::server::delivery::budget::Budget;
use crate::server::id::ConnectionId;
use crate::server::observe::event::EventSink;
use crate::server::registry::*;
use crate::transport::Transport;

#[test]
fn a_cleanup_that_comes_late_does_not_evict_the_returned_user() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let [old, new] = [1, 2].map(|id| {
        let transport = Transport::plain(TcpStream::connect(addr).unwrap());
        let (name, capabilities) = (Username::parse("ann").unwrap(), Capabilities::default());
        Arc::new(Client::new(ConnectionId(id), name, capabilities, addr, transport))
    });
    let registry = Registry::new(9, None);
    let budget = Budget::new(1 << 20, 1 << 20);
    let mut writes = PendingWrites::new(&WriterContext::new(EventSink::default(), budget, Duration::from_secs(10)));
    let here = || registry.find(|_| true).iter().map(|client| client.id.0).collect::<Vec<_>>();

    registry.join(&old, &mut writes).unwrap();
    assert!(matches!(registry.join(&new, &mut writes), Err(JoinError::Taken(_))));
    registry.leave(&old, &mut writes);
    registry.join(&new, &mut writes).unwrap();
    registry.leave(&old, &mut writes);
    assert_eq!(here(), [2], "the name is another connection's by now");
    registry.leave(&new, &mut writes);
    assert!(here().is_empty());
}
