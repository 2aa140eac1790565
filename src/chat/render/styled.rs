//! Styled text: a style for each byte, and the byte ranges that are links.
//!
//! The window's text widget expects one style letter for each *byte* of text. Text and letters are built here
//! together, so that they cannot get out of step, and are tested without a window. Runs on the UI thread.

use std::ops::Range;

use super::links::links;
use super::mentions::mentions;
use crate::text_runs::runs;

/// Number of colours for names.
pub const NAME_COLORS: usize = 8;

/// Number of styles. Each has two letters; the second is for high scripts, and looks the same (see
/// [`pieces`](crate::text_runs)).
const STYLES: u8 = 16;
const _: () = assert!(STYLES as usize == 8 + NAME_COLORS, "eight, and one for each colour of names");

/// Style of a piece of text. The window has a table with a font and a colour for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Messages to all.
    Text,
    /// Times, joins and leaves.
    Muted,
    /// Unconfirmed messages, and notices of this program.
    Pale,
    /// Private messages.
    Private,
    /// Messages of the operator.
    Announcement,
    /// A link.
    Link,
    /// The user's name, in what others say.
    Mention,
    /// The line above new messages.
    Mark,
    /// A name, in one of [`NAME_COLORS`] colours.
    Name(usize),
}

impl Style {
    /// Returns every style in the order of the table, and all of them once more for high scripts.
    pub fn table() -> impl Iterator<Item = Style> {
        Style::all().chain(Style::all())
    }

    fn all() -> impl Iterator<Item = Style> {
        [Style::Text, Style::Muted, Style::Pale, Style::Private, Style::Announcement]
            .into_iter()
            .chain([Style::Link, Style::Mention, Style::Mark])
            .chain((0..NAME_COLORS).map(Style::Name))
    }

    /// Returns the style's letter in the text widget, from `A` on.
    pub(crate) fn letter(self) -> char {
        let at = Style::all().position(|style| style == self);
        char::from(b'A' + at.and_then(|at| u8::try_from(at).ok()).unwrap_or(0))
    }
}

/// Returns the colour of a name: the same in every window and in every run.
pub fn name_color(name: &str) -> usize {
    // FNV-1a: short, and stable, which the hasher of std does not promise to be.
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits of short names are much alike, so the high ones are mixed in.
    usize::try_from((hash ^ (hash >> 43)) % NAME_COLORS as u64).unwrap_or(0)
}

/// Text, with a style letter for each byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Styled {
    /// The text itself.
    pub text: String,
    /// Style letters, as long as the text in bytes.
    pub styles: String,
    /// Byte ranges of the text that are links.
    pub links: Vec<Range<usize>>,
}

impl Styled {
    /// Appends text in one style.
    pub(crate) fn push(&mut self, style: Style, text: &str) {
        self.text.push_str(text);
        let low = style.letter();
        let high = char::from(low as u8 + STYLES);
        for (piece, is_high) in runs(text) {
            self.styles.extend(std::iter::repeat_n(if is_high { high } else { low }, piece.len()));
        }
    }

    /// Appends a message: addresses become links, and mentions of `me` stand out.
    pub(crate) fn push_said(&mut self, style: Style, text: &str, me: &str) {
        let links = links(text).into_iter().map(|range| (range, Style::Link));
        let mentions = mentions(text, me).into_iter().map(|range| (range, Style::Mention));
        let mut special: Vec<_> = mentions.chain(links).collect();
        // The ranges are disjoint: a name within an address is no mention.
        special.sort_by_key(|(range, _)| range.start);
        let mut done = 0;
        for (range, special) in special {
            self.push(style, &text[done..range.start]);
            let at = self.text.len();
            self.push(special, &text[range.clone()]);
            if special == Style::Link {
                self.links.push(at..self.text.len());
            }
            done = range.end;
        }
        self.push(style, &text[done..]);
    }

    /// Appends another text.
    pub(crate) fn append(&mut self, other: &Styled) {
        let by = self.text.len();
        self.text.push_str(&other.text);
        self.styles.push_str(&other.styles);
        self.links.extend(other.links.iter().map(|range| range.start + by..range.end + by));
    }

    /// Returns the first bytes, which must contain no link.
    pub(crate) fn beginning(&self, bytes: usize) -> Styled {
        let part = |all: &str| all.get(..bytes).unwrap_or(all).to_owned();
        Styled { text: part(&self.text), styles: part(&self.styles), links: Vec::new() }
    }

    /// Removes bytes, which must contain no part of a link.
    pub(crate) fn remove(&mut self, gone: Range<usize>) {
        for range in &mut self.links {
            if range.start >= gone.end {
                *range = range.start - gone.len()..range.end - gone.len();
            }
        }
        self.text.replace_range(gone.clone(), "");
        self.styles.replace_range(gone, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_takes_its_styles_with_it_and_leaves_the_links_in_place() {
        let mut out = Styled::default();
        out.push_said(Style::Text, "one, http://a.example", "");
        out.remove(0.."one, ".len());
        assert_eq!(out.text, "http://a.example");
        assert_eq!(out.text.len(), out.styles.len());
        assert_eq!(&out.text[out.links[0].clone()], "http://a.example");
    }

    #[test]
    fn what_is_appended_brings_its_links_along() {
        let (mut out, mut more) = (Styled::default(), Styled::default());
        out.push_said(Style::Text, "http://a.example ", "");
        more.push_said(Style::Text, "and http://b.example", "");
        out.append(&more);
        let links: Vec<_> = out.links.iter().map(|link| &out.text[link.clone()]).collect();
        assert_eq!(links, ["http://a.example", "http://b.example"]);
    }

    #[test]
    fn a_high_script_has_the_second_letter_of_the_same_look() {
        let mut out = Styled::default();
        out.push(Style::Muted, "g漢g");
        assert_eq!(out.styles, "BRRRB");
        let table: Vec<_> = Style::table().collect();
        assert_eq!(table[usize::from(b'R' - b'A')], Style::Muted);
    }

    #[test]
    fn each_style_has_a_letter_of_its_own_in_the_order_of_the_table() {
        let letters: String = Style::all().map(Style::letter).collect();
        assert_eq!(letters, "ABCDEFGHIJKLMNOP");
    }
}
