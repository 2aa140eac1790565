//! Pieces of text that a window draws each by itself, so that a high script does not push down the letters beside it.
//!
//! Chinese, Japanese, Korean and emoji come from fonts of their own, most of which reach further up than that of the Latin
//! letters. Drawn in one piece with them, Latin letters stand lower by as much, and FLTK's text display cuts off the feet of
//! g, j, p, q and y at the end of the line. A change of style is what makes it draw in pieces. Pure text, no I/O.

/// The pieces of a text, in order; true for those in a high script.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (&str, bool)> {
    // Where something is written from the right, the order on the screen is that of the whole: it stays in one piece.
    let whole = text.is_ascii() || text.chars().any(is_from_right);
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let high = !whole && is_high(first);
        let end = if whole { None } else { rest.find(|c| is_high(c) != high && !joins(c)) };
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some((piece, high))
    })
}

/// Is it of a script with a font of its own that is higher? From Hangul on nearly all are, but for the Latin, Greek and Georgian
/// supplements, and the punctuation and symbols up to the boxes, which Latin fonts have.
fn is_high(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{231a}'..='\u{23ff}' | '\u{25a0}'..) && !joins(c)
}

/// Belongs to the character before it: combining marks, joiners, variation selectors.
fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Hebrew, Arabic and their like.
fn is_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn high(text: &str) -> Vec<&str> {
        assert_eq!(pieces(text).map(|(piece, _)| piece).collect::<String>(), text);
        pieces(text).filter(|(_, high)| *high).map(|(piece, _)| piece).collect()
    }

    #[test]
    fn high_scripts_are_pieces_of_their_own() {
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
        assert_eq!(pieces("שלום 🎉 abc").count(), 1, "written from the right");
    }
}
