//! Framing: splits a stream of bytes into lines, in bounded memory. Pure; each buffer belongs to one reading thread.
//!
//! TCP preserves the order of bytes and nothing else: a read may return half a line, or ten lines and a half. A [`LineBuffer`]
//! collects the bytes and returns them line by line. A line that exceeds the limit is reported once, as soon as the limit is
//! exceeded, and the rest of it is skipped without being stored.

/// A buffer that collects bytes and splits them at LF.
///
/// It is filled in two steps, so that a read writes directly into its final place: the caller reads into
/// [`space`](LineBuffer::space), and reports the number of bytes with [`filled`](LineBuffer::filled). Then it calls
/// [`next_line`](LineBuffer::next_line) until that returns `None`.
///
/// The buffer starts small, because most connections are idle most of the time. It doubles whenever a read fills it, up to
/// [`READ_MAX`], so that a busy connection is read in large pieces. `shrink` makes it small again.
///
/// ```
/// use multichat::protocol::CLIENT_LINE_MAX;
/// use multichat::protocol::framing::{Frame, LineBuffer};
///
/// let mut buffer = LineBuffer::new(CLIENT_LINE_MAX);
/// for piece in ["PING 1\nPI", "NG 2\n"] {
///     buffer.space()[..piece.len()].copy_from_slice(piece.as_bytes()); // as `read(buffer.space())` does
///     buffer.filled(piece.len());
///     assert!(matches!(buffer.next_line(), Some(Frame::Line(line)) if line.starts_with(b"PING ")));
///     assert_eq!(buffer.next_line(), None);
/// }
/// ```
#[derive(Debug)]
pub struct LineBuffer {
    bytes: Vec<u8>,
    /// `bytes[start..end]` has been read and not yet returned.
    start: usize,
    end: usize,
    /// Number of bytes from `start` that are known to contain no LF, so that no byte is searched twice.
    searched: usize,
    /// Maximum length of a line in bytes, LF included.
    limit: usize,
    /// True while the following bytes belong to a line that was too long.
    skipping: bool,
    /// Total number of bytes received.
    received: u64,
}

/// A line, as returned by [`LineBuffer::next_line`].
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A complete line, without its LF.
    Line(&'a [u8]),
    /// The beginning of a line that exceeds the limit: as many bytes as the limit. Returned once for each such line.
    TooLong(&'a [u8]),
}

/// Size of a new buffer in bytes: enough for a few messages.
const START: usize = 512;

/// Maximum number of bytes that one read requests.
pub const READ_MAX: usize = 64 * 1024;

impl LineBuffer {
    /// Creates a buffer for lines of at most `limit` bytes, LF included.
    pub fn new(limit: usize) -> LineBuffer {
        LineBuffer { bytes: vec![0; START], start: 0, end: 0, searched: 0, limit, skipping: false, received: 0 }
    }

    /// Returns the space that the next read may write to. It is never empty.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        &mut self.bytes[self.end..]
    }

    /// Records that `count` bytes were written to the beginning of [`space`](LineBuffer::space).
    pub fn filled(&mut self, count: usize) {
        self.end += count;
        self.received += count as u64;
        debug_assert!(self.end <= self.bytes.len());
        if self.end == self.bytes.len() && self.bytes.len() < READ_MAX {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }

    /// Returns the next complete line, or `None` if more bytes are needed.
    pub fn next_line(&mut self) -> Option<Frame<'_>> {
        loop {
            let unread = &self.bytes[self.start..self.end];
            let lf = memchr::memchr(b'\n', &unread[self.searched..]).map(|at| self.searched + at);
            match lf {
                Some(lf) => {
                    let line = self.start..self.start + lf;
                    self.start = line.end + 1;
                    self.searched = 0;
                    if std::mem::take(&mut self.skipping) {
                        continue;
                    }
                    if lf + 1 > self.limit {
                        return Some(Frame::TooLong(&self.bytes[line][..self.limit]));
                    }
                    return Some(Frame::Line(&self.bytes[line]));
                }
                None if self.skipping || unread.len() >= self.limit => {
                    // The LF is still to come, so the line exceeds the limit.
                    let start = std::mem::replace(&mut self.start, self.end);
                    self.searched = 0;
                    if !std::mem::replace(&mut self.skipping, true) {
                        return Some(Frame::TooLong(&self.bytes[start..start + self.limit]));
                    }
                    return None;
                }
                None => {
                    self.searched = unread.len();
                    return None;
                }
            }
        }
    }

    /// Returns whether the buffer holds more memory than a new one.
    pub(crate) fn has_grown(&self) -> bool {
        self.bytes.len() > START
    }

    /// Releases the memory that the unread bytes do not need. Called for a connection that has been idle for a while.
    pub(crate) fn shrink(&mut self) {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        self.bytes.truncate(self.end.next_power_of_two().max(START));
        self.bytes.shrink_to_fit();
    }

    /// Returns the total number of bytes received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Returns the number of bytes allocated.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Feeds `input` in pieces of the given sizes, and returns the frames as text.
    fn cut(input: &[u8], limit: usize, pieces: &[usize]) -> Vec<String> {
        let mut buffer = LineBuffer::new(limit);
        let mut frames = Vec::new();
        let (mut at, mut turn) = (0, 0);
        while at < input.len() {
            let space = buffer.space();
            let count = pieces[turn % pieces.len()].clamp(1, input.len() - at).min(space.len());
            space[..count].copy_from_slice(&input[at..at + count]);
            buffer.filled(count);
            at += count;
            turn += 1;
            while let Some(frame) = buffer.next_line() {
                frames.push(match frame {
                    Frame::Line(line) => String::from_utf8_lossy(line).into_owned(),
                    Frame::TooLong(start) => format!("{}... (too long)", String::from_utf8_lossy(start)),
                });
            }
        }
        frames
    }

    #[test]
    fn a_line_may_come_in_pieces_and_lines_may_come_together() {
        assert_eq!(cut(b"one\ntwo\nthr", 10, &[1]), ["one", "two"]);
        assert_eq!(cut(b"one\ntwo\n\nthree\n", 10, &[99]), ["one", "two", "", "three"]);
    }

    #[test]
    fn a_line_of_exactly_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(cut(b"123\nok\n", 4, &[99]), ["123", "ok"]);
        assert_eq!(cut(b"1234\nok\n", 4, &[99]), ["1234... (too long)", "ok"]);
        assert_eq!(cut(b"1234\nok\n", 4, &[1]), ["1234... (too long)", "ok"]);
    }

    #[test]
    fn a_line_without_end_is_told_once_and_kept_nowhere() {
        let mut buffer = LineBuffer::new(4096);
        let mut told = 0;
        for _ in 0..100 {
            let space = buffer.space();
            space.fill(b'x');
            let count = space.len();
            buffer.filled(count);
            while let Some(frame) = buffer.next_line() {
                assert_eq!(frame, Frame::TooLong(&[b'x'; 4096]));
                told += 1;
            }
        }
        assert_eq!(told, 1);
        assert!(buffer.capacity() <= 2 * READ_MAX, "{} bytes are held", buffer.capacity());
    }

    #[test]
    fn the_buffer_doubles_for_a_line_that_is_longer_than_a_read() {
        let mut buffer = LineBuffer::new(1 << 20);
        let line = [b"x".repeat(200_000), b"\n".to_vec()].concat();
        let mut piece = &line[..];
        while !piece.is_empty() {
            assert_eq!(buffer.next_line(), None);
            let space = buffer.space();
            let count = space.len().min(piece.len());
            space[..count].copy_from_slice(&piece[..count]);
            buffer.filled(count);
            piece = &piece[count..];
        }
        assert_eq!((buffer.received(), buffer.capacity()), (200_001, 256 * 1024));
        assert_eq!(buffer.next_line(), Some(Frame::Line(&line[..200_000])));
    }

    #[test]
    fn the_memory_of_a_burst_is_given_back_and_the_beginning_of_a_line_is_kept() {
        let mut buffer = LineBuffer::new(4096);
        let burst = [b"x".repeat(99), b"\n".to_vec()].concat().repeat(2000);
        let mut lines = 0;
        for piece in [&burst, &b"y".repeat(700)] {
            let mut piece = &piece[..];
            while !piece.is_empty() {
                let space = buffer.space();
                let count = space.len().min(piece.len());
                space[..count].copy_from_slice(&piece[..count]);
                buffer.filled(count);
                piece = &piece[count..];
                lines += std::iter::from_fn(|| buffer.next_line().map(drop)).count();
            }
        }
        assert!(buffer.has_grown() && buffer.capacity() == READ_MAX, "{} bytes", buffer.capacity());
        buffer.shrink();
        assert_eq!((buffer.capacity(), lines), (1024, 2000));
        buffer.space()[..1].copy_from_slice(b"\n");
        buffer.filled(1);
        assert_eq!(buffer.next_line(), Some(Frame::Line(&b"y".repeat(700))));
        buffer.shrink();
        assert!(!buffer.has_grown() && buffer.capacity() == START);
    }

    proptest! {
        #[test]
        fn where_reads_cut_the_stream_makes_no_difference(
            input in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'a'), Just(b'b')], 0..200),
            limit in 1usize..12,
            pieces in proptest::collection::vec(1usize..9, 1..20),
        ) {
            prop_assert_eq!(cut(&input, limit, &pieces), cut(&input, limit, &[input.len().max(1)]));
        }
    }
}
