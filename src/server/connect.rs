//! From an accepted socket to an authenticated client: limits, text or TLS, HELLO, password.
//!
//! | file | step |
//! | --- | --- |
//! | `accept.rs` | accepts sockets and gives each a thread |
//! | `limits.rs` | limits unauthenticated connections, and connections per network |
//! | `sniff.rs` | tells text from TLS by the first byte |
//! | `hello.rs` | reads HELLO against a deadline |
//! | `auth.rs`, `throttle.rs` | authenticates by password, and delays the answer to a wrong one |
//! | `tls/` | the certificate of the server |
//! | `fd_limit.rs` | raises the limit of file descriptors |

pub(crate) mod accept;
pub(crate) mod auth;
pub(crate) mod credentials;
pub(crate) mod fd_limit;
pub(crate) mod hello;
pub(crate) mod keepalive;
pub(crate) mod limits;
pub(crate) mod reject;
pub(crate) mod sniff;
pub(crate) mod throttle;
#[cfg_attr(feature = "tls", path = "connect/tls/enabled.rs")]
#[cfg_attr(not(feature = "tls"), path = "connect/tls/disabled.rs")]
pub(crate) mod tls;
