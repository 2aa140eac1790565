//! The wire on the screen: the lines as they go by, and a field for a line that is sent as it is typed. Both windows have it.
//!
//! Runs on the UI thread. What is shown is in the [`TraceLog`]; the lines come over a bounded channel, of which each tick takes a
//! batch. The tap is open only while the pane is seen.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::field::Field;
use super::rows::{CellText, RowColumn, Rows};
use super::theme;
use super::timer::drain;
use super::widgets::{GAP, button, note, plain_label};
use crate::clock::Clock;
use crate::wire::{Direction, TapReceiver, TraceLine, TraceLog, unescape};

/// Lines that are taken in one tick, thirty times a second.
const BATCH: usize = 2000;
/// How wide the words are that are said beside the field.
const SAID: i32 = 320;
/// The height of the tools above, and of the field below.
const TOOLS: i32 = 30;

/// The pane. Cloning it gives another handle to the same widgets.
#[derive(Clone)]
pub struct WirePane {
    group: Flex,
    rows: Rows,
    pause: Button,
    raw: Field,
    said: Frame,
    /// The row of the last two.
    bottom: Flex,
    tape: Rc<RefCell<TraceLog>>,
    wire: TapReceiver,
    clock: Clock,
}

impl std::fmt::Debug for WirePane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WirePane").field("tape", &self.tape.borrow().len()).finish_non_exhaustive()
    }
}

/// What is done with the lines: a row for itself, or a part of one.
#[derive(Debug)]
pub struct WireTools {
    row: Flex,
    words: Field,
    pause: Button,
    copy: Button,
    clear: Button,
}

impl WireTools {
    /// The tools, to be made inside of a group.
    pub fn new() -> WireTools {
        let mut row = tool_row();
        let mut words = Field::bare();
        words.set_hint("Filter");
        words.input().set_tooltip("Show only the lines with this text in them, in the bytes, the thread or the name");
        let mut pause = button("Pause");
        pause.set_tooltip("Keep the lines as they are; what goes by meanwhile is counted");
        row.fixed(&pause, 170);
        let mut copy = button("Copy");
        copy.set_tooltip("Copy the lines that are marked, or all that are shown (Ctrl+C)");
        row.fixed(&copy, 64);
        let mut clear = button("Clear");
        clear.set_tooltip("Forget the lines");
        row.fixed(&clear, 64);
        row.end();
        WireTools { row, words, pause, copy, clear }
    }

    /// What a layout places.
    pub fn widget(&self) -> &Flex {
        &self.row
    }
}

impl Default for WireTools {
    fn default() -> WireTools {
        WireTools::new()
    }
}

impl WirePane {
    /// A pane for this wire and below these tools, to be made inside of a group. `several` says whether there are several at the other end, so that
    /// each line says with whom it was exchanged; `hint`, to whom a line goes that is typed.
    pub fn new(tools: WireTools, wire: TapReceiver, clock: Clock, several: bool, hint: &'static str) -> WirePane {
        let WireTools { mut words, mut pause, mut copy, mut clear, .. } = tools;
        let tape = Rc::<RefCell<TraceLog>>::default();
        let mut group = Flex::default().column();
        group.set_frame(FrameType::FlatBox);
        group.set_color(theme::BACKGROUND);
        group.set_pad(GAP);

        let mut card = Flex::default();
        card.set_frame(FrameType::RFlatBox);
        card.set_color(theme::SURFACE);
        card.set_margins(2, 2, 2, 6);
        let (drawn, zone) = (Rc::clone(&tape), clock.clone());
        let mut rows = Rows::new(columns(several), move |number, column| {
            cell(&drawn.borrow(), number, if several || column < 2 { column } else { column + 1 }, &zone)
        });
        rows.set_hint("Nothing has gone by since this was opened");
        card.end();

        let mut bottom = tool_row();
        let mut raw = Field::bare();
        raw.set_hint(hint);
        raw.input().set_tooltip("Sends a line as it is, with an LF behind it (Enter).\n\\x00 to \\xFF, \\r, \\n, \\t and \\\\ are single bytes.");
        let mut said = note("");
        bottom.fixed(&said, SAID);
        said.hide();
        bottom.end();
        group.fixed(&bottom, TOOLS);
        group.end();

        let pane = WirePane { group, rows, pause: pause.clone(), raw, said, bottom, tape, wire, clock };
        let call = |act: fn(&mut WirePane)| {
            let mut pane = pane.clone();
            move || act(&mut pane)
        };
        let (mut pausing, mut copying, mut clearing) =
            (call(WirePane::pause_pressed), call(WirePane::copy), call(WirePane::clear));
        pause.set_callback(move |_| pausing());
        copy.set_callback(move |_| copying());
        clear.set_callback(move |_| clearing());
        let mut filtering = pane.clone();
        words.on_change(move |words| filtering.filter(&words));
        pane.rows.clone().on_copy(call(WirePane::copy));
        pane
    }

    /// What a layout places.
    pub fn widget(&self) -> &Flex {
        &self.group
    }

    /// Calls `send` with the bytes of a line that was typed; what it answers is said beside the field, and an error leaves the
    /// line where it is.
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
            pane.say(outcome);
        });
    }

    /// Says beside the field what came of it.
    fn say(&mut self, news: Result<String, String>) {
        let (color, words) = match news {
            Ok(words) => (theme::MUTED, words),
            Err(why) => (theme::ERROR, why),
        };
        if words.is_empty() {
            self.said.hide();
        } else {
            self.said.show();
        }
        self.bottom.layout();
        self.bottom.redraw();
        self.said.set_label_color(color);
        self.said.set_label(&plain_label(&words));
        self.said.set_tooltip(&plain_label(&words));
    }

    /// Opens the tap while the pane is seen, and closes it when it is not.
    pub fn look(&self, looks: bool) {
        self.wire.set_open(looks);
    }

    /// Takes what has gone by, and draws it; call it with every tick.
    pub fn tick(&mut self) {
        let mut changed = false;
        let mut tape = self.tape.borrow_mut();
        drain(self.wire.lines(), BATCH, |passed: TraceLine| {
            tape.push(passed);
            changed = true;
        });
        let lost = self.wire.take_lost();
        tape.push_gap(lost);
        drop(tape);
        if changed || lost > 0 {
            self.show();
        }
    }

    /// The lines that are shown, as they are copied.
    pub fn text(&self) -> String {
        self.tape.borrow().text(0..=u64::MAX, &self.clock)
    }

    fn show(&mut self) {
        let tape = self.tape.borrow();
        let label = match tape.missed_while_paused() {
            None => "Pause".to_owned(),
            Some(0) => "Resume".to_owned(),
            Some(lines) => format!("Resume ({lines} passed)"),
        };
        if self.pause.label() != label {
            self.pause.set_label(&label);
        }
        if tape.missed_while_paused().is_none() {
            self.rows.show(tape.first(), tape.len(), true);
        }
    }

    fn pause_pressed(&mut self) {
        let paused = self.tape.borrow().missed_while_paused().is_some();
        self.tape.borrow_mut().pause(!paused);
        self.show();
    }

    fn filter(&mut self, words: &str) {
        self.tape.borrow_mut().filter(words);
        self.begin_anew();
    }

    fn clear(&mut self) {
        self.tape.borrow_mut().clear();
        self.begin_anew();
    }

    /// Other lines are shown, and their numbers are others.
    fn begin_anew(&mut self) {
        let tape = self.tape.borrow();
        self.rows.begin_anew(tape.first(), tape.len());
    }

    fn copy(&mut self) {
        let numbers = self.rows.marked().unwrap_or(0..=u64::MAX);
        app::copy(&self.tape.borrow().text(numbers, &self.clock));
    }
}

/// A row of widgets with a ground of its own.
fn tool_row() -> Flex {
    let mut row = Flex::default().row();
    row.set_frame(FrameType::FlatBox);
    row.set_color(theme::BACKGROUND);
    row.set_pad(GAP);
    row
}

fn columns(several: bool) -> Vec<RowColumn> {
    let column = |title, width, shares| RowColumn { title, width, shares, font: Font::Helvetica, at_right: false };
    let mut columns = vec![column("Time", 104, 0), column("", 30, 0)];
    if several {
        columns.push(column("With", 90, 1));
    }
    columns.push(RowColumn { font: Font::Courier, ..column("Bytes", 220, 6) });
    columns.extend([column("Means", 180, 3), column("Thread", 90, 1)]);
    columns
}

/// Of the columns time, arrow, name, bytes, meaning, thread.
fn cell(tape: &TraceLog, number: u64, column: usize, clock: &Clock) -> Option<CellText> {
    let item = tape.get(number)?;
    let crate::wire::Item::Line(line) = item else {
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
