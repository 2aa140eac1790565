//! The functions of `tls.rs` in a build without the feature `tls`.

use std::net::TcpStream;
use std::path::PathBuf;

use multichat::internal::transport::Transport;
use multichat::server::Certificate;

pub(crate) fn is_on() -> bool {
    let asked = std::env::var_os("MULTICHAT_TEST_TLS").is_some();
    assert!(!asked, "for the tests over TLS, build with --features tls");
    false
}

pub(crate) fn certificate_file() -> PathBuf {
    panic!("there is no TLS")
}

pub(crate) fn certificate() -> Option<Certificate> {
    None
}

pub(crate) fn transport(_: TcpStream) -> (Transport, Vec<u8>) {
    panic!("there is no TLS")
}
