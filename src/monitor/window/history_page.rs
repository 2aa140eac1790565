//! The page of the history: a summary, and the list of messages. Main thread only; both are in the model.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::list_page::ListPage;
use crate::clock::Clock;
use crate::monitor::model::Model;
use crate::server::StoredMessage;
use crate::ui::{self, theme};

/// Height of the summary above the list, in pixels.
const SUMMARY: i32 = 24;

/// The page. It shares the model with the window, which calls [`show`](Self::show) after a change.
#[derive(Debug)]
pub(super) struct HistoryPage {
    column: Flex,
    summary: Frame,
    pub(super) list: ListPage<StoredMessage>,
}

impl HistoryPage {
    /// Creates an empty page in the current group.
    pub(super) fn new(model: &Rc<RefCell<Model>>, clock: Clock) -> HistoryPage {
        let mut column = Flex::default().column();
        column.set_pad(0);
        let mut summary = ui::note("");
        summary.set_label_color(theme::MUTED);
        column.fixed(&summary, SUMMARY);
        let list = ListPage::new(model, clock, |model| model.history().list(), Model::messages_mut);
        column.end();
        HistoryPage { column, summary, list }
    }

    /// Returns the widget to show and hide.
    pub(super) fn widget(&self) -> &Flex {
        &self.column
    }

    /// Draws the model's current summary and messages. All rows are replaced.
    pub(super) fn show(&mut self, model: &Model) {
        let summary = model.history().summary();
        self.summary.set_label(&ui::escape_label(&format!(" {summary}")));
        self.list.reset(model, if summary.is_empty() { "" } else { "Nothing is there" });
    }
}
