//! The contents of the windows as text: for tests, which cannot read what a widget has drawn. Runs on the UI thread.

use super::conversation::Shown;
use super::{ChatWindow, Windows};

impl ChatWindow {
    /// Returns the text of the conversation in the main window: each line with its time and its name.
    pub fn text(&self) -> String {
        self.shown().text()
    }

    /// Returns the text of the private conversation with `name`, if there is a window for it.
    pub fn text_with(&self, name: &str) -> Option<String> {
        let of = |windows: &mut Windows| {
            let private = windows
                .privates
                .iter()
                .find(|private| private.talk().is_some() && private.conversation.name() == name)?;
            Some(private.conversation.shown())
        };
        self.0.look(of).map(|shown| shown.text())
    }

    /// Returns the words in the empty entry of the main window.
    pub fn hint(&self) -> String {
        self.0.look(|windows| windows.room.widgets.entry.hint())
    }

    /// Returns the conversation in the main window, as it stands there.
    pub fn shown(&self) -> Shown {
        self.0.look(|windows| windows.room.shown())
    }
}
