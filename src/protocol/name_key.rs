//! Confusable names: two names clash if one could be mistaken for the other. Pure.
//!
//! Letters can look alike in capitals (Latin `B`, Cyrillic `В`), in lower case (Latin `v`, Greek `ν`), or as written (Latin `l`
//! and `I`). Each of the three alone makes a clash. Clashing is not an equivalence: `ivan` clashes with `1van` in capitals, and
//! `ivаn` in Cyrillic lower case with `ivan`, while those two need not clash with each other. A key therefore has no `==` and
//! cannot be the key of a map; an index by looks has one map for each of the three.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use unicode_security::confusable_detection::skeleton;

/// The three looks of a name: its skeleton (UTS #39, section 4) in capitals, in lower case, and as written.
#[derive(Clone, Debug)]
pub struct NameKey(Arc<[Arc<str>; 3]>);

impl NameKey {
    /// Returns the key of a word, which need not be a valid username.
    pub fn of(word: &str) -> NameKey {
        // By way of lower case, because a capital can have other capitals: ẞ is ß in lower case, and that is SS in capitals.
        let capitals = word.nfkc().collect::<String>().to_lowercase().to_uppercase();
        // Lower case again, so that skeletons that look alike only in lower case are equal, too.
        let capitals = skeleton(&capitals).collect::<String>().to_lowercase();
        NameKey(Arc::new([
            skeleton(&capitals).collect::<String>().into(),
            look(&fold_name(word)).into(),
            // Not normalized: `ſ` is an `s`, and looks like `f`.
            look(word).into(),
        ]))
    }

    /// Returns whether one of the two names could be mistaken for the other.
    pub fn clashes_with(&self, other: &NameKey) -> bool {
        self.0.iter().zip(&*other.0).any(|(one, other)| one == other)
    }

    /// Returns the three looks, for an index. Two keys clash if they are equal at the same position.
    pub fn looks(&self) -> &[Arc<str>; 3] {
        &self.0
    }
}

/// Returns the skeleton without a combining dot above a letter that already has a dot: `i` with U+0307 is drawn as `i` (The
/// Unicode Standard, section 7.1, on soft-dotted letters).
fn look(word: &str) -> String {
    let mut is_dotted = false;
    let keep = |c: &char| match canonical_combining_class(*c) {
        0 => {
            is_dotted = matches!(c, 'i' | 'j' | 'ɨ' | 'ɉ' | 'ʝ' | 'ϳ' | 'і' | 'ј');
            true
        }
        230 if *c == '\u{307}' => !std::mem::take(&mut is_dotted),
        230 => {
            // This mark replaces the letter's own dot, so that a further dot above it is visible.
            is_dotted = false;
            true
        }
        _ => true,
    };
    skeleton(word).filter(keep).collect()
}

/// Returns the word with case, normal form and width folded. The ways of writing one name have one folded form; names that
/// merely look alike have different ones.
pub(crate) fn fold_name(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::protocol::username::Username;

    fn clash(one: &str, other: &str) -> bool {
        NameKey::of(one).clashes_with(&NameKey::of(other))
    }

    #[test]
    fn names_that_could_pass_for_each_other_clash() {
        for (one, other) in [
            ("bob", "BOB"),
            ("straße", "STRASSE"),
            ("straße", "STRAẞE"),
            ("Zoë", "Zoe\u{308}"),
            ("bob", "ｂｏｂ"),
            ("alice", "\u{430}lice"),
            ("Alice", "AIice"),
            ("Ivan", "lvan"),
            ("ivan", "1van"),
            ("bob", "b0b"),
            ("BOB", "ВОВ"),
            ("mia", "rnia"),
            ("Mia", "rnia"),
            ("σίγμας", "ΣΊΓΜΑΣ"),
            // Alike in small letters alone, and, in the middle of a name, as they are written alone.
            ("ivan", "i\u{3bd}an"),
            ("server", "ser\u{3bd}er"),
            ("Nlv", "\u{39d}\u{399}\u{3bd}"),
            ("foo", "\u{17f}oo"),
            // A dot above a dot is one dot, whatever mark is below.
            ("ivan", "i\u{307}van"),
            ("john", "j\u{307}ohn"),
            ("ivan", "\u{131}\u{307}van"),
            ("ilker", "İlker"),
            ("i\u{323}van", "i\u{307}\u{323}van"),
        ] {
            assert!(clash(one, other) && clash(other, one), "{one} and {other}");
        }
        for (one, other) in [
            ("ann", "anna"),
            ("ann", "ben"),
            ("user1", "user2"),
            ("c10", "c100"),
            // One dot more is seen here.
            ("zoe", "zoe\u{307}"),
            ("i\u{301}van", "i\u{301}\u{307}van"),
        ] {
            assert!(!clash(one, other), "{one} and {other}");
        }
    }

    /// Every letter that a name may have, between digits, which are of no script. Names are drawn the same if they have the
    /// same skeleton, as written or all in lower case or all in capitals.
    #[test]
    fn every_letter_that_looks_like_others_makes_names_that_clash_with_theirs() {
        let mut alike = BTreeMap::<(usize, String), Vec<Username>>::new();
        // The planes that have letters.
        for c in '\0'..='\u{3_ffff}' {
            let Ok(name) = Username::parse(&format!("7{c}7")) else { continue };
            // In another case, a compatibility character is the letter that it stands for.
            let letters: String = name.as_str().nfkc().collect();
            let forms = [name.to_string(), letters.to_lowercase(), letters.to_uppercase()];
            for (form, drawn) in forms.iter().enumerate() {
                let look = skeleton(drawn).collect::<String>();
                // The skeleton is a name itself, unless it has a character that no name has.
                let names = alike
                    .entry((form, look))
                    .or_insert_with_key(|(_, look)| Username::parse(look).into_iter().collect());
                names.push(name.clone());
            }
        }
        let mut pairs = 0;
        for names in alike.values() {
            for (at, one) in names.iter().enumerate() {
                for other in &names[at + 1..] {
                    pairs += 1;
                    assert!(one.key().clashes_with(other.key()), "{one} and {other}");
                }
            }
        }
        assert!(pairs > 10_000, "only {pairs} pairs were looked at");
    }
}
