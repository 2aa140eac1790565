//! The list of the server's search results: time, sender and excerpt of each message. A line above it shows the state
//! of the search. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::{Align, Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use super::drawer::Drawer;
use super::update::Action;
use crate::chat::state::{Hit, Search};
use crate::chat::window::widgets::end_hidden;
use crate::clock::{Clock, stamp_now};
use crate::protocol::Stamp;
use crate::ui::{self, RowColumn, RowEvent, Rows, theme};

/// Height of the whole list, until the drawer sets it.
const HEIGHT: i32 = 176;
const WORDS_HEIGHT: i32 = 22;
/// Height of everything around the rows, by density.
const AROUND: [i32; 3] = [56, 28, 28];

/// A message as it is listed: when it was said, by whom, and what.
type Listed = [String; 3];
/// The widgets of the list.
pub(in crate::chat::window) struct SearchResults {
    pub(super) column: Flex,
    words: Frame,
    rows: Rows,
    listed: Rc<RefCell<Vec<Listed>>>,
    /// Stamps of these messages.
    stamps: Vec<Stamp>,
    /// The text that they are the results of.
    found: String,
    /// The search that is shown has ended.
    is_over: bool,
    /// Version of the search that is shown.
    version: u64,
}

impl SearchResults {
    /// Creates the list, hidden, in a column.
    pub(in crate::chat::window) fn build(
        all: &mut Flex,
        drawer: &Drawer,
        send: impl Fn(Action) + 'static,
    ) -> SearchResults {
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
        let columns = vec![
            RowColumn::new("Time", 100, 0),
            RowColumn { font: Font::HelveticaBold, ..RowColumn::new("From", 110, 0) },
            RowColumn::new("Message", 200, 1),
        ];
        let mut rows = Rows::new(columns, move |row, column| {
            let text = drawn.borrow().get(usize::try_from(row).ok()?)?.get(column)?.clone();
            Some((text, if column == 0 { theme::MUTED } else { theme::TEXT }))
        });
        rows.on_event(move |event| {
            if let RowEvent::Opened(row) = event {
                send(Action::OpenResult(row));
            }
        });
        end_hidden(all, &mut column, HEIGHT);
        let mut table = rows.clone();
        drawer.add_pane((&column, rows.widget()), AROUND, move |density| table.set_density(density));
        SearchResults {
            column,
            words,
            rows,
            listed,
            stamps: Vec::new(),
            found: String::new(),
            is_over: false,
            version: 0,
        }
    }

    /// Shows the state of a search, if it has changed. The keyboard focus stays where it is, because the user may be
    /// writing by now.
    pub(super) fn show(&mut self, search: &Search, clock: &Clock) {
        if std::mem::replace(&mut self.version, search.version) == search.version {
            return;
        }
        let now = stamp_now();
        let list = |hit: &Hit| [clock.day_and_minute(hit.at, now), hit.from.clone(), hit.excerpt.clone()];
        self.listed.replace(search.hits.iter().map(list).collect());
        self.found = if search.is_over() { search.words.clone() } else { String::new() };
        self.words.set_label(&ui::escape_label(&search.in_words()));
        let count = search.hits.len();
        let stamps: Vec<_> = search.hits.iter().map(|hit| hit.at).collect();
        if self.stamps == stamps && search.is_over() == self.is_over {
            // The texts alone have changed: the mark stays where it is.
            return self.rows.show(0, count, false);
        }
        (self.stamps, self.is_over) = (stamps, search.is_over());
        self.rows.reset(0, count);
        if let (Some(last), true) = (count.checked_sub(1), search.is_over()) {
            self.rows.mark(last as u64);
        }
    }

    /// Focuses the results for `words`. Returns false if the list shows others, or has the focus already.
    pub(super) fn focus_on(&self, words: &str) -> bool {
        let is_listed = self.column.visible() && !self.listed.borrow().is_empty() && self.found == words;
        let mut table = self.rows.widget().clone();
        is_listed && !table.has_focus() && table.take_focus().is_ok()
    }
}
