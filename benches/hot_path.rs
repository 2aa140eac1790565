//! The hot path, for callgrind to count instructions: one line in, a number of pushes and writes out. `script/callgrind` runs it.
//!
//! ```text
//! hot_path RECIPIENTS LINES PACKETS
//! ```
//!
//! One client sends LINES messages in one packet, and the benchmark waits until all recipients have them before it sends the next
//! packet. No other client sends, so one thread of the server does all the work, always in the same way: the count does not
//! depend on the load of the machine.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot start has to stop")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use multichat::server::{Config, Server};

/// Bytes of a line, as in the other measurements.
const SIZE: usize = 100;

fn main() {
    // Without numbers, as `cargo bench` runs it, this is only a smoke test.
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let mut next = |default| numbers.next().unwrap_or(default);
    let (recipients, lines, packets) = (next(10), next(1), next(100));

    let config = Config { listen: "127.0.0.1:0".into(), rate: 0, max_clients: recipients + 1, ..Config::default() };
    let (server, _) = Server::start(config).unwrap();
    let mut readers: Vec<_> = (0..recipients).map(|number| join(&server, &format!("other{number}"))).collect();
    let mut ann = join(&server, "ann");
    for (number, reader) in readers.iter_mut().enumerate() {
        // The HELLO lines of all later clients.
        (number..recipients).for_each(|_| drop(line(reader)));
    }

    let text = "x".repeat(SIZE - "MSG ann \n".len());
    let packet = format!("MSG ann {text}\n").repeat(lines);
    let mut received = vec![0; packet.len()];
    for _ in 0..packets {
        ann.get_mut().write_all(packet.as_bytes()).unwrap();
        for reader in &mut readers {
            reader.read_exact(&mut received).unwrap();
            assert_eq!(received, packet.as_bytes());
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
