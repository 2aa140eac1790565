//! In the place of `tls.rs` where there is no TLS (feature `tls`).

use std::io::{self, Read};
use std::path::Path;

/// No value has this type.
#[derive(Debug)]
pub(crate) enum Trust {}

/// Nor this.
#[derive(Debug)]
pub(crate) enum Tls {}

impl Trust {
    pub(crate) fn of(_: &Path) -> io::Result<Trust> {
        Err(io::Error::other("this generator was built without TLS (feature `tls`)"))
    }
}

impl Tls {
    pub(crate) fn begin(_: &mut std::net::TcpStream, trust: &Trust) -> io::Result<Tls> {
        match *trust {}
    }

    pub(crate) fn encrypt(&mut self, _: &[u8], _: &mut Vec<u8>) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn read(&mut self, _: impl Read, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
}
