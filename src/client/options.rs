//! The options of a connection. A reconnect uses the same ones. Pure; created on the UI thread, used by `reader`.

use std::sync::Arc;

use super::address::ServerAddress;
use super::encryption::Encryption;
use super::known_servers::KnownServers;
use crate::password::Password;
use crate::protocol::{Capabilities, Username};

/// The options of a connection.
///
/// ```
/// use multichat::client::{ConnectOptions, Encryption, Password};
/// use multichat::protocol::{Capabilities, Username};
///
/// let options = ConnectOptions {
///     capabilities: Capabilities { stamp: true, ..Capabilities::default() },
///     password: Some(Password::parse("open sesame")?),
///     encryption: Encryption::Always,
///     ..ConnectOptions::new("chat.example:7000".parse()?, Username::parse("ann")?)
/// };
/// # assert_eq!(options.server.port(), 7000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// The address of the server.
    pub server: ServerAddress,
    /// The name to join with.
    pub username: Username,
    /// The capabilities that the HELLO requests.
    pub capabilities: Capabilities,
    /// The password to send with PASS. It is never sent in plain text over a network.
    pub password: Option<Password>,
    /// The encryption mode.
    pub encryption: Encryption,
    /// The policy for a certificate that no authority trusted by the system has signed.
    pub trust: TrustPolicy,
    /// The servers known to support TLS, with their pins.
    pub known: Arc<KnownServers>,
}

/// The policy for a certificate that no authority trusted by the system has signed: trust on first use, with the user's decisions.
///
/// Every variant except [`Remembered`](TrustPolicy::Remembered) requires TLS.
///
/// ```
/// use multichat::client::{ConnectOptions, Connection, ConnectionError, Encryption, TrustPolicy};
/// # use multichat::protocol::Username;
/// # use multichat::server::{Certificate, Config, Server};
/// # if cfg!(not(feature = "tls")) {
/// #     return Ok(());
/// # }
/// # let folder = tempfile::tempdir()?;
/// # let tls = Some(Certificate::SelfSigned(folder.path().join("server.pem")));
/// # let (server, _events) = Server::start(Config { listen: "127.0.0.1:0".into(), tls, ..Config::default() })?;
///
/// let mut options = ConnectOptions::new(server.addr().into(), Username::parse("ann")?);
/// options.encryption = Encryption::Always;
/// let Err(ConnectionError::UnknownCertificate { fingerprint }) = Connection::connect(options.clone()) else {
///     panic!("nobody vouches for this certificate");
/// };
/// // The user compares it with what the operator of the server has told.
/// assert_eq!(Some(&fingerprint), server.fingerprint().as_ref());
/// options.trust = TrustPolicy::Accept(fingerprint);
/// drop(Connection::connect(options.clone())?);
/// // From now on it is known.
/// options.trust = TrustPolicy::Remembered;
/// drop(Connection::connect(options)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustPolicy {
    /// Accept the remembered key. If none is remembered, the connection ends, and the user is asked.
    #[default]
    Remembered,
    /// The user has accepted the key with this fingerprint. It is accepted if none is remembered.
    Accept(String),
    /// The user has accepted the key with this fingerprint in place of the remembered one, which it replaces.
    Replace(String),
}

impl ConnectOptions {
    /// Creates options with defaults: no capabilities, no password, automatic encryption, and an empty list of known servers.
    pub fn new(server: ServerAddress, username: Username) -> ConnectOptions {
        ConnectOptions {
            server,
            username,
            capabilities: Capabilities::default(),
            password: None,
            encryption: Encryption::default(),
            trust: TrustPolicy::default(),
            known: Arc::default(),
        }
    }
}
