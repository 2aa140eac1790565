//! Temporary text of the status line: the destination of a link, or the outcome of an action. Runs on the UI thread.

use std::time::Instant;

use super::Reading;
use crate::chat::render::links::destination;
use crate::mood::Mood;

impl Reading {
    /// Returns the text that the status line shows in front of its state.
    pub(in crate::chat::window) fn hint(&self) -> Option<(Mood, String)> {
        let (hovered, selected) = (self.inner.hovered.borrow(), self.inner.selected.borrow());
        let words = match (hovered.as_ref().map(|(_, link)| destination(link)), selected.as_ref()) {
            (Some(hovered), None) => format!("Opens {hovered}"),
            (None, Some(selected)) => format!("Enter opens {selected}"),
            // There is only room for the hosts of both.
            (Some(hovered), Some(selected)) => {
                let host = |words: &str| words.split(", by ").next().unwrap_or_default().to_owned();
                format!("Enter opens {}; a click opens {}", host(selected), host(&hovered))
            }
            (None, None) => return self.current_remark(),
        };
        Some((Mood::Idle, words))
    }

    /// Returns the outcome of the last action.
    fn current_remark(&self) -> Option<(Mood, String)> {
        self.inner.remark.borrow().as_ref().map(|(_, mood, words)| (*mood, words.clone()))
    }

    /// Shows a remark in the status line for [`REMARK_DURATION`](super::REMARK_DURATION).
    pub(in crate::chat::window) fn set_remark(&self, mood: Mood, words: String) {
        self.inner.remark.replace(Some((Instant::now(), mood, words)));
        self.inner.hint_changed.set(true);
    }

    /// Removes the remark, because the status line has something newer to show.
    pub(in crate::chat::window) fn clear_remark(&self) {
        self.inner.remark.take();
    }
}
