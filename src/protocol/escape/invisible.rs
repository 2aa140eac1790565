//! Invisible characters with a use: decides where they belong to the text, and where they could only hide something in it.
//!
//! Persian and the scripts of India join and divide letters with U+200C and U+200D, and so do emoji sequences. Khmer, Thai and
//! their neighbours, which write no space between words, end words with U+200B. Each of these is harmless next to a letter of
//! such a script. The flags of Scotland, Wales and others are a black flag followed by tag letters that are not drawn (UTS #51,
//! section 1.4.9).

/// Maximum number of consecutive invisible characters: a key may be pressed twice, and an emoji may have both a variation
/// selector and a joiner.
const IN_A_ROW_MAX: usize = 2;

/// Returns whether an invisible character is passed through: it stands between `before`, which `in_a_row` invisible characters
/// already follow, and the text `after`.
pub(super) fn belongs(c: char, before: char, in_a_row: usize, after: &str) -> bool {
    let next = || after.chars().find(|c| !is_invisible(*c)).unwrap_or(' ');
    match c {
        '\u{200c}' if in_a_row < IN_A_ROW_MAX => is_joined(before) || is_joined(next()),
        '\u{200d}' if in_a_row < IN_A_ROW_MAX => {
            is_joined(before) || is_joined(next()) || is_picture(before) && is_picture(next())
        }
        '\u{200b}' if in_a_row < IN_A_ROW_MAX => has_no_spaces(before) || has_no_spaces(next()),
        // Variation selectors of a letter or an emoji; in ASCII, of the keycaps.
        '\u{fe00}'..='\u{fe0f}' if in_a_row == 0 => !before.is_ascii() || matches!(before, '0'..='9' | '#' | '*'),
        '\u{e0100}'..='\u{e01ef}' if in_a_row == 0 => !before.is_ascii(),
        '\u{180b}'..='\u{180d}' | '\u{180f}' if in_a_row == 0 => is_mongolian(before),
        '\u{180e}' if in_a_row == 0 => is_mongolian(before) && is_mongolian(next()),
        _ => false,
    }
}

/// Returns whether [`belongs`] decides about this character.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180f}')
}

/// Returns the number of bytes after this character that make it a flag: a region of 3 to 6 tag letters or digits, and an end
/// tag. Returns `None` if it is no flag.
pub(super) fn flag(c: char, after: &str) -> Option<usize> {
    if c != '\u{1f3f4}' {
        return None;
    }
    let in_a_region = |c: char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let rest = after.trim_start_matches(in_a_region).strip_prefix('\u{e007f}')?;
    let bytes = after.len() - rest.len();
    // The end tag is counted, too.
    (4..=7).contains(&after[..bytes].chars().count()).then_some(bytes)
}

/// Returns whether a character is of a script whose letters are drawn joined: Arabic and its neighbours, those of India and
/// South-East Asia, and Mongolian.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1700}'..='\u{18af}' | '\u{1a00}'..='\u{1c7f}'
        | '\u{1cd0}'..='\u{1cff}' | '\u{a800}'..='\u{a8ff}' | '\u{a930}'..='\u{a9ff}' | '\u{aa00}'..='\u{aaff}'
        | '\u{abc0}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10a00}'..='\u{10fff}'
        | '\u{11000}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}' | '\u{1ee00}'..='\u{1eeff}')
}

/// Returns whether a character is of a script that writes no space between words and may divide them with U+200B: Thai, Lao,
/// Tibetan, Burmese, Khmer, Tai and their neighbours.
fn has_no_spaces(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{19ff}' | '\u{1a20}'..='\u{1aaf}'
        | '\u{1b00}'..='\u{1bff}' | '\u{a980}'..='\u{a9ff}' | '\u{aa60}'..='\u{aadf}')
}

fn is_mongolian(c: char) -> bool {
    matches!(c, '\u{1820}'..='\u{18af}')
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}
