//! The widgets of the monitor window and where they stand; draws what the model says has changed.
//!
//! Main thread only. It decides nothing: what a press of a button does is said in the [window](super), and what a state
//! means in the model.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::button::Button;
use fltk::enums::{Align, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _};
use fltk::window::Window;

use super::action_bar::Bar;
use super::clients::Clients;
use super::tabs::{self, Tabs};
use super::totals::{self, Totals};
use crate::clock::Clock;
use crate::monitor::model::{Changes, Model, Mood, State};
use crate::ui::{self, Field, Settings, StatusLine, Theme, Tone, WindowSize, theme};
use crate::wire::TapReceiver;

/// The window is never smaller: everything still has its place. It is the log's tools beside the tabs that
/// need the width.
const SMALLEST: (i32, i32) = (1000, 480);
/// The first time.
const SIZE: (i32, i32) = (1000, 680);
/// A remembered size beyond this is from a screen that nobody has.
const LARGEST: i32 = 8192;

const BUTTON_WIDTH: i32 = 84;

/// The widgets that something is done to after they were made.
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
    pub(super) clients: Clients,
    pub(super) bar: Bar,
    pub(super) drawer: Tabs,
    /// Everything, from top to bottom.
    column: Flex,
}

/// The size that the window had the last time.
pub(super) fn remembered_size(settings: &Settings) -> (i32, i32) {
    let side = |key, smallest, usual: i32| {
        let remembered = settings.get(key).and_then(|value| value.parse().ok());
        remembered.unwrap_or(usual).clamp(smallest, LARGEST)
    };
    (side("width", SMALLEST.0, SIZE.0), side("height", SMALLEST.1, SIZE.1))
}

impl View {
    /// The window, not shown yet.
    pub(super) fn new(
        model: &Rc<RefCell<Model>>,
        wire: TapReceiver,
        listen: &str,
        theme: Theme,
        size: (i32, i32),
    ) -> View {
        let mut window = ui::window(size.0, size.1, "multichat server", "multichat-server");
        let mut column = Flex::default_fill().column();
        // A ground of its own, so that no trace is left of what it moves.
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

        let upper = card([2, 2, 2, 6]);
        let clock = Clock::system();
        let clients = Clients::new(model, clock.clone());
        upper.end();
        let bar = Bar::new();
        let drawer = Tabs::new(model, wire, clock);
        column.fixed(&drawer.tools, tabs::TOOLS);
        let lower = drawer.pages.clone();
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
            bar,
            drawer,
            column: column.clone(),
        };
        view.show_theme(theme);
        view.draw(
            &model.borrow(),
            Changes { state: true, people: true, totals: true, threads: true, desk: true, past: true },
        );
        column.resize_callback(move |column, _, _, _, _| share_height(column, &upper, &lower));
        view
    }

    /// Opens the window.
    pub(super) fn show(&mut self) {
        self.window.show();
        self.address.focus();
    }

    /// What is said about the server's state.
    pub(super) fn status(&self) -> String {
        self.status.text()
    }

    /// What is said at the operator's desk; nothing if there is nothing to say.
    pub(super) fn note(&self) -> String {
        self.bar.said()
    }

    /// Says on the button what it would change the theme to.
    pub(super) fn show_theme(&mut self, theme: Theme) {
        self.theme.set_label(match theme.other() {
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        });
    }

    /// Remembers how large the window is.
    pub(super) fn remember_size(&self, settings: &mut Settings) {
        let (width, height) = self.size.of(&self.window);
        settings.set("width", &width.to_string());
        settings.set("height", &height.to_string());
    }

    /// Draws what has changed.
    pub(super) fn draw(&mut self, model: &Model, changes: Changes) {
        if changes.state {
            self.show_state(model.state(), model.fingerprint());
        }
        if changes.people || changes.totals {
            self.totals.show(model);
        }
        if changes.people {
            self.drawer.show_endings(model);
        }
        // The hint in an empty table depends on the state.
        if changes.people || changes.state {
            self.clients.show();
        }
        if changes.threads || changes.state {
            self.drawer.show_threads(model);
        }
        if changes.desk || changes.people {
            self.bar.show_marked(model.table().marked().is_some());
        }
        if changes.desk {
            self.show_desk(model);
        }
        if changes.past {
            self.drawer.past.show(model);
        }
        self.drawer.show_log(model);
    }

    fn show_desk(&mut self, model: &Model) {
        let turned = self.bar.show(model);
        self.column.fixed(self.bar.widget(), self.bar.height());
        // It is the lower part that gives the room, and then both share what is left.
        self.column.layout();
        self.column.redraw();
        if turned && model.desk().ask().is_some() {
            self.bar.focus_question();
        } else if turned && self.drawer.shows_past() {
            self.drawer.past.focus();
        } else if turned {
            self.clients.focus();
        }
        self.drawer.show_bans(model);
        self.drawer.members.show(model);
    }

    fn show_state(&mut self, state: &State, fingerprint: Option<&str>) {
        let tone = match state.mood() {
            Mood::Idle => Tone::Idle,
            Mood::Busy => Tone::Busy,
            Mood::Good => Tone::Good,
            Mood::Bad => Tone::Error,
        };
        let tls = if fingerprint.is_some() { ", with TLS" } else { "" };
        self.status.set(tone, &format!("{state}{tls}"));
        let about = fingerprint.map(|fingerprint| format!("Key {fingerprint} (to be copied from the log)"));
        self.status.set_tooltip(&about.unwrap_or_default());
        // Read-only rather than inactive: where a server listens is to be read, and copied.
        self.address.set_editable(state.can_start());
        // From a button that becomes inactive, FLTK gives the keyboard to the first that takes it: the address.
        set_active(&mut self.start, state.can_start());
        set_active(&mut self.stop, state.can_stop());
    }
}

/// A rounded plate for what is put on it, with that much room at the left, top, right and bottom.
pub(super) fn card([left, top, right, bottom]: [i32; 4]) -> Flex {
    let mut card = Flex::default();
    card.set_frame(FrameType::RFlatBox);
    card.set_color(theme::SURFACE);
    card.set_margins(left, top, right, bottom);
    card
}

/// What is left of the height: one half for each. A Flex has no shares. It is called whenever the layout was made, and
/// has it made once more if the shares are others: they are as high together as before.
fn share_height(column: &mut Flex, upper: &Flex, lower: &Flex) {
    let share = i32::midpoint(upper.h(), lower.h());
    if upper.h() != share {
        column.fixed(upper, share);
        column.layout();
        column.redraw();
    }
}

pub(super) fn set_active(button: &mut Button, active: bool) {
    if button.active() != active {
        if active { button.activate() } else { button.deactivate() }
    }
}
