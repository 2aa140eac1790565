//! Where a text names somebody: the whole name, in any case. Pure; runs on any thread.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// The bytes of each mention of `name` in the text, in order.
///
/// A word is a run of the letters that names are made of. Dots and hyphens at its edges may be punctuation (`Is that you,
/// ann...`), so both `ann.` and `ann` are asked for; `ann-marie` is somebody else.
pub(super) fn mentions(text: &str, name: &str) -> Vec<Range<usize>> {
    let name = name.to_lowercase();
    if name.is_empty() {
        return Vec::new();
    }
    words(text)
        .filter_map(|word| {
            let trimmed = trim(text, word.clone());
            [word, trimmed].into_iter().find(|part| text[part.clone()].to_lowercase() == name)
        })
        .collect()
}

/// Is this a letter that names are made of?
pub(super) fn in_a_name(c: char) -> bool {
    // A mark belongs to the letter before it, which is then another letter.
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.') || is_combining_mark(c)
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(in_a_name)?;
        let end = text[start..].find(|c| !in_a_name(c)).map_or(text.len(), |length| start + length);
        from = end;
        Some(start..end)
    })
}

fn trim(text: &str, word: Range<usize>) -> Range<usize> {
    let edge = ['.', '-'];
    let start = word.end - text[word.clone()].trim_start_matches(edge).len();
    let end = word.start + text[word].trim_end_matches(edge).len();
    start..end.max(start)
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
        // With an accent of its own it is another letter.
        assert_eq!(named("ann\u{301}", "ann"), [""; 0]);
    }

    #[test]
    fn nobody_is_named_by_no_name() {
        assert_eq!(named("- . .", ""), [""; 0]);
        assert_eq!(named("---", "ann"), [""; 0]);
    }
}
