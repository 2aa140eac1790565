//! Draws the lines in sight: times, names and text, each run of its own, so that a name that is read from the right does
//! not turn the line. Runs on the UI thread, within FLTK's draw.

use std::borrow::Cow;

use fltk::draw;
use fltk::enums::{Align, Color};
use fltk::prelude::WidgetExt as _;

use super::super::style::{Look, TIME, look};
use super::fonts::{Fonts, pixels};
use super::view::{Columns, View, left};
use crate::chat::render::find::Find;
use crate::chat::render::lines::{day_in_words, time};
use crate::chat::render::page::{MARK, Page};
use crate::chat::render::selection::Selection;
use crate::chat::render::styled::Style;
use crate::chat::render::viewport::{Content, Laid, Row};
use crate::chat::render::wrap::{self, Measure as _, Run};
use crate::ui::{self, theme};

/// A range of bytes with another ground: a hit, or what is selected.
struct Marked {
    bytes: std::ops::Range<usize>,
    ground: Color,
    ink: Color,
}

/// Draws one line after another.
struct Painter<'a> {
    page: &'a Page,
    find: &'a Find,
    selection: Option<Selection>,
    fonts: &'a mut Fonts,
    columns: Columns,
    /// Upper and lower edge of the widget.
    top: i32,
    bottom: i32,
}

impl View {
    /// Draws the view into its widget.
    pub(super) fn draw(&mut self) {
        self.lay_out();
        let (x, y, w, h) = (self.widget.x(), self.widget.y(), self.widget.w(), self.widget.h());
        draw::push_clip(x, y, w, h);
        draw::draw_rect_fill(x, y, w, h, theme::SURFACE);
        let columns = self.columns();
        let mut painter = Painter {
            page: &self.place.page,
            find: &self.place.find,
            selection: self.place.selection,
            fonts: &mut self.fonts,
            columns,
            top: y,
            bottom: y + h,
        };
        self.place.viewport.laid().iter().for_each(|line| painter.draw_line(line));
        if let Some((line, top)) = self.place.viewport.nameless_top() {
            painter.draw_name(line, y + top, &[]);
        }
        if let Some(thumb) = self.thumb() {
            draw::set_draw_color(theme::OUTLINE);
            draw::draw_rounded_rectf(columns.bar + 2, y + thumb.y, x + w - columns.bar - 2, thumb.height, 4);
        }
        self.draw_above_button();
        draw::pop_clip();
    }

    fn draw_above_button(&self) {
        let (Some((x, y, w, h)), Some(count)) = (self.above_button(), self.new_above()) else { return };
        draw::set_draw_color(theme::ACCENT);
        draw::draw_rounded_rectf(x, y, w, h, 8);
        draw::set_draw_color(theme::ON_ACCENT);
        draw::draw_polygon(x + 12, y + h / 2 + 3, x + 22, y + h / 2 + 3, x + 17, y + h / 2 - 4);
        draw::set_font(look(Style::Text).face.font, ui::TEXT_SIZE);
        let count = if count > 999 { "999+".to_owned() } else { count.to_string() };
        draw::draw_text2(&format!("{count} new above"), x + 28, y, w - 34, h, Align::Left);
    }
}

impl Painter<'_> {
    fn draw_line(&mut self, line: &Laid) {
        let top = self.top + line.y;
        let texts = || line.rows.iter().filter(|row| row.content == Content::Text);
        let (Some(first), Some(last)) = (texts().next(), texts().next_back()) else { return };
        // A block of code may have hundreds of rows out of sight, further away than X11 can count.
        let in_sight = self.top - self.fonts.row..self.bottom;
        if line.is_code {
            let (from, to) = ((top + first.y).max(in_sight.start), top + last.y + self.fonts.row);
            draw::set_draw_color(theme::CODE_GROUND);
            let height = to.min(in_sight.end + self.fonts.row) - from;
            draw::draw_rounded_rectf(self.columns.text, from, self.columns.text_width, height, 4);
        }
        let marked = self.marked(line);
        for row in line.rows.iter().filter(|row| in_sight.contains(&(top + row.y))) {
            let y = top + row.y;
            match row.content {
                Content::Day => {
                    let day = self.page.time(line.entry).map(|local| day_in_words(local.date)).unwrap_or_default();
                    self.draw_rule(&day, y, theme::RAISED, Style::Muted);
                }
                Content::Mark => self.draw_rule(MARK, y, theme::ERROR, Style::Mark),
                Content::Text => self.draw_text(line, row, y, &marked),
            }
        }
        if in_sight.contains(&(top + first.y)) {
            self.draw_beside(line, top + first.y, &marked);
        }
    }

    /// Returns the hits and the selection in a line; what comes later lies above.
    fn marked(&self, line: &Laid) -> Vec<Marked> {
        let length = line.line.styled.text.len();
        let hits = self.find.hits_in(line.entry).map(|hit| {
            let bytes = hit.start..hit.start + hit.len;
            Marked { bytes, ground: theme::HIT, ink: theme::TEXT }
        });
        let selected = self.selection.map(|selection| selection.bytes(line.entry, length));
        let selected = selected.filter(|bytes| !bytes.is_empty());
        let is_hit = self.selection.is_some() && self.selection == self.find.current.map(Selection::of);
        let (ground, ink) = if is_hit { (theme::CURRENT_HIT, theme::TEXT) } else { (theme::ACCENT, theme::ON_ACCENT) };
        let selected = selected.map(|bytes| Marked { bytes, ground, ink });
        hits.chain(selected).collect()
    }

    /// Draws words across all columns, with a rule at both sides.
    fn draw_rule(&mut self, words: &str, y: i32, color: Color, style: Style) {
        let (from, to) = (self.columns.time, self.columns.text + self.columns.text_width);
        let width = pixels(self.fonts.width(style, words));
        let (x, middle) = (i32::midpoint(from, to) - width / 2, y + self.fonts.row / 2);
        draw::set_draw_color(color);
        draw::draw_xyline(from, middle, x - 10);
        draw::draw_xyline(x + width + 10, middle, to);
        self.draw_piece(words, x, y, look(style));
    }

    /// Draws the time and the name.
    fn draw_beside(&mut self, line: &Laid, y: i32, marked: &[Marked]) {
        if line.head.time {
            draw::set_font(TIME.font, TIME.size);
            draw::set_draw_color(theme::MUTED);
            let time = time(self.page.time(line.entry));
            draw::draw_text(time.trim_end(), self.columns.time, y + self.fonts.baseline);
        }
        if line.head.name {
            self.draw_name(line, y, marked);
        }
    }

    fn draw_name(&mut self, line: &Laid, y: i32, marked: &[Marked]) {
        let name = &line.line.styled.text[..line.line.name];
        let Some((_, style)) = line.line.styled.pieces(0..line.line.name).next() else { return };
        #[expect(clippy::cast_precision_loss, reason = "a number of pixels")]
        let name = self.fonts.elide(style, name, self.columns.name_width as f32);
        let width = pixels(self.fonts.width(style, &name));
        let x = self.columns.name + self.columns.name_width - width;
        let mut how = look(style);
        for mark in marked.iter().filter(|mark| mark.bytes.start < line.line.name) {
            draw::draw_rect_fill(x - 2, y, width + 4, self.fonts.row, mark.ground);
            how.color = mark.ink;
        }
        self.draw_piece(&name, x, y, how);
    }

    fn draw_text(&mut self, line: &Laid, row: &Row, y: i32, marked: &[Marked]) {
        let text = &line.line.styled.text;
        let left = left(self.columns, line);
        for run in wrap::runs(&line.line.styled, row.bytes.clone(), self.fonts) {
            let piece = &text[run.bytes.clone()];
            // FLTK places the upper edge of a text, and fonts of scripts that are read from the right have another ascent.
            // With a Latin letter beside it, which is cut off, a run stands on the line of the others.
            let piece = if run.rtl {
                format!("\u{200e}\u{202b}{piece}\u{202c}x").into()
            } else {
                Cow::from(piece.trim_end_matches(' '))
            };
            let (x, how) = (left + rounded(run.x), look(run.style));
            if let Some(ground) = how.ground {
                draw::draw_rect_fill(x, y, pixels(run.width), self.fonts.row, ground);
            }
            if run.rtl {
                draw::push_clip(x, y, pixels(run.width), self.fonts.row);
            }
            self.draw_piece(&piece, x, y, how);
            if run.rtl {
                draw::pop_clip();
            }
            for mark in marked.iter().filter(|mark| overlap(mark, &run)) {
                let ends =
                    [mark.bytes.start, mark.bytes.end].map(|byte| left + rounded(run.x_of(byte, text, self.fonts)));
                let (from, to) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
                draw::push_clip(from, y, to - from, self.fonts.row);
                draw::draw_rect_fill(from, y, to - from, self.fonts.row, mark.ground);
                self.draw_piece(&piece, x, y, Look { color: mark.ink, ..how });
                draw::pop_clip();
            }
        }
    }

    /// Draws a piece of text in a row.
    fn draw_piece(&mut self, text: &str, x: i32, y: i32, look: Look) {
        let baseline = y + self.fonts.baseline;
        draw::set_font(look.face.font, look.face.size);
        draw::set_draw_color(look.color);
        draw::draw_text(text, x, baseline);
        if look.is_underlined {
            let width = pixels(self.fonts.width_in(look.face, text));
            draw::draw_xyline(x, baseline + 2, x + width);
        }
    }
}

fn overlap(mark: &Marked, run: &Run) -> bool {
    mark.bytes.start < run.bytes.end && run.bytes.start < mark.bytes.end
}

#[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
fn rounded(x: f32) -> i32 {
    x.round() as i32
}
