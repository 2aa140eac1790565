//! The actions on the text of a conversation: find, go to a link, copy, and save as text. Runs on the UI thread; a
//! background task writes the file or starts the browser.

use std::path::PathBuf;
use std::time::SystemTime;

use fltk::app;
use fltk::prelude::WidgetExt as _;

use super::Reading;
use crate::chat::render::find::Towards;
use crate::chat::render::page::Reader;
use crate::chat::render::plain;
use crate::chat::state::MessageLog;
use crate::clock::stamp_now;
use crate::files::{self, typed_path};
use crate::mood::Mood;

impl Reading {
    /// Returns whether the row to find text is open.
    pub(in crate::chat::window::conversation) fn is_finding(&self) -> bool {
        self.bars.drawer.is_open(&self.bars.find.row)
    }

    /// Opens the row to find text. The visible part stays in view until there is a hit.
    pub(in crate::chat::window::conversation) fn open_find(&mut self) {
        let was_open = self.is_finding();
        self.bars.drawer.open(&self.bars.find.row);
        self.bars.find.focus();
        if !was_open {
            self.transcript.begin_search(&self.bars.find.field.value());
            self.show_count();
        }
    }

    /// Opens the row to save the conversation.
    pub(in crate::chat::window::conversation) fn open_save(&mut self) {
        let name = files::name_at(&self.clock, SystemTime::now());
        let path = self.home.as_ref().map_or_else(|| PathBuf::from(&name), |home| home.join(&name));
        if !self.bars.drawer.is_open(&self.bars.save.row) {
            self.bars.save.field.set_value(&path.to_string_lossy());
        }
        self.bars.drawer.open(&self.bars.save.row);
        self.bars.save.field.focus();
    }

    /// Closes the bar below the conversation.
    pub(in crate::chat::window::conversation) fn close_bar(&mut self) {
        if self.is_finding() {
            self.transcript.end_search();
        }
        self.bars.drawer.close(&self.bars.find.row);
        self.bars.drawer.close(&self.bars.save.row);
    }

    /// Closes the bar or the pane that was opened last, if it is for reading. Returns whether it was.
    pub(in crate::chat::window::conversation) fn close_newest(&mut self) -> bool {
        if let Some(results) = self.bars.results.as_ref().filter(|results| self.bars.drawer.is_newest(&results.column))
        {
            self.bars.drawer.close(&results.column);
            return true;
        }
        let is_bar = [&self.bars.find.row, &self.bars.save.row].into_iter().any(|bar| self.bars.drawer.is_newest(bar));
        if is_bar {
            self.close_bar();
        }
        is_bar
    }

    /// Finds a text, and shows the first hit.
    pub(in crate::chat::window::conversation) fn find(&mut self, wanted: &str) {
        if self.transcript.search(wanted) {
            self.show_hit();
        } else {
            self.shows_hit = true;
        }
    }

    /// Shows the next hit or the previous one.
    pub(in crate::chat::window::conversation) fn step(&mut self, towards: Towards) {
        self.transcript.step(towards);
        self.show_hit();
    }

    fn show_hit(&mut self) {
        self.shows_hit = false;
        self.show_count();
        self.transcript.show_hit();
    }

    /// Searches on, if there is something left to search.
    pub(super) fn search_on(&mut self) {
        if self.transcript.is_searching() {
            if self.transcript.search_on() && self.shows_hit {
                self.show_hit();
            }
            self.show_count();
        }
    }

    /// Shows the number of hits, once it is known.
    pub(super) fn show_count(&mut self) {
        if !self.transcript.is_searching() {
            self.bars.find.show_count(&self.transcript.found());
        }
    }

    /// Selects the newest link, or the one before the selected link.
    pub(in crate::chat::window::conversation) fn select_link(&mut self) {
        if self.transcript.select_link() {
            // Enter now belongs to the messages, where it opens the link.
            let _ = self.display.take_focus();
            self.update_selected();
        }
    }

    /// Copies the selection, if there is one, to the clipboard as plain text.
    pub(in crate::chat::window::conversation) fn copy(&self) {
        if let Some(text) = self.transcript.selected_text() {
            app::copy(&text);
        }
    }

    /// Saves what is shown of the conversation to the typed path in a background task, so that neither the formatting nor
    /// the disk blocks the window. The keyboard stays in the field until the file is written.
    pub(in crate::chat::window::conversation) fn save(&mut self, log: &MessageLog, reader: Reader<'_>) {
        let typed = self.bars.save.field.value();
        if typed.trim().is_empty() || self.saving.as_ref() == Some(&typed) {
            return;
        }
        match typed_path(&typed, self.home.as_deref()) {
            Ok(path) => {
                let entries = plain::shown(log.since(log.first()), reader.joins, reader.ignored);
                let clock = self.clock.clone();
                self.tasks.save(path, move || plain::file(&clock, &entries, stamp_now()));
                self.saving = Some(typed);
            }
            Err(why) => self.set_remark(Mood::Warn, format!("Not saved: {why}")),
        }
    }
}
