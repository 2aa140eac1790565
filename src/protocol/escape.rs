//! Escaping of misleading text: characters that would move, hide or reorder other text are written out as `<U+202E>`. Pure.
//!
//! The protocol rejects control characters and passes on everything else byte for byte. Some of that is invisible or reverses
//! the reading direction, so that a message could look like another user's, or a link like another address. Windows and logs
//! therefore show text through [`escape`].

mod invisible;

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns the text with every misleading character written out. The result is borrowed if there is none, which is nearly
/// always the case.
///
/// ```
/// use multichat::protocol::escape::escape;
///
/// assert_eq!(escape("safe, and \u{202e}not\u{7}"), "safe, and <U+202E>not<U+0007>");
/// ```
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    // The last visible character, and the number of invisible ones after it.
    let (mut before, mut in_a_row) = (' ', 0);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if invisible::is_invisible(c) && invisible::belongs(c, before, in_a_row, chars.as_str()) {
            shown.push(c);
            in_a_row += 1;
        } else if invisible::is_invisible(c) || misleads(c) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "<U+{:04X}>", c as u32);
            (before, in_a_row) = ('>', 0);
        } else {
            shown.push(c);
            if let Some(bytes) = invisible::flag(c, chars.as_str()) {
                let (region, after) = chars.as_str().split_at(bytes);
                shown.push_str(region);
                chars = after.chars();
            }
            (before, in_a_row) = (c, 0);
        }
    }
    if shown == text { Cow::Borrowed(text) } else { Cow::Owned(shown) }
}

/// Like [`escape`], for bytes that need not be UTF-8. Invalid bytes are written out as `<FF>`.
pub(crate) fn escape_bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        shown += &escape(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(shown, "<{byte:02X}>");
        }
    }
    shown
}

/// Returns whether a character is always written out: control, bidirectional, invisible and line-breaking characters (Unicode
/// `Cc`, `Bidi_Control`, `Default_Ignorable_Code_Point` without those of [`invisible`], `Zl`, `Zp`).
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{escape, escape_bytes};

    #[test]
    fn plain_text_of_any_script_is_shown_as_it_is() {
        for text in ["hello", "Grüße, 你好, سلام", "👩‍👧 family", "می‌خواهم", "e\u{301}", "❤\u{fe0f}"]
        {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn what_joins_or_divides_is_shown_where_people_write_it() {
        for text in [
            // Persian endings on a foreign word, at the end, before a full stop, and typed twice.
            "PDF\u{200c}ها",
            "PDF\u{200d}ها",
            "می\u{200c} خواهم",
            "ه\u{200d}.ش",
            "می\u{200c}\u{200c}شود",
            // Conjuncts of India and Sri Lanka.
            "क्\u{200d}ष",
            "ශ්\u{200d}රී",
            // Khmer and Thai, where it ends a word, beside other letters too, and typed twice.
            "ខ្មែរ\u{200b}ខ្មែរ\u{200b}",
            "สวัสดี\u{200b}ครับ",
            "2024\u{200b}ឆ្នាំ \u{200b}ខ្មែរ\u{200b}\u{200b}Facebook",
            "မြန်မာ\u{200b}စာ",
            // Flags of Scotland and Wales, and pictures made of several.
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
            "🏳\u{fe0f}\u{200d}🌈 👩🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏽 🏴\u{200d}☠\u{fe0f}",
            // Keycaps, a Japanese name in its own form, Mongolian.
            "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3} ©\u{fe0f}",
            "葛\u{e0100}城",
            "ᠮᠣᠩᠭᠣᠯ\u{180b} ᠨᠢᠭ\u{180e}ᠠ",
        ] {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn what_joins_or_divides_is_written_out_where_it_only_hides() {
        for (text, shown) in [
            ("pay\u{200c}pal", "pay<U+200C>pal"),
            ("pay\u{200b}pal", "pay<U+200B>pal"),
            ("пай\u{200d}пал", "пай<U+200D>пал"),
            ("pay\u{fe0f}pal", "pay<U+FE0F>pal"),
            ("pay\u{180e}pal", "pay<U+180E>pal"),
            ("\u{200d}\u{200b}", "<U+200D><U+200B>"),
            ("👩\u{200d}", "👩<U+200D>"),
            ("看\u{200b}看", "看<U+200B>看"),
            // Many in a row are no text: something is hidden in them.
            ("ها\u{200c}\u{200c}\u{200c}ها", "ها\u{200c}\u{200c}<U+200C>ها"),
            ("क्\u{200d}\u{200d}\u{200d}ष", "क्\u{200d}\u{200d}<U+200D>ष"),
            ("ខ\u{200b}\u{200b}\u{200b}ខ", "ខ\u{200b}\u{200b}<U+200B>ខ"),
            ("葛\u{e0100}\u{e0101}城", "葛\u{e0100}<U+E0101>城"),
            ("ᠮ\u{180b}\u{180c}", "ᠮ\u{180b}<U+180C>"),
            ("ᠨ\u{180b}\u{180e}ᠠ", "ᠨ\u{180b}<U+180E>ᠠ"),
            ("ᠨ\u{180e}a", "ᠨ<U+180E>a"),
            ("❤\u{fe0f}\u{fe0e}\u{e0100}", "❤\u{fe0f}<U+FE0E><U+E0100>"),
            // Tags that are no flag: without an end, without a beginning, too long, or capitals.
            ("\u{1f3f4}\u{e0067}\u{e0062}", "\u{1f3f4}<U+E0067><U+E0062>"),
            ("a\u{e0067}\u{e007f}", "a<U+E0067><U+E007F>"),
            ("\u{1f3f4}\u{e0067}\u{e007f}", "\u{1f3f4}<U+E0067><U+E007F>"),
            ("\u{1f3f4}\u{e0041}\u{e0042}\u{e0043}\u{e007f}", "\u{1f3f4}<U+E0041><U+E0042><U+E0043><U+E007F>"),
        ] {
            assert_eq!(escape(text), shown, "{text:?}");
        }
        let long = format!("\u{1f3f4}{}\u{e007f}", "\u{e0061}".repeat(7));
        assert!(!escape(&long).contains('\u{e0061}'));
    }

    #[test]
    fn bytes_that_are_no_text_are_written_out() {
        assert_eq!(escape_bytes(b"MSG \xff\xc3 ok\n"), "MSG <FF><C3> ok<U+000A>");
        assert_eq!(escape_bytes("Grüße".as_bytes()), "Grüße");
    }

    #[test]
    fn what_hides_or_reorders_is_written_out() {
        assert_eq!(escape("a\u{202e}b"), "a<U+202E>b");
        assert_eq!(escape("pay\u{200d}pal"), "pay<U+200D>pal");
        assert_eq!(escape("\u{200b}\u{feff}"), "<U+200B><U+FEFF>");
        assert_eq!(escape("two\nlines\u{1b}[2J"), "two<U+000A>lines<U+001B>[2J");
        assert_eq!(escape("\u{2028}\u{85}"), "<U+2028><U+0085>");
    }
}
