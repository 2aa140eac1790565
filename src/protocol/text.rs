//! Words and text within a line: which characters text may have, and how a line is cut into words and put together.

/// Is this text that a client may send: not empty, and without control characters?
pub fn is_text(text: &str) -> bool {
    !text.is_empty() && find_control(text).is_none()
}

/// Where the first control character stands: C0 (0 to 31, TAB too), DEL (127), C1 (U+0080 to U+009F).
///
/// It looks at bytes, since in UTF-8 the C1 characters are exactly the byte C2 followed by 80 to 9F.
pub(super) fn find_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let c0_or_del = |byte: &u8| *byte < 0x20 || *byte == 0x7f;
    // Looking at all of them instead of stopping at the first is what the processor can do to many at once; nearly every
    // line is done with here.
    if bytes.iter().fold(0, |found, byte| found | u8::from(c0_or_del(byte)) | u8::from(*byte == 0xc2)) == 0 {
        return None;
    }
    bytes.iter().enumerate().position(|(at, byte)| {
        c0_or_del(byte) || (*byte == 0xc2 && bytes.get(at + 1).is_some_and(|next| (0x80..=0x9f).contains(next)))
    })
}

/// The word before the first space, and what follows that space.
pub(super) fn split_word(line: &str) -> (&str, Option<&str>) {
    match line.split_once(' ') {
        Some((word, rest)) => (word, Some(rest)),
        None => (line, None),
    }
}

/// `<name> <text>`, neither empty; the text keeps its spaces.
pub(super) fn name_and_text(rest: Option<&str>) -> Option<(&str, &str)> {
    rest?.split_once(' ').filter(|(name, text)| !name.is_empty() && !text.is_empty())
}

pub(super) fn put(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

pub(super) fn put_with_optional(out: &mut Vec<u8>, word: &str, rest: &str) {
    put(out, &[word]);
    if !rest.is_empty() {
        put(out, &[" ", rest]);
    }
}
