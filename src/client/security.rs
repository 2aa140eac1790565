//! From a server's address to a connection that is as confidential as the user wants. Runs on `reader`, and blocks.
//!
//! # The rule
//!
//! | the server | automatic | always | never |
//! | --- | --- | --- | --- |
//! | is known to speak TLS, or has just shown a certificate | TLS | TLS | nothing is said |
//! | is on this computer | plain text | TLS | plain text |
//! | is somewhere else | TLS; plain text if it says that it has none | TLS | plain text |
//!
//! (Without feature `tls`, what would be TLS is refused, and a server somewhere else is spoken to in plain text.)
//!
//! A server says that it has none by an alert, or by a complaint about what it takes for our first line. That it is full, say,
//! is no such word, in whichever language it comes: [`ConnectionError::TurnedAway`], and to be tried again.
//!
//! So a server that has once been spoken to in TLS is never again spoken to in plain text: somebody on the way who swallows
//! the TLS and answers "I have none" gains nothing (such a downgrade is why it is remembered). Only the very first time can
//! they keep a client from encrypting, and then the lock in the window is open and no password is sent. That is what trust
//! on first use costs, in SSH too; whoever does not want to pay it chooses "always", and compares the fingerprint.
//!
//! # Trust
//!
//! A certificate is good if its public key is the one that is remembered for the server, or if the system's roots vouch for it
//! and it names the server. (The key, as RFC 7469 pins it, stays when a certificate is renewed. Lists of earlier versions have
//! the certificate itself, and learn the key when they see it.) Any other ends the connection after the handshake, in which nothing but keys was exchanged: the first
//! of a server becomes a question to the user, and one in the place of another is refused. The user may take all the time
//! in the world to answer, since nothing waits: yes is another connection, made with [`TrustPolicy::In`] that fingerprint. What is
//! remembered is replaced by what is accepted in its place ([`TrustPolicy::InPlaceOfKnown`]), and stays until then.

use std::net::{SocketAddr, TcpStream};

use super::dial::{dial, plain};
use super::encryption::{Encryption, Security, Trust};
use super::event::ConnectionError;
use super::known_servers::Known;
use super::options::{ConnectOptions, TrustPolicy};
use crate::transport::Transport;

#[cfg_attr(feature = "tls", path = "security/tls/enabled.rs")]
#[cfg_attr(not(feature = "tls"), path = "security/tls/disabled.rs")]
mod tls;

use tls::{NotEncrypted, Shown};

/// A connection on which HELLO may be said.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) transport: Transport,
    pub(crate) peer: SocketAddr,
    pub(crate) lock: Security,
    /// Why the server will not be known the next time, although it should.
    pub(crate) not_kept: Option<String>,
}

/// How to speak to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Plain,
    Tls,
    /// In plain text, if it says that it does not know TLS.
    TlsIfSpoken,
}

/// Connects, and makes sure of whom to.
pub(crate) fn open(visit: &ConnectOptions) -> Result<Opened, ConnectionError> {
    let no_list = |error: std::io::Error| {
        let file = visit.known.file().map_or_else(|| "the list".into(), |file| file.display().to_string());
        ConnectionError::NoList(format!("{file}: {}", plain(&error)))
    };
    let known = visit.known.find(&visit.server).map_err(no_list)?;
    let (socket, peer) = connect(visit)?;
    let here = Security::open(peer).is_confidential();
    let speaks_tls = known.is_some() || visit.faith != TrustPolicy::AsKnown;
    let way = way(visit.encryption, speaks_tls, here)?;
    go(way, visit, known, socket, peer)
}

fn go(
    way: Way,
    visit: &ConnectOptions,
    known: Option<Known>,
    socket: TcpStream,
    peer: SocketAddr,
) -> Result<Opened, ConnectionError> {
    match way {
        Way::Plain => in_plain_text(visit, socket, peer),
        Way::Tls | Way::TlsIfSpoken => match tls::shake_hands(socket, peer, &visit.server) {
            Ok((transport, shown)) => judge(visit, known, &shown, transport, peer),
            Err(NotEncrypted::NoTls(why)) if way == Way::TlsIfSpoken => {
                log::info!("{} has no TLS ({why}): plain text", visit.server);
                let (socket, peer) = connect(visit)?;
                in_plain_text(visit, socket, peer)
            }
            Err(NotEncrypted::NoTls(why)) => Err(ConnectionError::NoTls(why)),
            Err(NotEncrypted::Failed(ending)) => Err(ending),
        },
    }
}

fn connect(visit: &ConnectOptions) -> Result<(TcpStream, SocketAddr), ConnectionError> {
    let socket = dial(&visit.server)?;
    let peer = socket.peer_addr().map_err(|error| ConnectionError::Broken(plain(&error)))?;
    Ok((socket, peer))
}

fn in_plain_text(visit: &ConnectOptions, socket: TcpStream, peer: SocketAddr) -> Result<Opened, ConnectionError> {
    let lock = Security::open(peer);
    // The server would not take a password either, but by then everybody on the way could have read it.
    if visit.password.is_some() && !lock.is_confidential() {
        return Err(ConnectionError::WouldBeOverheard);
    }
    Ok(Opened { transport: Transport::plain(socket), peer, lock, not_kept: None })
}

/// The table above.
fn way(wanted: Encryption, speaks_tls: bool, is_here: bool) -> Result<Way, ConnectionError> {
    match (wanted, speaks_tls, is_here) {
        (Encryption::Never, true, _) => Err(ConnectionError::KnownToEncrypt),
        (Encryption::Always, ..) | (_, true, _) => Ok(Way::Tls),
        (Encryption::Never, ..) | (_, _, true) => Ok(Way::Plain),
        (Encryption::Automatic, ..) if cfg!(feature = "tls") => Ok(Way::TlsIfSpoken),
        (Encryption::Automatic, ..) => Ok(Way::Plain),
    }
}

/// Is this the server? If so, it is remembered.
fn judge(
    visit: &ConnectOptions,
    known: Option<Known>,
    shown: &Shown,
    transport: Transport,
    peer: SocketAddr,
) -> Result<Opened, ConnectionError> {
    let fingerprint = shown.fingerprint().to_owned();
    let trust = if known.as_ref().is_some_and(|known| shown.is(known)) {
        Trust::Known
    } else if shown.is_vouched_for() {
        Trust::Vouched
    } else {
        match (&visit.faith, known) {
            (TrustPolicy::InPlaceOfKnown(yes), _) | (TrustPolicy::In(yes), None) if *yes == fingerprint => Trust::New,
            (TrustPolicy::Anew, _) | (_, None) => return Err(ConnectionError::Unknown { fingerprint }),
            (_, Some(was)) => return Err(ConnectionError::Changed { was, fingerprint }),
        }
    };
    let recognised = if trust == Trust::Vouched { Known::Vouched } else { Known::By(fingerprint.clone()) };
    let kept = visit.known.remember(&visit.server, recognised);
    // What was known stays so if the list cannot be written: a certificate, whose key is now known too.
    let not_kept = kept.err().filter(|_| trust != Trust::Known).map(|error| plain(&error));
    Ok(Opened { transport, peer, lock: Security::Closed { fingerprint, trust }, not_kept })
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;
    use crate::password::Password;
    use crate::protocol::Username;

    #[test]
    fn the_table_of_ways_is_the_one_in_the_documentation() {
        use Encryption::{Always, Automatic, Never};
        let elsewhere = if cfg!(feature = "tls") { Way::TlsIfSpoken } else { Way::Plain };
        for (is_known, is_here, automatic, always, never) in [
            (true, true, Ok(Way::Tls), Ok(Way::Tls), Err(ConnectionError::KnownToEncrypt)),
            (true, false, Ok(Way::Tls), Ok(Way::Tls), Err(ConnectionError::KnownToEncrypt)),
            (false, true, Ok(Way::Plain), Ok(Way::Tls), Ok(Way::Plain)),
            (false, false, Ok(elsewhere), Ok(Way::Tls), Ok(Way::Plain)),
        ] {
            for (wanted, expected) in [(Automatic, automatic), (Always, always), (Never, never)] {
                assert_eq!(way(wanted, is_known, is_here), expected, "{wanted:?} {is_known} {is_here}");
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
        let visit = ConnectOptions::new(address.to_string().parse().unwrap(), Username::parse("bob").unwrap());
        let opened = if cfg!(feature = "tls") {
            let (socket, peer) = connect(&visit).unwrap();
            go(Way::TlsIfSpoken, &visit, None, socket, peer).unwrap()
        } else {
            open(&visit).unwrap()
        };
        assert_eq!(opened.lock, Security::Open { here: true });
        opened.transport.send_all(b"HELLO bob\n").unwrap();
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
            let visit = ConnectOptions::new(address.to_string().parse().unwrap(), Username::parse("bob").unwrap());
            let (socket, peer) = connect(&visit).unwrap();
            let ending = go(Way::TlsIfSpoken, &visit, None, socket, peer).unwrap_err();
            assert!(matches!(ending, ConnectionError::TurnedAway { .. } | ConnectionError::Handshake(_)), "{ending:?}");
            assert!(!ending.is_for_good());
            assert!(server.join().unwrap().accept().is_err(), "there was no second connection");
        }
    }

    #[test]
    fn a_password_never_leaves_this_computer_in_plain_text() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut visit = ConnectOptions::new(address.to_string().parse().unwrap(), Username::parse("bob").unwrap());
        visit.password = Password::typed("open sesame").unwrap();
        let (socket, _) = connect(&visit).unwrap();
        // As if it were somewhere else.
        let elsewhere = "192.0.2.7:5555".parse().unwrap();
        let refused = in_plain_text(&visit, socket, elsewhere);
        assert!(matches!(refused, Err(ConnectionError::WouldBeOverheard)), "{refused:?}");
        let mut heard = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut heard).unwrap();
        assert!(heard.is_empty(), "{heard:?}");
        let (socket, peer) = connect(&visit).unwrap();
        assert!(in_plain_text(&visit, socket, peer).is_ok(), "on this computer it may be said");
    }
}
