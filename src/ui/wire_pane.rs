//! The wire on the screen: a trace of the protocol's lines, and a field for a line that is sent as it is typed. Both
//! windows have one.
//!
//! Runs on the UI thread. The visible lines are in the [`TraceLog`]; new ones come over a bounded channel, of which
//! each tick takes a batch. The tap is open only while the pane is visible.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};
use fltk::table::Table;

use super::field::Field;
use super::rows::{CellText, Density, Marking, RowColumn, RowEvent, Rows};
use super::theme;
use super::timer::drain;
use super::widgets::{GAP, button, card, escape_label, note, place, redraw_window, row, set_shown};
use crate::clock::Clock;
use crate::wire::{Direction, Item, TapReceiver, TraceLine, TraceLog, unescape};

/// Maximum number of lines taken in one tick, thirty times a second.
const BATCH: usize = 2000;
/// Width of the text beside the field.
const OUTCOME_WIDTH: i32 = 320;
/// Widths of the tools, and in a narrow pane: there the button that copies is hidden, and the other says less.
const PAUSE: i32 = 170;
const TOOL: i32 = 64;
const PAUSE_NARROW: i32 = 76;
const TOOL_NARROW: i32 = 52;
/// Least width of the tools with their usual widths.
const NARROW: i32 = PAUSE + 2 * TOOL + 3 * GAP + 80;
/// Height of the tools above, and of the field below.
const TOOL_HEIGHT: i32 = 30;
/// Space between them and the lines in a small pane.
const TIGHT: i32 = 4;

/// The pane. Cloning it gives another handle to the same widgets.
#[derive(Clone)]
pub struct WirePane {
    group: Flex,
    rows: Rows,
    /// The field for a line.
    bottom: Flex,
    /// The row of the tools.
    tools: Flex,
    is_narrow: bool,
    pause: Button,
    copy_button: Button,
    clear_button: Button,
    raw: Field,
    outcome: Frame,
    log: Rc<RefCell<TraceLog>>,
    wire: TapReceiver,
    clock: Clock,
}

impl std::fmt::Debug for WirePane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WirePane").field("log", &self.log.borrow().items().len()).finish_non_exhaustive()
    }
}

/// The tools for the lines: a row of its own, or part of one.
#[derive(Debug)]
pub struct WireTools {
    /// The widget for a layout.
    pub row: Flex,
    words: Field,
    pause: Button,
    copy: Button,
    clear: Button,
}

impl WireTools {
    /// Creates the tools in the open group.
    pub(crate) fn new() -> WireTools {
        let mut row = row();
        let tooltip = "Show only lines whose bytes, thread or name contain this text";
        let words = Field::hinted("Filter", tooltip);
        let tooltip = "Hold the list still; lines that pass meanwhile are only counted";
        let pause = place(&mut row, button("Pause"), PAUSE, tooltip);
        let tooltip = "Copy the selected lines, or all that are shown (Ctrl+C)";
        let copy = place(&mut row, button("Copy"), TOOL, tooltip);
        let clear = place(&mut row, button("Clear"), TOOL, "Remove all lines");
        row.end();
        WireTools { row, words, pause, copy, clear }
    }
}

impl WirePane {
    /// Creates a pane for this wire and these tools in the open group. With `has_peers`, there are several connections,
    /// so each line shows the peer; `hint` says where a typed line goes.
    pub fn new(tools: WireTools, wire: TapReceiver, clock: Clock, has_peers: bool, hint: &'static str) -> WirePane {
        let WireTools { row: tools, mut words, mut pause, mut copy, mut clear } = tools;
        let log = Rc::<RefCell<TraceLog>>::default();
        let mut group = Flex::default().column();
        group.set_frame(FrameType::FlatBox);
        group.set_color(theme::BACKGROUND);
        group.set_pad(GAP);

        let card = card();
        let (drawn, zone) = (Rc::clone(&log), clock.clone());
        let mut rows = Rows::new(columns(has_peers), move |number, column| {
            cell(drawn.borrow().items().get(number)?, if has_peers || column < 2 { column } else { column + 1 }, &zone)
        });
        rows.set_marking(Marking::Dragged);
        rows.set_hint("No lines since this was opened");
        card.end();

        let mut bottom = row();
        let tooltip =
            "Sends a line unchanged, followed by LF (Enter).\n\\x00 to \\xFF, \\r, \\n, \\t and \\\\ are single bytes.";
        let raw = Field::hinted(hint, tooltip);
        let mut outcome = note("");
        bottom.fixed(&outcome, OUTCOME_WIDTH);
        outcome.hide();
        bottom.end();
        group.fixed(&bottom, TOOL_HEIGHT);
        group.end();

        let pane = WirePane {
            group,
            rows,
            bottom,
            tools,
            is_narrow: false,
            pause: pause.clone(),
            copy_button: copy.clone(),
            clear_button: clear.clone(),
            raw,
            outcome,
            log,
            wire,
            clock,
        };
        let bind = |button: &mut Button, act: fn(&mut WirePane)| {
            let mut pane = pane.clone();
            button.set_callback(move |_| act(&mut pane));
        };
        bind(&mut pause, WirePane::pause_pressed);
        bind(&mut copy, WirePane::copy);
        bind(&mut clear, WirePane::clear);
        let mut filtering = pane.clone();
        words.on_change(move |words| filtering.filter(&words));
        let mut copying = pane.clone();
        pane.rows.clone().on_event(move |event| {
            if event == RowEvent::Copy {
                copying.copy();
            }
        });
        pane
    }

    /// Returns the widget for a layout.
    pub fn widget(&self) -> &Flex {
        &self.group
    }

    /// Returns the table of the lines.
    pub fn table(&self) -> &Table {
        self.rows.widget()
    }

    /// Shows more or less around the lines: with the least, there is no field.
    pub fn set_density(&mut self, density: Density) {
        self.group.set_pad(if density == Density::Roomy { GAP } else { TIGHT });
        set_shown(&mut self.bottom, density != Density::Least);
        self.group.layout();
        self.rows.set_density(density);
    }

    /// Calls `send` with the bytes of a typed line, and shows its answer beside the field. After an error the line
    /// stays in the field.
    pub fn on_send(&mut self, mut send: impl FnMut(Vec<u8>) -> Result<String, String> + 'static) {
        let mut pane = self.clone();
        self.raw.on_enter(move || {
            let line = unescape(&pane.raw.value()).map_err(|error| error.to_string());
            let outcome = line.and_then(|mut bytes| {
                bytes.push(b'\n');
                send(bytes)
            });
            if outcome.is_ok() {
                pane.raw.set_value("");
            }
            pane.show_outcome(outcome);
        });
    }

    /// Shows the outcome beside the field.
    fn show_outcome(&mut self, outcome: Result<String, String>) {
        let (color, words) = match outcome {
            Ok(words) => (theme::MUTED, words),
            Err(why) => (theme::ERROR, why),
        };
        set_shown(&mut self.outcome, !words.is_empty());
        self.outcome.set_label_color(color);
        self.outcome.set_label(&escape_label(&words));
        self.outcome.set_tooltip(&escape_label(&words));
    }

    /// Opens the tap while the pane is visible, and closes it otherwise.
    pub fn set_open(&self, open: bool) {
        self.wire.set_open(open);
    }

    /// Returns whether there are lines to take.
    pub fn has_lines(&self) -> bool {
        !self.wire.lines().is_empty()
    }

    /// Takes new lines from the channel, and draws them. Called with every tick.
    pub fn tick(&mut self) {
        self.fit_tools();
        let mut changed = false;
        let mut log = self.log.borrow_mut();
        drain(self.wire.lines(), BATCH, |passed: TraceLine| {
            log.push(passed);
            changed = true;
        });
        let lost = self.wire.take_lost();
        log.push_gap(lost);
        drop(log);
        if changed || lost > 0 {
            self.show();
        }
    }

    /// Returns the visible lines, as they are copied to the clipboard.
    pub fn text(&self) -> String {
        self.log.borrow().items().iter().map(|item| item.text(&self.clock) + "\n").collect()
    }

    /// Gives the tools less width in a narrow pane.
    fn fit_tools(&mut self) {
        let is_narrow = self.tools.w() < NARROW;
        if !self.tools.visible_r() || std::mem::replace(&mut self.is_narrow, is_narrow) == is_narrow {
            return;
        }
        let [pause, tool, gap] = if is_narrow { [PAUSE_NARROW, TOOL_NARROW, TIGHT] } else { [PAUSE, TOOL, GAP] };
        self.tools.set_pad(gap);
        self.tools.fixed(&self.pause, pause);
        self.tools.fixed(&self.clear_button, tool);
        // All lines are copied by Ctrl+C, too.
        set_shown(&mut self.copy_button, !is_narrow);
        self.tools.layout();
        redraw_window(&self.tools);
        self.show();
    }

    fn show(&mut self) {
        let log = self.log.borrow();
        let label = match log.missed_while_paused() {
            None => "Pause".to_owned(),
            Some(lines) if lines == 0 || self.is_narrow => "Resume".to_owned(),
            Some(lines) => format!("Resume ({lines} passed)"),
        };
        if self.pause.label() != label {
            self.pause.set_label(&label);
        }
        if log.missed_while_paused().is_none() {
            self.rows.show(log.items().first(), log.items().len(), true);
        }
    }

    fn pause_pressed(&mut self) {
        let paused = self.log.borrow().missed_while_paused().is_some();
        self.log.borrow_mut().pause(!paused);
        self.show();
    }

    fn filter(&mut self, words: &str) {
        self.log.borrow_mut().filter(words);
        self.reset();
    }

    fn clear(&mut self) {
        self.log.borrow_mut().clear();
        self.reset();
    }

    /// Redraws with other lines, which have other numbers.
    fn reset(&mut self) {
        let log = self.log.borrow();
        self.rows.reset(log.items().first(), log.items().len());
    }

    fn copy(&mut self) {
        let (marked, log) = (self.rows.marked(), self.log.borrow());
        let lines = marked.iter().filter_map(|number| log.items().get(*number));
        let text: String = lines.map(|item| item.text(&self.clock) + "\n").collect();
        app::copy(&if marked.is_empty() { self.text() } else { text });
    }
}

fn columns(has_peers: bool) -> Vec<RowColumn> {
    let mut columns = vec![RowColumn::new("Time", 104, 0), RowColumn::new("", 30, 0)];
    columns.extend(has_peers.then(|| RowColumn::new("Peer", 90, 1)));
    columns.push(RowColumn { font: Font::Courier, ..RowColumn::new("Bytes", 120, 6) });
    columns.extend([RowColumn::new("Meaning", 80, 3), RowColumn::new("Thread", 50, 2)]);
    columns
}

/// Returns a cell of the columns time, arrow, name, bytes, meaning, thread.
fn cell(item: &Item, column: usize, clock: &Clock) -> Option<CellText> {
    let Item::Line(line) = item else {
        return (column == 3).then(|| (item.gap().unwrap_or_default(), theme::WARN));
    };
    let color = if line.direction == Direction::In { theme::NAMES[1] } else { theme::NAMES[0] };
    Some(match column {
        0 => (clock.to_the_millisecond(line.at), theme::MUTED),
        1 => (line.arrow().to_owned(), color),
        2 => (line.peer.clone(), theme::TEXT),
        3 => (line.shown(), color),
        4 => (line.meaning(), theme::TEXT),
        _ => (line.thread.clone(), theme::MUTED),
    })
}
