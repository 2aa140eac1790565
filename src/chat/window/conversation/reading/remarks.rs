//! What the status line says for a while instead of what it says otherwise: where a link leads, and what has become of an
//! errand. Runs on the UI thread.

use std::time::Instant;

use super::Reading;
use crate::chat::render::links::destination;
use crate::ui::Tone;

impl Reading {
    /// What the status line should say instead of what it says otherwise.
    pub(in crate::chat::window) fn hint(&self) -> Option<(Tone, String)> {
        let (hovered, selected) = (self.inner.hovered.borrow(), self.inner.selected.borrow());
        let words = match (hovered.as_ref().map(|(_, link)| destination(link)), selected.as_ref()) {
            (Some(hovered), None) => format!("Opens {hovered}"),
            (None, Some(selected)) => format!("Enter opens {selected}"),
            // There is no room for more than the hosts of both.
            (Some(hovered), Some(selected)) => {
                let host = |words: &str| words.split(", by ").next().unwrap_or_default().to_owned();
                format!("Enter opens {}; a click opens {}", host(selected), host(&hovered))
            }
            (None, None) => return self.current_remark(),
        };
        Some((Tone::Idle, words))
    }

    /// What has become of the last thing that was tried.
    fn current_remark(&self) -> Option<(Tone, String)> {
        self.inner.remark.borrow().as_ref().map(|(_, tone, words)| (*tone, words.clone()))
    }

    /// Has the status line say something for a while.
    pub(in crate::chat::window) fn set_remark(&self, tone: Tone, words: String) {
        self.inner.remark.replace(Some((Instant::now(), tone, words)));
        self.inner.hint_changed.set(true);
    }

    /// Has the status line say no more of what was told: something newer is to be seen there.
    pub(in crate::chat::window) fn clear_remark(&self) {
        self.inner.remark.take();
    }
}
