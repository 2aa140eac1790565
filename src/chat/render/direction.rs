//! The direction of text: which pieces of a row are read from the right, and in which order the pieces of a row stand from
//! left to right. Pure; no I/O.
//!
//! This is the part of Unicode's rules (UAX #9) that a row of chat needs: the pieces of a row are drawn one by one, each
//! in one direction, so that neither a name nor a mark in the text turns the others round. The system's text layout orders
//! the letters within a piece.

use std::ops::Range;

use super::text_runs::{is_right_to_left, joins};

/// Divides a text into pieces of one direction each, in order. The flag is true for pieces that are read from the right, as
/// is all that stands between those. `base` is the direction of the whole message.
pub(super) fn pieces(text: &str, base: bool) -> Vec<(Range<usize>, bool)> {
    let mut out: Vec<(Range<usize>, bool)> = Vec::new();
    let mut push = |to: usize, rtl: bool| match out.last_mut() {
        Some((last, same)) if *same == rtl => last.end = to,
        last => {
            let from = last.map_or(0, |(last, _)| last.end);
            if to > from {
                out.push((from..to, rtl));
            }
        }
    };
    let (mut before, mut neutral_from) = (base, None);
    for (at, c) in text.char_indices().filter(|(_, c)| !joins(*c)) {
        let direction = match c {
            _ if is_right_to_left(c) => Some(true),
            _ if c.is_alphabetic() => Some(false),
            // A number belongs to the words before it.
            _ if c.is_numeric() => Some(before),
            _ => None,
        };
        let Some(direction) = direction else {
            neutral_from.get_or_insert(at);
            continue;
        };
        // Between two directions there is that of the message.
        push(neutral_from.take().unwrap_or(at), before);
        push(at, if direction == before { before } else { base });
        before = direction;
    }
    push(neutral_from.unwrap_or(text.len()), before);
    push(text.len(), base);
    out
}

/// Sorts the pieces of a row into their order from left to right.
pub(super) fn arrange<T>(pieces: &mut [T], base: bool, is_rtl: impl Fn(&T) -> bool) {
    if base {
        pieces.chunk_by_mut(|one, other| is_rtl(one) == is_rtl(other)).for_each(|same| {
            if !is_rtl(&same[0]) {
                same.reverse();
            }
        });
        pieces.reverse();
    } else {
        pieces.chunk_by_mut(|one, other| is_rtl(one) && is_rtl(other)).for_each(<[T]>::reverse);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, base: bool) -> Vec<(&str, bool)> {
        let mut pieces: Vec<_> = pieces(text, base).into_iter().map(|(bytes, rtl)| (&text[bytes], rtl)).collect();
        assert_eq!(pieces.iter().map(|(piece, _)| *piece).collect::<String>(), text);
        arrange(&mut pieces, base, |(_, rtl)| *rtl);
        pieces
    }

    #[test]
    fn a_name_from_the_right_does_not_turn_the_line() {
        assert_eq!(shown("שלום joined", false), [("שלום", true), (" joined", false)]);
        assert_eq!(shown("You ignore שלום עולם.", false), [("You ignore ", false), ("שלום עולם", true), (".", false)]);
    }

    #[test]
    fn a_message_from_the_right_begins_at_the_right() {
        assert_eq!(shown("שלום bob, מה?", true), [(", מה?", true), ("bob", false), ("שלום ", true)]);
        assert_eq!(shown("bob!", true), [("!", true), ("bob", false)]);
    }

    #[test]
    fn numbers_and_marks_stay_with_their_words() {
        assert_eq!(shown("room 12, שלום 34", false), [("room 12, ", false), ("שלום 34", true)]);
        assert_eq!(shown("e\u{301}שלום", true), [("שלום", true), ("e\u{301}", false)]);
        assert_eq!(shown("", true), []);
    }

    #[test]
    fn words_of_one_direction_keep_their_order_when_they_are_divided() {
        let order = |base: bool, pieces: &[(&'static str, bool)]| {
            let mut pieces = pieces.to_vec();
            arrange(&mut pieces, base, |(_, rtl)| *rtl);
            pieces.into_iter().map(|(piece, _)| piece).collect::<Vec<_>>()
        };
        let words = [("א", true), ("see ", false), ("http://a.example", false), ("ב", true), ("ג", true)];
        assert_eq!(order(true, &words), ["ג", "ב", "see ", "http://a.example", "א"]);
        assert_eq!(order(false, &words), ["א", "see ", "http://a.example", "ג", "ב"]);
    }
}
