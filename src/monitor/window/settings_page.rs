//! The page of the server's options, and its tools beside it: a line that says where they are kept or what waits, and Restart.
//!
//! One scrolling list of [rows](row), in groups, and at its end the command line that does the same. A text is entered with Enter,
//! or when the keyboard focus leaves its field; a check box at once. The model says what becomes of it. Main thread only.

pub mod row;

use std::rc::Rc;

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Event, FrameType, Key as Press};
use fltk::frame::Frame;
use fltk::group::{Flex, Scroll, ScrollType};
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _};

use super::context::{Context, Msg};
use super::widgets::{add_button, label, set_active};
use crate::monitor::model::settings::{Settings, on_page};
use crate::monitor::model::{Model, State};
use crate::options::Group;
use crate::ui::{self, Field, theme};
use row::{HEIGHT, Row, colored};

/// Width of the button Restart, in pixels.
const RESTART: i32 = 100;
/// Space for the scrollbar at the right, in pixels.
const BAR: i32 = 20;
/// Space between two parts of the list, in pixels.
const BETWEEN: i32 = 6;

/// The page.
#[derive(Debug)]
pub(super) struct SettingsPage {
    pub(super) column: Flex,
    pub(super) tools: SettingsTools,
    scroll: Scroll,
    parts: Rc<Vec<Part>>,
    command_line: Field,
    /// Version of the model that was drawn last, and if a server was running then.
    drawn: Option<(u64, bool)>,
    /// Number of the row that had the keyboard focus last.
    focused: Option<usize>,
}

/// The tools above the page.
#[derive(Debug)]
pub(super) struct SettingsTools {
    pub(super) row: Flex,
    summary: Frame,
    restart: Button,
}

/// A part of the list, from top to bottom.
#[derive(Debug)]
enum Part {
    Heading(Frame),
    Row(Row),
    /// The command line, and its button.
    CommandLine(Flex),
}

impl SettingsTools {
    /// Creates the tools in the current group.
    pub(super) fn new(context: &Context) -> SettingsTools {
        let mut row = ui::row();
        let summary = label("");
        let tooltip = "Stop the server and start it with all settings as they are now";
        let restart = add_button(&mut row, RESTART, "Restart …", tooltip, context.on(|_| Some(Msg::Restart)));
        row.end();
        SettingsTools { row, summary, restart }
    }
}

impl SettingsPage {
    /// Creates the page in the current group.
    pub(super) fn new(tools: SettingsTools, context: &Context) -> SettingsPage {
        let mut column = Flex::default().column();
        column.set_pad(0);
        let mut scroll = Scroll::default();
        scroll.set_type(ScrollType::Vertical);
        scroll.set_frame(FrameType::FlatBox);
        scroll.set_color(theme::BACKGROUND);
        ui::style_scrollbars(&scroll);
        let mut parts = Vec::new();
        let mut group: Option<Group> = None;
        for info in on_page() {
            if group != Some(info.group) {
                group = Some(info.group);
                parts.push(Part::Heading(ui::heading(info.group.heading())));
            }
            parts.push(Part::Row(Row::new(info, context)));
        }
        parts.push(Part::Heading(ui::heading("The command line that does the same")));
        let mut line = ui::row();
        let mut command_line = Field::bare();
        command_line.set_editable(false);
        let copied = command_line.clone();
        add_button(&mut line, 72, "Copy", "Copy the command line", move || app::copy(&copied.value()));
        line.end();
        parts.push(Part::CommandLine(line));
        scroll.end();
        column.end();

        let parts = Rc::new(parts);
        let placed = Rc::clone(&parts);
        scroll.resize_callback(move |scroll, _, _, _, _| place(scroll, &placed));
        scroll.draw(|scroll| ui::draw_scrollbars(scroll));
        scroll.handle(scroll_by_key);
        SettingsPage { column, tools, scroll, parts, command_line, drawn: None, focused: None }
    }

    /// Draws the options, if they have changed, and scrolls to the field with the keyboard focus, if it is another.
    pub(super) fn show(&mut self, model: &Model) {
        let settings = &model.settings;
        let is_running = matches!(model.state(), State::Listening(_));
        if self.drawn != Some((settings.version(), is_running)) {
            self.drawn = Some((settings.version(), is_running));
            self.draw(settings, is_running);
        }
        self.follow_focus();
    }

    fn draw(&mut self, settings: &Settings, is_running: bool) {
        let (mood, summary) = settings.summary(is_running);
        colored(&mut self.tools.summary, mood, &summary);
        self.tools.summary.set_tooltip(&ui::escape_label(&summary));
        set_active(&mut self.tools.restart, is_running && settings.needs_restart());
        for row in self.rows() {
            row.show(settings);
        }
        let line = settings.overview().map(|overview| overview.command_line.as_str()).unwrap_or_default();
        if self.command_line.value() != line {
            self.command_line.set_value(line);
        }
        place(&self.scroll, &self.parts);
        self.scroll.redraw();
    }

    /// Moves the keyboard focus to the first option.
    pub(super) fn focus(&mut self) {
        self.rows().find(|row| row.focus());
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.parts.iter().filter_map(|part| if let Part::Row(row) = part { Some(row) } else { None })
    }

    /// Scrolls to the row that has got the keyboard focus.
    fn follow_focus(&mut self) {
        let focus = app::focus().filter(|focus| focus.inside(&self.scroll));
        let focused = focus.and_then(|focus| self.parts.iter().position(|part| part.has(&focus)));
        if focused == self.focused {
            return;
        }
        self.focused = focused;
        let Some(part) = focused.map(|at| &self.parts[at]) else { return };
        let offset = self.scroll.yposition() - self.scroll.y();
        let (top, bottom) = part.extent();
        let (top, bottom) = (top + offset, bottom + offset);
        // A mouse has pressed what it can see.
        if app::event() == Event::Push {
            return;
        }
        if bottom > self.scroll.yposition() + self.scroll.h() {
            self.scroll.scroll_to(0, bottom - self.scroll.h() + BETWEEN);
        } else if top < self.scroll.yposition() {
            self.scroll.scroll_to(0, (top - HEIGHT - BETWEEN).max(0));
        }
        // Otherwise FLTK draws only a part of the field that has lost the focus: the part that was not visible before.
        self.scroll.redraw();
    }
}

impl Part {
    /// Returns true if a widget belongs to the part.
    fn has(&self, widget: &impl fltk::prelude::WidgetExt) -> bool {
        match self {
            Part::Heading(_) => false,
            Part::Row(row) => row.has(widget),
            Part::CommandLine(line) => widget.inside(line),
        }
    }

    /// Returns the upper and the lower end, in the pixels of the window.
    fn extent(&self) -> (i32, i32) {
        match self {
            Part::Heading(frame) => (frame.y(), frame.y() + frame.h()),
            Part::Row(row) => row.extent(),
            Part::CommandLine(line) => (line.y(), line.y() + line.h()),
        }
    }

    /// Places the part, and returns its height.
    fn place(&self, x: i32, y: i32, width: i32) -> i32 {
        match self {
            Part::Heading(frame) => {
                frame.clone().resize(x, y, width, HEIGHT);
                HEIGHT
            }
            Part::Row(row) => row.place(x, y, width),
            Part::CommandLine(line) => {
                line.clone().resize(x, y, width, ui::CONTROL_HEIGHT);
                ui::CONTROL_HEIGHT + BETWEEN
            }
        }
    }
}

/// Places the parts below each other, within the width of the page.
fn place(scroll: &Scroll, parts: &[Part]) {
    let mut y = scroll.y() - scroll.yposition();
    for part in parts {
        y += part.place(scroll.x(), y, scroll.w() - BAR) + BETWEEN;
    }
}

/// Scrolls by a page, which no field of one line does.
fn scroll_by_key(scroll: &mut Scroll, event: Event) -> bool {
    let pages = match (event, app::event_key()) {
        (Event::KeyDown, Press::PageUp) => -1,
        (Event::KeyDown, Press::PageDown) => 1,
        _ => return false,
    };
    let end = end_of(scroll);
    scroll.scroll_to(0, (scroll.yposition() + pages * (scroll.h() - HEIGHT)).clamp(0, end));
    true
}

/// Returns the position at which the end of the list is visible.
fn end_of(scroll: &Scroll) -> i32 {
    let bottom = (0..scroll.children()).filter_map(|at| scroll.child(at)).map(|child| child.y() + child.h()).max();
    (bottom.unwrap_or_default() - scroll.y() + scroll.yposition() - scroll.h()).max(0)
}
