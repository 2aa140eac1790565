//! Microbenchmarks of the protocol: framing, parsing and encoding lines. No sockets, no threads.
//!
//! ```text
//! cargo bench --no-default-features --bench text
//! ```

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot start has to stop")]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use multichat::protocol::framing::LineBuffer;
use multichat::protocol::{CLIENT_LINE_MAX, ClientLine, ServerLine, Username};

/// Lines of clients, from the most frequent to the rarest.
const LINES: [&str; 6] = [
    "MSG ann 0000000042 0000001234567890 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "MSG ann \u{4f60}\u{597d}\u{ff0c}\u{4e16}\u{754c}",
    "TELL ben between us",
    "TYPING",
    "PING 1",
    "HELLO ann stamp echo away typing",
];

fn main() {
    divan::main();
}

/// Parses a line of a client.
#[divan::bench(args = LINES)]
fn parse(bencher: Bencher, line: &str) {
    bencher.counter(BytesCount::of_str(line)).bench(|| ClientLine::parse(black_box(line.as_bytes())).is_ok());
}

/// Parses a username, and computes the key by which lookalikes are found.
#[divan::bench(args = ["ann", "\u{410}\u{43d}\u{43d}\u{430}", "Zo\u{eb}.the-2nd_of_her_name"])]
fn username(bencher: Bencher, name: &str) {
    bencher.bench(|| Username::parse(black_box(name)).is_ok());
}

/// Encodes a line for a client, appended to a buffer.
#[divan::bench]
fn format(bencher: Bencher) {
    let text = "0000000042 0000001234567890 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    let mut out = Vec::with_capacity(4096);
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        out.clear();
        black_box(ServerLine::Msg { from: black_box("ann"), text: black_box(text) }).encode(&mut out);
        out.len()
    });
}

/// Splits the bytes of one read into a number of lines of 100 bytes each.
#[divan::bench(args = [1, 10, 100])]
fn cut(bencher: Bencher, lines: usize) {
    let packet = [&[b'x'; 99][..], b"\n"].concat().repeat(lines);
    let mut buffer = LineBuffer::new(CLIENT_LINE_MAX);
    // Grow the buffer to the size that it has under load.
    while buffer.space().len() < packet.len() {
        let full = buffer.space().len();
        buffer.filled(full);
        while buffer.next_line().is_some() {}
    }
    bencher.counter(ItemsCount::new(lines)).bench_local(|| {
        buffer.space()[..packet.len()].copy_from_slice(black_box(&packet));
        buffer.filled(packet.len());
        let mut bytes = 0;
        while let Some(line) = buffer.next_line() {
            bytes += usize::from(matches!(line, multichat::protocol::framing::Frame::Line(_)));
        }
        assert!(bytes <= lines);
        bytes
    });
}
