//! The lines of the load generator: lines of the protocol whose text holds sender, number and time.
//!
//! `MSG u00007 0000000042 0000001234567890 xxxx…`: the sender, the number of the message among those of its sender, and the time
//! of sending in nanoseconds since the generator's start. The fields have fixed widths, so that a line is encoded by overwriting
//! digits, and parsed without a search for spaces.

use multichat::protocol::{Capabilities, ClientLine, ServerLine, Username};

/// The text of the line after which everything is checked.
const START: &[u8] = b"start";

const SENDER_AT: usize = "MSG u".len();
const SENDER_DIGITS: usize = 5;
const NUMBER_AT: usize = SENDER_AT + SENDER_DIGITS + 1;
const NUMBER_DIGITS: usize = 10;
const SENT_AT: usize = NUMBER_AT + NUMBER_DIGITS + 1;
const SENT_DIGITS: usize = 16;
/// A space, one byte of padding and the LF come after the time.
pub(crate) const SIZE_MIN: usize = SENT_AT + SENT_DIGITS + 3;

/// The fields of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) sender: usize,
    /// Counted from 0 for each sender.
    pub(crate) number: u64,
    /// Time of sending, in nanoseconds since the generator's start.
    pub(crate) sent: u64,
}

/// A line from a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    Said(Said),
    /// The line after which everything is checked.
    Start,
    Hello(&'a [u8]),
    Bye,
    /// A line that no client of this generator should get, such as an ERR.
    Strange,
}

/// Returns the name of the client with this index. A sender's index can be parsed from it.
pub(crate) fn name(index: usize) -> String {
    format!("u{index:05}")
}

/// Returns the HELLO line of a client. It asks for echoes, which show that its messages are relayed.
pub(crate) fn hello(name: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let capabilities = Capabilities { echo: true, ..Capabilities::default() };
    let mut line = Vec::new();
    ClientLine::Hello { username: Username::parse(name)?, capabilities }.encode(&mut line);
    Ok(line)
}

/// Returns the line after which everything is checked.
pub(crate) fn start(name: &str) -> Vec<u8> {
    [b"MSG ", name.as_bytes(), b" ", START, b"\n"].concat()
}

/// Encodes the messages of one client.
#[derive(Debug)]
pub(crate) struct Template {
    line: Vec<u8>,
}

impl Template {
    /// Creates a template for lines of `size` bytes, LF included.
    pub(crate) fn new(sender: usize, size: usize) -> Template {
        let mut line = format!("MSG {} {:0NUMBER_DIGITS$} {:0SENT_DIGITS$} ", name(sender), 0, 0).into_bytes();
        line.resize(size.max(SIZE_MIN) - 1, b'x');
        line.push(b'\n');
        Template { line }
    }

    /// Appends a message.
    pub(crate) fn put(&mut self, out: &mut Vec<u8>, number: u64, sent: u64) {
        put_digits(&mut self.line[NUMBER_AT..NUMBER_AT + NUMBER_DIGITS], number);
        put_digits(&mut self.line[SENT_AT..SENT_AT + SENT_DIGITS], sent);
        out.extend_from_slice(&self.line);
    }
}

/// Parses a line, given with its LF.
pub(crate) fn read(line: &[u8]) -> Heard<'_> {
    if let Some(said) = read_said(line) {
        return Heard::Said(said);
    }
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    if let Some(rest) = line.strip_prefix(b"HELLO ") {
        // The baseline copies the capabilities too.
        return Heard::Hello(rest.split(|byte| *byte == b' ').next().unwrap_or(rest));
    }
    match ServerLine::parse(line) {
        Ok(Some((_, ServerLine::Msg { text, .. }))) if text.as_bytes() == START => Heard::Start,
        Ok(Some((_, ServerLine::Bye(_)))) => Heard::Bye,
        _ => Heard::Strange,
    }
}

fn read_said(line: &[u8]) -> Option<Said> {
    if line.len() < SIZE_MIN || !line.starts_with(b"MSG u") {
        return None;
    }
    let sender = digits(&line[SENDER_AT..SENDER_AT + SENDER_DIGITS])?;
    let number = digits(&line[NUMBER_AT..NUMBER_AT + NUMBER_DIGITS])?;
    let sent = digits(&line[SENT_AT..SENT_AT + SENT_DIGITS])?;
    Some(Said { sender: usize::try_from(sender).ok()?, number, sent })
}

fn put_digits(field: &mut [u8], mut number: u64) {
    for digit in field.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

fn digits(field: &[u8]) -> Option<u64> {
    field.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0')))
}
