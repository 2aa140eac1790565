//! Showing text that could mislead: what would move, hide or reorder other text is written out as `<U+202E>`.
//!
//! The protocol refuses control characters, yet passes on everything else byte for byte. Some of that is invisible or
//! turns the reading direction round, so a message could look like another person's, or a link like another address.
//! Windows and logs therefore show text through [`escape`].

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every misleading character written out. Borrowed when there is none, which is nearly always.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let harmless = match c {
            // Joiners shape emoji and many scripts; between ASCII letters they only hide.
            '\u{200c}' | '\u{200d}' => !before.is_ascii() && chars.peek().is_some_and(|next| !next.is_ascii()),
            _ => !misleads(c),
        };
        if harmless {
            shown.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(shown, "<U+{:04X}>", c as u32);
        }
        before = c;
    }
    if shown == text { Cow::Borrowed(text) } else { Cow::Owned(shown) }
}

/// The same for bytes of which some may be no text: those are written out as `<FF>`.
pub fn escape_bytes(bytes: &[u8]) -> String {
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

/// Control, bidirectional, invisible and line-breaking characters (Unicode `Cc`, `Bidi_Control`,
/// `Default_Ignorable_Code_Point` without variation selectors, `Zl`, `Zp`).
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
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
