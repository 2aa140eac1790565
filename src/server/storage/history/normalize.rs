//! Words as they are searched for: without case, accents and the many ways to write one letter, in every script.
//!
//! SQLite's full-text search knows words by the spaces between them. Chinese, Japanese, Thai and their neighbours write
//! without spaces, so each of their characters is made a word of its own here, as is every emoji; a word of several is
//! searched for as a phrase. What is stored in the index and what is searched for goes through the same [`fold`]:
//! whoever changes it adds a migration that fills the index anew.

use unicode_normalization::UnicodeNormalization as _;

/// The beginning of a word is enough from this length on: `histor` finds `history`, but `a` does not find every word
/// with an a in front, of which there are too many.
const PREFIX_MIN: usize = 3;

/// Maximum number of parts of one word. Each is looked up, and where all are, it is looked whether they follow each other.
pub(super) const PARTS_MAX: usize = 64;

/// The tokenizer of the index: letters, digits, the marks that belong to them, and symbols such as emoji. Accents are
/// gone by then.
macro_rules! tokenizer {
    () => {
        "unicode61 remove_diacritics 0 categories ''L* M* N* Co So''"
    };
}
pub(super) use tokenizer;

/// A text as it goes into the index.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase) {
        if stands_alone(c) {
            folded.extend([' ', c, ' ']);
        } else {
            folded.push(c);
        }
    }
    folded
}

/// What to ask the index for, so that each of the words must be there; whatever was typed, none of it is syntax.
/// `None`: there is not one letter, digit or emoji in it.
pub(super) fn query(words: &str) -> Option<String> {
    let phrase = |word: &str| {
        let folded = fold(word);
        let last = folded.split(|c| !is_in_words(c)).rfind(|part| !part.is_empty())?;
        let prefix = last.chars().count() >= PREFIX_MIN && folded.ends_with(last);
        // Between two quotes only a quote means anything, and no word has one.
        Some(format!("\"{}\"{}", folded.replace('"', " "), if prefix { "*" } else { "" }))
    };
    let phrases: Vec<_> = words.split_whitespace().filter_map(phrase).collect();
    (!phrases.is_empty()).then(|| phrases.join(" "))
}

/// Returns how many words of the index a word makes, or a few more: a character of which SQLite may think otherwise than
/// [`is_in_words`] counts as one.
pub(super) fn parts(word: &str) -> usize {
    let folded = fold(word);
    let strange = folded.chars().filter(|c| !c.is_ascii() && !is_in_words(*c)).count();
    folded.split(|c| !is_in_words(c)).filter(|part| !part.is_empty()).count() + strange
}

fn is_in_words(c: char) -> bool {
    c.is_alphanumeric() || stands_alone(c)
}

/// The accents of Latin, Greek and Cyrillic letters, and the vowel points of Hebrew and Arabic, which most people leave
/// out. Not the vowel signs of India: a word without them is another word.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Characters of scripts that put no space between words, and emoji.
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
        for (text, folded) in [
            ("Café", "cafe"),
            ("CAFE\u{301}", "cafe"),
            ("Ｆｕｌｌ ﬁ", "full fi"),
            ("ΆΝΝΑ ёж", "αννα еж"),
            ("Tiếng Việt", "tieng viet"),
            ("שָׁלוֹם", "שלום"),
            ("مَرْحَبًا", "مرحبا"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn what_is_written_without_spaces_is_searched_for_character_by_character() {
        assert_eq!(fold("v2世界"), "v2 世  界 ");
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
