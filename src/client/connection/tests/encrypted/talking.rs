//! A handshake that fails, and a conversation over TLS.

use super::*;

#[test]
fn garbage_in_the_handshake_is_told_as_such() {
    let (address, server) = plain_server(b"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00rest");
    let ending = refused(encrypted_options(&address, &Arc::default()));
    assert!(matches!(ending, ConnectionError::NoTls(_) | ConnectionError::Handshake(_)), "{ending:?}");
    server.join().unwrap();
}

#[test]
fn a_conversation_over_tls_is_as_one_in_plain_text() {
    let (identity, list) = (Identity::new(), Arc::default());
    let (listener, address) = listen();
    let config = Arc::new(identity.config());
    let trust = TrustPolicy::Accept(identity.fingerprint());
    let mut connection = Connection::open(ConnectOptions { trust, ..encrypted_options(&address, &list) });
    let (socket, _) = listener.accept().unwrap();
    let server =
        Transport::encrypted(socket, ServerConnection::new(config).unwrap(), Instant::now() + PATIENCE).unwrap();
    assert!(matches!(next(&connection), Some(Event::Connected { .. })));
    let many = "MSG ann to and fro\n".repeat(20_000);
    let text = "x".repeat(4000);
    let (mut sent, mut heard) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| server.send_all(many.as_bytes()).unwrap());
        let reading = scope.spawn(|| {
            let mut buffer = vec![0; 1 << 16];
            let mut all = Vec::new();
            // To the end, which comes after the BYE: what is left unread would make the system end it with a reset.
            while let count @ 1.. = server.read(&mut buffer).unwrap() {
                all.extend_from_slice(&buffer[..count]);
            }
            // A socket that is closed with something unread, and be it the end, is reset.
            assert_eq!(server.read(&mut buffer).unwrap(), 0);
            String::from_utf8(all).unwrap()
        });
        // Both directions at once.
        while heard < 20_000 {
            if sent < 200 && connection.send(&ClientLine::Msg { username: "bob", text: &text }).is_ok() {
                sent += 1;
            }
            if let Ok(Event::Received { lines, not_understood }) = connection.events().try_recv() {
                assert_eq!(not_understood, 0);
                assert!(lines.iter().all(|line| *line == msg("ann", "to and fro")));
                heard += lines.len();
            }
        }
        connection.leave();
        let all = reading.join().unwrap();
        assert_eq!(all.matches("MSG bob xxx").count(), sent);
        assert_eq!(all.len(), "HELLO bob stamp echo\n".len() + sent * (4000 + "MSG bob \n".len()) + "BYE\n".len());
    });
    drop(server);
    assert!(matches!(rest(&connection).2, Some(ConnectionError::Closed)));
}

#[test]
fn a_host_that_no_certificate_can_name_is_recognised_by_its_fingerprint() {
    let identity = Identity::new();
    let (listener, address) = listen();
    let config = Arc::new(identity.config());
    let server = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        Transport::encrypted(socket, ServerConnection::new(config).unwrap(), Instant::now() + PATIENCE).is_ok()
    });
    assert!(address.host().parse::<IpAddr>().is_ok());
    assert_same(
        refused(encrypted_options(&address, &Arc::default())),
        ConnectionError::UnknownCertificate { fingerprint: identity.fingerprint() },
    );
    assert!(server.join().unwrap());
}
