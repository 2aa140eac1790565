//! The lower part of the window: the tabs, the tools of the chosen page, and the page.
//!
//! The tabs are in two groups. The first is for use: the conversation, the bans in force, the registered names, the history, and
//! the server's options. The second shows the inside: the log, the reasons of disconnects, the threads, and the protocol lines.
//! Main thread only.

use std::rc::Rc;

use fltk::button::Button;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt};

use super::chat_page::ChatPage;
use super::context::{Context, Msg};
use super::filter::narrow;
use super::history_page::{HistoryPage, HistoryTools};
use super::list_page::{DELETE, Item, ListPage, STOPPED, empty};
use super::log_view::LogView;
use super::member_page::{MemberPage, MemberTools};
use super::saving;
use super::settings_page::{SettingsPage, SettingsTools};
use super::widgets::{TIGHT, TOOLS, add_button, set_active};
use crate::monitor::messages::{Action, Command};
use crate::monitor::model::{About, LEVELS, Model, State, saved};
use crate::monitor::units;
use crate::server::{Ban, ThreadInfo};
use crate::ui::{self, Field, Marking, Segments, WirePane, WireTools};
use crate::wire::TapReceiver;

/// Width of the tabs, in pixels.
const TABS: i32 = 720;
/// Number of tabs in the first group.
const IN_USE: usize = Page::Settings as usize + 1;
/// Texts of empty lists.
const NO_BANS: &str = "No bans. Select somebody above and press Ban … to add one";
const NO_DISCONNECTS: &str = "Nobody has been disconnected. The reasons are counted here";
/// Width of the button Pause, in pixels.
const PAUSE: i32 = 72;
/// Width of the same button when it says Resume and the number of new lines, in pixels.
const RESUME: i32 = 140;

words! {
    /// A page, in the order of the tabs.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Page {
        /// The conversation in the room.
        Chat = "Chat",
        /// The bans in force.
        Bans = "Bans",
        /// The registered names.
        Members = "Members",
        /// The history.
        History = "History",
        /// The server's options.
        Settings = "Settings",
        /// The log.
        Log = "Log",
        /// The reasons of disconnects.
        Disconnects = "Disconnects",
        /// The threads.
        Threads = "Threads",
        /// The protocol lines.
        Wire = "Wire",
    }
    /// Returns the label of the tab.
    pub(super) fn label(self) -> &'static str;
}

/// The tabs, the tools, and the pages.
#[derive(Debug)]
pub(super) struct Tabs {
    column: Flex,
    selector: Segments,
    /// The place of the tools, hidden for a page that has none.
    tools: Flex,
    /// The place of the pages, of which one is visible.
    pages: Flex,
    /// The tools of the log, and one of them.
    log_tools: Flex,
    pause: Button,
    /// Tool of the bans.
    unban: Button,
    pub(super) chat: ChatPage,
    log: LogView,
    bans: ListPage<Ban>,
    pub(super) members: MemberPage,
    disconnects: ListPage<(&'static str, u64)>,
    threads: ListPage<ThreadInfo>,
    pub(super) wire: WirePane,
    pub(super) history: HistoryPage,
    pub(super) settings: SettingsPage,
    /// The tools and the page of each tab.
    parts: [(Option<Flex>, Flex); Page::ALL.len()],
}

impl Tabs {
    /// Creates the tools and the pages in the current group. The conversation is chosen.
    pub(super) fn new(wire: TapReceiver, context: &Context) -> Tabs {
        let mut column = Flex::default().column();
        column.set_pad(TIGHT);
        let mut row = ui::row();
        let mut selector = Segments::new(&Page::ALL.map(Page::label));
        selector.group_first(IN_USE);
        selector.choose(Page::Chat as usize);
        selector.on_change(context.on(|_| Some(Msg::ShowPage)));
        row.fixed(selector.widget(), TABS);
        Flex::default().end();
        row.end();
        column.fixed(&row, TOOLS);
        let tools = ui::row();
        let (log_tools, level, mut log_words, pause) = log_tools(context);
        let (ban_tools, unban) = ban_tools(context);
        let member_tools = MemberTools::new(context);
        let thread_tools = ui::row();
        let mut thread_words = Field::hinted("Filter", "Show only threads that contain this text (Escape clears it)");
        thread_tools.end();
        let wire_tools = WireTools::new();
        let wire_row = wire_tools.row.clone();
        let history_tools = HistoryTools::new(context);
        let settings_tools = SettingsTools::new(context);
        tools.end();
        column.fixed(&tools, TOOLS);

        let mut pages = Flex::default().column();
        pages.set_pad(0);
        let chat = ChatPage::new(context);
        let settings = SettingsPage::new(settings_tools, context);
        let log = LogView::new(context);
        let (send, mut table) = (Rc::clone(&context.send), log.table());
        let filter = move |words| send(Msg::FilterLog(LEVELS[level.chosen().min(LEVELS.len() - 1)].0, words));
        // The newest line stays in view.
        narrow(&mut log_words, context, filter, move || table.take_focus());
        let menu = vec![Item("Unban", DELETE, unban_marked)];
        let bans = ListPage::new(context, |model| &model.bans, |model| &mut model.bans, Marking::Several, menu);
        let members = MemberPage::new(member_tools, context);
        let disconnects = ListPage::new(
            context,
            |model| &model.disconnects,
            |model| &mut model.disconnects,
            Marking::Several,
            Vec::new(),
        );
        let threads =
            ListPage::new(context, |model| &model.threads, |model| &mut model.threads, Marking::Several, Vec::new());
        let (send, mut table) = (Rc::clone(&context.send), threads.table());
        narrow(&mut thread_words, context, move |words| send(Msg::FilterThreads(words)), move || table.go_to());
        let mut wire = WirePane::new(wire_tools, wire, context.clock.clone(), true, "A line for the selected client");
        let raw = context.clone();
        wire.on_send(move |bytes| send_raw(&raw, bytes));
        let history = HistoryPage::new(history_tools, context);
        pages.end();
        column.end();

        let parts = [
            (None, chat.column.clone()),
            (Some(ban_tools), bans.card.clone()),
            (Some(members.tools.row.clone()), members.column.clone()),
            (Some(history.tools.row.clone()), history.column.clone()),
            (Some(settings.tools.row.clone()), settings.column.clone()),
            (Some(log_tools.clone()), log.card.clone()),
            (None, disconnects.card.clone()),
            (Some(thread_tools), threads.card.clone()),
            (Some(wire_row), wire.widget().clone()),
        ];
        let mut tabs = Tabs {
            column,
            selector,
            tools,
            pages,
            log_tools,
            pause,
            unban,
            chat,
            log,
            bans,
            members,
            disconnects,
            threads,
            wire,
            history,
            settings,
            parts,
        };
        tabs.show_page();
        tabs
    }

    /// Shows the page of the chosen tab, and its tools.
    pub(super) fn show_page(&mut self) {
        for (tools, page) in &mut self.parts {
            tools.iter_mut().for_each(WidgetExt::hide);
            page.hide();
        }
        let (tools, page) = &mut self.parts[self.selector.chosen()];
        tools.iter_mut().for_each(WidgetExt::show);
        page.show();
        ui::set_shown(&mut self.tools, tools.is_some());
        self.wire.set_open(self.shows(Page::Wire));
        self.tools.layout();
        self.pages.layout();
        self.column.redraw();
    }

    /// Draws the new lines of the log. Called with every tick.
    pub(super) fn show_log(&mut self, model: &Model) {
        self.log.show(&model.log);
        let label = match model.log.new_lines() {
            None => "Pause".to_owned(),
            // The label says what a press does, and the number why the operator might want to.
            Some(0) => "Resume".to_owned(),
            Some(n) => format!("Resume ({} new)", units::count(n)),
        };
        if self.pause.label() != label {
            self.pause.set_label(&label);
            // The button is wider only during a pause, because otherwise the filter needs the room.
            self.log_tools.fixed(&self.pause, if label == "Pause" { PAUSE } else { RESUME });
            self.log_tools.layout();
            self.log_tools.redraw();
        }
    }

    /// Draws the bans in force, and their number on the tab.
    pub(super) fn show_bans(&mut self, model: &Model) {
        if self.bans.show(model, empty(model, NO_BANS)) {
            set_active(&mut self.unban, !model.bans.marked_rows().is_empty());
            let count = model.bans.all().len();
            let label = if count == 0 { "Bans".to_owned() } else { format!("Bans ({count})") };
            self.selector.set_label(Page::Bans as usize, &label);
        }
    }

    /// Draws the reasons of disconnects.
    pub(super) fn show_disconnects(&mut self, model: &Model) {
        self.disconnects.show(model, empty(model, NO_DISCONNECTS));
    }

    /// Draws the threads.
    pub(super) fn show_threads(&mut self, model: &Model) {
        self.threads.show(
            model,
            match model.state() {
                State::Listening(_) if !model.threads.all().is_empty() => "No thread matches",
                State::Listening(_) => "",
                _ => STOPPED,
            },
        );
    }

    /// Chooses a tab.
    pub(super) fn choose(&mut self, page: Page) {
        self.selector.choose(page as usize);
    }

    /// Returns true if this page is visible.
    pub(super) fn shows(&self, page: Page) -> bool {
        self.selector.chosen() == page as usize
    }
}

/// Creates the tools of the log in the current group. Returns its levels, its filter, and the button Pause, whose label changes.
fn log_tools(context: &Context) -> (Flex, Segments, Field, Button) {
    let mut row = ui::row();
    let mut level = Segments::new(&LEVELS.map(|(_, label)| label));
    row.fixed(level.widget(), 190);
    let words = Field::hinted("Filter", "Show only lines that contain this text (Escape clears it)");
    let (chosen, typed) = (level.clone(), words.clone());
    level.on_change(context.on(move |_| {
        let (level, _) = LEVELS[chosen.chosen().min(LEVELS.len() - 1)];
        Some(Msg::FilterLog(level, typed.value()))
    }));
    let pause = add_button(
        &mut row,
        PAUSE,
        "Pause",
        "Hold the log still; new lines are shown later",
        context.on(|_| Some(Msg::PauseLog)),
    );
    let saving = context.clone();
    let save = move |_: &Model| {
        let clock = saving.clock.clone();
        Some(Msg::Ask(saving::question(
            "Save log as",
            "The lines that match the filter, as text",
            About::Log,
            &saving,
            move |model, file| {
                let (lines, clock) = (model.log.lines(), clock.clone());
                Command::SaveText(file, Box::new(move || saved(&lines, &clock)))
            },
        )))
    };
    add_button(&mut row, 84, "Save as …", "Save the shown lines as a text file", context.on(save));
    row.end();
    (row, level, words, pause)
}

/// Creates the tool of the bans in the current group, at the right.
fn ban_tools(context: &Context) -> (Flex, Button) {
    let mut row = ui::row();
    Flex::default().end();
    let tooltip = "Remove the selected bans (Delete)";
    let unban = add_button(&mut row, 84, "Unban", tooltip, context.on(unban_marked));
    row.end();
    (row, unban)
}

/// Returns the action that lifts the marked bans.
fn unban_marked(model: &Model) -> Option<Msg> {
    model.bans.unban().map(Msg::Perform)
}

/// Sends the bytes typed on the page of the protocol lines to the marked client. The outcome is the note below the action bar.
fn send_raw(context: &Context, bytes: Vec<u8>) -> Result<String, String> {
    let subject = context.model.borrow().clients.subject().ok_or("Select one client to send it to")?;
    (context.send)(Msg::Perform(Action::Raw { id: subject.id, name: subject.shown(), bytes }));
    Ok(String::new())
}
