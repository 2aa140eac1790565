//! What the status line says for a while instead of what it says otherwise: where a link leads, and what has become of an
//! errand. Runs on the UI thread.

use std::time::Instant;

use super::Reading;
use crate::client::model::destination;
use crate::ui::Tone;

impl Reading {
    /// What the status line should say instead of what it says otherwise.
    pub(in crate::client::window) fn hint(&self) -> Option<(Tone, String)> {
        if let Some((_, link)) = &*self.inner.hovered.borrow() {
            return Some((Tone::Idle, format!("Opens {}", destination(link))));
        }
        if let Some(link) = &*self.inner.selected.borrow() {
            return Some((Tone::Idle, format!("Enter opens {link}")));
        }
        self.inner.told.borrow().as_ref().map(|(_, tone, words)| (*tone, words.clone()))
    }

    /// Has the status line say something for a while.
    pub(in crate::client::window) fn tell(&self, tone: Tone, words: String) {
        self.inner.told.replace(Some((Instant::now(), tone, words)));
        self.inner.hint_changed.set(true);
    }

    /// Has the status line say no more of what was told: something newer is to be seen there.
    pub(in crate::client::window) fn untell(&self) {
        self.inner.told.take();
    }
}
