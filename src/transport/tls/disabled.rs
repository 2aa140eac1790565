//! The TLS session without the feature `tls`: a type without values, so that an `Option` of it is always `None` and none of its
//! methods is ever called.

use std::io::{self, IoSlice};
use std::net::TcpStream;
use std::time::Instant;

use super::{IfFull, Sent};

/// A TLS session; there is none.
#[derive(Debug)]
pub(crate) enum Tls {}

never! {
    impl Tls {
        pub(crate) fn read(&self, _: &TcpStream, _: &mut [u8], _: Option<Instant>) -> io::Result<usize>;
        pub(crate) fn has_grown(&self) -> bool;
        pub(crate) fn shrink(&self);
        pub(crate) fn send(&self, _: &TcpStream, _: &mut [IoSlice<'_>], _: IfFull) -> io::Result<Sent>;
        pub(crate) fn end(&self, _: &TcpStream) -> io::Result<()>;
    }
}
