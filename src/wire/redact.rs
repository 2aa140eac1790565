//! Leaving passwords out of what is shown: a pure function from a line to what may be seen of it.
//!
//! Two verbs carry a password. Of a line that begins with one of them, nothing behind the verb is shown, whatever is wrong with
//! the rest; and what stands before the verb does not help. It is better that a line is masked that has no password in
//! it than that one is shown that has.

use std::borrow::Cow;

use crate::protocol::SECRET_VERBS;

/// What is shown in the place of a password: always the same, so that it does not tell how long that is.
const MASKED: &[u8] = b" ***";

/// The line, with the password left out if it could have one.
pub fn mask(line: &[u8]) -> Cow<'_, [u8]> {
    // A stamp, spaces, a byte order mark, anything at all that is no letter does not make the verb another.
    let start = line.iter().position(u8::is_ascii_alphabetic).unwrap_or(line.len());
    let said = &line[start..];
    for verb in SECRET_VERBS {
        // `PASSWORD secret` and `pass:secret` are no lines of the protocol, but what their writer meant is clear.
        if said.len() >= verb.len() && said[..verb.len()].eq_ignore_ascii_case(verb) {
            return if said.len() == verb.len() {
                Cow::Borrowed(line)
            } else {
                Cow::Owned([&line[..start + verb.len()], MASKED].concat())
            };
        }
    }
    Cow::Borrowed(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(line: &str) -> String {
        String::from_utf8(mask(line.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn a_password_is_left_out_and_its_length_too() {
        for line in ["PASS secret", "PASS s", "PASS secret with spaces and PASS in it", "PASS ", "PASS  secret"] {
            assert_eq!(masked(line), "PASS ***", "{line}");
        }
        assert_eq!(masked("REGISTER secret"), "REGISTER ***");
    }

    #[test]
    fn no_case_and_no_mistake_brings_it_back() {
        for line in [
            "pass secret",
            "PaSs secret",
            "rEGISTER secret",
            " PASS secret",
            "\tPASS\tsecret",
            "PASS\u{0}secret",
            "PASS:secret",
            "PASS=secret",
            "PASSsecret",
            "PASSWORD secret",
            "REGISTERsecret",
            "@1700000000000000 PASS secret",
            "/PASS secret",
            "\u{feff}PASS secret",
            "\u{202e}PASS secret",
            "PASS secret\r",
            "PASS\rsecret",
        ] {
            assert!(!masked(line).contains("secret"), "{line:?} becomes {:?}", masked(line));
        }
        let not_utf8 = mask(b"\xff\xfePASS \xffsecret").into_owned();
        assert_eq!(not_utf8, b"\xff\xfePASS ***");
    }

    #[test]
    fn everything_else_is_shown_as_it_is() {
        for line in ["", "PASS", "pass", "MSG ann PASS the salt", "TELL ann pass secret", "PAST 5 100", "PAS", "WHO"] {
            assert_eq!(masked(line), line);
        }
    }

    proptest! {
        #[test]
        fn wherever_such_a_line_is_cut_no_piece_of_the_password_is_left(
            before in "[ \t@0-9:/]{0,8}",
            verb in prop_oneof![Just("PASS"), Just("pass"), Just("REGISTER"), Just("Register")],
            between in "[ \t:=]{1,3}",
            password in "[a-z]{4,20}",
            cut in 0usize..60,
        ) {
            let line = format!("{before}{verb}{between}{password}");
            // What is left of it at the front, as when a view shows only so much.
            let shown = masked(&line[..cut.min(line.len())]);
            let bare = format!("{before}{verb}");
            prop_assert!(bare.starts_with(&shown) || shown == format!("{bare} ***"), "{shown:?}");
        }
    }
}
