//! The history's page: how much is kept, and a list of messages to choose from. Main thread only; what is listed is in
//! the model.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Font;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::view::card;
use crate::clock::Clock;
use crate::monitor::model::Model;
use crate::protocol::escape::escape;
use crate::server::StoredMessage;
use crate::ui::{self, CellText, RowColumn, Rows, theme};

/// The height of the line above the list.
const SUMMARY: i32 = 24;

/// The page. It shares the model with the window, which tells it when to draw.
#[derive(Debug)]
pub(super) struct HistoryPage {
    card: Flex,
    summary: Frame,
    pub(super) rows: Rows,
}

impl HistoryPage {
    /// A page that shows nothing yet, to be made inside of a group.
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

    /// What a layout places.
    pub(super) fn widget(&self) -> &Flex {
        &self.card
    }

    /// Gives the list the keyboard.
    pub(super) fn focus(&mut self) {
        let _ = self.rows.widget().clone().take_focus();
    }

    /// Draws what the model has now. The rows are other ones than before.
    pub(super) fn show(&mut self, model: &Model) {
        let past = model.past();
        self.summary.set_label(&ui::escape_label(&format!(" {}", past.summary())));
        self.rows.set_hint(if past.rows() == 0 && !past.summary().is_empty() { "Nothing is there" } else { "" });
        self.rows.reset(0, past.rows());
    }

    /// The message that is marked.
    pub(super) fn marked(&self, model: &Model) -> Option<StoredMessage> {
        let row = usize::try_from(*self.rows.marked()?.start()).ok()?;
        model.past().message(row).cloned()
    }
}

fn columns() -> Vec<RowColumn> {
    let column = |title, width, shares| RowColumn { title, width, shares, font: Font::Helvetica, at_right: false };
    vec![
        column("When", 160, 0),
        RowColumn { font: Font::HelveticaBold, ..column("Who", 140, 1) },
        column("What", 300, 5),
    ]
}

fn cell(model: &Model, clock: &Clock, row: u64, column: usize) -> Option<CellText> {
    let kept = model.past().message(usize::try_from(row).ok()?)?;
    Some(match column {
        0 => (clock.in_full(kept.stamp), theme::MUTED),
        1 => (escape(&kept.from).into_owned(), theme::TEXT),
        _ => (escape(&kept.text).into_owned(), theme::TEXT),
    })
}
