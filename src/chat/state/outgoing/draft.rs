//! Texts on their way out: making them fit the protocol, which has no text of several lines. Each line of a text is a
//! message of its own, so that a reader with `nc` sees them as they were written. Runs on the UI thread.
//!
//! Code is what stands between two lines of three backticks. Its indentation is kept. The protocol has neither tabs nor empty
//! messages: a tab in code becomes spaces up to the next multiple of four columns, and an empty line becomes one space.

use crate::protocol::{CLIENT_LINE_MAX, ClientLine, put_label};

/// Number of remaining bytes from which the counter is shown.
const NEAR: isize = 300;

/// The line before code and the line after it.
pub const FENCE: &str = "```";

/// Number of columns between two tab stops in code.
const TAB: usize = 4;

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

/// Returns the lines that say something.
pub fn spoken(lines: &[String]) -> Vec<String> {
    lines.iter().filter(|line| !line.trim().is_empty()).cloned().collect()
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

/// Returns the messages that a text is sent as: one for each line, without the empty lines outside of code. The name of a
/// language behind the first backticks is left out. Code that has no end gets one, unless its beginning is the whole text: a
/// user may send code line by line.
pub(crate) fn messages(text: &str) -> Vec<String> {
    let (mut messages, mut in_code) = (Vec::new(), false);
    for line in text.lines() {
        if line.trim_end() == FENCE || !in_code && begins_code(line) {
            in_code = !in_code;
            messages.push(FENCE.to_owned());
        } else if in_code {
            messages.push(code_line(line));
        } else if !line.trim().is_empty() {
            messages.push(sendable(line));
        }
    }
    if in_code && messages.len() > 1 {
        messages.push(FENCE.to_owned());
    }
    messages
}

/// Returns the messages that lines are sent as if all of them are code. A line that would end the code is moved to the right
/// by one column.
pub(crate) fn code(lines: &[String]) -> Vec<String> {
    let inner = lines.iter().map(|line| if line.trim_end() == FENCE { format!(" {FENCE}") } else { code_line(line) });
    let fence = || std::iter::once(FENCE.to_owned());
    fence().chain(inner).chain(fence()).collect()
}

/// Returns whether a line is three backticks and, at most, the name of a language.
fn begins_code(line: &str) -> bool {
    line.strip_prefix(FENCE)
        .is_some_and(|language| !language.trim_end().contains(|c: char| c == '`' || c.is_whitespace()))
}

fn code_line(line: &str) -> String {
    let (mut code, mut column) = (String::new(), 0);
    for c in line.trim_end().chars() {
        let width = if c == '\t' { TAB - column % TAB } else { 1 };
        code.extend(std::iter::repeat_n(if c.is_control() { ' ' } else { c }, width));
        column += width;
    }
    if code.is_empty() { " ".into() } else { code }
}

/// Returns the parts of a line that is too long, each at most `most` bytes: it is split between words, and a word only if it
/// is too long itself.
pub(crate) fn split(line: &str, most: usize) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), line.trim_end());
    while let Some(end) = (1..=most).rev().find(|end| rest.is_char_boundary(*end)).filter(|_| rest.len() > most) {
        let (fits, beyond) = rest.split_at(end);
        let space = if beyond.starts_with(char::is_whitespace) { Some(end) } else { fits.rfind(char::is_whitespace) };
        let cut = space.filter(|cut| !fits[..*cut].trim().is_empty()).unwrap_or(end);
        parts.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    parts.push(rest.to_owned());
    spoken(&parts)
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
    fn each_line_of_a_text_is_a_message() {
        assert_eq!(messages("one\n\n  two\r\n \nthree"), ["one", "  two", "three"]);
        assert_eq!(messages("  one\tand two "), ["  one and two "]);
        assert!(messages(" \n").is_empty());
    }

    #[test]
    fn code_keeps_its_lines_and_its_indentation() {
        let text = "look:\n\n```rust\nfn f() {\n\tif x {\n  \ty\n\n    }\n}  \n```\n\nwell?";
        let sent = ["look:", "```", "fn f() {", "    if x {", "    y", " ", "    }", "}", "```", "well?"];
        assert_eq!(messages(text), sent);
        assert!(messages(text).iter().all(|line| crate::protocol::is_text(line)));
    }

    #[test]
    fn code_without_an_end_gets_one_unless_it_is_sent_line_by_line() {
        assert_eq!(messages("```\nx"), ["```", "x", "```"]);
        assert_eq!(messages("```"), ["```"]);
        // No code: words, or an end of code in the same line.
        assert_eq!(messages("``` is a fence\nx"), ["``` is a fence", "x"]);
        assert_eq!(messages("```x```\ny"), ["```x```", "y"]);
    }

    #[test]
    fn lines_that_are_all_code_cannot_end_it() {
        let lines = ["# Title", "```", "x", "", "```sh"].map(str::to_owned);
        let sent = code(&lines);
        assert_eq!(sent, ["```", "# Title", " ```", "x", " ", "```sh", "```"]);
        assert_eq!(messages(&sent.join("\n")), sent);
    }

    #[test]
    fn a_long_line_is_split_between_words_and_a_long_word_between_characters() {
        for (line, parts) in [
            ("short", &["short"][..]),
            ("ten bytes", &["ten bytes"]),
            ("ten bytes and more", &["ten bytes", "and more"]),
            ("0123456789 next", &["0123456789", "next"]),
            ("  one   two   ", &["  one", "two"]),
            ("          far from the edge", &["far from", "the edge"]),
            ("a éééééééé b", &["a", "ééééé", "ééé b"]),
            ("0123456789abcdef", &["0123456789", "abcdef"]),
        ] {
            assert_eq!(split(line, 10), parts, "{line:?}");
        }
        assert_eq!(split("é", 1), ["é"], "there is no such room, and it has an end");
    }

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(sendable("a\tb\r\nc\u{1b}d\u{85}e\u{7f}"), "a b  c d e ");
        assert!(crate::protocol::is_text(&sendable("\u{0}\u{9f}")));
        assert_eq!(sendable("  grüße 👩‍👧  "), "  grüße 👩‍👧  ");
    }
}
