//! Tests that need a running server and look inside of it: what `tests/` cannot do from outside.

#[cfg(feature = "storage")]
mod auth;
#[cfg(feature = "storage")]
mod panics;
mod session;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The client's end of a connection.
struct Peer(BufReader<TcpStream>);

impl Peer {
    fn new(socket: TcpStream) -> Peer {
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Peer(BufReader::new(socket))
    }

    fn join(server: SocketAddr, name: &str) -> Peer {
        let mut peer = Peer::new(TcpStream::connect(server).unwrap());
        peer.say(&format!("HELLO {name}"));
        loop {
            let line = peer.line();
            assert!(!line.is_empty(), "{name} cannot join");
            if line == format!("HELLO {name}") {
                return peer;
            }
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.0.get_mut(), "{line}").unwrap();
    }

    /// Returns the next line; empty at the end of the stream, however it ends.
    fn line(&mut self) -> String {
        let mut line = Vec::new();
        let _ = self.0.read_until(b'\n', &mut line);
        String::from_utf8(line).unwrap().trim_end().to_owned()
    }
}
