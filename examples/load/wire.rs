//! What the load generator says and hears: lines of the protocol whose text tells who, which and when.
//!
//! `MSG u00007 0000000042 0000001234567890 xxxx…`: the sender, the number of the message among those of its sender, and
//! the nanoseconds between the generator's start and the sending. The fields have fixed widths, so that a line is made
//! by overwriting digits, and read without looking for spaces.

use multichat::protocol::{Capabilities, ClientLine, ServerLine, Username};

/// The text of the line behind which everything is checked.
const START: &[u8] = b"start";

const SPEAKER_AT: usize = "MSG u".len();
const SPEAKER_DIGITS: usize = 5;
const NUMBER_AT: usize = SPEAKER_AT + SPEAKER_DIGITS + 1;
const NUMBER_DIGITS: usize = 10;
const SENT_AT: usize = NUMBER_AT + NUMBER_DIGITS + 1;
const SENT_DIGITS: usize = 16;
/// A space, one byte of padding and the LF come after the time.
pub(crate) const SIZE_MIN: usize = SENT_AT + SENT_DIGITS + 3;

/// One message, by its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) speaker: usize,
    /// Counted from 0 for each speaker.
    pub(crate) number: u64,
    /// In nanoseconds since the generator's start.
    pub(crate) sent: u64,
}

/// A line from a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    Said(Said),
    /// The line behind which everything is checked.
    Start,
    Hello(&'a [u8]),
    Bye,
    /// Nothing that a client of this generator should ever get: an ERR, for example.
    Strange,
}

/// The name of the client with this index. It also tells the index of a speaker.
pub(crate) fn name(index: usize) -> String {
    format!("u{index:05}")
}

/// The first line of a client: it wants its own messages back, which is how it knows that they are relayed.
pub(crate) fn hello(name: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let capabilities = Capabilities { echo: true, ..Capabilities::default() };
    let mut line = Vec::new();
    ClientLine::Hello { username: Username::parse(name).map_err(|why| why.to_string())?, capabilities }
        .encode(&mut line);
    Ok(line)
}

/// The line behind which everything is checked.
pub(crate) fn start(name: &str) -> Vec<u8> {
    [b"MSG ", name.as_bytes(), b" ", START, b"\n"].concat()
}

/// Makes the messages of one speaker.
#[derive(Debug)]
pub(crate) struct Template {
    line: Vec<u8>,
}

impl Template {
    /// For lines of `size` bytes, LF included.
    pub(crate) fn new(speaker: usize, size: usize) -> Template {
        let mut line = format!("MSG {} {:0NUMBER_DIGITS$} {:0SENT_DIGITS$} ", name(speaker), 0, 0).into_bytes();
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

/// Reads a line, given with its LF.
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
    let speaker = digits(&line[SPEAKER_AT..SPEAKER_AT + SPEAKER_DIGITS])?;
    let number = digits(&line[NUMBER_AT..NUMBER_AT + NUMBER_DIGITS])?;
    let sent = digits(&line[SENT_AT..SENT_AT + SENT_DIGITS])?;
    Some(Said { speaker: usize::try_from(speaker).ok()?, number, sent })
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
