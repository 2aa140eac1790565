//! Styled text: pieces of a text with a style each, and the byte ranges that are links. Pure; runs on the UI thread.

use std::ops::Range;

use super::links::links;
use super::mentions::mentions;

/// Number of colours for names.
pub const NAME_COLORS: usize = 8;

/// Style of a piece of text. The window has a font and a colour for each.
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
    /// A block of code.
    Code,
    /// A name, in one of [`NAME_COLORS`] colours.
    Name(usize),
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

/// Text with styles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Styled {
    /// The text itself.
    pub text: String,
    /// The pieces in order, each with the byte at which it ends.
    pieces: Vec<(usize, Style)>,
    /// Byte ranges of the text that are links.
    pub links: Vec<Range<usize>>,
    /// The message is read from the right.
    pub is_rtl: bool,
}

impl Styled {
    /// Appends text in one style.
    pub(crate) fn push(&mut self, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let end = self.text.len();
        match self.pieces.last_mut() {
            Some((last, same)) if *same == style => *last = end,
            _ => self.pieces.push((end, style)),
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

    /// Returns the pieces of a byte range, each with its style.
    pub fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Style)> + '_ {
        let from = self.pieces.partition_point(|(end, _)| *end <= range.start);
        let mut start = range.start;
        self.pieces[from..].iter().map_while(move |(end, style)| {
            let piece = start..(*end).min(range.end);
            start = piece.end;
            (!piece.is_empty()).then_some((piece, *style))
        })
    }

    /// Returns the link that contains a byte.
    pub fn link_at(&self, byte: usize) -> Option<Range<usize>> {
        self.links.iter().find(|link| link.contains(&byte)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_divided_where_the_style_changes() {
        let mut out = Styled::default();
        out.push(Style::Muted, "one");
        out.push(Style::Muted, " two");
        out.push_said(Style::Text, " http://a.example end", "");
        let pieces = |range: Range<usize>| -> Vec<_> {
            out.pieces(range).map(|(piece, style)| (&out.text[piece], style)).collect()
        };
        assert_eq!(
            pieces(4..27),
            [("two", Style::Muted), (" ", Style::Text), ("http://a.example", Style::Link), (" en", Style::Text)]
        );
        assert_eq!(pieces(3..3), []);
        assert_eq!(out.link_at(8), Some(8..24));
        assert_eq!((out.link_at(7), out.link_at(24)), (None, None));
    }
}
