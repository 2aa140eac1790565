//! Properties that hold for every input: the checks that the fuzz targets and `tests/it/fuzz_corpus.rs` share.
//!
//! Each function takes raw bytes, and panics if a property does not hold. The functions need no fuzzing tool, so every
//! `cargo test` runs them on the stored corpus.

use multichat::internal::NameKey;
use multichat::protocol::escape::escape;
use multichat::protocol::framing::{Frame, LineBuffer, READ_MAX};
use multichat::protocol::{
    CLIENT_LINE_MAX, ClientLine, ErrorCode, Prefix, SERVER_LINE_MAX, ServerLine, Username, is_text, put_label,
    split_label,
};
use unicode_normalization::UnicodeNormalization as _;

/// A client's line, behind its label if it has one, is parsed or rejected. A parsed line encodes and parses back to the same value, and a client can parse the line
/// that the server relays or answers.
pub fn client_line(line: &[u8]) {
    let whole = line;
    let (label, line) = match split_label(line) {
        Ok(split) => split,
        Err(rejected) => return assert_eq!(rejected.code, ErrorCode::BadLine),
    };
    if let Some(label) = label {
        let mut again = Vec::new();
        put_label(&mut again, label);
        assert_eq!([&again, line].concat(), whole);
    }
    match ClientLine::parse(line) {
        Ok(None) => assert!(matches!(line, b"" | b"\r")),
        Ok(Some(read)) => {
            let written = written(|out| read.encode(out));
            assert!(is_text(&written), "{written:?} has control characters");
            assert!(written.len() <= line.len(), "writing {read:?} made it longer");
            assert_eq!(ClientLine::parse(written.as_bytes()), Ok(Some(read.clone())));
            let from = &longest_name();
            let relayed = match &read {
                ClientLine::Msg { text, .. } => ServerLine::Msg { from, text },
                ClientLine::Tell { text, .. } => ServerLine::Tell { from, text },
                ClientLine::Ping(token) => ServerLine::Pong(token),
                ClientLine::Hello { username, .. } => ServerLine::Hello(username.as_str()),
                ClientLine::Away(reason) => ServerLine::Away { name: from, reason },
                ClientLine::Typing(to) => ServerLine::Typing { from, to },
                ClientLine::Find(text) => ServerLine::Found { from, text },
                ClientLine::Bye
                | ClientLine::Who
                | ClientLine::Past { .. }
                | ClientLine::Pass(_)
                | ClientLine::Register(_) => return,
            };
            let length = client_reads(label, relayed);
            assert!(whole.len() >= CLIENT_LINE_MAX || length <= SERVER_LINE_MAX, "{length} bytes of {relayed:?}");
        }
        Err(rejected) => {
            let code = rejected.code.word();
            assert_eq!(ErrorCode::from_word(code), Some(rejected.code));
            assert!(is_text(&rejected.detail), "{:?} has control characters", rejected.detail);
            client_reads(label, ServerLine::Err { code, detail: &rejected.detail });
        }
    }
}

/// A server's line is parsed or ignored. A parsed line encodes and parses back to the same value, with its prefix, and is harmless
/// to display after it is escaped.
pub fn server_line(line: &[u8]) {
    let Ok(Some((prefix, read))) = ServerLine::parse(line) else { return };
    let again = written(|out| {
        prefix.encode(out);
        read.encode(out);
    });
    assert!(again.len() <= line.len(), "writing {read:?} made it longer");
    // A CR before the LF belongs to the line's end, so a text that itself ends with CR cannot be written. A server does
    // not send one; a client that is sent one shows it escaped, as below.
    if !again.ends_with('\r') {
        assert_eq!(ServerLine::parse(again.as_bytes()), Ok(Some((prefix, read))));
    }
    let shown = escape(&again);
    assert!(!shown.chars().any(char::is_control), "{shown:?} has control characters");
}

/// The sizes of the reads make no difference to the lines of a stream, and a line without an end takes no memory.
///
/// The first line of the input holds numbers: the maximum length of a line, the number of repetitions of the stream, and the
/// sizes of the reads, used in turn. The rest is the stream.
pub fn framing(input: &[u8]) {
    const STREAM_MAX: usize = 4 * READ_MAX;
    let lf = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (head, stream) = (&input[..lf], input.get(lf + 1..).unwrap_or(&[]));
    let mut numbers = head.split(|byte| *byte == b' ').filter_map(|word| str::from_utf8(word).ok()?.parse().ok());
    let limit: usize = numbers.next().unwrap_or(16).clamp(1, SERVER_LINE_MAX);
    let times = numbers.next().unwrap_or(1).clamp(1, (STREAM_MAX / stream.len().max(1)).max(1));
    let sizes: Vec<usize> = numbers.map(|size| size.clamp(1, READ_MAX)).collect();
    let stream = stream.repeat(times);

    // The result of a reader with unbounded memory, as the reference.
    let mut expected: Vec<Result<&[u8], &[u8]>> = Vec::new();
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(whole) if line.len() <= limit => expected.push(Ok(whole)),
            None if line.len() < limit => {}
            _ => expected.push(Err(&line[..limit])),
        }
    }

    let mut buffer = LineBuffer::new(limit);
    let mut expected = expected.into_iter();
    let mut rest = stream.as_slice();
    for size in sizes.iter().copied().chain([READ_MAX]).cycle() {
        if rest.is_empty() {
            break;
        }
        let space = buffer.space();
        assert!(!space.is_empty() && space.len() <= READ_MAX, "room for {} bytes", space.len());
        let (read, later) = rest.split_at(size.min(space.len()).min(rest.len()));
        space[..read.len()].copy_from_slice(read);
        buffer.filled(read.len());
        rest = later;
        while let Some(frame) = buffer.next_line() {
            let seen = match frame {
                Frame::Line(line) => Ok(line),
                Frame::TooLong(start) => Err(start),
            };
            assert_eq!(Some(seen), expected.next());
        }
    }
    assert_eq!(expected.next(), None, "a line was not returned");
    assert_eq!(buffer.received(), stream.len() as u64);
}

/// A word is a username, or is rejected with a reason. A username that differs from another only in case or normal form clashes
/// with it. So do two names that count as written the same: otherwise one name could mean two clients.
pub fn username(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let (word, other) = input.split_once(' ').unwrap_or((&input, ""));
    let name = match Username::parse(word) {
        Ok(name) => name,
        Err(why) => return assert!(is_text(&why.to_string()), "{why:?}"),
    };
    assert_eq!(name.as_str(), word);
    assert!(!word.contains(' ') && is_text(word) && escape(word) == word, "{word:?} can mislead");
    assert!((1..=32).contains(&word.chars().count()));
    assert!(name.is_written(word));
    // Case mapping starts from the composed form. Otherwise a mark can end up on another letter (The Unicode Standard,
    // section 3.13, on U+0345).
    let composed: String = word.nfc().collect();
    let forms = [
        composed.to_uppercase(),
        composed.to_lowercase(),
        word.nfd().collect(),
        word.nfkc().collect(),
        word.nfkd().collect(),
        composed,
    ];
    for form in forms.iter().map(String::as_str).chain([other]) {
        let Ok(same) = Username::parse(form) else { continue };
        if form != other {
            assert!(NameKey::of(word).clashes_with(&NameKey::of(form)), "{word:?} and {form:?}");
        }
        assert_eq!(name.is_written(form), same.is_written(word), "{word:?} and {form:?}");
        assert!(!name.is_written(form) || NameKey::of(word).clashes_with(&NameKey::of(form)), "{word:?} and {form:?}");
    }
}

/// Returns a username of the maximum length in bytes.
fn longest_name() -> String {
    "\u{20000}".repeat(32)
}

/// Checks that a server's line parses back to the same value. Returns its length in bytes, with the LF, the label and the longest
/// stamp.
fn client_reads(label: Option<&str>, line: ServerLine<'_>) -> usize {
    let prefix = Prefix { label, stamp: Some(u64::MAX) };
    let whole = written(|out| {
        prefix.encode(out);
        line.encode(out);
    });
    assert_eq!(ServerLine::parse(whole.as_bytes()), Ok(Some((prefix, line))));
    whole.len() + 1
}

/// Returns one encoded line without its LF.
fn written(encode: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    encode(&mut out);
    assert_eq!(out.pop(), Some(b'\n'));
    String::from_utf8(out).unwrap_or_else(|error| panic!("{error}"))
}
