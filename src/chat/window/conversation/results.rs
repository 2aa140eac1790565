//! The list of the server's search results: time, sender and excerpt of each message. A line above it shows the state
//! of the search. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::{Align, Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use super::update::Action;
use crate::chat::state::Search;
use crate::chat::window::widgets::end_hidden;
use crate::clock::{Clock, stamp_now};
use crate::ui::{self, CellText, RowColumn, RowEvent, Rows, set_shown, theme};

/// Height of the whole list.
const HEIGHT: i32 = 176;
const WORDS_HEIGHT: i32 = 22;

/// A message as it is listed.
struct Listed {
    when: String,
    from: String,
    excerpt: String,
}

/// The widgets of the list.
pub(super) struct SearchResults {
    column: Flex,
    words: Frame,
    rows: Rows,
    listed: Rc<RefCell<Vec<Listed>>>,
    /// The text that they are the results of.
    found: String,
    /// Version of the search that is shown.
    version: u64,
}

impl SearchResults {
    /// Creates the list, hidden, in a column.
    pub(super) fn build(all: &mut Flex) -> SearchResults {
        let mut column = Flex::default().column();
        column.set_frame(FrameType::RFlatBox);
        column.set_color(theme::SURFACE);
        column.set_margins(8, 2, 4, 4);
        column.set_pad(0);
        let mut words = ui::note("");
        words.set_align(Align::Left | Align::Inside | Align::Clip);
        column.fixed(&words, WORDS_HEIGHT);
        let listed = Rc::<RefCell<Vec<Listed>>>::default();
        let drawn = Rc::clone(&listed);
        let rows = Rows::new(columns(), move |row, column| cell(&drawn.borrow(), row, column));
        end_hidden(all, &mut column, HEIGHT);
        SearchResults { column, words, rows, listed, found: String::new(), version: 0 }
    }

    /// Shows the state of a search, if it has changed. The keyboard focus stays where it is, because the user may be
    /// writing by now.
    pub(super) fn show(&mut self, search: &Search, clock: &Clock) {
        if std::mem::replace(&mut self.version, search.version()) == search.version() {
            return;
        }
        let now = stamp_now();
        let listed = search.hits().iter().map(|hit| Listed {
            when: clock.day_and_minute(hit.at, now),
            from: hit.from.clone(),
            excerpt: hit.excerpt.clone(),
        });
        self.listed.replace(listed.collect());
        self.found = if search.is_over() { search.words().to_owned() } else { String::new() };
        self.words.set_label(&ui::escape_label(&search.in_words()));
        let count = self.listed.borrow().len();
        self.rows.reset(0, count);
        set_shown(&mut self.column, true);
        if let (Some(last), true) = (count.checked_sub(1), search.is_over()) {
            self.rows.mark(last as u64);
        }
    }

    /// Focuses the results for `words`. Returns false if the list shows others, or has the focus already.
    pub(super) fn focus_on(&self, words: &str) -> bool {
        let is_listed = self.is_open() && !self.listed.borrow().is_empty() && self.found == words;
        let mut table = self.rows.widget().clone();
        is_listed && !table.has_focus() && table.take_focus().is_ok()
    }

    /// Sends an action when the user opens a result.
    pub(super) fn bind(&mut self, send: impl Fn(Action) + 'static) {
        self.rows.on_event(move |event| {
            if let RowEvent::Opened(row) = event {
                send(Action::OpenResult(row));
            }
        });
    }

    pub(super) fn close(&mut self) {
        set_shown(&mut self.column, false);
    }

    pub(super) fn is_open(&self) -> bool {
        self.column.visible()
    }
}

fn columns() -> Vec<RowColumn> {
    vec![
        RowColumn::new("When", 100, 0),
        RowColumn { font: Font::HelveticaBold, ..RowColumn::new("Who", 110, 0) },
        RowColumn::new("What", 200, 1),
    ]
}

fn cell(listed: &[Listed], row: u64, column: usize) -> Option<CellText> {
    let Listed { when, from, excerpt } = listed.get(usize::try_from(row).ok()?)?;
    Some(match column {
        0 => (when.clone(), theme::MUTED),
        1 => (from.clone(), theme::TEXT),
        _ => (excerpt.clone(), theme::TEXT),
    })
}
