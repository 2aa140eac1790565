//! The actions on a conversation: find, go to a link, copy, and save as text. Runs on the UI thread; a background task
//! writes the file or starts the browser.

use std::path::PathBuf;
use std::time::SystemTime;

use fltk::app;
use fltk::prelude::WidgetExt as _;

use super::Reading;
use crate::chat::render::plain;
use crate::chat::state::Entry;
use crate::chat::window::conversation::find::Finding;
use crate::clock::stamp_now;
use crate::files::{self, typed_path};
use crate::mood::Mood;

impl Reading {
    /// Runs the action of Ctrl and this key. Returns false if there is none.
    pub(in crate::chat::window) fn run_shortcut(&self, key: char) -> bool {
        match key {
            'f' => self.open_find(),
            's' => self.open_save(),
            'o' => self.select_link(),
            'c' => return self.copy(),
            _ => return false,
        }
        true
    }

    /// Opens the row to find text. The visible part stays in view until there is a hit.
    pub(in crate::chat::window) fn open_find(&self) {
        let was_open = self.inner.bars.borrow().find.is_open();
        self.inner.bars.borrow_mut().find.open();
        if was_open {
            return;
        }
        let wanted = self.inner.bars.borrow().find.wanted();
        let mut transcript = self.inner.transcript.borrow_mut();
        transcript.note_search_start();
        let mut find = self.inner.find.borrow_mut();
        find.begin(&wanted, transcript.last_in_view(), transcript.rendered());
        self.inner.bars.borrow_mut().find.show_count(&find.words());
    }

    pub(in crate::chat::window) fn open_save(&self) {
        let name = files::name_at(&self.inner.clock, SystemTime::now());
        let path = self.inner.home.as_ref().map_or_else(|| PathBuf::from(&name), |home| home.join(&name));
        self.inner.bars.borrow_mut().save.open(&path.to_string_lossy());
    }

    /// Closes the rows below the conversation and focuses the entry. Returns whether one was open.
    pub(super) fn close_bars(&self) -> bool {
        let was_open = self.hide_bars();
        if was_open {
            (self.inner.focus_entry)();
        }
        was_open
    }

    pub(super) fn hide_bars(&self) -> bool {
        let mut bars = self.inner.bars.borrow().clone();
        let was_open = bars.find.is_open() || bars.save.is_open() || bars.results.is_open();
        bars.find.close();
        bars.results.close();
        bars.save.close();
        if was_open {
            self.inner.transcript.borrow_mut().unselect();
        }
        was_open
    }

    pub(super) fn find(&self, finding: &Finding) {
        match finding {
            Finding::Close => {
                self.close_bars();
                return;
            }
            Finding::Everywhere(words) => {
                self.inner.server_search.replace(Some(words.clone()));
                return;
            }
            _ => {}
        }
        let mut find = self.inner.find.borrow_mut();
        let mut transcript = self.inner.transcript.borrow_mut();
        match finding {
            Finding::For(wanted) => find.look_for(wanted, transcript.rendered()),
            Finding::Step(towards) => find.step(*towards),
            Finding::Everywhere(_) | Finding::Close => {}
        }
        self.inner.bars.borrow_mut().find.show_count(&find.words());
        match find.current().and_then(|place| transcript.rendered().bytes(place)) {
            Some(piece) => transcript.show(&piece),
            None => transcript.return_to_search_start(),
        }
    }

    /// Selects the newest link, or the one before the selected link.
    pub(super) fn select_link(&self) {
        let mut transcript = self.inner.transcript.borrow_mut();
        let before = transcript.selection().map_or(usize::MAX, |selected| selected.start);
        if let Some(link) = transcript.rendered().link_before(before) {
            transcript.show(&link);
            drop(transcript);
            // Enter now belongs to the messages, where it opens the link.
            let _ = self.inner.display.clone().take_focus();
            self.poll_selection();
        }
    }

    pub(super) fn open_link(&self, link: &str) {
        self.inner.tasks.borrow_mut().browse(link);
    }

    /// Copies the selection to the clipboard as plain text. Returns whether there was a selection.
    pub(super) fn copy(&self) -> bool {
        let transcript = self.inner.transcript.borrow();
        let Some(selected) = transcript.selection() else { return false };
        (self.inner.with_log)(&mut |log| {
            app::copy(&transcript.rendered().plain_text(log, selected.clone()));
        });
        true
    }

    /// Saves the conversation to a file in a background task, so that neither the formatting nor the disk blocks the
    /// window.
    pub(super) fn save(&self, path: &str) {
        if path.trim().is_empty() {
            return;
        }
        let mut entries: Vec<Entry> = Vec::new();
        (self.inner.with_log)(&mut |log| {
            entries = log.since(log.first()).cloned().collect();
        });
        let path = match typed_path(path, self.inner.home.as_deref()) {
            Ok(path) => path,
            Err(why) => return self.set_remark(Mood::Warn, format!("Not saved: {why}")),
        };
        let clock = self.inner.clock.clone();
        self.inner.tasks.borrow_mut().save(path, move || plain::file(&clock, &entries, stamp_now()));
        (self.inner.focus_entry)();
    }
}
