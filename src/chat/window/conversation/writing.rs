//! Writing: recalling sent texts and completing names in an entry, and the byte counter beside it. Each window with an
//! entry has one. Runs on the UI thread.

use fltk::enums::Event;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use crate::chat::input::complete::{Completed, Completion, Text};
use crate::chat::input::input_history::InputHistory;
use crate::chat::state::counter;
use crate::chat::window::widgets::{at_bottom, set_label};
use crate::ui::{self, Entry, set_shown, theme};

/// Width of the counter.
const COUNTER_WIDTH: i32 = 128;

/// The texts and the counter of one entry.
pub(super) struct Writing {
    entry: Entry,
    /// The place of the counter in its row.
    place: Flex,
    counter: Frame,
    history: InputHistory,
    completion: Completion,
}

/// The unsent state of a conversation while another one is shown.
#[derive(Default)]
pub(super) struct SavedWriting {
    pub(super) draft: Text,
    history: InputHistory,
}

impl Writing {
    /// Creates the state for an entry with a counter beside it.
    pub(super) fn new(entry: &Entry, (place, counter): &(Flex, Frame)) -> Writing {
        let (history, completion) = Default::default();
        Writing { entry: entry.clone(), place: place.clone(), counter: counter.clone(), history, completion }
    }

    /// Creates the counter, hidden, in a row.
    pub(super) fn build_counter(row: &mut Flex) -> (Flex, Frame) {
        let (mut place, counter) = at_bottom(row, COUNTER_WIDTH, |_| ui::note(""));
        place.hide();
        (place, counter)
    }

    /// Puts a sent text into the entry: the next one in the direction of `step`.
    pub(super) fn walk(&mut self, step: for<'a> fn(&'a mut InputHistory, &str) -> Option<&'a str>) {
        let text = step(&mut self.history, &self.entry.value()).map(str::to_owned);
        if let Some(text) = text {
            self.write(&Text { cursor: text.len(), text });
        }
    }

    /// Completes the command or the name before the cursor, the name as one of `names`. Without a word there, Tab moves the
    /// focus, as elsewhere. Returns the word if nothing begins with it.
    pub(super) fn complete(&mut self, backwards: bool, names: &[String]) -> Option<String> {
        let entry = Text { text: self.entry.value(), cursor: self.entry.caret() };
        match self.completion.tab(entry, backwards, names.iter().map(String::as_str)) {
            Completed::Text(text) => self.write(&text),
            Completed::NoSuchName(typed) => return Some(typed),
            Completed::NoWord => self.leave_entry(),
        }
        None
    }

    /// Moves the focus as FLTK does with a Tab that the entry has not handled: each group around the entry is asked, from
    /// the inside out, and knows the key.
    fn leave_entry(&mut self) {
        let mut around = self.entry.editor().parent();
        while let Some(group) = around.take_if(|group| !group.handle_event(Event::KeyDown)) {
            around = group.parent();
        }
    }

    fn write(&mut self, Text { text, cursor }: &Text) {
        self.entry.edit(text, *cursor);
    }

    /// Adds a sent text to the input history.
    pub(super) fn sent(&mut self, text: &str) {
        self.history.sent(text);
    }

    /// Takes draft and history, before the view turns to another conversation.
    pub(super) fn leave(&mut self) -> SavedWriting {
        self.completion = Completion::default();
        let draft = Text { text: self.entry.value(), cursor: self.entry.caret() };
        SavedWriting { draft, history: std::mem::take(&mut self.history) }
    }

    /// Shows the draft of another conversation, as it was left.
    pub(super) fn turn_to(&mut self, saved: SavedWriting) {
        self.history = saved.history;
        self.entry.set_value(&saved.draft.text);
        self.entry.set_caret(saved.draft.cursor);
    }

    /// Shows how many bytes are left, near the limit.
    pub(super) fn count(&mut self, left: isize) {
        let words = counter(left);
        if let Some(words) = &words {
            set_label(&mut self.counter, words);
            self.counter.set_label_color(if left < 0 { theme::ERROR } else { theme::TEXT });
        }
        set_shown(&mut self.place, words.is_some());
    }
}
