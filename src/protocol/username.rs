//! Usernames: validation, and comparison of the ways in which one name can be written. Pure.
//!
//! A [`Username`] that exists is valid. Two names that could be mistaken for each other have [`NameKey`]s that clash, and a room
//! admits only one of them, so that a user cannot impersonate another.

use std::fmt;
use std::sync::{Arc, LazyLock};

use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{GeneralSecurityProfile as _, RestrictionLevel, RestrictionLevelDetection as _};

use super::name_key::{NameKey, fold_name};

/// The name that the operator's announcements carry. No client may join with it.
pub const RESERVED: &str = "server";

/// The key of that name, computed once.
static RESERVED_KEY: LazyLock<NameKey> = LazyLock::new(|| NameKey::of(RESERVED));

/// Maximum length of a username in characters.
pub(super) const MAX_CHARS: usize = 32;

/// Maximum length of a username in bytes, at four bytes a character.
pub(super) const MAX_BYTES: usize = MAX_CHARS * 4;

/// Maximum number of consecutive combining marks (UTS #39, section 5.4: no language writes more).
const MAX_MARKS_IN_A_ROW: usize = 4;

/// A valid username, as its owner wrote it.
///
/// It has 1 to 32 characters: letters and digits of any script (those that UTS #39 recommends for identifiers, with
/// the marks that belong to them), `_`, `-` and `.`; it begins with a letter or a digit. Its letters are of one script, or
/// of Latin and those of Chinese, Japanese or Korean (UTS #39, section 5.2: "Highly Restrictive"). Cloning is cheap: it
/// copies pointers.
///
/// ```
/// use multichat::protocol::{BadUsername, Username};
///
/// assert_eq!(Username::parse("Zoë")?.as_str(), "Zoë");
/// assert!(Username::parse("Zoë")?.is_written("ZOË"));
/// assert_eq!(Username::parse("two words"), Err(BadUsername::BadCharacter(' ')));
/// assert_eq!(Username::parse("SERVER"), Err(BadUsername::Reserved));
/// # Ok::<(), BadUsername>(())
/// ```
#[derive(Clone, Debug)]
pub struct Username {
    name: Arc<str>,
    folded: Arc<str>,
    key: NameKey,
}

impl PartialEq for Username {
    fn eq(&self, other: &Username) -> bool {
        self.name == other.name
    }
}

impl Eq for Username {}

/// The reason why a word is not a valid username. Displays as a sentence for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadUsername {
    /// The word is empty.
    #[error("a name is missing: write HELLO <name>")]
    Empty,
    /// More than 32 characters, as written or in compatibility form (NFKC).
    #[error("a name has at most {MAX_CHARS} characters")]
    TooLong,
    /// The first character is neither a letter nor a digit.
    #[error("a name begins with a letter or a digit")]
    BadBeginning,
    /// A character that is not a letter, digit, `_`, `-` or `.`.
    #[error("a name cannot contain {}: use letters, digits, _ - and .", named(*.0))]
    BadCharacter(char),
    /// More consecutive combining marks than any language writes.
    #[error("a name has at most {MAX_MARKS_IN_A_ROW} combining marks after a letter")]
    TooManyMarks,
    /// A mixture of scripts that no language writes in one word, and whose letters look alike.
    #[error(
        "a name has letters of one script, or of Latin with Chinese, Japanese or Korean: do not mix it with others"
    )]
    MixedScripts,
    /// The name of the server's own announcements, or a name that could be mistaken for it.
    #[error("the name {RESERVED} is reserved for the operator")]
    Reserved,
}

/// Returns a character that no name has as it stands in a sentence: as it is only if it is visible and cannot join with the
/// characters around it.
fn named(c: char) -> String {
    match c {
        ' ' => "a space".into(),
        c if c.is_ascii_graphic() => c.into(),
        c => format!("U+{:04X}", u32::from(c)),
    }
}

impl Username {
    /// Validates a word as a username.
    ///
    /// # Errors
    /// Returns the first rule that the word violates.
    pub fn parse(word: &str) -> Result<Username, BadUsername> {
        let name = Username::stored(word)?;
        let letters: String = word.nfkc().collect();
        if letters.chars().nth(MAX_CHARS).is_some() {
            Err(BadUsername::TooLong)
        } else if !letters.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
            Err(BadUsername::MixedScripts)
        } else if name.key.clashes_with(&RESERVED_KEY) {
            Err(BadUsername::Reserved)
        } else {
            Ok(name)
        }
    }

    /// Parses a name in a list of bans or of members. An earlier version accepted names that [`parse`](Username::parse)
    /// rejects: of mixed scripts, long in compatibility form, or like the reserved one. Their entries still have to be
    /// read and removed. No client joins with such a name.
    ///
    /// # Errors
    /// Returns the first rule of every version that the word violates.
    pub fn stored(word: &str) -> Result<Username, BadUsername> {
        if word.is_empty() {
            return Err(BadUsername::Empty);
        }
        if word.chars().nth(MAX_CHARS).is_some() {
            return Err(BadUsername::TooLong);
        }
        // Full-width forms and ligatures count as the letters that they stand for.
        let mut marks = 0;
        for (at, c) in word.nfkc().enumerate() {
            let is_mark = is_combining_mark(c);
            if at == 0 && !c.is_alphanumeric() {
                return Err(BadUsername::BadBeginning);
            }
            if !(matches!(c, '_' | '-' | '.') || (c.is_alphanumeric() || is_mark) && c.identifier_allowed()) {
                return Err(BadUsername::BadCharacter(c));
            }
            marks = if is_mark { marks + 1 } else { 0 };
            if marks > MAX_MARKS_IN_A_ROW {
                return Err(BadUsername::TooManyMarks);
            }
        }
        Ok(Username { name: word.into(), folded: fold_name(word).into(), key: NameKey::of(word) })
    }

    /// Returns the name as its owner wrote it.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Returns the folded form, which every way of writing this name has in common: see [`fold_name`].
    pub(crate) fn folded(&self) -> &Arc<str> {
        &self.folded
    }

    /// Returns the key by which names that look alike are found.
    pub(crate) fn key(&self) -> &NameKey {
        &self.key
    }

    /// Returns whether a word is this name, in any case, normal form and width. A name that merely looks alike is not: a private
    /// message must not reach a lookalike of its recipient.
    pub fn is_written(&self, word: &str) -> bool {
        *self.name == *word || *self.folded == fold_name(word)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_scripts_are_valid() {
        for name in [
            "bob",
            "Ann-Marie_2.0",
            "7of9",
            "Zoë",
            "Müller",
            "Ольга",
            "Αθηνά",
            "小明",
            "محمد",
            "नीलम",
            "きよし",
            "ก้อง",
            "אבי",
            // Latin beside Han, kana and Hangul is what people there write.
            "Kim한국",
            "小明Ann",
            "きよしキ春Ken",
            "Ольга-2",
            // As many marks after a letter as any language writes, twice.
            "z\u{300}\u{301}\u{302}\u{303}z\u{300}\u{301}\u{302}\u{303}",
        ] {
            assert_eq!(Username::parse(name).map(|name| name.to_string()).as_deref(), Ok(name), "{name}");
        }
        assert!(Username::parse(&"x".repeat(32)).is_ok());
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_reason() {
        use BadUsername::*;
        for (word, why) in [
            ("", Empty),
            ("_bob", BadBeginning),
            ("-", BadBeginning),
            ("\u{301}e", BadBeginning),
            ("two words", BadCharacter(' ')),
            ("a\tb", BadCharacter('\t')),
            ("a\u{0}", BadCharacter('\0')),
            ("a\u{202e}b", BadCharacter('\u{202e}')),
            ("a\u{200b}b", BadCharacter('\u{200b}')),
            ("a\u{200d}b", BadCharacter('\u{200d}')),
            ("a\u{ad}b", BadCharacter('\u{ad}')),
            ("bob😀", BadCharacter('😀')),
            ("bob❤", BadCharacter('❤')),
            ("a/b", BadCharacter('/')),
            ("a@b", BadCharacter('@')),
            ("a&b", BadCharacter('&')),
            // Characters of identifiers that are no letters, and letters of scripts that are no longer in use.
            ("a:b", BadCharacter(':')),
            ("a'b", BadCharacter('\'')),
            ("ᚠ", BadCharacter('ᚠ')),
            ("a𐌰", BadCharacter('𐌰')),
            ("z\u{300}\u{301}\u{302}\u{303}\u{304}", TooManyMarks),
            ("z\u{300}\u{301}\u{302}\u{303}\u{304}\u{300}", TooManyMarks),
            ("server", Reserved),
            ("SERVER", Reserved),
            ("ｓｅｒｖｅｒ", Reserved),
            // Latin and Cyrillic, Latin and Greek, Greek and Cyrillic, Latin and Arabic.
            ("s\u{435}rver", MixedScripts),
            ("i\u{3bd}an", MixedScripts),
            ("ser\u{3bd}er", MixedScripts),
            ("\u{3b1}\u{430}", MixedScripts),
            ("annمحمد", MixedScripts),
            // A ligature that stands for three letters.
            (&"\u{fb03}".repeat(11), TooLong),
        ] {
            assert_eq!(Username::parse(word).err(), Some(why), "{word:?}");
        }
        assert_eq!(Username::parse(&"x".repeat(33)).err(), Some(TooLong));
    }

    #[test]
    fn a_name_that_only_an_earlier_version_accepted_can_still_be_read_from_a_list() {
        for word in ["i\u{3bd}an", "ser\u{3bd}er", &"\u{fb03}".repeat(32)] {
            assert!(Username::parse(word).is_err());
            assert_eq!(Username::stored(word).map(|name| name.to_string()).as_deref(), Ok(word));
        }
        assert_eq!(Username::stored("a/b").err(), Some(BadUsername::BadCharacter('/')));
        assert_eq!(Username::stored("").err(), Some(BadUsername::Empty));
    }

    #[test]
    fn a_lookalike_is_not_how_a_name_is_written() {
        let neil = Username::parse("Neil").unwrap();
        assert!(neil.is_written("neil") && neil.is_written("ＮＥＩＬ"));
        assert_ne!(Username::parse("neil").as_ref(), Ok(&neil), "it is written in another way");
        assert!(!neil.is_written("Nell"), "although the two may not be here together");
    }
}
