//! Normalization of text for the full-text index: case, accents and compatibility forms do not count, in any script.
//!
//! SQLite's full-text search separates words at spaces. Chinese, Japanese, Thai and related scripts write no spaces, so each of
//! their characters becomes a word of its own here, as does every emoji; a search for several of them is a search for a
//! phrase. The stored text and the query both go through [`normalize`], so a change of it needs a migration that rebuilds the
//! index.

use unicode_normalization::UnicodeNormalization as _;

/// Minimum length, in characters, of a word that is searched for as a prefix: `histor` finds `history`, but `a` does not find
/// every word that begins with an a, since there are too many.
const PREFIX_MIN: usize = 3;

/// Maximum number of index words that one word of a query may become. SQLite looks each of them up, and checks the order in
/// which they occur wherever all of them do.
pub(super) const PARTS_MAX: usize = 64;

/// The options of the index's tokenizer: words consist of letters, digits, their marks, and symbols such as emoji. Accents are
/// removed before.
macro_rules! tokenizer {
    () => {
        "unicode61 remove_diacritics 0 categories ''L* M* N* Co So''"
    };
}
pub(super) use tokenizer;

/// Returns the text as it is indexed.
pub(super) fn normalize(text: &str) -> String {
    let mut normalized = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase) {
        if stands_alone(c) {
            normalized.extend([' ', c, ' ']);
        } else {
            normalized.push(c);
        }
    }
    normalized
}

/// Returns the full-text query for messages that contain each of the words. All of the input is literal: none of it is query
/// syntax. Returns `None` if the input has no letter, digit or emoji.
pub(super) fn query(words: &str) -> Option<String> {
    let phrase = |word: &str| {
        let normalized = normalize(word);
        let last = normalized.split(|c| !is_in_words(c)).rfind(|part| !part.is_empty())?;
        let prefix = last.chars().count() >= PREFIX_MIN && normalized.ends_with(last);
        // Inside a quoted string only the quote is special, and no indexed word has one.
        Some(format!("\"{}\"{}", normalized.replace('"', " "), if prefix { "*" } else { "" }))
    };
    let phrases: Vec<_> = words.split_whitespace().filter_map(phrase).collect();
    (!phrases.is_empty()).then(|| phrases.join(" "))
}

/// Returns an upper bound of the index words that a word becomes. A character that SQLite may classify differently from
/// [`is_in_words`] counts as one.
pub(super) fn parts(word: &str) -> usize {
    let normalized = normalize(word);
    let uncertain = normalized.chars().filter(|c| !c.is_ascii() && !is_in_words(*c)).count();
    normalized.split(|c| !is_in_words(c)).filter(|part| !part.is_empty()).count() + uncertain
}

fn is_in_words(c: char) -> bool {
    c.is_alphanumeric() || stands_alone(c)
}

/// Returns whether the character is an accent of a Latin, Greek or Cyrillic letter, or a vowel point of Hebrew or Arabic, which
/// most writers leave out. The vowel signs of Indian scripts are none: a word without them is another word.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Returns whether the character is an emoji, or of a script that puts no space between words.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Burmese
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{2600}'..='\u{27bf}' // old symbols
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Han
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' // kana
        | '\u{1f000}'..='\u{1faff}' // emoji
        | '\u{20000}'..='\u{3ffff}') // more Han
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_ways_of_writing_do_not_count() {
        for (text, expected) in [
            ("Café", "cafe"),
            ("CAFE\u{301}", "cafe"),
            ("Ｆｕｌｌ ﬁ", "full fi"),
            ("ΆΝΝΑ ёж", "αννα еж"),
            ("Tiếng Việt", "tieng viet"),
            ("שָׁלוֹם", "שלום"),
            ("مَرْحَبًا", "مرحبا"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(normalize(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_without_spaces_is_searched_for_character_by_character() {
        assert_eq!(normalize("v2世界"), "v2 世  界 ");
        assert_eq!(query("世界 🎉").as_deref(), Some("\" 世  界 \" \" 🎉 \""));
    }

    #[test]
    fn a_word_without_spaces_has_many_parts_and_a_long_one_has_one() {
        for (word, count) in [("Geschwindigkeit", 1), ("don't", 2), ("世界", 2), ("a-b-c-", 3), ("🎉🎉", 2), ("©-©", 2)]
        {
            assert_eq!(parts(word), count, "{word}");
        }
        assert!(parts(&"©。".repeat(100)) >= 100);
    }

    #[test]
    fn words_are_no_syntax_and_their_beginning_is_enough() {
        for (words, asked) in [
            ("History", "\"history\"*"),
            ("a to", "\"a\" \"to\""),
            ("say \"no\" AND* NEAR(x)", "\"say\"* \" no \" \"and*\" \"near(x)\""),
            ("don't ( ^", "\"don't\""),
        ] {
            assert_eq!(query(words).as_deref(), Some(asked), "{words}");
        }
        assert_eq!(query(" -- \"\" ?! "), None);
    }
}
