//! The page of the threads: the headings, widths and colours of its columns. Main thread only; the list is in the model, and
//! so is the text of each column.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Font;

use crate::monitor::model::{Model, State, ThreadColumn};
use crate::ui::{CellText, RowColumn, Rows, theme};

/// The page. It shares the model with the window, which calls [`show`](Self::show) after a change.
#[derive(Debug)]
pub(super) struct ThreadPage {
    rows: Rows,
}

impl ThreadPage {
    /// Creates an empty list in the current group.
    pub(super) fn new(model: &Rc<RefCell<Model>>) -> ThreadPage {
        let model = Rc::clone(model);
        ThreadPage { rows: Rows::new(columns(), move |row, column| cell(&model.borrow(), row, column)) }
    }

    /// Draws the model's current threads.
    pub(super) fn show(&mut self, model: &Model) {
        let threads = model.threads();
        self.rows.set_hint(match model.state() {
            State::Listening(_) if threads.total() > 0 => "No thread has these words in it",
            State::Listening(_) => "",
            _ => "The server does not run",
        });
        self.rows.show(0, threads.rows(), false);
    }
}

/// Returns the headings and widths, in the order of [`ThreadColumn::ALL`].
fn columns() -> Vec<RowColumn> {
    let column = |title, width, shares, at_right| RowColumn { title, width, shares, font: Font::Helvetica, at_right };
    vec![
        RowColumn { font: Font::HelveticaBold, ..column("Thread", 180, 2, false) },
        column("Is doing", 240, 3, false),
        column("For", 70, 0, true),
        column("In its client's outbox", 170, 1, true),
    ]
}

/// Returns the text and colour of a cell.
fn cell(model: &Model, row: u64, column: usize) -> Option<CellText> {
    let (threads, row) = (model.threads(), usize::try_from(row).ok()?);
    let column = ThreadColumn::ALL.get(column).copied()?;
    let color = match column {
        _ if threads.is_draining(row) => theme::ERROR,
        ThreadColumn::Name | ThreadColumn::Doing => theme::TEXT,
        ThreadColumn::Lasted | ThreadColumn::Outbox => theme::MUTED,
    };
    Some((threads.cell(row, column)?, color))
}
