//! What can be set about a server, and the defaults.

use std::path::PathBuf;
use std::time::Duration;

use crate::password::Password;

/// How a server is to behave. `Config::default()` suits a classroom.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen, as `ADDRESS:PORT`; port 0 picks a free one.
    pub listen: String,
    /// The file that keeps the bans; `None` keeps them in memory only.
    pub bans: Option<PathBuf>,
    /// The database that keeps what is said in the room; `None` keeps nothing.
    pub history: Option<PathBuf>,
    /// How long messages are kept; `None` is for good.
    pub keep: Option<Duration>,
    /// The certificate by which it speaks TLS with those who ask for it; `None`: with nobody.
    pub tls: Option<Certificate>,
    /// Nobody may come in by plain text.
    pub require_tls: bool,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// What everybody has to know whose name is not registered; `None`: nothing.
    pub password: Option<Password>,
    /// The file of which the first line is that password, in the place of [`password`](Self::password); [`Server::reload`]
    /// reads it again.
    ///
    /// [`Server::reload`]: super::Server::reload
    pub password_file: Option<PathBuf>,
    /// The database of registered names; `None`: no name can be registered.
    pub members: Option<PathBuf>,
    /// Nobody may come in but by a registered name.
    pub members_only: bool,
    /// How many people may be here at once.
    pub max_clients: usize,
    /// Maximum number of connections that have not joined. Beyond it, newcomers take the places of others.
    pub greeting_max: usize,
    /// Maximum number of connections of one IPv4 address or IPv6 /64; this computer's own are not counted.
    pub per_address_max: usize,
    /// Treats connections from this computer like those from any other: they count, and passwords are not taken from
    /// them in plain text. For a server behind `ssh -R`, a proxy or in a container, where everybody comes from loopback.
    pub loopback_is_remote: bool,
    /// Lines per second that a client may send in the long run; 0 is no limit.
    pub rate: u32,
    /// Lines that a client may send at once after it was silent.
    pub burst: u32,
    /// How long a new connection may take to say HELLO.
    pub hello_timeout: Duration,
    /// Write stall timeout: a client whose socket accepts no bytes for this long is disconnected with `TOO_SLOW`.
    pub stall_timeout: Duration,
    /// Bytes that may wait for one client before it is ended with `TOO_SLOW`.
    pub backlog_max: usize,
    /// Bytes that may wait for all slow readers together, before those who are furthest behind are ended.
    pub backlogs_max: usize,
}

/// Where the certificate comes from that a server shows. All files are in PEM form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// One of its own, kept in this file with its key; made if there is none yet.
    SelfSigned(PathBuf),
    /// One that somebody has given it.
    Files {
        /// The certificate, and those behind it if others have signed it.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: "127.0.0.1:5555".into(),
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
            max_clients: 1000,
            greeting_max: 200,
            per_address_max: 100,
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
