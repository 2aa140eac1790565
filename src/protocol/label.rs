//! Labels: the word before a line by which a client recognizes the answer to it. Pure; runs on any thread.
//!
//! A label is split off before a line is parsed, because only a client that asked for labels may send one, and because a line
//! that cannot be parsed is answered with its label, too.

use super::client_line::Rejected;
use super::error_code::ErrorCode;
use super::text::put;

/// Maximum length of a label in bytes.
pub const LABEL_MAX: usize = 16;

/// Splits a line into its label, if it begins with `#`, and the rest. The rest need not be valid UTF-8.
///
/// # Errors
/// Returns `BAD_LINE` for a label that is empty, is longer than [`LABEL_MAX`], has other characters than visible ASCII, or is not
/// followed by a space.
pub fn split_label(line: &[u8]) -> Result<(Option<&str>, &[u8]), Rejected> {
    let Some(labelled) = line.strip_prefix(b"#") else { return Ok((None, line)) };
    let length = labelled.iter().take_while(|byte| byte.is_ascii_graphic()).count();
    match (str::from_utf8(&labelled[..length]), labelled[length..].split_first()) {
        (Ok(label), Some((b' ', line))) if (1..=LABEL_MAX).contains(&length) => Ok((Some(label), line)),
        _ => Err(Rejected::new(
            ErrorCode::BadLine,
            format!("a label has 1 to {LABEL_MAX} visible characters of ASCII: write #<label> <line>"),
        )),
    }
}

/// Appends `#<label> `.
pub fn put_label(out: &mut Vec<u8>, label: &str) {
    put(out, &["#", label, " "]);
}
