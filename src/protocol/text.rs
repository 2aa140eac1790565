//! Words and text within a line: the characters that text may contain, and splitting and joining of words. Pure.

/// Returns whether a client may send this text: it is not empty and contains no control characters.
pub fn is_text(text: &str) -> bool {
    !text.is_empty() && find_control(text).is_none()
}

/// Returns the byte index of the first control character: C0 (0 to 31, including TAB), DEL (127), or C1 (U+0080 to U+009F).
///
/// The search is over bytes: in UTF-8 the C1 characters are exactly the byte C2 followed by 80 to 9F.
pub(super) fn find_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let c0_or_del = |byte: &u8| *byte < 0x20 || *byte == 0x7f;
    // Without an early exit the compiler vectorizes the loop. Nearly every line is decided here.
    if bytes.iter().fold(0, |found, byte| found | u8::from(c0_or_del(byte)) | u8::from(*byte == 0xc2)) == 0 {
        return None;
    }
    bytes.iter().enumerate().position(|(at, byte)| {
        c0_or_del(byte) || (*byte == 0xc2 && bytes.get(at + 1).is_some_and(|next| (0x80..=0x9f).contains(next)))
    })
}

/// Splits a line at its first space. The second part is `None` if there is no space.
pub(super) fn split_word(line: &str) -> (&str, Option<&str>) {
    match line.split_once(' ') {
        Some((word, rest)) => (word, Some(rest)),
        None => (line, None),
    }
}

/// Splits `<name> <text>`, neither of them empty. The text keeps its spaces.
pub(super) fn name_and_text(rest: Option<&str>) -> Option<(&str, &str)> {
    rest?.split_once(' ').filter(|(name, text)| !name.is_empty() && !text.is_empty())
}

pub(super) fn put(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Appends the parts and, unless it is empty, a space and the rest.
pub(super) fn put_with_optional(out: &mut Vec<u8>, parts: &[&str], rest: &str) {
    put(out, parts);
    if !rest.is_empty() {
        put(out, &[" ", rest]);
    }
}
