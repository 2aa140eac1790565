//! The line below the text of a conversation: the outcome of the user's last action or the destination of a link;
//! otherwise the users who are typing, or who
//! the other user of a private conversation is. It is there while it is empty, too, so that nothing moves. An outcome that is too
//! wide for it has a second row, which covers the last one of the text for that time. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::{Color, Font};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};
use fltk::widget::Widget;

use crate::mood::Mood;
use crate::ui::{self, elide, from_left, text_width, theme};

/// Height of the line.
const HEIGHT: i32 = 18;
/// Size of its text.
const SIZE: i32 = ui::TEXT_SIZE - 2;

/// The line.
pub(super) struct UnderLine {
    frame: Frame,
    /// The text above it.
    text: Widget,
    shown: Rc<RefCell<Shown>>,
}

/// The contents: the first that there is, is drawn.
#[derive(Default, PartialEq, Eq)]
struct Shown {
    outcome: Option<(Mood, String)>,
    typing: String,
    /// The other user of a private conversation.
    about: Option<String>,
}

/// Draws the first row of an outcome that needs two, over the last row of the text.
pub(super) struct FirstRow(Rc<RefCell<Shown>>);

impl FirstRow {
    /// Draws the row, if there is one, at the bottom of the text. To be called after the text was drawn.
    pub(super) fn draw_over(&self, text: &Widget) {
        if let Some((mood, words)) = self.0.borrow().long_outcome()
            && let (Some(first), _) = rows(words, text.w() - 4, width)
        {
            let top = text.y() + text.h() - HEIGHT;
            draw::draw_rect_fill(text.x(), top, text.w(), HEIGHT, theme::SURFACE);
            draw_row(first, mood.color(), (text.x(), top));
        }
    }
}

/// Returns the width of an outcome.
fn width(words: &str) -> i32 {
    draw::set_font(Font::Helvetica, SIZE);
    text_width(words)
}

/// Divides words into two rows, if they are too wide for one.
fn rows(words: &str, room: i32, width: impl Fn(&str) -> i32) -> (Option<&str>, &str) {
    if width(words) <= room {
        return (None, words);
    }
    let spaces = words.match_indices(' ').map(|(at, _)| at);
    match spaces.take_while(|at| width(&words[..*at]) <= room).last() {
        Some(at) => (Some(&words[..at]), &words[at + 1..]),
        None => (None, words),
    }
}

/// Draws a row in the current font.
fn draw_row(words: &str, color: Color, (x, y): (i32, i32)) {
    draw::set_draw_color(color);
    draw::draw_text(&from_left(words), x + 2, y + i32::midpoint(HEIGHT, draw::height()) - draw::descent());
}

impl Shown {
    /// Returns the outcome, if it may have two rows. What follows the mouse or the keys would cover what they are at.
    fn long_outcome(&self) -> Option<(Mood, &str)> {
        self.outcome.as_ref().filter(|(mood, _)| *mood != Mood::Idle).map(|(mood, words)| (*mood, words.as_str()))
    }
}

impl UnderLine {
    /// Creates the line as the next row of a plate, below its text.
    pub(super) fn build(plate: &mut Flex, text: &Widget) -> UnderLine {
        let mut frame = Frame::default();
        let shown = Rc::<RefCell<Shown>>::default();
        let drawn = Rc::clone(&shown);
        frame.draw(move |frame| {
            let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
            draw::draw_rect_fill(x, y, w, h, theme::SURFACE);
            let shown = &*drawn.borrow();
            let Shown { outcome, typing, about } = shown;
            let (words, color, font) = match (outcome, about) {
                (Some((mood, words)), _) => (words, mood.color(), Font::Helvetica),
                (None, Some(about)) if typing.is_empty() => (about, theme::MUTED, Font::Helvetica),
                _ => (typing, theme::MUTED, Font::HelveticaItalic),
            };
            let words = shown.long_outcome().map_or(words.as_str(), |(_, long)| rows(long, w - 4, width).1);
            draw::set_font(font, SIZE);
            draw_row(&elide(words, w - 4), color, (x, y));
        });
        plate.fixed(&frame, HEIGHT);
        UnderLine { frame, text: text.clone(), shown }
    }

    /// Returns what draws the first row of an outcome over the text.
    pub(super) fn first_row(&self) -> FirstRow {
        FirstRow(Rc::clone(&self.shown))
    }

    /// Shows the outcome of an action with its level, or who is typing, or who the other user is. All
    /// texts are escaped.
    pub(super) fn set(&mut self, outcome: Option<(Mood, String)>, typing: &str, about: Option<String>) {
        let shown = Shown { outcome, typing: typing.to_owned(), about };
        if *self.shown.borrow() == shown {
            return;
        }
        // The line may be too narrow for it.
        let whole = shown.outcome.as_ref().map(|(_, words)| words).or(shown.about.as_ref());
        let is_long = shown.long_outcome().is_some() || self.shown.borrow().long_outcome().is_some();
        self.frame.set_tooltip(&ui::escape_label(whole.map_or("", String::as_str)));
        self.shown.replace(shown);
        self.frame.redraw();
        if is_long {
            self.text.redraw();
        }
    }

    /// Returns the outcome of the user's last action.
    pub(super) fn outcome(&self) -> Option<String> {
        self.shown.borrow().outcome.as_ref().map(|(_, words)| words.clone())
    }

    /// Returns the words that name the users who are typing.
    pub(super) fn typing(&self) -> String {
        self.shown.borrow().typing.clone()
    }

    /// Returns who the other user is.
    pub(super) fn about(&self) -> Option<String> {
        self.shown.borrow().about.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the width of letters of ten pixels.
    fn tens(words: &str) -> i32 {
        i32::try_from(words.len() * 10).unwrap()
    }

    #[test]
    fn an_outcome_that_is_too_wide_has_two_rows_that_end_between_words() {
        let words = "Not sent: ann has left";
        assert_eq!(rows(words, 220, tens), (None, words));
        assert_eq!(rows(words, 219, tens), (Some("Not sent: ann has"), "left"));
        assert_eq!(rows(words, 100, tens), (Some("Not sent:"), "ann has left"), "the rest is elided");
        assert_eq!(rows(words, 20, tens), (None, words), "no word has room");
    }

    #[test]
    fn what_follows_the_mouse_has_one_row() {
        let shown = |mood| Shown { outcome: Some((mood, "Opens https://example.org".into())), ..Shown::default() };
        assert!(shown(Mood::Idle).long_outcome().is_none());
        assert!(shown(Mood::Warn).long_outcome().is_some());
    }
}
