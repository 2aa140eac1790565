//! The widgets of the monitor window and their layout; draws what the model reports as changed.
//!
//! Main thread only. It decides nothing: a button sends a message, [`update`](super::update) says what it does, and the model
//! what a state means.

use std::rc::Rc;

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Event, FrameType, Key};
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _};
use fltk::window::Window;

use super::action_bar::ActionBar;
use super::context::{Context, Msg};
use super::list_page::{ListPage, STOPPED};
use super::tabs::{self, Page, Tabs};
use super::totals;
use super::widgets::{add_button, label, set_active};
use crate::monitor::messages::{Action, MemberAction};
use crate::monitor::model::{About, Changes, Model, State};
use crate::server::ClientInfo;
use crate::ui::{self, Field, Settings, StatusLine, ThemeChoice, WindowSize, theme};
use crate::wire::TapReceiver;

/// Minimum size of the window, in pixels: every widget still has its place. The width is that of the tabs and the log's tools.
const SMALLEST: (i32, i32) = (1000, 480);
/// Size of the window at the first start, in pixels.
const SIZE: (i32, i32) = (1000, 680);
/// Maximum for each side of a remembered size. No screen is larger, so a larger value is damaged.
const LARGEST: i32 = 8192;

/// Width of the buttons beside the address, in pixels.
const BUTTON_WIDTH: i32 = 84;

/// The widgets that change or are read after their creation.
#[derive(Debug)]
pub(super) struct View {
    pub(super) window: Window,
    pub(super) size: WindowSize,
    address: Field,
    start: Button,
    stop: Button,
    pub(super) status: StatusLine,
    totals: Flex,
    clients: ListPage<ClientInfo>,
    pub(super) action_bar: ActionBar,
    pub(super) tabs: Tabs,
    /// The layout of the whole window, from top to bottom.
    column: Flex,
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
        listen: &str,
        theme: ThemeChoice,
        size: (i32, i32),
    ) -> View {
        let mut window = ui::window(size.0, size.1, "multichat server", "multichat-server");
        let mut column = Flex::default_fill().column();
        // It draws a background of its own, so that widgets that move leave no trace.
        column.set_frame(FrameType::FlatBox);
        column.set_color(theme::BACKGROUND);
        column.set_margins(ui::MARGIN, ui::MARGIN, ui::MARGIN, ui::MARGIN);
        column.set_pad(ui::GAP);

        let mut top = ui::row();
        top.fixed(&label("Listen on"), 68);
        let mut address = Field::bare();
        address.set_value(listen);
        let field = address.clone();
        let start_there = move |_: &Model| Some(Msg::Start(field.value().trim().to_owned()));
        address.on_enter(context.on(start_there.clone()));
        let mut start = ui::primary_button("Start");
        let mut pressed = context.on(start_there);
        start.set_callback(move |_| pressed());
        top.fixed(&start, BUTTON_WIDTH);
        let stop = add_button(&mut top, BUTTON_WIDTH, "Stop", "", context.on(|_| Some(Msg::Stop)));
        let mut themes = ui::menu_button("Theme");
        let send = Rc::clone(&context.send);
        ThemeChoice::add_to(&mut themes, "", move |choice| send(Msg::ChooseTheme(choice)));
        theme.show_in(&themes, "");
        top.fixed(&themes, BUTTON_WIDTH);
        top.end();
        column.fixed(&top, ui::CONTROL_HEIGHT);

        let status = StatusLine::new();
        column.fixed(status.widget(), StatusLine::HEIGHT);
        let totals = totals::new(&context.model);
        column.fixed(&totals, totals::HEIGHT);

        let clients = ListPage::new(context, |model| &model.clients, |model| &mut model.clients, ui::Marking::Several, Vec::new());
        let upper = clients.card.clone();
        let action_bar = ActionBar::new(context);
        let tabs = Tabs::new(wire, context);
        column.fixed(&tabs.row, tabs::TOOLS);
        let lower = tabs.pages.clone();
        column.end();

        window.resizable(&column);
        window.end();
        handle_events(&mut window, &action_bar, context);
        let size = WindowSize::at_least(SMALLEST, &mut window);
        let mut view = View {
            window,
            size,
            address,
            start,
            stop,
            status,
            totals,
            clients,
            action_bar,
            tabs,
            column: column.clone(),
            asked_about: About::default(),
        };
        view.draw(&context.model.borrow(), Changes { state: true, totals: true, actions: true, history: true });
        column.resize_callback(move |column, _, _, _, _| share_height(column, &upper, &lower));
        view
    }

    /// Shows the window.
    pub(super) fn show(&mut self) {
        self.window.show();
        self.address.focus();
    }

    pub(super) fn is_held(&self) -> bool {
        self.clients.is_held()
    }

    /// Stores the size of the window in the settings.
    pub(super) fn remember_size(&self, settings: &mut Settings) {
        let (width, height) = self.size.of(&self.window);
        settings.set_place("width", &width.to_string());
        settings.set_place("height", &height.to_string());
    }

    /// Draws what has changed.
    pub(super) fn draw(&mut self, model: &Model, changes: Changes) {
        if changes.state {
            self.show_state(model.state(), model.fingerprint());
        }
        if changes.totals {
            self.totals.redraw();
        }
        let is_listening = matches!(model.state(), State::Listening(_));
        if self.clients.show(model, if is_listening { "No clients" } else { STOPPED }) {
            self.action_bar.show_marked(model.clients.marked().is_some());
        }
        if changes.actions {
            self.show_actions(model);
        }
        self.tabs.show_bans(model);
        self.tabs.members.show(model);
        self.tabs.disconnects.show(model, "No disconnects");
        self.tabs.show_threads(model);
        if changes.history {
            self.tabs.history.show(model);
        }
        self.tabs.history.show_marked(model);
        self.tabs.show_log(model);
    }

    /// Clears the field whose text a performed action has used, unless the user has typed something else since.
    pub(super) fn action_done(&mut self, action: &Action) {
        let (field, used) = match action {
            Action::Announce(text) => (&mut self.action_bar.announcement, text.as_str()),
            Action::Member(MemberAction::Add, name) => (&mut self.tabs.members.tools.name, name.as_str()),
            Action::Kick { reason, .. } => (&mut self.action_bar.text, reason.as_str()),
            _ => return,
        };
        if field.value().trim() == used {
            field.set_value("");
        }
    }

    fn show_actions(&mut self, model: &Model) {
        let question_changed = self.action_bar.show(model);
        self.column.fixed(&self.action_bar.outer, self.action_bar.height());
        // The layout first takes the height from the lower part; then `share_height` divides the rest evenly.
        self.column.layout();
        self.column.redraw();
        match model.actions().pending() {
            _ if !question_changed => {}
            Some(question) => {
                self.asked_about = question.about;
                self.action_bar.focus(question);
            }
            // The focus returns to the list that the question was about, and to no other: there, Delete means another thing.
            None if self.asked_about == About::History && self.tabs.shows(Page::History) => {
                self.tabs.history.list.focus();
            }
            None if self.asked_about == About::Members && self.tabs.shows(Page::Members) => {
                self.tabs.members.list.focus();
            }
            None => self.clients.focus(),
        }
    }

    fn show_state(&mut self, state: &State, fingerprint: Option<&str>) {
        let tls = if fingerprint.is_some() { ", with TLS" } else { "" };
        self.status.set(state.level(), None, &format!("{state}{tls}"));
        let about = fingerprint.map(|fingerprint| format!("Key {fingerprint} (to be copied from the log)"));
        self.status.set_tooltip(&about.unwrap_or_default());
        // Read-only rather than inactive, so that the address can still be selected and copied.
        self.address.set_editable(state.can_start());
        // When a focused button becomes inactive, FLTK moves the focus to the first widget that takes it: the address.
        set_active(&mut self.start, state.can_start());
        set_active(&mut self.stop, state.can_stop());
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

/// Divides the remaining height evenly between `upper` and `lower`. A Flex knows fixed sizes only, no shares. FLTK calls this
/// after each layout. If the heights differ it lays out once more; their sum stays the same, so that this ends.
fn share_height(column: &mut Flex, upper: &Flex, lower: &Flex) {
    let share = i32::midpoint(upper.h(), lower.h());
    if upper.h() != share {
        column.fixed(upper, share);
        column.layout();
        column.redraw();
    }
}
