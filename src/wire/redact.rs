//! Redaction of passwords: a pure function from a line to the part of it that may be shown.
//!
//! Two verbs carry a password. Of a line that begins with one of them, nothing after the verb is shown, however malformed the
//! rest is and whatever precedes the verb. To redact a line that contains no password is harmless; to show one that does is not.

use std::borrow::Cow;

use crate::protocol::SECRET_VERBS;

/// Replacement for a password. It is always the same, so that it does not reveal the length.
const REDACTED: &[u8] = b" ***";

/// Returns the line with everything after a secret verb (`SECRET_VERBS`) replaced.
pub fn redact(line: &[u8]) -> Cow<'_, [u8]> {
    // Anything that is not a letter may precede the verb: a stamp, spaces, a byte order mark.
    let letter_from = |from: usize| from + line[from..].iter().take_while(|byte| !byte.is_ascii_alphabetic()).count();
    let mut from = 0;
    loop {
        let start = letter_from(from);
        // So may a label, which can contain letters, and words that look like one.
        let label = line[from..start].iter().rposition(|byte| *byte == b'#').map(|label| from + label);
        let end_of = |label: usize, is_part: fn(&u8) -> bool| {
            label + line[label..].iter().take_while(|byte| is_part(byte)).count()
        };
        let behind_label = label.map(|label| letter_from(end_of(label, u8::is_ascii_graphic)));
        for start in [Some(start), behind_label].into_iter().flatten() {
            let line_text = &line[start..];
            for verb in SECRET_VERBS {
                // `PASSWORD secret` and `pass:secret` are not in the protocol, but they still contain what the user meant as a
                // password.
                if line_text.len() >= verb.len() && line_text[..verb.len()].eq_ignore_ascii_case(verb) {
                    return if line_text.len() == verb.len() {
                        Cow::Borrowed(line)
                    } else {
                        Cow::Owned([&line[..start + verb.len()], REDACTED].concat())
                    };
                }
            }
        }
        let Some(label) = label else { return Cow::Borrowed(line) };
        from = end_of(label, |byte| *byte != b' ');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redacted(line: &str) -> String {
        String::from_utf8(redact(line.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn a_password_is_left_out_and_its_length_too() {
        for line in ["PASS secret", "PASS s", "PASS secret with spaces and PASS in it", "PASS ", "PASS  secret"] {
            assert_eq!(redacted(line), "PASS ***", "{line}");
        }
        assert_eq!(redacted("REGISTER secret"), "REGISTER ***");
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
            "#PASS secret",
            "#7 PASS secret",
            "#a7 PASS secret",
            "#label-with-letters REGISTER secret",
            "##a # PASS secret",
            "#PASS PASS secret",
            "#far-too-long-for-a-label PASS secret",
            " #a PASS secret",
            "#a\tPASS secret",
            "#a\u{a0}PASS secret",
            "#a #b PASS secret",
            "#a  #b #c#d #e REGISTER secret",
            "#l\u{e9}a PASS secret",
            "\u{feff}PASS secret",
            "\u{202e}PASS secret",
            "PASS secret\r",
            "PASS\rsecret",
        ] {
            assert!(!redacted(line).contains("secret"), "{line:?} becomes {:?}", redacted(line));
        }
        let not_utf8 = redact(b"\xff\xfePASS \xffsecret").into_owned();
        assert_eq!(not_utf8, b"\xff\xfePASS ***");
    }

    #[test]
    fn everything_else_is_shown_as_it_is() {
        for line in ["", "PASS", "pass", "MSG ann PASS the salt", "TELL ann pass secret", "PAST 5 100", "PAS", "WHO"] {
            assert_eq!(redacted(line), line);
        }
    }

    proptest! {
        #[test]
        fn wherever_such_a_line_is_cut_no_piece_of_the_password_is_left(
            before in "(#[!-~&&[^#]]{0,16} )?[ \t@0-9:/]{0,8}",
            verb in prop_oneof![Just("PASS"), Just("pass"), Just("REGISTER"), Just("Register")],
            between in "[ \t:=]{1,3}",
            password in "[a-z]{4,20}",
            cut in 0usize..60,
        ) {
            let line = format!("{before}{verb}{between}{password}");
            // Only the beginning of the line, as when a view cuts it.
            let shown = redacted(&line[..cut.min(line.len())]);
            let bare = format!("{before}{verb}");
            prop_assert!(bare.starts_with(&shown) || shown == format!("{bare} ***"), "{shown:?}");
        }
    }
}
