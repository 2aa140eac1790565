//! Reading a conversation: its [`Transcript`], the mark before the first unread message, and the temporary text
//! below it. Each window with a conversation has one. Runs on the UI thread.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fltk::group::Flex;
use fltk::widget::Widget;

mod actions;
mod pointing;

use super::drawer::Drawer;
use super::find::FindBar;
use super::results::SearchResults;
use super::save::SaveBar;
use super::transcript::{SavedPlace, Transcript};
use super::under_line::FirstRow;
use super::update::Action;
use crate::chat::background::{BackgroundTasks, Task};
use crate::chat::render::links::destination;
use crate::chat::render::page::Reader;
use crate::chat::state::{MessageLog, Pending, Position, Splice, UnreadTracker};
use crate::clock::Clock;
use crate::mood::Mood;

/// Time for which a remark is shown.
const REMARK_DURATION: Duration = Duration::from_secs(15);

/// Bars and results that the drawer of a conversation has for reading.
pub(in crate::chat::window) struct ToolBars {
    drawer: Drawer,
    /// Only in the main window: private messages are in no server's history.
    pub(super) results: Option<SearchResults>,
    pub(super) find: FindBar,
    pub(super) save: SaveBar,
}

impl ToolBars {
    /// Creates the bars, hidden, in a column.
    pub(super) fn build(
        column: &mut Flex,
        drawer: &Drawer,
        results: Option<SearchResults>,
        send: &(impl Fn(Action) + Clone + 'static),
    ) -> ToolBars {
        let find = FindBar::build(column, results.is_none(), send);
        let save = SaveBar::build(column, send);
        drawer.add_bar(&find.row);
        drawer.add_bar(&save.row);
        ToolBars { drawer: drawer.clone(), results, find, save }
    }
}

/// State of the reading of a conversation while another one is shown.
#[derive(Default)]
pub(super) struct SavedReading {
    pub(super) place: SavedPlace,
    pub(super) unread: UnreadTracker,
    /// The text in the bar that finds text, and whether the bar is open.
    finding: (String, bool),
}

impl SavedReading {
    /// Returns that of a private conversation that nobody has read yet.
    pub(super) fn private() -> SavedReading {
        SavedReading { unread: UnreadTracker::private(), ..SavedReading::default() }
    }

    /// Moves the positions after changes to the log.
    pub(super) fn splice(&mut self, splices: &[Splice]) {
        splices.iter().for_each(|splice| self.unread.splice(splice));
        self.place.splice(splices);
    }
}

/// A link in the conversation: the entry that contains it, and the address.
type Link = (Position, String);

/// The reading part of a conversation view.
pub(in crate::chat::window) struct Reading {
    display: Widget,
    pub(super) bars: ToolBars,
    pub(super) transcript: Transcript,
    pub(in crate::chat::window) unread: UnreadTracker,
    tasks: BackgroundTasks,
    clock: Clock,
    /// The user's home directory.
    home: Option<PathBuf>,
    /// Position of the mouse, while it is over the conversation.
    mouse: Option<(i32, i32)>,
    /// The link under the mouse, whose destination is shown below the text.
    hovered: Option<Link>,
    /// The link on which the mouse button was pressed, if its destination was shown.
    pressed: Option<Link>,
    /// Destination, in words, of the link that Enter would open.
    selected: Option<String>,
    /// Outcome of the last action, and when it was set.
    remark: Option<(Instant, Mood, String)>,
    /// The path that is being written, as it was typed.
    saving: Option<String>,
    /// A file is written, and its row was closed while it had the keyboard.
    is_saved: bool,
    /// The wheel or a key that scrolls up was used, even if the top was already in view.
    pub(super) scroll_attempted: bool,
    /// The current hit is to be shown as soon as it is known.
    shows_hit: bool,
    /// The hovered link, the selected link or the remark has changed.
    hint_changed: bool,
    /// A message arrived while the text was held, and is still to be drawn: [`tick`](Reading::tick) requests that.
    pub(super) redraw_deferred: bool,
}

impl Reading {
    /// Shows the conversation with everybody in `display`, with these bars below it.
    pub(super) fn new((display, over): (&Widget, FirstRow), bars: ToolBars, clock: &Clock) -> Reading {
        Reading {
            display: display.clone(),
            bars,
            transcript: Transcript::new(display, over, clock.clone()),
            unread: UnreadTracker::default(),
            tasks: BackgroundTasks::default(),
            clock: clock.clone(),
            home: std::env::home_dir(),
            mouse: None,
            hovered: None,
            pressed: None,
            selected: None,
            remark: None,
            saving: None,
            is_saved: false,
            scroll_attempted: false,
            shows_hit: false,
            hint_changed: false,
            redraw_deferred: false,
        }
    }

    /// Updates the display from the log and the user's pending messages. `focused` says whether the user looks at this
    /// window.
    pub(super) fn draw<'a>(
        &mut self,
        log: &MessageLog,
        reader: Reader<'_>,
        pending: impl IntoIterator<Item = &'a Pending>,
        splices: &[Splice],
        focused: bool,
    ) {
        splices.iter().for_each(|splice| self.unread.splice(splice));
        self.unread.notice(log, reader.ignored, reader.me, focused);
        if self.transcript.draw(log, reader, pending, self.unread.first_new, splices, focused) {
            self.show_count();
        }
    }

    /// Runs 30 times a second: processes the user's scrolling and selecting, and the results of background tasks.
    /// Returns whether another widget needs a redraw.
    pub(super) fn tick(&mut self) -> bool {
        self.search_on();
        if let Some((task, outcome)) = self.tasks.try_report() {
            let typed = if task == Task::Save { self.saving.take() } else { None };
            // A user who is already typing the next file name keeps the row.
            if outcome.is_ok() && typed.is_some_and(|typed| typed == self.bars.save.field.value()) {
                self.is_saved = self.bars.save.has_focus();
                self.bars.drawer.close(&self.bars.save.row);
            }
            match outcome {
                Ok(words) => self.set_remark(Mood::Good, words),
                Err(words) => self.set_remark(Mood::Warn, words),
            }
        }
        if self.remark.take_if(|(since, ..)| since.elapsed() > REMARK_DURATION).is_some() {
            self.hint_changed = true;
        }
        self.update_selected();
        self.bars.find.fit();
        let mut changed = self.transcript.tick();
        if !self.transcript.is_held() {
            changed |= std::mem::take(&mut self.redraw_deferred);
            // The redraw may have moved another link under a resting mouse.
            if self.transcript.was_redrawn() {
                self.update_hovered();
            }
        }
        changed | std::mem::take(&mut self.hint_changed)
    }

    /// Returns whether the keyboard is free, because the file is written for which it was in the row below the text.
    pub(super) fn take_saved(&mut self) -> bool {
        std::mem::take(&mut self.is_saved)
    }

    /// Returns the entries in view, if the reader has scrolled up, or tried to, since the last call.
    pub(super) fn scrolled_up(&mut self) -> Option<(Position, Position)> {
        if self.transcript.is_held() {
            return None;
        }
        let in_view = self.transcript.scrolled_up(self.scroll_attempted);
        if in_view.is_some() {
            self.scroll_attempted = false;
        }
        in_view
    }

    /// Waits until every file is saved. Called when the window is closed.
    pub(in crate::chat::window) fn finish(self) {
        self.tasks.finish();
    }

    /// Takes what is to be kept of the conversation, before the view turns to another one.
    pub(super) fn leave(&mut self) -> SavedReading {
        self.clear_remark();
        let finding = (self.bars.find.field.value(), self.is_finding());
        SavedReading { place: self.transcript.leave(), unread: std::mem::take(&mut self.unread), finding }
    }

    /// Shows another conversation as it was left.
    pub(super) fn turn_to<'a>(
        &mut self,
        saved: SavedReading,
        log: &MessageLog,
        reader: Reader<'_>,
        pending: impl IntoIterator<Item = &'a Pending>,
    ) {
        let SavedReading { place, unread, finding: (words, is_finding) } = saved;
        self.unread = unread;
        // What came while the conversation was not shown is new.
        self.unread.notice(log, reader.ignored, reader.me, false);
        self.shows_hit = false;
        self.transcript.turn_to(place);
        self.transcript.draw(log, reader, pending, self.unread.first_new, &[], false);
        // It would save another conversation than the one for which it was opened.
        self.bars.drawer.close(&self.bars.save.row);
        self.bars.find.field.set_value(&words);
        if is_finding {
            self.transcript.search(&words);
            self.show_count();
            self.bars.drawer.open(&self.bars.find.row);
        } else {
            self.bars.drawer.close(&self.bars.find.row);
        }
        self.hint_changed = true;
    }

    /// Returns what the line below the text shows first: the destination of a link, or the outcome of the last action.
    pub(super) fn hint(&self) -> Option<(Mood, String)> {
        let hovered = self.hovered.as_ref().map(|(_, link)| destination(link));
        let words = match (hovered, self.selected.as_ref()) {
            (Some(hovered), None) => format!("Opens {hovered}"),
            (None, Some(selected)) => format!("Enter opens {selected}"),
            // There is only room for the hosts of both.
            (Some(hovered), Some(selected)) => {
                let host = |words: &str| words.split(", by ").next().unwrap_or_default().to_owned();
                format!("Enter opens {}; a click opens {}", host(selected), host(&hovered))
            }
            (None, None) => return self.remark.as_ref().map(|(_, mood, words)| (*mood, words.clone())),
        };
        Some((Mood::Idle, words))
    }

    /// Shows a remark below the text for [`REMARK_DURATION`].
    pub(super) fn set_remark(&mut self, mood: Mood, words: String) {
        self.remark = Some((Instant::now(), mood, words));
        self.hint_changed = true;
    }

    /// Removes the remark, because there is something newer to show.
    pub(super) fn clear_remark(&mut self) {
        self.remark = None;
    }
}
