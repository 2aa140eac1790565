//! The widgets of the monitor window and their layout; draws what the model reports as changed.
//!
//! Main thread only. It decides nothing: a button sends a message, [`update`](super::update) says what it does, and the model
//! what a state means.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::enums::{Event, FrameType, Key};
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _};
use fltk::window::Window;

use super::action_bar::ActionBar;
use super::board::Board;
use super::context::{Context, Msg};
use super::people::People;
use super::split::Split;
use super::tabs::{Page, Tabs};
use super::top_bar::TopBar;
use super::totals;
use super::widgets::TIGHT;
use crate::monitor::messages::{Action, MemberAction};
use crate::monitor::model::{About, Changes, Model};
use crate::server::Listen;
use crate::ui::{self, Drag, Settings, StatusLine, ThemeChoice, WindowSize, theme};
use crate::wire::TapReceiver;

/// Minimum size of the window, in pixels: every widget still has its place. Two such windows stand side by side on most screens.
const SMALLEST: (i32, i32) = (800, 480);
/// Size of the window at the first start, in pixels.
const SIZE: (i32, i32) = (1000, 680);
/// Maximum for each side of a remembered size. No screen is larger, so a larger value is damaged.
const LARGEST: i32 = 8192;

/// Minimum height for the people and the pages at which there is still room for the totals, in pixels.
const ROOM_BESIDE_TOTALS: i32 = 400;
/// Key of the setting that has the hidden columns of the table of people.
const HIDDEN: &str = "hidden_columns";
/// Thickness of the border between the people and the pages, in pixels.
const BORDER: i32 = 12;

/// The widgets that change or are read after their creation.
#[derive(Debug)]
pub(super) struct View {
    pub(super) window: Window,
    pub(super) size: WindowSize,
    pub(super) top: TopBar,
    pub(super) status: StatusLine,
    totals: Flex,
    pub(super) people: People,
    pub(super) tabs: Tabs,
    /// The layout of the people and the pages, with the border between them.
    body: Flex,
    pub(super) board: Board,
    split: Rc<RefCell<Split>>,
    /// Subject of the last question: the focus returns to its list.
    asked_about: About,
}

/// Returns the size that the window had when it was last closed, within the limits.
pub(super) fn remembered_size(settings: &Settings) -> (i32, i32) {
    let side = |key, smallest, usual: i32| {
        let remembered = settings.get(key).and_then(|value| value.parse().ok());
        remembered.unwrap_or(usual).clamp(smallest, LARGEST)
    };
    (side("width", SMALLEST.0, SIZE.0), side("height", SMALLEST.1, SIZE.1))
}

impl View {
    /// Creates the window, hidden.
    pub(super) fn new(
        context: &Context,
        wire: TapReceiver,
        listen: &Listen,
        theme: ThemeChoice,
        settings: &Settings,
    ) -> View {
        let size = remembered_size(settings);
        let mut window = ui::window(size.0, size.1, "multichat server", ui::Program::Server);
        let mut column = Flex::default_fill().column();
        // It draws a background of its own, so that widgets that move leave no trace.
        column.set_frame(FrameType::FlatBox);
        column.set_color(theme::BACKGROUND);
        column.set_margins(ui::MARGIN, ui::MARGIN, ui::MARGIN, ui::MARGIN);
        column.set_pad(TIGHT);
        let top = TopBar::new(context, listen, theme);
        column.fixed(&top.row, ui::CONTROL_HEIGHT);
        let status = StatusLine::new();
        column.fixed(status.widget(), StatusLine::HEIGHT);
        let totals = totals::new(&context.model);
        column.fixed(&totals, totals::HEIGHT);

        let mut body = Flex::default().column();
        body.set_frame(FrameType::FlatBox);
        body.set_color(theme::BACKGROUND);
        body.set_pad(0);
        context.model.borrow_mut().clients.hide_columns(&settings.get(HIDDEN).unwrap_or_default());
        let people = People::new(context);
        let send = Rc::clone(&context.send);
        let border = ui::splitter(Drag::UpAndDown, "Drag: more people, or more of the page", move |step| {
            send(Msg::DragBorder(step));
        });
        body.fixed(&border, BORDER);
        let tabs = Tabs::new(wire, context);
        body.end();
        column.end();

        window.resizable(&column);
        window.end();
        handle_events(&mut window, &people.action_bar, context);
        let size = WindowSize::at_least(SMALLEST, &mut window);
        let split = Rc::new(RefCell::new(Split::remembered(settings)));
        let (upper, divided) = (people.column.clone(), Rc::clone(&split));
        body.resize_callback(move |body, _, _, _, _| divide(body, &upper, &divided.borrow()));
        let given_way = totals.clone();
        column.resize_callback(move |column, _, _, _, height| make_room(column, &given_way, height));
        let mut view = View {
            window,
            size,
            top,
            status,
            totals,
            people,
            tabs,
            body,
            board: Board::new(),
            split,
            asked_about: About::default(),
        };
        make_room(&mut column, &view.totals, view.window.h());
        view.draw(&context.model.borrow(), Changes { state: true, totals: true, actions: true, history: true });
        view
    }

    /// Shows the window. The keyboard focus begins at what the operator needs next: who can connect, or the people.
    pub(super) fn show(&mut self) {
        self.window.show();
        if self.top.is_first() { self.top.focus() } else { self.people.list.focus() }
    }

    /// Hides all windows.
    pub(super) fn hide(&mut self) {
        self.board.hide();
        self.window.hide();
    }

    /// Moves the border between the people and the pages by a step of the drag.
    pub(super) fn drag_border(&mut self, step: i32) {
        self.split.borrow_mut().drag(step, self.body.h() - BORDER);
        divide(&mut self.body, &self.people.column, &self.split.borrow());
    }

    /// Returns true while the mouse holds something of a table whose rows come from updates.
    pub(super) fn is_held(&self) -> bool {
        self.people.list.is_held() || self.tabs.chat.list.is_held() || self.tabs.history.list.is_held()
    }

    /// Stores the size of the window, its division and the hidden columns in the settings.
    pub(super) fn remember(&self, model: &Model, settings: &mut Settings) {
        settings.set(HIDDEN, &model.clients.hidden_columns());
        self.split.borrow().remember(settings);
        let (width, height) = self.size.of(&self.window);
        settings.set_place("width", &width.to_string());
        settings.set_place("height", &height.to_string());
    }

    /// Draws what has changed.
    pub(super) fn draw(&mut self, model: &Model, changes: Changes) {
        if changes.state {
            self.show_state(model);
        }
        self.top.tick();
        if changes.totals {
            self.totals.redraw();
        }
        self.people.show(model);
        if changes.actions {
            self.show_actions(model);
        }
        self.tabs.show_bans(model);
        self.tabs.members.show(model);
        self.tabs.show_disconnects(model);
        self.tabs.show_threads(model);
        if changes.history {
            self.tabs.history.show(model);
        }
        self.tabs.history.update(model);
        self.tabs.chat.show(model);
        self.tabs.show_log(model);
        self.tabs.settings.show(model);
    }

    /// Clears the field whose text a performed action has used, unless the user has typed something else since.
    pub(super) fn action_done(&mut self, action: &Action) {
        let (field, used) = match action {
            Action::Announce(text) => (&mut self.tabs.chat.announcement, text.as_str()),
            Action::Member(MemberAction::Add, name) => (&mut self.tabs.members.tools.name, name.as_str()),
            Action::Kick { reason, .. } => (&mut self.people.action_bar.text, reason.as_str()),
            _ => return,
        };
        if field.value().trim() == used {
            field.set_value("");
        }
    }

    fn show_actions(&mut self, model: &Model) {
        let question_changed = self.people.action_bar.show(model);
        match model.actions().pending() {
            _ if !question_changed => {}
            Some(question) => {
                self.asked_about = question.about;
                self.people.action_bar.focus(question);
            }
            // The focus returns to the list that the question was about, and to no other: there, Delete means another thing.
            None if self.asked_about == About::History && self.tabs.shows(Page::History) => {
                self.tabs.history.list.focus();
            }
            None if self.asked_about == About::Chat && self.tabs.shows(Page::Chat) => self.tabs.chat.list.focus(),
            None if self.asked_about == About::Members && self.tabs.shows(Page::Members) => {
                self.tabs.members.list.focus();
            }
            None if self.asked_about == About::Server => self.top.focus(),
            None if self.asked_about == About::Settings && self.tabs.shows(Page::Settings) => {
                self.tabs.settings.focus();
            }
            None => self.people.list.focus(),
        }
    }

    fn show_state(&mut self, model: &Model) {
        let (state, fingerprint) = (model.state(), model.fingerprint());
        let tls = if fingerprint.is_some() { ", with TLS" } else { "" };
        self.status.set(state.level(), None, &format!("{state}{tls}"));
        let about = fingerprint.map(|fingerprint| format!("Key {fingerprint} (to be copied from the log)"));
        self.status.set_tooltip(&about.unwrap_or_default());
        self.top.show(model);
        self.board.update(model);
    }
}

/// Handles the events that no widget of the window has handled: Tab behind the last widget, Enter in a choice of a question,
/// Escape, and the request to close the window.
fn handle_events(window: &mut Window, action_bar: &ActionBar, context: &Context) {
    let (yes, choices) = (action_bar.yes.clone(), action_bar.choices());
    window.handle(move |window, event| ui::wrap_focus(window, event) || ui::confirm_on_enter(event, &choices, &yes));
    let mut called = context.on(|_| {
        // FLTK calls this for Escape, too, which cancels a question and never closes the window.
        match (app::event(), app::event_key()) {
            (Event::Close, _) => Some(Msg::Close),
            (_, Key::Escape) => Some(Msg::No),
            _ => None,
        }
    });
    window.set_callback(move |_| called());
}

/// Divides the height between the people and the pages. FLTK calls this after each layout of theirs. If the people have another
/// height it lays out once more, which is the end of it.
fn divide(body: &mut Flex, upper: &Flex, split: &Split) {
    let height = split.upper(body.h() - BORDER);
    if upper.h() != height {
        body.fixed(upper, height);
        body.layout();
        body.redraw();
    }
}

/// Shows the totals, or hides them where the people and the pages need their height.
fn make_room(column: &mut Flex, totals: &Flex, height: i32) {
    let above = 2 * ui::MARGIN + ui::CONTROL_HEIGHT + StatusLine::HEIGHT + 2 * TIGHT;
    let has_room = height - above - totals::HEIGHT - TIGHT >= ROOM_BESIDE_TOTALS;
    if totals.visible() != has_room {
        ui::set_shown(&mut totals.clone(), has_room);
        column.redraw();
    }
}
