//! Tests that queued chunks are written, whatever becomes of the thread that queued them.

use super::outbox::{TAKE_MAX, Taken};
use crate::protocol::{Capabilities, Username};
use crate::server::delivery::*;
use crate::server::id::ConnectionId;
use crate::server::observe::event::DisconnectReason;
use crate::transport::Transport;
use std::io::Read;
use std::net::{TcpListener, TcpStream};

/// Returns a client as the server has it, and the other end of its connection.
fn pair(name: &str) -> (Arc<Client>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let far = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    far.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (near, addr) = listener.accept().unwrap();
    prepare(&near).unwrap();
    let name = Username::parse(name).unwrap();
    (Arc::new(Client::new(ConnectionId(1), name, Capabilities::default(), addr, Transport::plain(near))), far)
}

fn writers() -> Arc<WriterContext> {
    WriterContext::new(EventSink::default(), Budget::new(1 << 20, 1 << 20), Duration::from_secs(10))
}

fn read(mut far: &TcpStream, expected: &[u8]) {
    let mut bytes = vec![0; expected.len()];
    far.read_exact(&mut bytes).unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(expected));
}

#[test]
fn a_thread_that_panics_has_still_written_what_it_pushed() {
    let (writers, (ann, far)) = (writers(), pair("ann"));
    let pushed = ann.clone();
    let panicked = thread::spawn(move || {
        let mut pending = PendingWrites::new(&writers);
        assert!(pending.push(&pushed, &b"MSG ben hi\n"[..].into()));
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    read(&far, b"MSG ben hi\n");
    assert_eq!(ann.disconnect_reason(), None, "ann has nothing to do with it");
    assert_eq!(ann.outbox.backlog(), 0);
}

#[test]
fn a_claim_that_is_lost_in_the_middle_of_a_write_disconnects_that_client_and_no_other() {
    let (writers, (ann, far_ann), (ben, far_ben)) = (writers(), pair("ann"), pair("ben"));
    let mut pending = PendingWrites::new(&writers);
    pending.push(&ann, &b"MSG carl hi\n"[..].into());
    pending.push(&ben, &b"MSG carl hi\n"[..].into());
    // As after a panic between the take and the write.
    assert!(matches!(ann.outbox.take(0, &mut pending.scratch.chunks, &pending.writers.budget), Taken::Chunks { .. }));
    pending.held[0].in_flight = true;
    drop(pending);
    assert!(matches!(ann.disconnect_reason(), Some(DisconnectReason::Broken(_))));
    assert_eq!((&far_ann).read(&mut [0; 16]).unwrap(), 0);
    read(&far_ben, b"MSG carl hi\n");
    assert_eq!(ben.disconnect_reason(), None);
}

#[test]
fn what_takes_too_many_rounds_is_written_by_a_flusher_thread() {
    let (writers, (ann, far)) = (writers(), pair("ann"));
    let mut pending = PendingWrites::new(&writers);
    let mut expected = Vec::new();
    for number in 0..=MAX_ROUNDS * TAKE_MAX {
        let line = format!("MSG ben {number}\n");
        expected.extend_from_slice(line.as_bytes());
        assert!(pending.push(&ann, &line.as_bytes().into()));
    }
    pending.deliver();
    assert!(pending.held.is_empty());
    read(&far, &expected);
    assert!(writers.threads.wait(Duration::from_secs(10)), "the flusher ends when all is written");
    assert_eq!((ann.outbox.backlog(), ann.disconnect_reason()), (0, None));
}
