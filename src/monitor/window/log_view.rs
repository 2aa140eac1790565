//! The page of the log: a table of the model's lines. Main thread only; the lines and their filter are in the model.

use std::rc::Rc;
use std::time::SystemTime;

use fltk::app;
use fltk::enums::Shortcut;
use fltk::group::Flex;
use fltk::prelude::GroupExt as _;
use log::Level;

use super::context::Context;
use crate::clock::Clock;
use crate::monitor::model::{Line, Log};
use crate::ui::{self, CellText, ContextMenu, Marking, RowColumn, RowEvent, Rows, theme};

/// The page.
#[derive(Debug)]
pub(super) struct LogView {
    pub(super) card: Flex,
    rows: Rows,
    /// Version of the log, number of the first line and number of lines, as they were last drawn.
    shown: (u64, u64, usize),
}

impl LogView {
    /// Creates an empty page in the current group.
    pub(super) fn new(context: &Context) -> LogView {
        let card = ui::card();
        let columns = ["Time", "Level", "Event"].into_iter().zip([(126, 0), (66, 0), (300, 1)]);
        let columns = columns.map(|(title, (width, shares))| RowColumn::new(title, width, shares)).collect();
        let (drawn, zone) = (Rc::clone(&context.model), context.clock.clone());
        let mut rows = Rows::new(columns, move |number, column| {
            Some(cell(drawn.borrow().log.shown().get(number)?, column, &zone))
        });
        rows.set_marking(Marking::Dragged);
        rows.set_hint("No line matches");
        rows.set_type_ahead(2);
        let menu = ContextMenu::new([("Copy", Shortcut::Command | 'c')]);
        let (Context { model, clock, .. }, marked) = (context.clone(), rows.clone());
        rows.on_event(move |event| {
            let is_chosen = |(x, y)| menu.choose((x, y)).is_some();
            if event == RowEvent::Copy || matches!(event, RowEvent::Menu(x, y) if is_chosen((x, y))) {
                let (model, marked) = (model.borrow(), marked.marked());
                let lines = marked.iter().filter_map(|number| model.log.shown().get(*number));
                app::copy(&lines.map(|line| line.text(&clock)).collect::<String>());
            }
        });
        card.end();
        LogView { card, rows, shown: (0, 0, 0) }
    }

    /// Returns a handle of the table, for a field from which keys lead to it.
    pub(super) fn table(&self) -> Rows {
        self.rows.clone()
    }

    /// Draws the lines, if there are new ones. Called with every tick. The table follows its end until the reader scrolls up,
    /// and again once the reader is back at the end.
    pub(super) fn show(&mut self, log: &Log) {
        let now = (log.version(), log.shown().first(), log.shown().len());
        let before = std::mem::replace(&mut self.shown, now);
        if before.0 != now.0 {
            self.rows.reset(now.1, now.2);
        } else if before != now {
            self.rows.show(now.1, now.2, true);
        }
    }
}

/// Returns the text and colour of a cell.
fn cell(line: &Line, column: usize, clock: &Clock) -> CellText {
    let (level, words) = match line.level {
        Level::Error => (theme::ERROR, theme::ERROR),
        Level::Warn => (theme::WARN, theme::WARN),
        _ => (theme::MUTED, theme::TEXT),
    };
    match column {
        0 => (clock.time_and_other_day(line.at, SystemTime::now()), theme::MUTED),
        1 => (line.level.to_string(), level),
        // Without the mark, a line that begins with an Arabic or Hebrew name would be laid out from the right.
        _ if line.text.is_ascii() => (line.text.clone(), words),
        _ => (format!("\u{200e}{}", line.text), words),
    }
}
