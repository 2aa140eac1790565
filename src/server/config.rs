//! The settings of a server and their defaults. Plain values: those in force are in `live.rs`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::listen::Listen;
use super::network::Network;
use crate::password::Password;

/// The detail of the error for a password that [must not cross](Config::allows_password) its transport.
pub(crate) const PLAIN_TEXT_PASSWORD: &str = "others could read your password: connect with TLS";

/// The settings of a server. `Config::default()` suits a classroom.
///
/// [`Server::reconfigure`](super::Server::reconfigure) changes a running server. Each field says when it applies: *at
/// once*, or at the *next start* of the server. Connections that exist stay in either case.
///
/// ```
/// use multichat::server::{Config, Password, Server};
///
/// let config = Config {
///     listen: "127.0.0.1:0".into(), // [::]:5555 serves the network
///     password: Some(Password::parse("open sesame")?),
///     max_clients: 40,
///     ..Config::default()
/// };
/// let (server, _events) = Server::start(config)?;
/// println!("listening on {}", server.addr());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Listening addresses, each as `ADDRESS:PORT`; port 0 picks a free one. `[::]` serves IPv4, too. Next start.
    pub listen: Listen,
    /// Name under which the server announces itself on the local network, by DNS-SD; `None` announces nothing. A server that
    /// only this computer reaches is not announced. At once.
    pub announce: Option<String>,
    /// File of the bans; `None` keeps them in memory only. Next start.
    pub bans: Option<PathBuf>,
    /// Database of the messages to all; `None` stores nothing. Next start.
    pub history: Option<PathBuf>,
    /// Age at which stored messages are deleted; `None` keeps them for good. At once: messages that are too old now are
    /// shown to no client any more, and deleted soon.
    pub keep: Option<Duration>,
    /// Certificate for TLS; `None` turns TLS off. Next start; the files themselves are read again at once.
    pub tls: Option<Certificate>,
    /// Rejects connections in plain text. At once for new connections, unless TLS is off.
    pub require_tls: bool,
    /// Maximum duration of a TLS handshake. Next start.
    pub handshake_timeout: Duration,
    /// The room's password, for every name that is not registered; `None` opens the room. At once
    /// for clients that join.
    pub password: Option<Password>,
    /// File whose first line is the room's password, in the place of [`password`](Self::password). At once, and read
    /// again by each change.
    pub password_file: Option<PathBuf>,
    /// Database of registered names; `None`: no name can be registered. Next start.
    pub members: Option<PathBuf>,
    /// Rejects names that are not registered. At once for clients that join.
    pub members_only: bool,
    /// Delay of the next password check for a network after its first wrong password. Each further one doubles the
    /// delay, up to 32 times this one. Next start.
    pub wrong_password_delay: Duration,
    /// Maximum number of clients that have joined. At once; those beyond it stay until they leave.
    pub max_clients: usize,
    /// Maximum number of connections that have not joined. Beyond it, a new connection evicts an older
    /// one. At once for new connections.
    pub max_unauthenticated: usize,
    /// Maximum number of connections of one IPv4 address or IPv6 /64. Those of this computer are not counted.
    /// At once for new connections.
    pub max_per_address: usize,
    /// Treats connections from this computer like those from any other: they count, and passwords are not taken from
    /// them in plain text. For a server behind `ssh -R`, a proxy or in a container, where every connection comes from
    /// loopback. At once for new connections, and for REGISTER.
    pub loopback_is_remote: bool,
    /// Lines per second that a client may send in the long run; 0 is no limit. At once for all clients.
    pub rate: u32,
    /// Lines that a client may send at once after a silence. At once for all clients.
    pub burst: u32,
    /// Maximum time from the accept of a connection to its HELLO. At once for new connections.
    pub hello_timeout: Duration,
    /// Write stall timeout: a client whose socket accepts no bytes for this long is disconnected with
    /// `TOO_SLOW`. Next start.
    pub stall_timeout: Duration,
    /// Maximum number of bytes that wait for one client; a client beyond it is disconnected with
    /// `TOO_SLOW`. Next start.
    pub backlog_max: usize,
    /// Maximum number of bytes that wait for all clients together; beyond it, the clients that are furthest behind are
    /// disconnected. Next start.
    pub backlogs_max: usize,
}

impl Config {
    /// Returns whether a password may cross a connection: over TLS, or without leaving this computer. Elsewhere others
    /// could read it, so the server does not even ask for one.
    pub(crate) fn allows_password(&self, is_encrypted: bool, peer: IpAddr) -> bool {
        is_encrypted || (!self.loopback_is_remote && Network::of(peer).is_loopback())
    }
}

/// The source of a server's certificate. All files are in PEM form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// A self-signed certificate, kept in this file with its key, and made if the file does not exist.
    SelfSigned(PathBuf),
    /// A certificate that the operator provides.
    Files {
        /// The certificate, and the chain of its issuers behind it.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: "127.0.0.1:5555".into(),
            announce: None,
            bans: None,
            history: None,
            keep: None,
            tls: None,
            require_tls: false,
            handshake_timeout: Duration::from_secs(5),
            password: None,
            password_file: None,
            members: None,
            members_only: false,
            wrong_password_delay: Duration::from_millis(250),
            max_clients: 1000,
            max_unauthenticated: 200,
            max_per_address: 100,
            loopback_is_remote: false,
            rate: 10,
            burst: 20,
            hello_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(15),
            backlog_max: 4 << 20,
            backlogs_max: 256 << 20,
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn passwords_come_over_tls_or_from_this_computer_unless_that_counts_as_remote() {
        let (usual, remote) = (Config::default(), Config { loopback_is_remote: true, ..Config::default() });
        for (address, is_local) in [
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.168.1.7", false),
            ("10.0.0.1", false),
            ("203.0.113.9", false),
            ("fe80::1", false),
            ("2001:db8::1", false),
            ("0.0.0.0", false),
            ("::ffff:203.0.113.9", false),
        ] {
            let ip = address.parse().unwrap();
            assert_eq!(usual.allows_password(false, ip), is_local, "{address}");
            assert!(usual.allows_password(true, ip) && remote.allows_password(true, ip), "{address}");
            assert!(!remote.allows_password(false, ip), "{address}");
        }
    }
}
