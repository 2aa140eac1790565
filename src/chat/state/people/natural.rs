//! The order of texts with numbers in them: p2 comes before p10. Pure.

use std::cmp::Ordering;

/// Compares two texts character by character, and the numbers in them by value. Only equal texts are equal.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (mut first, mut second) = (one, other);
    loop {
        let (a, b) = (number(first), number(second));
        let order = if a.is_empty() || b.is_empty() {
            let (Some(a), Some(b)) = (first.chars().next(), second.chars().next()) else { break };
            (first, second) = (&first[a.len_utf8()..], &second[b.len_utf8()..]);
            a.cmp(&b)
        } else {
            (first, second) = (&first[a.len()..], &second[b.len()..]);
            let [a, b] = [a, b].map(|digits| digits.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        };
        if order.is_ne() {
            return order;
        }
    }
    first.len().cmp(&second.len()).then_with(|| one.cmp(other))
}

/// Returns the digits at the beginning of a text.
fn number(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_before_those_that_follow() {
        let order =
            ["", "-1", "0", "1", "2b", "2b1", "02c", "10", "a", "a 1", "a1b2", "a1b10", "a02b1", "a2b1", "ab", "é1"];
        for (at, one) in order.iter().enumerate() {
            for (other_at, other) in order.iter().enumerate() {
                assert_eq!(compare(one, other), at.cmp(&other_at), "{one:?} and {other:?}");
            }
        }
        assert_eq!(compare(&"9".repeat(100), &"8".repeat(100)), Ordering::Greater, "no number is too large");
    }
}
