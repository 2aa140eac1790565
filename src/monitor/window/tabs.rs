//! The lower part of the window, of which one page is seen: the log, the bans in force, the registered names, why
//! connections ended, what the threads do, or the lines of the wire; and beside the tabs, the tools of that page.
//!
//! Main thread only.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use fltk::app;
use fltk::browser::HoldBrowser;
use fltk::button::Button;
use fltk::enums::{Event, FrameType, Key};
use fltk::group::Flex;
use fltk::prelude::{BrowserExt as _, GroupExt as _, WidgetExt as _};

use super::history::HistoryPage;
use super::log_view::LogView;
use super::members::{MemberPage, MemberTools};
use super::threads::ThreadList;
use super::view::{card, set_active};
use crate::clock::Clock;
use crate::files;
use crate::monitor::model::{LEVELS, Line, Model, Page, units};
use crate::server::network::Network;
use crate::server::{Ban, BanTarget};
use crate::ui::{self, Field, Segments, WirePane, WireTools, theme};
use crate::wire::TapReceiver;

/// The height of the tabs and tools.
pub(super) const TOOLS: i32 = 30;
/// How wide the button is that pauses the log, and the same one when it also says how many lines have come meanwhile.
const PAUSE: i32 = 72;
const RESUME: i32 = 140;
/// Between the parts of a line in a list.
pub(super) const TAB: char = '\t';

/// The pages, in the order of their tabs.
const LOG: usize = 0;
const BANS: usize = 1;
const MEMBERS: usize = 2;
const ENDINGS: usize = 3;
const THREADS: usize = 4;
const WIRE: usize = 5;
const PAST: usize = 6;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Tabs {
    pub(super) tools: Flex,
    pub(super) pages: Flex,
    pub(super) tabs: Segments,
    pub(super) level: Segments,
    pub(super) words: Field,
    /// Which threads are listed.
    pub(super) thread_words: Field,
    pub(super) pause: Button,
    pub(super) save: Button,
    pub(super) let_in: Button,
    pub(super) bans: HoldBrowser,
    pub(super) members: MemberPage,
    endings: HoldBrowser,
    log: LogView,
    threads: ThreadList,
    pub(super) past: HistoryPage,
    /// What is searched for in what was said.
    pub(super) past_words: Field,
    pub(super) forget: Button,
    pub(super) forget_all: Button,
    pub(super) export: Button,
    pub(super) wire: WirePane,
    clock: Clock,
    /// The user's own folder.
    home: Option<PathBuf>,
    /// The plates of the pages.
    cards: [Flex; 7],
    filler: Flex,
    wire_row: Flex,
    /// What is in the lists.
    shown_bans: Vec<Ban>,
    shown_endings: Vec<(&'static str, u64)>,
}

impl Tabs {
    /// The tools, and after them the pages with the log on top, to be made inside of a group.
    pub(super) fn new(model: &Rc<RefCell<Model>>, wire: TapReceiver, clock: Clock) -> Tabs {
        let mut tools = Flex::default().row();
        tools.set_pad(ui::GAP);
        let tabs = Segments::new(&["Log", "Bans", "Members", "Endings", "Threads", "Wire", "History"]);
        tools.fixed(tabs.widget(), 462);
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
        let mut past_words = Field::bare();
        past_words.set_hint("Search");
        past_words.input().set_tooltip("List only the messages with these words in them (Enter)");
        let mut forget = ui::button("Delete …");
        forget.set_tooltip("Delete the message that is marked (Delete)");
        tools.fixed(&forget, 80);
        let mut forget_all = ui::button("All of theirs …");
        forget_all
            .set_tooltip("Delete everything that was said under the name of the message that is marked (Shift+Delete)");
        tools.fixed(&forget_all, 110);
        let mut export = ui::button("Save all …");
        export.set_tooltip("Write all that is kept into a text file");
        tools.fixed(&export, 90);
        let filler = Flex::default();
        filler.end();
        let mut let_in = ui::button("Let in again");
        let_in.set_tooltip("Lift the ban that is marked (Delete)");
        tools.fixed(&let_in, 112);
        tools.end();
        let wire_row = wire_tools.widget().clone();

        let mut pages = Flex::default().column();
        pages.set_pad(0);
        let mut log_card = card([10, 6, 2, 6]);
        let log = LogView::new(clock.clone());
        ui::add_focus_ring(&mut log_card, log.widget());
        log_card.end();
        let (bans_card, bans) = bans_page();
        let members = MemberPage::new(member_tools, clock.clone());
        let mut endings_card = card([8, 6, 2, 6]);
        let endings = list(&[70]);
        ui::add_focus_ring(&mut endings_card, &endings);
        endings_card.end();
        let threads_card = card([2, 2, 2, 6]);
        let threads = ThreadList::new(model);
        threads_card.end();
        let wire = WirePane::new(wire_tools, wire, clock.clone(), true, "A line for whoever is marked in the table");
        let past = HistoryPage::new(model, clock.clone());
        pages.end();

        let cards = [
            log_card,
            bans_card,
            members.widget().clone(),
            endings_card,
            threads_card,
            wire.widget().clone(),
            past.widget().clone(),
        ];
        let mut drawer = Tabs {
            tools,
            pages,
            tabs,
            level,
            words,
            thread_words,
            pause,
            save,
            let_in,
            bans,
            members,
            endings,
            log,
            threads,
            past,
            past_words,
            forget,
            forget_all,
            export,
            wire,
            clock,
            home: directories::UserDirs::new().map(|dirs| dirs.home_dir().to_owned()),
            cards,
            filler,
            wire_row,
            shown_bans: Vec::new(),
            shown_endings: Vec::new(),
        };
        drawer.show_page();
        drawer
    }

    /// Brings the page to the front whose tab is chosen.
    pub(super) fn show_page(&mut self) {
        let page = self.tabs.chosen();
        for (at, card) in self.cards.iter_mut().enumerate() {
            if at == page { card.show() } else { card.hide() }
        }
        set_visible(self.level.widget(), page == LOG);
        set_visible(self.words.group(), page == LOG);
        set_visible(&self.pause, page == LOG);
        set_visible(&self.save, page == LOG);
        set_visible(self.thread_words.group(), page == THREADS);
        set_visible(&self.wire_row, page == WIRE);
        set_visible(self.past_words.group(), page == PAST);
        set_visible(&self.forget, page == PAST);
        set_visible(&self.forget_all, page == PAST);
        set_visible(&self.export, page == PAST);
        set_visible(self.members.tools_widget(), page == MEMBERS);
        set_visible(&self.filler, matches!(page, BANS | ENDINGS));
        set_visible(&self.let_in, page == BANS);
        self.wire.set_open(page == WIRE);
        self.tools.layout();
        self.tools.redraw();
        self.pages.layout();
        self.pages.redraw();
    }

    /// Draws what has come into the log; call it with every tick.
    pub(super) fn show_log(&mut self, model: &Model) {
        self.log.show(model.log(), model.reading());
        let label = match model.reading().new_lines() {
            None => "Pause".to_owned(),
            // It says what a press does, and why one might want to.
            Some(0) => "Resume".to_owned(),
            Some(n) => format!("Resume ({} new)", units::count(n)),
        };
        if self.pause.label() != label {
            self.pause.set_label(&label);
            // Only while there is more to say is it wider; most of the time the room is the filter's.
            self.tools.fixed(&self.pause, if label == "Pause" { PAUSE } else { RESUME });
            self.tools.layout();
            self.tools.redraw();
        }
    }

    /// Draws the bans that are in force. The list itself is left alone while they are the same: it may have called us.
    pub(super) fn show_bans(&mut self, model: &Model) {
        let desk = model.desk();
        set_active(&mut self.let_in, desk.marked_ban().is_some());
        if self.shown_bans == desk.bans() {
            return;
        }
        self.shown_bans = desk.bans().to_vec();
        let count = desk.bans().len();
        self.tabs.set_label(BANS, &if count == 0 { "Bans".to_owned() } else { format!("Bans ({count})") });
        let at = self.bans.position();
        self.bans.clear();
        for ban in desk.bans() {
            let whom = match &ban.target {
                BanTarget::Name(name) => name.to_string(),
                BanTarget::Address(address) => format!("everybody from {}", Network::of(*address)),
            };
            let until = match ban.until {
                Some(until) => format!("until {}", self.clock.day_and_time(until)),
                None => "for good".to_owned(),
            };
            self.bans.add(&format!("{whom}{TAB}{until}"));
        }
        if let Some(row) = desk.marked_ban().and_then(|row| i32::try_from(row + 1).ok()) {
            self.bans.select(row);
        }
        self.bans.set_position(at);
    }

    /// Draws why connections ended.
    pub(super) fn show_endings(&mut self, model: &Model) {
        if self.shown_endings == model.endings() {
            return;
        }
        self.shown_endings = model.endings().to_vec();
        let (at, selected) = (self.endings.position(), self.endings.value());
        self.endings.clear();
        for (why, count) in model.endings() {
            self.endings.add(&format!("{}{TAB}{why}", units::count(*count)));
        }
        self.endings.select(selected);
        self.endings.set_position(at);
    }

    /// Whether what was said before is seen.
    pub(super) fn shows_past(&self) -> bool {
        self.tabs.chosen() == PAST
    }

    /// Whether the members are seen.
    pub(super) fn shows_members(&self) -> bool {
        self.tabs.chosen() == MEMBERS
    }

    /// Whether the threads are seen.
    pub(super) fn shows_threads(&self) -> bool {
        self.tabs.chosen() == THREADS
    }

    /// Draws what the threads do.
    pub(super) fn show_threads(&mut self, model: &Model) {
        self.threads.show(model);
    }

    /// These lines, to be written in the time zone in which they are shown.
    pub(super) fn page(&self, lines: Vec<Line>) -> Page {
        Page { lines, clock: self.clock.clone() }
    }

    /// A file in the user's home whose name nobody else has, most likely.
    pub(super) fn file_to_save(&self) -> String {
        let name = files::name_at(&self.clock, SystemTime::now());
        self.home().map_or_else(|| name.clone(), |home| home.join(&name).display().to_string())
    }

    /// The user's own folder.
    pub(super) fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }
}

/// The plate and the list of the bans; Delete in it lets somebody in again.
fn bans_page() -> (Flex, HoldBrowser) {
    let mut bans_card = card([8, 6, 2, 6]);
    let bans = list(&[280]);
    let mut pressed = bans.clone();
    ui::add_focus_ring_with(&mut bans_card, &bans, move |event| {
        let delete = event == Event::KeyDown && app::event_key() == Key::Delete;
        if delete {
            pressed.do_callback();
        }
        delete
    });
    bans_card.end();
    (bans_card, bans)
}

/// A list of lines whose parts stand in columns of these widths. It reads no `@` as the beginning of a format.
pub(super) fn list(columns: &[i32]) -> HoldBrowser {
    let mut list = HoldBrowser::default();
    list.set_frame(FrameType::FlatBox);
    list.set_color(theme::SURFACE);
    list.set_selection_color(theme::RAISED);
    list.set_text_size(13);
    // A character that no name has in it; the binding takes no NUL.
    list.set_format_char('\u{1}');
    list.set_column_char(TAB);
    list.set_column_widths(columns);
    ui::style_scrollbars(&list);
    list
}

pub(super) fn set_visible(widget: &impl fltk::prelude::WidgetExt, visible: bool) {
    let mut widget = widget.as_base_widget();
    if visible { widget.show() } else { widget.hide() }
}
