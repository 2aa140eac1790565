//! Mentions: where a text names a user, as a whole name in any case and normal form. Pure; runs on any thread.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::links::addresses;
use crate::protocol::fold_name;

/// Returns the bytes of each mention of `name` in the text, in order.
///
/// A word is a run of the letters that names are made of, or part of one where two scripts meet or no spaces are
/// written ([`breaks`]). Dots and hyphens at its edges may be punctuation (`Is that you, ann...`), so both `ann.` and
/// `ann` count as words; `ann-marie` is another name. A name within an address is no mention.
pub(crate) fn mentions(text: &str, name: &str) -> Vec<Range<usize>> {
    let name = Folded::of(name).text;
    let (Some(first), Some(last)) = (name.chars().next(), name.chars().next_back()) else { return Vec::new() };
    let folded = Folded::of(text);
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = folded.text[from..].find(&name) {
        let (start, end) = (from + at, from + at + name.len());
        let whole = folded
            .original(start)
            .zip(folded.original(end))
            .filter(|(start, end)| is_edge(first, text[..*start].chars().rev()) && is_edge(last, text[*end..].chars()));
        found.extend(whole.map(|(start, end)| start..end));
        from = if whole.is_some() { end } else { start + first.len_utf8() };
    }
    if !found.is_empty() {
        let addresses = addresses(text);
        found.retain(|name| !addresses.iter().any(|other| other.start < name.end && name.start < other.end));
    }
    found
}

/// Returns whether names can contain this character.
pub(crate) fn in_a_name(c: char) -> bool {
    // A mark belongs to the letter before it, and makes another letter of it.
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.') || is_combining_mark(c)
}

/// Returns whether a word may end between these two letters without a space: one of them is of a script without
/// spaces, or exactly one is Hangul, in which particles are joined to the word before.
pub(crate) fn breaks(here: char, beyond: char) -> bool {
    let letters = here.is_alphabetic() && beyond.is_alphabetic();
    has_no_spaces(beyond) || letters && (has_no_spaces(here) || is_hangul(here) != is_hangul(beyond))
}

/// Returns whether a word ends with this letter if these characters follow it.
fn is_edge(letter: char, mut beyond: impl Iterator<Item = char>) -> bool {
    beyond.find(|c| !matches!(c, '.' | '-')).is_none_or(|c| !in_a_name(c) || breaks(letter, c))
}

/// Returns whether the script has no spaces: Thai, Lao, Burmese, Khmer, Han, kana and Bopomofo.
fn has_no_spaces(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
        | '\u{3040}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}')
}

/// A text folded like [`fold_name`] does, letter by letter, with the origin of each letter.
struct Folded {
    text: String,
    /// Offset of each letter here and in the original, followed by both ends; `None` if all are equal.
    places: Option<Vec<(usize, usize)>>,
}

impl Folded {
    fn of(original: &str) -> Folded {
        if original.is_ascii() {
            return Folded { text: original.to_ascii_lowercase(), places: None };
        }
        let (mut text, mut places) = (String::with_capacity(original.len()), Vec::with_capacity(original.len()));
        let mut from = 0;
        while let Some(first) = original[from..].chars().next() {
            places.push((text.len(), from));
            let rest = &original[from + first.len_utf8()..];
            let letter = &original[from..original.len() - rest.trim_start_matches(joins).len()];
            if letter.len() == 1 {
                text.push(first.to_ascii_lowercase());
            } else {
                // A final sigma is another letter, though not another name.
                text.push_str(&fold_name(letter).replace('ς', "σ"));
            }
            from += letter.len();
        }
        places.push((text.len(), from));
        Folded { text, places: Some(places) }
    }

    /// Returns where the letter at this byte begins in the original; `None` within a letter.
    fn original(&self, at: usize) -> Option<usize> {
        let Some(places) = &self.places else { return Some(at) };
        places.binary_search_by_key(&at, |(here, _)| *here).ok().map(|found| places[found].1)
    }
}

/// Returns whether this character is part of the letter before it: a mark, or a vowel or final consonant of
/// decomposed Hangul.
fn joins(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, name: &str) -> Vec<String> {
        mentions(text, name).into_iter().map(|range| text[range].to_owned()).collect()
    }

    #[test]
    fn a_name_is_found_as_a_whole_word_in_any_case() {
        for (text, count) in [
            ("ann", 1),
            ("hi Ann, ANN!", 2),
            ("@ann: look", 1),
            ("(ann) ann's ann/bob", 3),
            ("so, ann... or ann-", 2),
            ("annual, joann, ann-marie, ann_2, ann.b", 0),
            ("", 0),
        ] {
            assert_eq!(mentions(text, "ann").len(), count, "{text}");
        }
        assert_eq!(named("hi ann.", "Ann"), ["ann"]);
        assert_eq!(named("ann. ann", "ann."), ["ann."]);
    }

    #[test]
    fn names_of_every_script_are_found() {
        assert_eq!(named("kommt Jürgen?", "JÜRGEN"), ["Jürgen"]);
        assert_eq!(named("你好，小明！", "小明"), ["小明"]);
        // With an accent it is another letter.
        assert_eq!(named("ann\u{301}", "ann"), [""; 0]);
    }

    #[test]
    fn a_name_is_found_beside_letters_that_need_no_space() {
        for (text, name) in [
            ("你好ann在吗", "ann"),
            ("你好小明在吗", "小明"),
            ("小明，你好", "小明"),
            ("小明さん、おはよう", "小明"),
            ("annのパソコン", "ann"),
            ("ann님 안녕", "ann"),
            ("สวัสดีก้องครับ", "ก้อง"),
            ("helloきよし", "きよし"),
        ] {
            assert_eq!(named(text, name), [name], "{text}");
        }
        for (text, name) in [("小明2来了", "小明"), ("小明_2", "小明"), ("지민이", "지"), ("Annаs", "Ann")]
        {
            assert_eq!(named(text, name), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_name_is_found_in_whichever_form_it_is_written() {
        for (text, name, found) in [
            ("hi Zoe\u{308}!", "Zoë", "Zoe\u{308}"),
            ("hi ZOË!", "Zoe\u{308}", "ZOË"),
            ("hi ｚｏë", "Zoë", "ｚｏë"),
            // The same in Hangul, whose parts are not marks.
            ("\u{110c}\u{1175}\u{1106}\u{1175}\u{11ab}, hi", "지민", "\u{110c}\u{1175}\u{1106}\u{1175}\u{11ab}"),
            ("ΣΊΓΜΑΣ!", "σίγμας", "ΣΊΓΜΑΣ"),
            ("é ann", "ann", "ann"),
        ] {
            assert_eq!(named(text, name), [found], "{text}");
        }
        assert_eq!(named("Zoe\u{308}, and zoe", "zoe"), ["zoe"]);
    }

    #[test]
    fn a_name_in_an_address_names_nobody() {
        for text in [
            "https://example.org/ann",
            "看https://example.org/ann/。",
            "see http://ann/ and ftp://example.org/ann",
            "ssh://ann@example.org",
        ] {
            assert_eq!(named(text, "ann"), [""; 0], "{text}");
        }
        assert_eq!(named("ann: https://example.org/ann, ann?", "ann"), ["ann", "ann"]);
        assert_eq!(named("://ann", "ann"), ["ann"]);
    }

    #[test]
    fn nobody_is_named_by_no_name() {
        assert_eq!(named("- . .", ""), [""; 0]);
        assert_eq!(named("---", "ann"), [""; 0]);
    }
}
