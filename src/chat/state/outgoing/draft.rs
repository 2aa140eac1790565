//! Texts on their way out: making them fit the protocol. Runs on the UI thread.

use crate::protocol::{CLIENT_LINE_MAX, ClientLine, put_label};

/// Number of remaining bytes from which the counter is shown.
const NEAR: isize = 300;

/// The longest label that this program sends, which counts towards the length of a line.
const LONGEST_LABEL: u16 = u16::MAX;

/// Returns how many bytes a line has left up to the limit, which includes label, verb, name, text and LF. Negative if it
/// is too long.
pub fn bytes_left(line: &ClientLine<'_>) -> isize {
    let mut bytes = Vec::new();
    put_label(&mut bytes, &LONGEST_LABEL.to_string());
    line.encode(&mut bytes);
    CLIENT_LINE_MAX.cast_signed() - bytes.len().cast_signed()
}

/// Returns the text of the counter beside an entry; `None` while the limit is far away.
pub fn counter(left: isize) -> Option<String> {
    match left {
        ..0 if left == -1 => Some("1 byte too long".into()),
        ..0 => Some(format!("{} bytes too long", -left)),
        1 => Some("1 byte left".into()),
        0..=NEAR => Some(format!("{left} bytes left")),
        _ => None,
    }
}

/// Returns the text with each control character replaced by a space, including tabs and line ends that were pasted.
/// The protocol rejects control characters, since they can do anything to a terminal.
pub(crate) fn sendable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_exactly_the_limit_is_sent_and_one_byte_more_is_not() {
        let left = |username, text: &str| bytes_left(&ClientLine::Msg { username, text });
        let fits = "x".repeat(CLIENT_LINE_MAX - "#65535 MSG bob \n".len());
        assert_eq!(left("bob", &fits), 0);
        assert_eq!(left("bob", &format!("{fits}yz")), -2);
        assert_eq!(left("bobby", &fits), -2);
        // Bytes are counted, not characters.
        assert_eq!(left("bob", &format!("{}é", &fits[1..])), -1);
    }

    #[test]
    fn the_counter_appears_near_the_limit_and_counts_as_the_protocol_does() {
        let left = |text: &str| bytes_left(&ClientLine::Msg { username: "bob", text });
        assert_eq!(left("x"), 4096 - "#65535 MSG bob x\n".len().cast_signed());
        // Two bytes in UTF-8, of which each counts.
        assert_eq!(left("x") - left("é"), 1);
        for (left, words) in [
            (301, None),
            (300, Some("300 bytes left")),
            (1, Some("1 byte left")),
            (0, Some("0 bytes left")),
            (-1, Some("1 byte too long")),
            (-20, Some("20 bytes too long")),
        ] {
            assert_eq!(counter(left).as_deref(), words);
        }
    }

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(sendable("a\tb\r\nc\u{1b}d\u{85}e\u{7f}"), "a b  c d e ");
        assert!(crate::protocol::is_text(&sendable("\u{0}\u{9f}")));
        assert_eq!(sendable("  grüße 👩‍👧  "), "  grüße 👩‍👧  ");
    }
}
