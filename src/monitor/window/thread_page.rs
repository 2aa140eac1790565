//! The list of threads on the screen. Main thread only; what is listed is in the model.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Font;

use crate::monitor::model::{Model, State, ThreadColumn};
use crate::ui::{CellText, RowColumn, Rows, theme};

/// The list. It shares the model with the window, which tells it when to draw.
#[derive(Debug)]
pub(super) struct ThreadList {
    rows: Rows,
}

impl ThreadList {
    /// An empty list, to be made inside of a group.
    pub(super) fn new(model: &Rc<RefCell<Model>>) -> ThreadList {
        let model = Rc::clone(model);
        ThreadList { rows: Rows::new(columns(), move |row, column| cell(&model.borrow(), row, column)) }
    }

    /// Draws what the model has now.
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

fn columns() -> Vec<RowColumn> {
    let column = |title, width, shares, at_right| RowColumn { title, width, shares, font: Font::Helvetica, at_right };
    vec![
        RowColumn { font: Font::HelveticaBold, ..column("Thread", 180, 2, false) },
        column("Is doing", 240, 3, false),
        column("For", 70, 0, true),
        column("In its client's outbox", 170, 1, true),
    ]
}

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
