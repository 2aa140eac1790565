//! Division of a line into rows of a given width, and of a row into runs that are drawn one by one. Pure: the widths of
//! words come from the caller.
//!
//! A row ends where Unicode allows a line to be broken (UAX #14): behind a space, between Chinese characters. A word that
//! is wider than a row is broken between characters as people see them (UAX #29), so that no accent and no part of an
//! emoji comes off.

use std::ops::Range;

use unicode_linebreak::linebreaks;
use unicode_segmentation::UnicodeSegmentation as _;

use super::direction;
use super::styled::{Style, Styled};
use super::text_runs;

/// Widths of pieces of text in pixels.
pub trait Measure {
    /// Returns the width of a text in one style.
    fn width(&mut self, style: Style, text: &str) -> f32;
}

/// A piece of a row that is drawn at once: one style, and one height of letters.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Bytes of the line.
    pub bytes: Range<usize>,
    /// Style of the run.
    pub style: Style,
    /// Left edge, counted from that of the row.
    pub x: f32,
    /// Width.
    pub width: f32,
    /// Read from right to left.
    pub rtl: bool,
}

/// Divides a piece of a line into rows that are at most `room` pixels wide. There is one row at least.
pub fn rows(styled: &Styled, bytes: Range<usize>, room: f32, measure: &mut impl Measure) -> Vec<Range<usize>> {
    let text = &styled.text[bytes.clone()];
    let (mut rows, mut start, mut x) = (Vec::new(), bytes.start, 0.0);
    let mut from = bytes.start;
    for (to, _) in linebreaks(text) {
        let word = from..bytes.start + to;
        let visible = word.start..word.start + styled.text[word.clone()].trim_end_matches(' ').len();
        let width = width(styled, visible.clone(), measure);
        if x > 0.0 && x + width > room {
            rows.push(start..word.start);
            (start, x) = (word.start, 0.0);
        }
        if width > room {
            x = break_word(styled, visible.clone(), room, measure, &mut |end| {
                rows.push(std::mem::replace(&mut start, end)..end);
            });
        } else {
            x += width;
        }
        x += self::width(styled, visible.end..word.end, measure);
        from = word.end;
    }
    rows.push(start..bytes.end);
    rows
}

/// Breaks a word that is wider than a row, and calls `end_row` with the end of each full row. Returns the width of what
/// stands in the last row.
fn break_word(
    styled: &Styled,
    word: Range<usize>,
    room: f32,
    measure: &mut impl Measure,
    end_row: &mut impl FnMut(usize),
) -> f32 {
    let mut x = 0.0;
    for (piece, style) in styled.pieces(word) {
        for (at, letter) in styled.text[piece.clone()].grapheme_indices(true) {
            let width = measure.width(style, letter);
            if x > 0.0 && x + width > room {
                end_row(piece.start + at);
                x = 0.0;
            }
            x += width;
        }
    }
    x
}

fn width(styled: &Styled, bytes: Range<usize>, measure: &mut impl Measure) -> f32 {
    styled.pieces(bytes).map(|(piece, style)| measure.width(style, &styled.text[piece])).sum()
}

/// Divides a row into runs, from left to right.
pub fn runs(styled: &Styled, row: Range<usize>, measure: &mut impl Measure) -> Vec<Run> {
    let mut runs = Vec::new();
    let visible = row.start..row.start + styled.text[row.clone()].trim_end_matches(' ').len();
    for (directed, rtl) in direction::pieces(&styled.text[visible.clone()], styled.is_rtl) {
        let directed = visible.start + directed.start..visible.start + directed.end;
        for (piece, style) in styled.pieces(directed) {
            let mut from = piece.start;
            for (text, _) in text_runs::runs(&styled.text[piece]) {
                let (bytes, width) = (from..from + text.len(), measure.width(style, text));
                from = bytes.end;
                runs.push(Run { bytes, style, x: 0.0, width, rtl });
            }
        }
    }
    direction::arrange(&mut runs, styled.is_rtl, |run| run.rtl);
    // The space at the end of a row stands at its right in both directions.
    for (bytes, style) in styled.pieces(visible.end..row.end) {
        let width = measure.width(style, &styled.text[bytes.clone()]);
        runs.push(Run { bytes, style, x: 0.0, width, rtl: false });
    }
    let mut x = 0.0;
    for run in &mut runs {
        run.x = x;
        x += run.width;
    }
    runs
}

impl Run {
    /// Returns where a byte of the run stands, counted from the left edge of the row.
    pub fn x_of(&self, byte: usize, text: &str, measure: &mut impl Measure) -> f32 {
        let byte = byte.clamp(self.bytes.start, self.bytes.end);
        let before = if byte == self.bytes.end {
            self.width
        } else {
            measure.width(self.style, &text[self.bytes.start..text.floor_char_boundary(byte)])
        };
        if self.rtl { self.x + self.width - before } else { self.x + before }
    }

    /// Returns the byte between the two letters that are nearest to `x`, or with `inside` the first byte of the letter
    /// there.
    fn byte_at(&self, x: f32, inside: bool, text: &str, measure: &mut impl Measure) -> usize {
        let run = &text[self.bytes.clone()];
        let along = if self.rtl { self.x + self.width - x } else { x - self.x };
        let ends: Vec<usize> = run.grapheme_indices(true).map(|(at, letter)| at + letter.len()).collect();
        let mut end_x = |end: usize| if end == run.len() { self.width } else { measure.width(self.style, &run[..end]) };
        let full = ends.partition_point(|end| end_x(*end) <= along);
        let start = full.checked_sub(1).map_or(0, |last| ends[last]);
        let Some(end) = ends.get(full).copied().filter(|_| !inside) else { return self.bytes.start + start };
        let (left, right) = (if start == 0 { 0.0 } else { end_x(start) }, end_x(end));
        self.bytes.start + if along - left < right - along { start } else { end }
    }
}

/// Returns the byte of a row at `x`: the nearest place between two letters, or with `inside` the letter there, and `None`
/// beside the text.
pub fn byte_at(runs: &[Run], x: f32, inside: bool, text: &str, measure: &mut impl Measure) -> Option<usize> {
    let (first, last) = (runs.first()?, runs.last()?);
    if inside && !(first.x..last.x + last.width).contains(&x) {
        return None;
    }
    let run = runs.iter().find(|run| x < run.x + run.width).unwrap_or(last);
    Some(run.byte_at(x, inside, text, measure))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Every character is ten pixels wide, and a combining mark has no width.
    pub(in crate::chat::render) struct Tens;

    impl Measure for Tens {
        fn width(&mut self, _: Style, text: &str) -> f32 {
            text.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}' | '\u{200d}')).map(|_| 10.0).sum()
        }
    }

    fn styled(text: &str) -> Styled {
        let mut out = Styled::default();
        out.push_said(Style::Text, text, "bob");
        out
    }

    fn wrapped(text: &str, room: f32) -> Vec<&str> {
        let rows = rows(&styled(text), 0..text.len(), room, &mut Tens);
        rows.into_iter().map(|row| &text[row]).collect()
    }

    #[test]
    fn a_row_ends_behind_a_space_that_needs_no_room() {
        assert_eq!(wrapped("one two three", 70.0), ["one two ", "three"]);
        assert_eq!(wrapped("one two three", 60.0), ["one ", "two ", "three"]);
        assert_eq!(wrapped("one", 60.0), ["one"]);
        assert_eq!(wrapped("", 60.0), [""]);
    }

    #[test]
    fn a_word_that_is_too_wide_is_broken_between_letters() {
        assert_eq!(wrapped("x abcdefgh y", 30.0), ["x ", "abc", "def", "gh ", "y"]);
        assert_eq!(wrapped("e\u{301}e\u{301}e\u{301}", 20.0), ["e\u{301}e\u{301}", "e\u{301}"]);
        let family = "\u{1f469}\u{200d}\u{1f467}";
        assert_eq!(wrapped(&family.repeat(2), 20.0), [family, family]);
        assert_eq!(wrapped("ab", 5.0), ["a", "b"], "one letter at least");
    }

    #[test]
    fn chinese_is_broken_anywhere_but_before_punctuation() {
        assert_eq!(wrapped("你好世界。", 30.0), ["你好世", "界。"]);
        assert_eq!(wrapped("你好世界。", 40.0), ["你好世", "界。"]);
    }

    #[test]
    fn no_byte_is_lost_whatever_the_width() {
        let text = "hi bob, see https://example.org/a/long/path?with=much 你好 \u{1f469}\u{200d}\u{1f467} end  ";
        for room in (5_u8..200).step_by(5) {
            assert_eq!(wrapped(text, f32::from(room)).concat(), text, "{room}");
        }
    }

    #[test]
    fn a_point_in_a_row_is_the_nearest_gap_between_letters() {
        let line = styled("hi bob 你好");
        let text = line.text.clone();
        let runs = runs(&line, 0..text.len(), &mut Tens);
        let pieces: Vec<_> = runs.iter().map(|run| &text[run.bytes.clone()]).collect();
        assert_eq!(pieces, ["hi ", "bob", " ", "你好"]);
        let at = |x, inside| byte_at(&runs, x, inside, &text, &mut Tens);
        assert_eq!((at(14.0, false), at(16.0, false)), (Some(1), Some(2)));
        assert_eq!((at(14.0, true), at(19.0, true)), (Some(1), Some(1)));
        assert_eq!((at(-5.0, false), at(500.0, false)), (Some(0), Some(text.len())));
        assert_eq!((at(-5.0, true), at(90.0, true)), (None, None));
        assert_eq!(at(84.0, false), Some("hi bob 你".len()));
    }

    #[test]
    fn text_that_is_read_from_the_right_is_counted_from_there() {
        let text = "שלום";
        let line = styled(text);
        let runs = runs(&line, 0..text.len(), &mut Tens);
        assert_eq!(byte_at(&runs, 39.0, true, text, &mut Tens), Some(0));
        assert!((runs[0].x_of(2, text, &mut Tens) - 30.0).abs() < 0.1);
    }
}
