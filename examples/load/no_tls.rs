//! The types of `tls.rs` in a build without the feature `tls`. They have no values, so their methods are never called.

use std::io::{self, Read};
use std::path::Path;

/// Has no values.
#[derive(Debug)]
pub(crate) enum Trust {}

/// Has no values.
#[derive(Debug)]
pub(crate) enum Tls {}

impl Trust {
    pub(crate) fn of(_: &Path) -> io::Result<Trust> {
        Err(io::Error::other("this program was built without the feature `tls`: build it with that feature"))
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
