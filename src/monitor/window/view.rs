//! The widgets of the monitor window and their layout; draws what the model reports as changed.
//!
//! Main thread only. It decides nothing: [`callbacks`](super::callbacks) and the [window](super) say what a button does, and
//! the model what a state means.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::button::Button;
use fltk::enums::{Align, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _};
use fltk::window::Window;

use super::action_bar::ActionBar;
use super::list_page::{ListPage, STOPPED};
use super::tabs::{self, Tabs};
use super::totals::{self, Totals};
use super::widgets::set_active;
use crate::clock::Clock;
use crate::monitor::model::{Changes, Model, State};
use crate::server::ClientInfo;
use crate::ui::{self, Field, Settings, StatusLine, Theme, WindowSize, theme};
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
    pub(super) address: Field,
    pub(super) start: Button,
    pub(super) stop: Button,
    pub(super) theme: Button,
    status: StatusLine,
    totals: Totals,
    pub(super) clients: ListPage<ClientInfo>,
    pub(super) action_bar: ActionBar,
    pub(super) tabs: Tabs,
    /// The layout of the whole window, from top to bottom.
    column: Flex,
    /// Set if the last question was about messages: the focus returns to their list.
    asked_about_history: bool,
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
        model: &Rc<RefCell<Model>>,
        wire: TapReceiver,
        listen: &str,
        theme: Theme,
        size: (i32, i32),
    ) -> View {
        let mut window = ui::window(size.0, size.1, "multichat server", "multichat-server");
        let mut column = Flex::default_fill().column();
        // It draws a background of its own, so that widgets that move leave no trace.
        column.set_frame(FrameType::FlatBox);
        column.set_color(theme::BACKGROUND);
        column.set_margins(ui::MARGIN, ui::MARGIN, ui::MARGIN, ui::MARGIN);
        column.set_pad(ui::GAP);

        let mut top = Flex::default().row();
        top.set_pad(ui::GAP);
        let mut label = Frame::default().with_label("Listen on");
        label.set_align(Align::Left | Align::Inside);
        label.set_label_color(theme::MUTED);
        top.fixed(&label, 68);
        let mut address = Field::bare();
        address.set_value(listen);
        let start = ui::primary_button("Start");
        top.fixed(&start, BUTTON_WIDTH);
        let stop = ui::button("Stop");
        top.fixed(&stop, BUTTON_WIDTH);
        let theme_button = ui::button("");
        top.fixed(&theme_button, BUTTON_WIDTH);
        top.end();
        column.fixed(&top, ui::CONTROL_HEIGHT);

        let status = StatusLine::new();
        column.fixed(status.widget(), StatusLine::HEIGHT);
        let totals = Totals::new(model);
        column.fixed(totals.widget(), totals::HEIGHT);

        let clock = Clock::system();
        let clients = ListPage::new(model, clock.clone(), Model::clients, Model::clients_mut);
        let upper = clients.card.clone();
        let action_bar = ActionBar::new();
        let tabs = Tabs::new(model, wire, clock);
        column.fixed(&tabs.tools, tabs::TOOLS);
        let lower = tabs.pages.clone();
        column.end();

        window.resizable(&column);
        window.end();
        let size = WindowSize::at_least(SMALLEST, &mut window);
        let mut view = View {
            window,
            size,
            address,
            start,
            stop,
            theme: theme_button,
            status,
            totals,
            clients,
            action_bar,
            tabs,
            column: column.clone(),
            asked_about_history: false,
        };
        view.show_theme(theme);
        view.draw(
            &model.borrow(),
            Changes { state: true, clients: true, totals: true, threads: true, actions: true, history: true },
        );
        column.resize_callback(move |column, _, _, _, _| share_height(column, &upper, &lower));
        view
    }

    /// Shows the window.
    pub(super) fn show(&mut self) {
        self.window.show();
        self.address.focus();
    }

    /// Returns the text of the status line.
    pub(super) fn status(&self) -> String {
        self.status.text()
    }

    /// Returns the line below the action bar, or an empty string if there is none.
    pub(super) fn note(&self) -> String {
        self.action_bar.note()
    }

    /// Labels the theme button with the theme that it switches to.
    pub(super) fn show_theme(&mut self, theme: Theme) {
        self.theme.set_label(match theme.other() {
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        });
    }

    /// Stores the size of the window in the settings.
    pub(super) fn remember_size(&self, settings: &mut Settings) {
        let (width, height) = self.size.of(&self.window);
        settings.set("width", &width.to_string());
        settings.set("height", &height.to_string());
    }

    /// Draws what has changed. The new lines of the log are drawn with every call.
    pub(super) fn draw(&mut self, model: &Model, changes: Changes) {
        let is_listening = matches!(model.state(), State::Listening(_));
        if changes.state {
            self.show_state(model.state(), model.fingerprint());
        }
        if changes.clients || changes.totals {
            self.totals.show(model);
        }
        if changes.clients {
            self.tabs.show_disconnects(model);
        }
        // The hint in an empty table depends on the state.
        if changes.clients || changes.state {
            self.clients.show(model, if is_listening { "Nobody is here yet" } else { STOPPED });
        }
        if changes.threads || changes.state {
            self.tabs.show_threads(model);
        }
        if changes.actions || changes.clients {
            self.action_bar.show_marked(model.clients().marked().is_some());
        }
        if changes.actions {
            self.show_actions(model);
        }
        if changes.history {
            self.tabs.history.show(model);
        }
        self.tabs.show_log(model);
    }

    fn show_actions(&mut self, model: &Model) {
        let question_changed = self.action_bar.show(model);
        self.column.fixed(self.action_bar.widget(), self.action_bar.height());
        // The layout first takes the height from the lower part; then `share_height` divides the rest evenly.
        self.column.layout();
        self.column.redraw();
        match model.actions().pending() {
            _ if !question_changed => {}
            Some(question) => {
                self.asked_about_history = question.is_about_history();
                self.action_bar.focus_question();
            }
            // The focus returns to the list that the question was about, and to no other: there, Delete means another thing.
            None if self.asked_about_history && self.tabs.shows_history() => self.tabs.history.list.focus(),
            None => self.clients.focus(),
        }
        self.tabs.show_bans(model);
        self.tabs.members.show(model);
    }

    fn show_state(&mut self, state: &State, fingerprint: Option<&str>) {
        let tls = if fingerprint.is_some() { ", with TLS" } else { "" };
        self.status.set(state.level(), &format!("{state}{tls}"));
        let about = fingerprint.map(|fingerprint| format!("Key {fingerprint} (to be copied from the log)"));
        self.status.set_tooltip(&about.unwrap_or_default());
        // Read-only rather than inactive, so that the address can still be selected and copied.
        self.address.set_editable(state.can_start());
        // When a focused button becomes inactive, FLTK moves the focus to the first widget that takes it: the address.
        set_active(&mut self.start, state.can_start());
        set_active(&mut self.stop, state.can_stop());
    }
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
