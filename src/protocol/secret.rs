//! The lines that carry a password. The server uses this list to reject such a line in plain text before looking at it;
//! the trace of lines uses it to leave the password out. Pure.

use std::fmt;

/// The verbs whose argument is a password.
pub(crate) const SECRET_VERBS: [&[u8]; 2] = [b"PASS", b"REGISTER"];

/// A password within a line. Its `Debug` form is `***`, so that no log shows it by accident.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret<'a>(pub &'a str);

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Returns whether the verb of a line, in any case, is one of [`SECRET_VERBS`]. A word that begins with `#` may precede it. The
/// rest of the line is not looked at and need not be valid UTF-8.
pub(crate) fn is_secret(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ').skip_while(|word| word.starts_with(b"#"));
    let verb = words.next().unwrap_or_default();
    SECRET_VERBS.iter().any(|secret| verb.eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_password_is_known_by_its_verb() {
        for line in [&b"PASS secret"[..], b"pass", b"Register \xff", b"PASS  ", b"#1 PASS secret", b"# register"] {
            assert!(is_secret(line));
        }
        for line in
            [&b""[..], b"PASSWORD secret", b"HELLO pass", b" PASS secret", b"PAST 1 2", b"#1 MSG PASS secret", b"#1"]
        {
            assert!(!is_secret(line));
        }
    }

    #[test]
    fn it_is_not_shown() {
        assert_eq!(format!("{:?}", Secret("swordfish")), "***");
    }
}
