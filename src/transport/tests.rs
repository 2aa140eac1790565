//! Two transports that talk to each other, with TLS between them.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig, ServerConnection};
use socket2::SockRef;

use crate::transport::*;

#[cfg(target_os = "linux")]
mod raw;

/// Only a test that fails ever waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Two connected sockets.
fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (far, _) = listener.accept().unwrap();
    (near, far)
}

/// A client's session, and that of the server that it trusts.
fn sessions() -> (Connection, Connection) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = || Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let server = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let client = ClientConnection::new(Arc::new(client), ServerName::try_from("localhost").unwrap()).unwrap();
    (client.into(), ServerConnection::new(Arc::new(server)).unwrap().into())
}

/// Two ends of an encrypted connection.
pub(crate) fn pair() -> (Transport, Transport) {
    let ((near, far), (client, server)) = (sockets(), sessions());
    let deadline = Instant::now() + PATIENCE;
    thread::scope(|scope| {
        let far = scope.spawn(move || Transport::encrypted(far, server, deadline).unwrap());
        let near = Transport::encrypted(near, client, deadline).unwrap();
        (near, far.join().unwrap())
    })
}

/// Reads so many bytes of text.
fn read(transport: &Transport, count: usize) -> Vec<u8> {
    let mut text = vec![0; count];
    let mut read = 0;
    while read < count {
        let more = transport.read(&mut text[read..]).unwrap();
        assert_ne!(more, 0, "the stream ends after {read} bytes of {count}");
        read += more;
    }
    text
}

/// Text that shows where it was cut or mixed.
fn numbered(count: usize) -> Vec<u8> {
    (0u32..).flat_map(|number| format!("{number}\n").into_bytes()).take(count).collect()
}

#[test]
fn text_goes_both_ways_and_each_end_sees_the_others_end() {
    let (near, far) = pair();
    assert!(near.is_encrypted());
    near.send_all(b"to and").unwrap();
    assert_eq!(read(&far, 6), b"to and");
    far.send_all(b"fro").unwrap();
    assert_eq!(read(&near, 3), b"fro");
    near.end().unwrap();
    assert_eq!(far.read(&mut [0; 9]).unwrap(), 0, "its end of the stream");
    far.send_all(b"last").unwrap();
    far.end().unwrap();
    assert_eq!(read(&near, 4), b"last");
    assert_eq!(near.read(&mut [0; 9]).unwrap(), 0);
}

#[test]
fn many_pieces_go_at_once_and_arrive_as_one_text() {
    let (near, far) = pair();
    let text = numbered(300_000);
    let mut pieces: Vec<_> = text.chunks(1000).map(IoSlice::new).collect();
    thread::scope(|scope| {
        let heard = scope.spawn(|| read(&far, text.len()));
        let sent = near.send(&mut pieces, IfFull::Wait).unwrap();
        assert_eq!(sent, Sent { taken: text.len(), moved: true, left: false });
        assert!(heard.join().unwrap() == text);
    });
}

#[test]
fn the_memory_of_large_reads_is_given_back_and_nothing_that_was_read_is_lost() {
    let (near, far) = pair();
    let text = numbered(200_000);
    let memory = || far.tls.as_ref().unwrap().incoming_memory();
    thread::scope(|scope| {
        scope.spawn(|| near.send_all(&text).unwrap());
        let mut heard = read(&far, 100_000);
        // Some of it may be decrypted or not yet, and is kept.
        far.shrink();
        heard.extend(read(&far, 100_000));
        assert!(heard == text);
    });
    assert!(memory() > 2048, "{} bytes", memory());
    far.shrink();
    assert_eq!(memory(), 0);
    near.send_all(b"more").unwrap();
    assert_eq!(read(&far, 4), b"more");
}

#[test]
fn one_thread_blocks_in_read_while_another_writes() {
    let (near, far) = pair();
    thread::scope(|scope| {
        let reader = scope.spawn(|| read(&near, 4));
        // Each of these would wait for the reader for ever, if that held the lock while it waits for us.
        for _ in 0..100 {
            near.send_all(b"question").unwrap();
            read(&far, 8);
        }
        assert!(!reader.is_finished(), "nothing was said to it yet");
        far.send_all(b"stop").unwrap();
        assert_eq!(reader.join().unwrap(), b"stop");
    });
}

/// A write that may wait would come back only at the time limit, which is long here.
#[test]
fn a_write_that_is_not_to_wait_does_not_wait_for_a_full_socket() {
    let ((plain, _far), (encrypted, _other)) = (sockets(), pair());
    let text = numbered(1 << 20);
    for near in [Transport::plain(plain), encrypted] {
        near.socket().set_write_timeout(Some(PATIENCE)).unwrap();
        let begun = Instant::now();
        while near.send(&mut [IoSlice::new(&text)], IfFull::Leave).unwrap().moved {}
        assert!(begun.elapsed() < PATIENCE, "it waited");
    }
}

#[test]
fn what_a_full_socket_does_not_take_is_left_and_goes_first_at_the_next_call() {
    let (near, far) = pair();
    near.socket().set_write_timeout(Some(Duration::from_millis(1))).unwrap();
    SockRef::from(near.socket()).set_send_buffer_size(1).unwrap();
    SockRef::from(far.socket()).set_recv_buffer_size(1).unwrap();
    let text = numbered(8 << 20);
    let (mut taken, mut last) = (0, Sent::default());
    while !last.left {
        last = near.send(&mut [IoSlice::new(&text[taken..])], IfFull::Leave).unwrap();
        taken += last.taken;
        assert!(taken < text.len(), "no socket takes all of that");
    }
    assert_eq!(near.send(&mut [], IfFull::Leave).unwrap(), Sent { taken: 0, moved: false, left: true });
    assert!(near.send_all(b"more").is_err(), "it would have to wait");
    thread::scope(|scope| {
        let heard = scope.spawn(|| read(&far, taken));
        while near.send(&mut [], IfFull::Wait).unwrap().left {}
        assert!(heard.join().unwrap() == text[..taken]);
    });
}

#[test]
fn a_change_of_keys_is_answered_before_the_next_text() {
    let (near, far) = pair();
    for round in 0..50 {
        near.refresh_keys();
        near.send_all(b"ask").unwrap();
        assert_eq!(read(&far, 3), b"ask");
        // In some rounds, this carries the answers to several changes.
        if round % 3 == 0 {
            far.send_all(b"tell").unwrap();
            assert_eq!(read(&near, 4), b"tell");
        }
    }
}

#[test]
fn a_peer_that_does_nothing_but_change_keys_is_ended() {
    let (near, far) = pair();
    for _ in 0..100 {
        near.refresh_keys();
    }
    near.send_all(b"hello").unwrap();
    let error = far.read(&mut [0; 9]).unwrap_err();
    assert!(error.to_string().contains("TooManyKeyUpdateRequests"), "{error}");
}

#[test]
fn bytes_that_are_no_record_are_an_error_and_the_peer_is_told() {
    let (near, far) = pair();
    near.socket().write_all(b"\x17\x03\x03\x00\x20 this was not encrypted with the key").unwrap();
    assert_eq!(far.read(&mut [0; 9]).unwrap_err().kind(), ErrorKind::InvalidData);
    far.end().unwrap();
    let error = near.read(&mut [0; 9]).unwrap_err();
    assert!(error.to_string().contains("BadRecordMac"), "{error}");
}

#[test]
fn text_that_comes_right_behind_the_handshake_is_not_lost_wherever_the_bytes_are_cut() {
    for size in [1, 7, 1000, 16 * 1024] {
        let ((near, middle_near), (middle_far, far)) = (sockets(), sockets());
        let (client, server) = sessions();
        let text = numbered(40_000);
        let deadline = Instant::now() + PATIENCE;
        thread::scope(|scope| {
            scope.spawn(|| forward(&middle_near, &middle_far, size));
            scope.spawn(|| forward(&middle_far, &middle_near, size));
            let far = scope.spawn(|| {
                let far = Transport::encrypted(far, server, deadline).unwrap();
                let heard = read(&far, text.len());
                far.end().unwrap();
                heard
            });
            let near = Transport::encrypted(near, client, deadline).unwrap();
            near.send_all(&text).unwrap();
            assert!(far.join().unwrap() == text);
            assert_eq!(near.read(&mut [0; 9]).unwrap(), 0);
        });
    }
}

/// Passes bytes on in pieces of this size, until the end.
fn forward(mut from: &TcpStream, mut to: &TcpStream, size: usize) {
    let mut piece = vec![0; size];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[test]
fn a_handshake_ends_at_its_deadline_however_its_bytes_trickle_in() {
    let (near, far) = sockets();
    let (_, server) = sessions();
    thread::scope(|scope| {
        let trickle = scope.spawn(|| {
            // A handshake record of 100 bytes, of which one comes now and then.
            let record = [0x16, 3, 1, 0, 100, 1, 0, 0, 96];
            let mut bytes = record.iter().chain(std::iter::repeat(&0));
            let begun = Instant::now();
            while begun.elapsed() < PATIENCE && (&near).write_all(&[*bytes.next().unwrap()]).is_ok() {
                thread::park_timeout(Duration::from_millis(20));
            }
        });
        let limit = Duration::from_millis(300);
        let begun = Instant::now();
        let ended = Transport::encrypted(far, server, begun + limit).unwrap_err();
        assert!(matches!(ended, HandshakeError::TimedOut), "{ended}");
        assert!(begun.elapsed() >= limit);
        trickle.join().unwrap();
    });
}

impl Transport {
    /// New keys for what this end sends, and a request to the other end for the same.
    fn refresh_keys(&self) {
        self.tls.as_ref().unwrap().refresh_keys();
    }
}
