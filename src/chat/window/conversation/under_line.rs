//! The line below the text of a conversation: the outcome of the user's last action or the destination of a link;
//! otherwise the users who are typing, or who the other user of a private conversation is. It is there while it is empty, too, so that nothing moves. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::Font;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use crate::mood::Mood;
use crate::ui::{self, elide, from_left, theme};

/// Height of the line.
const HEIGHT: i32 = 18;
/// Size of its text.
const SIZE: i32 = ui::TEXT_SIZE - 2;

/// The line.
pub(super) struct UnderLine {
    frame: Frame,
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

impl UnderLine {
    /// Creates the line as the next row of a plate.
    pub(super) fn build(plate: &mut Flex) -> UnderLine {
        let mut frame = Frame::default();
        let shown = Rc::<RefCell<Shown>>::default();
        let drawn = Rc::clone(&shown);
        frame.draw(move |frame| {
            let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
            draw::draw_rect_fill(x, y, w, h, theme::SURFACE);
            let Shown { outcome, typing, about } = &*drawn.borrow();
            let (text, color, font) = match (outcome, about) {
                (Some((mood, words)), _) => (words, mood.color(), Font::Helvetica),
                (None, Some(about)) if typing.is_empty() => (about, theme::MUTED, Font::Helvetica),
                _ => (typing, theme::MUTED, Font::HelveticaItalic),
            };
            draw::set_draw_color(color);
            draw::set_font(font, SIZE);
            draw::draw_text(
                &from_left(&elide(text, w - 4)),
                x + 2,
                y + i32::midpoint(h, draw::height()) - draw::descent(),
            );
        });
        plate.fixed(&frame, HEIGHT);
        UnderLine { frame, shown }
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
        self.frame.set_tooltip(&ui::escape_label(whole.map_or("", String::as_str)));
        self.shown.replace(shown);
        self.frame.redraw();
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
