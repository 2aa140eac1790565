//! The lower part of the window: the tabs, the page of the chosen one, and the tools of that page beside the tabs.
//!
//! The pages are the log, the bans in force, the registered names, the reasons of disconnects, the threads, the protocol
//! lines, and the history. Main thread only.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use fltk::button::Button;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::history_page::HistoryPage;
use super::list_page::{ListPage, STOPPED};
use super::log_view::LogView;
use super::member_page::{MemberPage, MemberTools};
use super::widgets::{set_active, set_visible};
use crate::clock::Clock;
use crate::files;
use crate::monitor::model::{LEVELS, Line, LogText, Model, State};
use crate::monitor::units;
use crate::server::{Ban, ThreadInfo};
use crate::ui::{self, Field, Segments, WirePane, WireTools};
use crate::wire::TapReceiver;

/// Height of the tabs and tools, in pixels.
pub(super) const TOOLS: i32 = 30;
/// Width of the button Pause, in pixels.
const PAUSE: i32 = 72;
/// Width of the same button when it says Resume and the number of new lines, in pixels.
const RESUME: i32 = 140;

/// The pages, in the order of their tabs.
const LOG: usize = 0;
const BANS: usize = 1;
const MEMBERS: usize = 2;
const DISCONNECTS: usize = 3;
const THREADS: usize = 4;
const WIRE: usize = 5;
const HISTORY: usize = 6;

/// The tabs, the tools, and the pages.
#[derive(Debug)]
pub(super) struct Tabs {
    /// The row of the tabs and the tools.
    pub(super) tools: Flex,
    /// The place of the pages, of which one is visible.
    pub(super) pages: Flex,
    pub(super) selector: Segments,
    /// Tools of the log.
    pub(super) level: Segments,
    pub(super) words: Field,
    pub(super) pause: Button,
    pub(super) save: Button,
    /// Tool of the threads: the filter.
    pub(super) thread_words: Field,
    /// Tool of the bans.
    pub(super) unban: Button,
    /// Tools of the history.
    pub(super) history_search: Field,
    pub(super) delete_message: Button,
    pub(super) delete_all: Button,
    pub(super) export: Button,
    log: LogView,
    pub(super) bans: ListPage<Ban>,
    pub(super) members: MemberPage,
    disconnects: ListPage<(&'static str, u64)>,
    threads: ListPage<ThreadInfo>,
    pub(super) wire: WirePane,
    pub(super) history: HistoryPage,
    clock: Clock,
    /// The user's home folder, if the system names one.
    home: Option<PathBuf>,
    /// The widget of each page, in the order of the tabs.
    cards: [Flex; 7],
    /// Takes the free width where a page has no field that does.
    filler: Flex,
    wire_row: Flex,
}

impl Tabs {
    /// Creates the tools and the pages in the current group. The log is chosen.
    pub(super) fn new(model: &Rc<RefCell<Model>>, wire: TapReceiver, clock: Clock) -> Tabs {
        let mut tools = Flex::default().row();
        tools.set_pad(ui::GAP);
        let selector = Segments::new(&["Log", "Bans", "Members", "Endings", "Threads", "Wire", "History"]);
        tools.fixed(selector.widget(), 462);
        let level = Segments::new(&LEVELS.map(|(_, label)| label));
        tools.fixed(level.widget(), 190);
        let mut words = Field::bare();
        words.set_hint("Filter");
        words.input().set_tooltip("Show only the lines with this text in them");
        let mut thread_words = Field::bare();
        thread_words.set_hint("Filter");
        thread_words.input().set_tooltip("List only the threads with this text in what they do");
        let mut pause = ui::button("Pause");
        pause.set_tooltip("Keep the log as it is; what comes meanwhile is kept, and shown later");
        tools.fixed(&pause, PAUSE);
        let mut save = ui::button("Save …");
        save.set_tooltip("Write the log that is shown into a file");
        tools.fixed(&save, 66);
        let wire_tools = WireTools::new();
        let member_tools = MemberTools::new();
        let mut history_search = Field::bare();
        history_search.set_hint("Search");
        history_search.input().set_tooltip("List only the messages with these words in them (Enter)");
        let mut delete_message = ui::button("Delete …");
        delete_message.set_tooltip("Delete the message that is marked (Delete)");
        tools.fixed(&delete_message, 80);
        let mut delete_all = ui::button("All of theirs …");
        delete_all
            .set_tooltip("Delete everything that was said under the name of the message that is marked (Shift+Delete)");
        tools.fixed(&delete_all, 110);
        let mut export = ui::button("Save all …");
        export.set_tooltip("Write all that is kept into a text file");
        tools.fixed(&export, 90);
        let filler = Flex::default();
        filler.end();
        let mut unban = ui::button("Let in again");
        unban.set_tooltip("Lift the ban that is marked (Delete)");
        tools.fixed(&unban, 112);
        tools.end();
        let wire_row = wire_tools.widget().clone();

        let mut pages = Flex::default().column();
        pages.set_pad(0);
        let log = LogView::new(model, clock.clone());
        let bans = ListPage::new(model, clock.clone(), Model::bans, Model::bans_mut);
        let members = MemberPage::new(member_tools, model, clock.clone());
        let disconnects = ListPage::new(model, clock.clone(), Model::disconnects, Model::disconnects_mut);
        let threads = ListPage::new(model, clock.clone(), |model| model.threads().list(), Model::threads_mut);
        let wire =
            WirePane::new(wire_tools, wire, clock.clone(), true, "A line for the client that is marked in the table");
        let history = HistoryPage::new(model, clock.clone());
        pages.end();

        let cards = [
            log.widget().clone(),
            bans.card.clone(),
            members.widget().clone(),
            disconnects.card.clone(),
            threads.card.clone(),
            wire.widget().clone(),
            history.widget().clone(),
        ];
        let mut tabs = Tabs {
            tools,
            pages,
            selector,
            level,
            words,
            pause,
            save,
            thread_words,
            unban,
            history_search,
            delete_message,
            delete_all,
            export,
            log,
            bans,
            members,
            disconnects,
            threads,
            wire,
            history,
            clock,
            home: std::env::home_dir(),
            cards,
            filler,
            wire_row,
        };
        tabs.show_page();
        tabs
    }

    /// Shows the page of the chosen tab, and its tools.
    pub(super) fn show_page(&mut self) {
        let page = self.selector.chosen();
        for (at, card) in self.cards.iter_mut().enumerate() {
            if at == page { card.show() } else { card.hide() }
        }
        set_visible(self.level.widget(), page == LOG);
        set_visible(self.words.group(), page == LOG);
        set_visible(&self.pause, page == LOG);
        set_visible(&self.save, page == LOG);
        set_visible(self.thread_words.group(), page == THREADS);
        set_visible(&self.wire_row, page == WIRE);
        set_visible(self.history_search.group(), page == HISTORY);
        set_visible(&self.delete_message, page == HISTORY);
        set_visible(&self.delete_all, page == HISTORY);
        set_visible(&self.export, page == HISTORY);
        set_visible(self.members.tools_widget(), page == MEMBERS);
        set_visible(&self.filler, matches!(page, BANS | DISCONNECTS));
        set_visible(&self.unban, page == BANS);
        self.wire.set_open(page == WIRE);
        self.tools.layout();
        self.tools.redraw();
        self.pages.layout();
        self.pages.redraw();
    }

    /// Draws the new lines of the log. Called with every tick.
    pub(super) fn show_log(&mut self, model: &Model) {
        self.log.show(model.log());
        let label = match model.log().new_lines() {
            None => "Pause".to_owned(),
            // The label says what a press does, and the number why the operator might want to.
            Some(0) => "Resume".to_owned(),
            Some(n) => format!("Resume ({} new)", units::count(n)),
        };
        if self.pause.label() != label {
            self.pause.set_label(&label);
            // The button is wider only during a pause, because otherwise the filter needs the room.
            self.tools.fixed(&self.pause, if label == "Pause" { PAUSE } else { RESUME });
            self.tools.layout();
            self.tools.redraw();
        }
    }

    /// Draws the bans in force, and their number on the tab.
    pub(super) fn show_bans(&mut self, model: &Model) {
        set_active(&mut self.unban, model.bans().marked().is_some());
        self.bans.show(model, "Nobody is banned");
        let count = model.bans().len();
        self.selector.set_label(BANS, &if count == 0 { "Bans".to_owned() } else { format!("Bans ({count})") });
    }

    /// Draws the reasons for which connections ended.
    pub(super) fn show_disconnects(&mut self, model: &Model) {
        self.disconnects.show(model, "Nobody has left yet");
    }

    /// Draws the threads.
    pub(super) fn show_threads(&mut self, model: &Model) {
        self.threads.show(
            model,
            match model.state() {
                State::Listening(_) if model.threads().total() > 0 => "No thread has these words in it",
                State::Listening(_) => "",
                _ => STOPPED,
            },
        );
    }

    /// Returns true if the page of the history is visible.
    pub(super) fn shows_history(&self) -> bool {
        self.selector.chosen() == HISTORY
    }

    /// Returns true if the page of the members is visible.
    pub(super) fn shows_members(&self) -> bool {
        self.selector.chosen() == MEMBERS
    }

    /// Returns true if the page of the threads is visible.
    pub(super) fn shows_threads(&self) -> bool {
        self.selector.chosen() == THREADS
    }

    /// Returns these lines as a document, with timestamps in the time zone of the window.
    pub(super) fn log_text(&self, lines: Vec<Line>) -> LogText {
        LogText { lines, clock: self.clock.clone() }
    }

    /// Returns a path in the user's home whose name contains the time, so that it most likely does not exist.
    pub(super) fn file_to_save(&self) -> String {
        let name = files::name_at(&self.clock, SystemTime::now());
        self.home().map_or_else(|| name.clone(), |home| home.join(&name).display().to_string())
    }

    /// Returns the user's home folder.
    pub(super) fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }
}
