//! The contents of the windows as text: for tests, which cannot read what a widget has drawn. Runs on the UI thread.

use fltk::prelude::WidgetExt as _;

use super::conversation::Shown;
use super::{ChatWindow, Windows};

impl ChatWindow {
    /// Returns the text of the conversation in the main window: each line with its time and its name.
    pub fn text(&self) -> String {
        self.shown().text()
    }

    /// Returns the text of the conversation in the window with this title, if there is one.
    pub fn text_in(&self, title: &str) -> Option<String> {
        let of = |windows: &mut Windows| {
            let own = windows.privates.iter().filter(|private| private.talk().is_some());
            let mut all = own.map(|private| (&private.window, &private.conversation)).collect::<Vec<_>>();
            all.push((&windows.widgets.window, &windows.room));
            all.into_iter().find(|(window, _)| window.label() == title).map(|(_, conversation)| conversation.shown())
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
