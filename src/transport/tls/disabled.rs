//! In the place of `tls.rs` where there is no TLS (feature `tls`): there is never one of these, so nothing of it is
//! ever called, and an `Option` of it is always `None`.

use std::io::{self, IoSlice};
use std::net::TcpStream;
use std::time::Instant;

use super::{IfFull, Sent};

/// No value has this type.
#[derive(Debug)]
pub(crate) enum Tls {}

impl Tls {
    pub(crate) fn read(&self, _: &TcpStream, _: &mut [u8], _: Option<Instant>) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn shrink(&self) {
        match *self {}
    }

    pub(crate) fn send(&self, _: &TcpStream, _: &mut [IoSlice<'_>], _: IfFull) -> io::Result<Sent> {
        match *self {}
    }

    pub(crate) fn end(&self, _: &TcpStream) -> io::Result<()> {
        match *self {}
    }
}
