//! Establishes a connection that is as secure as the user requires: chooses plain text or TLS, and checks the certificate. Runs on
//! `reader`, and blocks.
//!
//! # The choice
//!
//! | the server | automatic | always | never |
//! | --- | --- | --- | --- |
//! | is known to support TLS, or has just presented a certificate | TLS | TLS | refused |
//! | is on this computer | plain text | TLS | plain text |
//! | is elsewhere | TLS; plain text if the server says that it has no TLS | TLS | plain text |
//!
//! (Without the feature `tls`, connections that require TLS are refused, and automatic is plain text.)
//!
//! A server says that it has no TLS by an alert, or by an error about the first bytes that it received. Other errors, such as that
//! it is full, do not count, neither as an alert nor in plain text: they are [`ConnectionError::Rejected`], and the client tries
//! again later.
//!
//! A server that has once been reached over TLS is never again contacted in plain text, so an attacker on the path who suppresses
//! the handshake and answers "no TLS" gains nothing. (This downgrade is the reason why the server is remembered.) Only the very
//! first connection can be kept in plain text. The window then shows an open lock, and no password is sent. That is the price of
//! trust on first use, in SSH as well. A user who does not accept it chooses "always" and compares the fingerprint.
//!
//! # Trust
//!
//! A certificate is accepted if its public key is the one remembered for the server, or if the system's root certificates vouch for
//! it and it names the server. (The key is pinned, as in RFC 7469, because it stays the same when a certificate is renewed. Lists
//! of earlier versions have the fingerprint of the certificate instead, and the key is stored when that certificate is seen.)
//!
//! Any other certificate ends the connection after the handshake, in which nothing but keys was exchanged. The first certificate
//! of a server becomes a question to the user; one that differs from the remembered one is refused. No connection waits for the
//! user's answer: accepting opens another connection with [`TrustPolicy::Accept`] and the fingerprint. The remembered key is
//! replaced only by one that the user accepts in its place ([`TrustPolicy::Replace`]).

use std::net::{SocketAddr, TcpStream};

use crossbeam_channel::Receiver;

use super::dial::{dial, without_code};
use super::encryption::{Encryption, Security, Trust};
use super::event::ConnectionError;
use super::known_servers::Pin;
use super::options::{ConnectOptions, TrustPolicy};
use crate::transport::Transport;

#[cfg_attr(feature = "tls", path = "security/tls/enabled.rs")]
#[cfg_attr(not(feature = "tls"), path = "security/tls/disabled.rs")]
mod tls;

use tls::{ServerCertificate, TlsError};

/// A connection on which HELLO may be sent.
#[derive(Debug)]
pub(crate) struct Established {
    pub(crate) transport: Transport,
    pub(crate) peer: SocketAddr,
    pub(crate) security: Security,
    /// The error because of which the server's certificate could not be remembered.
    pub(crate) not_remembered: Option<String>,
}

/// The mode of an attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    PlainText,
    Tls,
    /// TLS, then plain text if the server says that it has no TLS.
    TlsIfSupported,
}

/// Connects to the server of the options, securely enough for them. `cancelled` is disconnected when nobody wants the connection
/// any more.
///
/// # Errors
/// No connection could be established, or none that is secure enough. Nothing but a handshake has been sent.
pub(crate) fn establish(options: &ConnectOptions, cancelled: &Receiver<()>) -> Result<Established, ConnectionError> {
    let unreadable = |error: std::io::Error| {
        let file = options.known.file().map_or_else(|| "the list".into(), |file| file.display().to_string());
        ConnectionError::KnownServersUnreadable(format!("{file}: {}", without_code(&error)))
    };
    let pin = options.known.find(&options.server).map_err(unreadable)?;
    let (socket, peer) = connect(options, cancelled)?;
    let is_local = Security::plain_text(peer).is_confidential();
    let supports_tls = pin.is_some() || options.trust != TrustPolicy::Remembered;
    let mode = mode(options.encryption, supports_tls, is_local)?;
    establish_with(mode, options, cancelled, pin, socket, peer)
}

fn establish_with(
    mode: Mode,
    options: &ConnectOptions,
    cancelled: &Receiver<()>,
    pin: Option<Pin>,
    socket: TcpStream,
    peer: SocketAddr,
) -> Result<Established, ConnectionError> {
    match mode {
        Mode::PlainText => in_plain_text(options, socket, peer),
        Mode::Tls | Mode::TlsIfSupported => match tls::handshake(socket, peer, &options.server) {
            Ok((transport, certificate)) => check_certificate(options, pin, &certificate, transport, peer),
            Err(TlsError::NotSupported(why)) if mode == Mode::TlsIfSupported => {
                log::info!("{} has no TLS ({why}): plain text", options.server);
                // The first connection is used up: the server has received bytes that are not a line.
                let (socket, peer) = connect(options, cancelled)?;
                in_plain_text(options, socket, peer)
            }
            Err(TlsError::NotSupported(why)) => Err(ConnectionError::NoTls(why)),
            Err(TlsError::Failed(error)) => Err(error),
        },
    }
}

fn connect(options: &ConnectOptions, cancelled: &Receiver<()>) -> Result<(TcpStream, SocketAddr), ConnectionError> {
    let socket = dial(&options.server, cancelled)?;
    let peer = socket.peer_addr().map_err(|error| ConnectionError::Broken(without_code(&error)))?;
    Ok((socket, peer))
}

fn in_plain_text(
    options: &ConnectOptions,
    socket: TcpStream,
    peer: SocketAddr,
) -> Result<Established, ConnectionError> {
    let security = Security::plain_text(peer);
    // The server would reject the password, but by then it would have crossed the network.
    if options.password.is_some() && !security.is_confidential() {
        return Err(ConnectionError::PasswordInPlainText);
    }
    Ok(Established { transport: Transport::plain(socket), peer, security, not_remembered: None })
}

/// Returns the mode, by the table above.
fn mode(wanted: Encryption, supports_tls: bool, is_local: bool) -> Result<Mode, ConnectionError> {
    match (wanted, supports_tls, is_local) {
        (Encryption::Never, true, _) => Err(ConnectionError::KnownToEncrypt),
        (Encryption::Always, ..) | (_, true, _) => Ok(Mode::Tls),
        (Encryption::Never, ..) | (_, _, true) => Ok(Mode::PlainText),
        (Encryption::Automatic, ..) if cfg!(feature = "tls") => Ok(Mode::TlsIfSupported),
        (Encryption::Automatic, ..) => Ok(Mode::PlainText),
    }
}

/// Decides whether the certificate is trusted. If so, remembers it.
fn check_certificate(
    options: &ConnectOptions,
    pin: Option<Pin>,
    certificate: &ServerCertificate,
    transport: Transport,
    peer: SocketAddr,
) -> Result<Established, ConnectionError> {
    let fingerprint = certificate.fingerprint().to_owned();
    let trust = if pin.as_ref().is_some_and(|pin| certificate.matches(pin)) {
        Trust::Remembered
    } else if certificate.is_trusted_by_system() {
        Trust::SystemRoots
    } else {
        match (&options.trust, pin) {
            (TrustPolicy::Replace(accepted), _) | (TrustPolicy::Accept(accepted), None) if *accepted == fingerprint => {
                Trust::JustAccepted
            }
            (_, None) => return Err(ConnectionError::UnknownCertificate { fingerprint }),
            (_, Some(pinned)) => return Err(ConnectionError::CertificateChanged { pinned, fingerprint }),
        }
    };
    let new_pin = if trust == Trust::SystemRoots { Pin::SystemRoots } else { Pin::Key(fingerprint.clone()) };
    let remembered = options.known.remember(&options.server, new_pin);
    // A remembered certificate stays remembered if the list cannot be written. Writing it again only adds its key to an entry of an
    // earlier version.
    let not_remembered = remembered.err().filter(|_| trust != Trust::Remembered).map(|error| without_code(&error));
    Ok(Established { transport, peer, security: Security::Encrypted { fingerprint, trust }, not_remembered })
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use crossbeam_channel::never;

    use super::*;
    use crate::password::Password;
    use crate::protocol::Username;

    #[test]
    fn the_table_of_modes_is_the_one_in_the_documentation() {
        use Encryption::{Always, Automatic, Never};
        let elsewhere = if cfg!(feature = "tls") { Mode::TlsIfSupported } else { Mode::PlainText };
        for (is_known, is_local, automatic, always, never) in [
            (true, true, Mode::Tls, Mode::Tls, None),
            (true, false, Mode::Tls, Mode::Tls, None),
            (false, true, Mode::PlainText, Mode::Tls, Some(Mode::PlainText)),
            (false, false, elsewhere, Mode::Tls, Some(Mode::PlainText)),
        ] {
            for (wanted, expected) in [(Automatic, Some(automatic)), (Always, Some(always)), (Never, never)] {
                assert_eq!(mode(wanted, is_known, is_local).ok(), expected, "{wanted:?} {is_known} {is_local}");
            }
        }
    }

    #[test]
    fn a_server_elsewhere_that_says_that_it_has_no_tls_is_spoken_to_in_plain_text() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            if cfg!(feature = "tls") {
                let (mut first, _) = listener.accept().unwrap();
                let mut hello = [0; 1024];
                assert!(first.read(&mut hello).unwrap() > 0 && hello[0] == 0x16);
                first.write_all(b"ERR NOT_UTF8 byte 1\n").unwrap();
            }
            let mut line = String::new();
            BufReader::new(listener.accept().unwrap().0).read_line(&mut line).unwrap();
            line
        });
        let options = ConnectOptions::new(address.into(), Username::parse("bob").unwrap());
        let established = if cfg!(feature = "tls") {
            let (socket, peer) = connect(&options, &never()).unwrap();
            establish_with(Mode::TlsIfSupported, &options, &never(), None, socket, peer).unwrap()
        } else {
            establish(&options, &never()).unwrap()
        };
        assert_eq!(established.security, Security::PlainText { is_local: true });
        established.transport.send_all(b"HELLO bob\n").unwrap();
        assert_eq!(server.join().unwrap(), "HELLO bob\n");
    }

    #[test]
    #[cfg(feature = "tls")]
    fn a_server_that_is_full_is_not_spoken_to_in_plain_text() {
        for answer in [&b"ERR TOO_MANY_CONNECTIONS too many\n"[..], b"ERR SERVER_FULL\n", b"ERR SERV"] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = thread::spawn(move || {
                let (mut first, _) = listener.accept().unwrap();
                assert!(first.read(&mut [0; 1024]).unwrap() > 0);
                first.write_all(answer).unwrap();
                drop(first);
                listener.set_nonblocking(true).unwrap();
                listener
            });
            let options = ConnectOptions::new(address.into(), Username::parse("bob").unwrap());
            let (socket, peer) = connect(&options, &never()).unwrap();
            let error = establish_with(Mode::TlsIfSupported, &options, &never(), None, socket, peer).unwrap_err();
            assert!(matches!(error, ConnectionError::Rejected { .. } | ConnectionError::Handshake(_)), "{error:?}");
            assert!(!error.is_permanent());
            assert!(server.join().unwrap().accept().is_err(), "there was no second connection");
        }
    }

    #[test]
    fn a_password_never_leaves_this_computer_in_plain_text() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut options = ConnectOptions::new(address.into(), Username::parse("bob").unwrap());
        options.password = Password::typed("open sesame").unwrap();
        let (socket, _) = connect(&options, &never()).unwrap();
        // Pretends that the server is elsewhere.
        let elsewhere = "192.0.2.7:5555".parse().unwrap();
        let refused = in_plain_text(&options, socket, elsewhere);
        assert!(matches!(refused, Err(ConnectionError::PasswordInPlainText)), "{refused:?}");
        let mut heard = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut heard).unwrap();
        assert!(heard.is_empty(), "{heard:?}");
        let (socket, peer) = connect(&options, &never()).unwrap();
        assert!(in_plain_text(&options, socket, peer).is_ok(), "on this computer it may be said");
    }
}
