//! The page of the history: a summary, and the list of messages. Main thread only; both are in the model.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Font;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::widgets::card;
use crate::clock::Clock;
use crate::monitor::model::Model;
use crate::protocol::escape::escape;
use crate::server::StoredMessage;
use crate::ui::{self, CellText, RowColumn, Rows, theme};

/// Height of the summary above the list, in pixels.
const SUMMARY: i32 = 24;

/// The page. It shares the model with the window, which calls [`show`](Self::show) after a change.
#[derive(Debug)]
pub(super) struct HistoryPage {
    card: Flex,
    summary: Frame,
    pub(super) rows: Rows,
}

impl HistoryPage {
    /// Creates an empty page in the current group.
    pub(super) fn new(model: &Rc<RefCell<Model>>, clock: Clock) -> HistoryPage {
        let mut card = card([2, 2, 2, 6]).column();
        card.set_pad(0);
        let mut summary = ui::note("");
        summary.set_label_color(theme::MUTED);
        card.fixed(&summary, SUMMARY);
        let model = Rc::clone(model);
        let rows = Rows::new(columns(), move |row, column| cell(&model.borrow(), &clock, row, column));
        card.end();
        HistoryPage { card, summary, rows }
    }

    /// Returns the widget to show and hide.
    pub(super) fn widget(&self) -> &Flex {
        &self.card
    }

    /// Moves the keyboard focus to the list.
    pub(super) fn focus(&mut self) {
        let _ = self.rows.widget().clone().take_focus();
    }

    /// Draws the model's current summary and messages. All rows are replaced.
    pub(super) fn show(&mut self, model: &Model) {
        let history = model.history();
        self.summary.set_label(&ui::escape_label(&format!(" {}", history.summary())));
        self.rows.set_hint(if history.rows() == 0 && !history.summary().is_empty() { "Nothing is there" } else { "" });
        self.rows.reset(0, history.rows());
    }

    /// Returns the marked message.
    pub(super) fn marked(&self, model: &Model) -> Option<StoredMessage> {
        let row = usize::try_from(*self.rows.marked().first()?).ok()?;
        model.history().message(row).cloned()
    }
}

/// Returns the headings and widths.
fn columns() -> Vec<RowColumn> {
    vec![
        RowColumn::new("When", 160, 0),
        RowColumn::new("Who", 140, 1).with_font(Font::HelveticaBold),
        RowColumn::new("What", 300, 5),
    ]
}

/// Returns the text and colour of a cell, in the order of [`columns`].
fn cell(model: &Model, clock: &Clock, row: u64, column: usize) -> Option<CellText> {
    let message = model.history().message(usize::try_from(row).ok()?)?;
    Some(match column {
        0 => (clock.in_full(message.stamp), theme::MUTED),
        1 => (escape(&message.from).into_owned(), theme::TEXT),
        _ => (escape(&message.text).into_owned(), theme::TEXT),
    })
}
