//! The hot path, for callgrind to count: one line in, so many pushes and writes out. `script/callgrind` runs it.
//!
//! ```text
//! hot_path RECIPIENTS LINES PACKETS
//! ```
//!
//! Somebody says so many lines in one packet, and waits until they have come to everybody; then the next packet. Nobody else
//! speaks, so one thread of the server does all the work, and always in the same way: the count does not depend on how busy
//! the machine is.

#![allow(clippy::unwrap_used, reason = "what cannot begin is to stop")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use multichat::server::{Config, EventSink, Server};

/// The size of a line, as in the other measurements.
const SIZE: usize = 100;

fn main() {
    // Without numbers (that is how `cargo bench` runs it) it only shows that it works.
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let mut next = |default| numbers.next().unwrap_or(default);
    let (recipients, lines, packets) = (next(10), next(1), next(100));

    let config = Config { listen: "127.0.0.1:0".into(), rate: 0, max_clients: recipients + 1, ..Config::default() };
    let server = Server::start(config, EventSink::default()).unwrap();
    let mut others: Vec<_> = (0..recipients).map(|number| join(&server, &format!("other{number}"))).collect();
    let mut ann = join(&server, "ann");
    for (number, other) in others.iter_mut().enumerate() {
        // Everybody who came later has been told of.
        (number..recipients).for_each(|_| drop(line(other)));
    }

    let text = "x".repeat(SIZE - "MSG ann \n".len());
    let packet = format!("MSG ann {text}\n").repeat(lines);
    let mut heard = vec![0; packet.len()];
    for _ in 0..packets {
        ann.get_mut().write_all(packet.as_bytes()).unwrap();
        for other in &mut others {
            other.read_exact(&mut heard).unwrap();
            assert_eq!(heard, packet.as_bytes());
        }
    }
    println!("{packets} packets of {lines} lines to {recipients}");
    server.stop();
}

fn join(server: &Server, name: &str) -> BufReader<TcpStream> {
    let mut socket = TcpStream::connect(server.addr()).unwrap();
    socket.write_all(format!("HELLO {name}\n").as_bytes()).unwrap();
    let mut socket = BufReader::new(socket);
    while line(&mut socket) != format!("HELLO {name}\n") {}
    socket
}

fn line(socket: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    socket.read_line(&mut line).unwrap();
    line
}
