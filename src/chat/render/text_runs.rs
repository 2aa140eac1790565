//! Runs of text in high and low scripts, which a window draws separately, so that a high script does not push down Latin letters.
//!
//! Chinese, Japanese, Korean and emoji come from fonts of their own, most of which have a larger ascent than the Latin font.
//! Drawn in one run with them, Latin letters stand lower by the difference, and no longer on one line with the letters beside
//! them. Pure; no I/O.

/// Splits a text into runs, in order. The flag is true for runs in a high script.
pub(super) fn runs(text: &str) -> impl Iterator<Item = (&str, bool)> {
    // Right-to-left letters with what stands between them are laid out as one run.
    let whole = text.is_ascii() || text.chars().any(is_right_to_left);
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let high = !whole && is_high(first);
        let end = if whole { None } else { rest.find(|c| is_high(c) != high && !joins(c)) };
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some((run, high))
    })
}

/// Returns whether the first letter of a text is of a right-to-left script, so that the text is read from the right.
pub(super) fn begins_right_to_left(text: &str) -> bool {
    !text.is_ascii() && text.chars().find(|c| c.is_alphabetic()).is_some_and(is_right_to_left)
}

/// Returns whether a character is of a script whose font has a larger ascent. From Hangul on nearly all are, except the Latin,
/// Greek and Georgian supplements, and the punctuation and symbols up to the box drawing characters, which Latin fonts have.
fn is_high(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{231a}'..='\u{23ff}' | '\u{25a0}'..) && !joins(c)
}

/// Returns whether a character belongs to the one before it: combining marks, joiners, variation selectors.
pub(super) fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Returns whether a character is of a right-to-left script: Hebrew, Arabic and others.
pub(super) fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn high(text: &str) -> Vec<&str> {
        assert_eq!(runs(text).map(|(run, _)| run).collect::<String>(), text);
        runs(text).filter(|(_, high)| *high).map(|(run, _)| run).collect()
    }

    #[test]
    fn high_scripts_are_runs_of_their_own() {
        assert_eq!(high("gr\u{fc}\u{df}e — “plain”"), [""; 0]);
        assert_eq!(high("x 漢字 y 🎉!"), ["漢字", "🎉"]);
        assert_eq!(high("한국어"), ["한국어"]);
        assert_eq!(high(""), [""; 0]);
    }

    #[test]
    fn what_belongs_together_is_not_torn_apart() {
        assert_eq!(
            high("a \u{1f469}\u{200d}\u{1f4bb} b \u{2764}\u{fe0f}"),
            ["\u{1f469}\u{200d}\u{1f4bb}", "\u{2764}\u{fe0f}"]
        );
        assert_eq!(high("e\u{301}\u{4e2d}"), ["\u{4e2d}"]);
        assert_eq!(runs("שלום 🎉 abc").count(), 1, "right to left");
    }
}
