//! Writing: the keys of an entry that recall sent texts and complete names, and the byte counter beside it. Each window
//! with an entry has one. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{InputExt as _, WidgetBase as _, WidgetExt as _};

use crate::chat::input::complete::{Completed, Completion, Text};
use crate::chat::input::input_history::InputHistory;
use crate::chat::state::counter;
use crate::ui::{self, Field, theme};

/// Width of the counter.
const COUNTER_WIDTH: i32 = 128;

/// The keys and the counter of one entry. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct Writing {
    entry: Field,
    counter: Frame,
    memory: Rc<RefCell<(InputHistory, Completion)>>,
}

/// Outcome of a key press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// The key is handled.
    Done,
    /// The key was Tab, and no user's name begins with this.
    NoSuchName(String),
    /// The key has no special meaning.
    Nothing,
}

impl Writing {
    /// Creates the state for an entry with a counter beside it.
    pub(super) fn new(entry: &Field, counter: &Frame) -> Writing {
        Writing { entry: entry.clone(), counter: counter.clone(), memory: Rc::default() }
    }

    /// Creates the counter, hidden, in a row.
    pub(super) fn build_counter(row: &mut Flex) -> Frame {
        let mut counter = ui::note("");
        row.fixed(&counter, COUNTER_WIDTH);
        counter.hide();
        counter
    }

    /// Handles a key pressed in the entry: Up and Down recall sent texts, Tab completes one of `names`.
    pub(super) fn press(&mut self, event: Event, names: impl FnOnce() -> Vec<String>) -> Pressed {
        if event != Event::KeyDown || app::is_event_ctrl() || app::is_event_alt() || app::is_event_command() {
            return Pressed::Nothing;
        }
        match app::event_key() {
            Key::Up if !app::is_event_shift() => self.walk(InputHistory::up),
            Key::Down if !app::is_event_shift() => self.walk(InputHistory::down),
            Key::Tab => self.complete(app::is_event_shift(), &names()),
            _ => Pressed::Nothing,
        }
    }

    fn walk(&mut self, step: for<'a> fn(&'a mut InputHistory, &str) -> Option<&'a str>) -> Pressed {
        let text = step(&mut self.memory.borrow_mut().0, &self.entry.value()).map(str::to_owned);
        if let Some(text) = text {
            self.write(&Text { cursor: text.len(), text });
        }
        Pressed::Done
    }

    fn complete(&mut self, backwards: bool, names: &[String]) -> Pressed {
        let cursor = usize::try_from(self.entry.input().position()).unwrap_or(0);
        let entry = Text { text: self.entry.value(), cursor };
        let completed = self.memory.borrow_mut().1.tab(entry, backwards, names.iter().map(String::as_str));
        match completed {
            Completed::Text(text) => {
                self.write(&text);
                Pressed::Done
            }
            Completed::NoSuchName(typed) => Pressed::NoSuchName(typed),
            Completed::NoWord => Pressed::Nothing,
        }
    }

    fn write(&mut self, Text { text, cursor }: &Text) {
        self.entry.set_value(text);
        // The cursor is within the text, so this cannot fail.
        let _ = self.entry.input().set_position(i32::try_from(*cursor).unwrap_or(i32::MAX));
    }

    /// Adds a sent text to the input history.
    pub(super) fn sent(&self, text: &str) {
        self.memory.borrow_mut().0.sent(text);
    }

    /// Clears the input history.
    pub(super) fn forget(&self) {
        self.memory.take();
    }

    /// Shows how many bytes are left, near the limit.
    pub(super) fn count(&mut self, left: isize) {
        let words = counter(left);
        if words.is_none() && !self.counter.visible() {
            return;
        }
        let shown = words.as_deref().unwrap_or("");
        if self.counter.label() != shown {
            self.counter.set_label(shown);
            self.counter.set_label_color(if left < 0 { theme::ERROR } else { theme::TEXT });
        }
        if self.counter.visible() != words.is_some() {
            if words.is_some() {
                self.counter.show();
            } else {
                self.counter.hide();
            }
            if let Some(mut row) = self.counter.parent().and_then(|row| Flex::from_dyn_widget(&row)) {
                row.layout();
                row.redraw();
            }
        }
    }
}
