//! Draws the rows of a list. Runs on the UI thread, within FLTK's draw.

use fltk::draw;
use fltk::enums::{Align, Font, FrameType};
use fltk::prelude::WidgetExt as _;
use fltk::widget::Widget;

use super::list::{Item, NAME_HEIGHT, NOTE_HEIGHT, State};
use crate::ui::{TEXT_SIZE, elide, theme};

const NOTE_SIZE: i32 = TEXT_SIZE - 2;

/// Space left and right of the text.
const INSET: i32 = 6;

/// Marks of a row.
#[derive(Clone, Copy)]
struct Marks {
    /// The window shows it, the keyboard has chosen it, or its menu is open.
    is_raised: bool,
    has_keyboard: bool,
}

impl<K: PartialEq> State<K> {
    pub(super) fn draw(&self, area: &Widget, offset: i32) {
        let (x, y, w, h) = (area.x(), area.y(), area.w(), area.h());
        draw::push_clip(x, y, w, h);
        draw::draw_rect_fill(x, y, w, h, theme::SURFACE);
        let mut top = y - offset;
        for item in &self.items {
            let bottom = top + item.height();
            if bottom > y && top < y + h {
                let is = |key: &Option<K>| key.as_ref() == Some(&item.key);
                let has_keyboard = is(&self.chosen) && area.has_focus();
                let is_raised = has_keyboard || is(&self.current) || is(&self.in_menu);
                draw_item(item, x, top, w, Marks { is_raised, has_keyboard });
            }
            top = bottom;
        }
        if self.items.is_empty() && !self.hint.is_empty() {
            draw::set_draw_color(theme::MUTED);
            draw::set_font(Font::HelveticaItalic, NOTE_SIZE);
            draw::draw_text(&elide(self.hint, w - 2 * INSET), x + INSET, y + NAME_HEIGHT * 2 / 3);
        }
        if self.more > 0 {
            draw::set_draw_color(theme::MUTED);
            draw::set_font(Font::Helvetica, NOTE_SIZE);
            draw::draw_text(&format!("and {} more", self.more), x + INSET, top + NAME_HEIGHT * 2 / 3);
        }
        draw::pop_clip();
    }
}

fn draw_item<K>(item: &Item<K>, x: i32, y: i32, w: i32, marks: Marks) {
    let height = item.height() - 1;
    if marks.is_raised {
        draw::draw_box(FrameType::RFlatBox, x, y, w, height, theme::RAISED);
    }
    if marks.has_keyboard {
        draw::set_draw_color(theme::FOCUS);
        draw::draw_rounded_rect(x, y, w, height, 6);
    }
    let mut right = x + w - INSET;
    if item.unread > 0 {
        right -= draw_unread(item.unread, right, y) + INSET;
    }
    let baseline = y + 17;
    draw::set_draw_color(item.color);
    draw::set_font(if item.unread > 0 { Font::HelveticaBold } else { Font::Helvetica }, TEXT_SIZE);
    let name = elide(&item.name, right - x - INSET);
    draw::draw_text(&name, x + INSET, baseline);
    let after = x + INSET + width(&name) + 8;
    draw::set_draw_color(theme::MUTED);
    if !item.beside.is_empty() && after < right {
        draw::set_font(Font::Helvetica, NOTE_SIZE);
        draw::draw_text(&elide(item.beside, right - after), after, baseline);
    }
    if let Some(note) = &item.note {
        draw::set_font(Font::HelveticaItalic, NOTE_SIZE);
        draw::draw_text(&elide(note, w - 2 * INSET), x + INSET, baseline + NOTE_HEIGHT - 1);
    }
}

/// Draws the number of unread messages on a plate. Returns its width.
fn draw_unread(unread: u64, right: i32, y: i32) -> i32 {
    draw::set_font(Font::HelveticaBold, NOTE_SIZE);
    let text = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
    let w = width(&text) + 12;
    draw::draw_box(FrameType::RFlatBox, right - w, y + 3, w, NAME_HEIGHT - 7, theme::ACCENT);
    draw::set_draw_color(theme::ON_ACCENT);
    draw::draw_text2(&text, right - w, y + 3, w, NAME_HEIGHT - 7, Align::Center);
    w
}

/// Returns the width of a text in the current font.
#[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
fn width(text: &str) -> i32 {
    draw::width(text).ceil() as i32
}
