//! Converts a typed line to the bytes to send: bytes that no key can type are written as escapes. Pure.

use thiserror::Error;

/// An invalid escape, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0} is no escape: there are \\r, \\n, \\t, \\\\ and \\x00 to \\xFF")]
pub struct BadEscape(String);

/// Replaces the escapes `\r`, `\n`, `\t`, `\\` and `\x00` to `\xFF` in a typed line. No LF is added.
///
/// # Errors
/// Returns the first invalid escape.
pub fn unescape(typed: &str) -> Result<Vec<u8>, BadEscape> {
    let mut bytes = Vec::with_capacity(typed.len() + 1);
    let mut rest = typed;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = &rest[at..];
        let bad = || BadEscape(escape.chars().take(4).collect());
        let (byte, length) = match escape.as_bytes().get(1).ok_or_else(bad)? {
            b'r' => (b'\r', 2),
            b'n' => (b'\n', 2),
            b't' => (b'\t', 2),
            b'\\' => (b'\\', 2),
            b'x' => {
                let digits = escape.get(2..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                (digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or_else(bad)?, 4)
            }
            _ => return Err(bad()),
        };
        bytes.push(byte);
        rest = &escape[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_was_typed_but_for_its_escapes() {
        for (typed, bytes) in [
            ("MSG ann hi", &b"MSG ann hi"[..]),
            ("", b""),
            ("你好", "你好".as_bytes()),
            (r"a\r\n\t\\b", b"a\r\n\t\\b"),
            (r"\x00\xff\x7F!", b"\x00\xff\x7f!"),
        ] {
            assert_eq!(unescape(typed).as_deref(), Ok(bytes), "{typed}");
        }
    }

    #[test]
    fn what_is_no_escape_is_named() {
        for (typed, named) in [
            (r"a\", r"\"),
            (r"\q1", r"\q1"),
            (r"\x4", r"\x4"),
            (r"\xg0 and more", r"\xg0"),
            (r"\x+1", r"\x+1"),
            (r"\é", r"\é"),
        ] {
            assert_eq!(unescape(typed), Err(BadEscape(named.into())), "{typed}");
        }
    }
}
