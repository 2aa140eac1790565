//! Servers that answer in plain text: what a client that wants encryption makes of it, and when it says nothing.

use super::*;

/// Starts a server that answers one client in plain text. Returns everything that the client sends.
pub(super) fn plain_server(answer: &'static [u8]) -> (ServerAddress, thread::JoinHandle<Vec<u8>>) {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
        let count = socket.read(&mut buffer).unwrap();
        heard.extend_from_slice(&buffer[..count]);
        socket.write_all(answer).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        // It may end with a reset, since nobody has read all of the answer.
        let _ = socket.read_to_end(&mut heard);
        heard
    });
    (address, server)
}

#[test]
fn a_server_that_is_known_to_encrypt_cannot_be_brought_down_to_plain_text() {
    for answer in [&b"ERR HELLO_EXPECTED say HELLO first\n"[..], b"HELLO bob\n", b"\x15\x03\x01\x00\x02\x02\x46"] {
        let (address, server) = plain_server(answer);
        let list = knowing(&address, Identity::new().known());
        let options = ConnectOptions { encryption: Encryption::Automatic, ..encrypted_options(&address, &list) };
        let ending = refused(options);
        assert!(matches!(ending, ConnectionError::NoTls(_)), "{ending:?}");
        let heard = server.join().unwrap();
        assert_eq!(heard[0], 0x16, "a ClientHello");
        assert!(!String::from_utf8_lossy(&heard).contains("HELLO"), "{heard:?}");
    }
}

/// The rejections that a server sends before the handshake, as alerts and as text, and how a client understands them.
const AT_THE_DOOR: [(&[u8], ErrorCode); 7] = [
    (b"ERR TOO_MANY_CONNECTIONS too many others\n", ErrorCode::TooManyConnections),
    (b"ERR SERVER_FULL\n", ErrorCode::ServerFull),
    (b"ERR SHUTTING_DOWN the server stops\n", ErrorCode::ShuttingDown),
    (b"ERR HELLO_TIMEOUT write HELLO <name> within 10 s\n", ErrorCode::HelloTimeout),
    (b"ERR BANNED until tomorrow\n", ErrorCode::Banned),
    (b"\x15\x03\x01\x00\x02\x02\x50", ErrorCode::TooManyConnections),
    (b"\x15\x03\x01\x00\x02\x02\x31", ErrorCode::Banned),
];

#[test]
fn a_refusal_at_the_door_says_nothing_about_tls() {
    for (answer, expected) in AT_THE_DOOR {
        for known in [None, Some(Identity::new().known())] {
            let (address, server) = plain_server(answer);
            let list: Arc<KnownServers> = Arc::default();
            known.iter().for_each(|known| list.remember(&address, known.clone()).unwrap());
            match refused(encrypted_options(&address, &list)) {
                ConnectionError::Rejected { code, .. } => assert_eq!(code, expected),
                other => panic!("{answer:?}: {other:?}"),
            }
            server.join().unwrap();
        }
    }
}

#[test]
fn a_refusal_is_one_however_its_bytes_are_cut_and_half_a_refusal_is_no_word_about_tls() {
    const CASES: [(&[&[u8]], Option<ErrorCode>); 4] = [
        (&[b"E", b"RR SERVER_", b"FULL try again", b"\r\n"], Some(ErrorCode::ServerFull)),
        (&[b"ERR SERVER_FULL try aga"], Some(ErrorCode::ServerFull)),
        (&[b"ERR SERV"], None),
        (&[b"ERR TEAPOT short and stout\n"], None),
    ];
    for (pieces, expected) in CASES {
        let (listener, address) = listen();
        let server = thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            socket.set_nodelay(true).unwrap();
            assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
            for piece in pieces {
                socket.write_all(piece).unwrap();
                // So that it is a packet of its own.
                thread::park_timeout(Duration::from_millis(20));
            }
            socket.shutdown(Shutdown::Write).unwrap();
            let _ = socket.read_to_end(&mut Vec::new());
        });
        match (refused(encrypted_options(&address, &Arc::default())), expected) {
            (ConnectionError::Rejected { code, .. }, Some(expected)) => assert_eq!(code, expected),
            (ConnectionError::Handshake(why), None) => assert!(why.contains("ERR "), "{why}"),
            (other, _) => panic!("{pieces:?}: {other:?}"),
        }
        server.join().unwrap();
    }
}

#[test]
fn who_wants_no_encryption_does_not_speak_to_a_server_that_is_known_to_encrypt() {
    let (listener, address) = listen();
    let list = knowing(&address, Identity::new().known());
    let options = ConnectOptions { encryption: Encryption::Never, ..encrypted_options(&address, &list) };
    assert_same(refused(options), ConnectionError::KnownToEncrypt);
    let (mut socket, _) = listener.accept().unwrap();
    let mut heard = Vec::new();
    socket.read_to_end(&mut heard).unwrap();
    assert!(heard.is_empty(), "{heard:?}");
}

#[test]
fn where_it_is_not_known_who_is_known_nothing_is_said() {
    let (_listener, address) = listen();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mess");
    std::fs::write(&file, "a mess\n").unwrap();
    let list = Arc::new(KnownServers::in_file(Some(file.clone())));
    for trust in [TrustPolicy::Remembered, TrustPolicy::Replace("SHA256:0A".into())] {
        let ending = refused(ConnectOptions { trust, ..encrypted_options(&address, &list) });
        assert!(
            matches!(&ending, ConnectionError::KnownServersUnreadable(why) if why.contains("mess: line 1: ")),
            "{ending:?}"
        );
    }
}
