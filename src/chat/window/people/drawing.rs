//! Draws the list of users. Runs on the UI thread, within FLTK's draw.

use fltk::draw;
use fltk::enums::{Align, Font, FrameType};
use fltk::prelude::WidgetExt as _;
use fltk::widget::Widget;

use super::{NAME_HEIGHT, State};
use crate::chat::state::Row;
use crate::ui::{TEXT_SIZE, elide, theme};

const NOTE_HEIGHT: i32 = 17;
const NOTE_SIZE: i32 = TEXT_SIZE - 2;

/// Space left and right of the text.
const INSET: i32 = 6;

impl State {
    pub(super) fn draw(&self, area: &Widget, offset: i32) {
        let (x, y, w, h) = (area.x(), area.y(), area.w(), area.h());
        draw::push_clip(x, y, w, h);
        draw::draw_rect_fill(x, y, w, h, theme::SURFACE);
        for (row, top) in self.row_positions() {
            let top = y + top - offset;
            if top + height(row) > y && top < y + h {
                let chosen = self.chosen.as_ref() == Some(&row.name);
                draw_row(row, x, top, w, chosen, chosen && area.has_focus());
            }
        }
        if self.more > 0 {
            draw::set_draw_color(theme::MUTED);
            draw::set_font(Font::Helvetica, NOTE_SIZE);
            let bottom = y + self.height() - offset;
            draw::draw_text(&format!("and {} more", self.more), x + INSET, bottom - NAME_HEIGHT / 3);
        }
        draw::pop_clip();
    }
}

fn draw_row(row: &Row, x: i32, y: i32, w: i32, chosen: bool, has_keyboard: bool) {
    if chosen {
        draw::draw_box(FrameType::RFlatBox, x, y, w, height(row) - 1, theme::RAISED);
    }
    if has_keyboard {
        draw::set_draw_color(theme::FOCUS);
        draw::draw_rounded_rect(x, y, w, height(row) - 1, 6);
    }
    let mut right = x + w - INSET;
    if row.unread > 0 {
        right -= draw_unread(row.unread, right, y) + INSET;
    }
    let baseline = y + 17;
    draw::set_draw_color(if row.is_gone { theme::MUTED } else { theme::NAMES[row.color] });
    draw::set_font(Font::HelveticaBold, TEXT_SIZE);
    let name = elide(&row.shown, right - x - INSET);
    draw::draw_text(&name, x + INSET, baseline);
    let after = x + INSET + width(&name);
    draw::set_draw_color(theme::MUTED);
    if row.is_me {
        draw::set_font(Font::Helvetica, NOTE_SIZE);
        draw::draw_text(&elide("you", right - after - 8), after + 8, baseline);
    }
    if let Some(note) = note(row) {
        draw::set_font(Font::HelveticaItalic, NOTE_SIZE);
        draw::draw_text(&elide(note, w - 2 * INSET), x + INSET, baseline + NOTE_HEIGHT - 1);
    }
}

/// Draws the number of unread messages on a plate. Returns its width.
fn draw_unread(unread: u64, right: i32, y: i32) -> i32 {
    draw::set_font(Font::HelveticaBold, NOTE_SIZE);
    let text = if unread > 99 { "99+ new".to_owned() } else { format!("{unread} new") };
    let w = width(&text) + 12;
    draw::draw_box(FrameType::RFlatBox, right - w, y + 3, w, NAME_HEIGHT - 7, theme::ACCENT);
    draw::set_draw_color(theme::ON_ACCENT);
    draw::draw_text2(&text, right - w, y + 3, w, NAME_HEIGHT - 7, Align::Center);
    w
}

/// Returns the note below a name.
fn note(row: &Row) -> Option<&str> {
    if row.is_gone { Some("has left") } else { row.away.as_deref() }
}

pub(super) fn height(row: &Row) -> i32 {
    NAME_HEIGHT + if note(row).is_some() { NOTE_HEIGHT } else { 0 }
}

/// Returns the width of a text in the current font.
#[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
fn width(text: &str) -> i32 {
    draw::width(text).ceil() as i32
}
