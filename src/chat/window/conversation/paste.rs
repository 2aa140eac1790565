//! Pasting of several lines into the entry. Each line would be a message, so the user is asked first. Runs on the UI
//! thread.

use fltk::prelude::InputExt as _;

use super::ConversationView;

impl ConversationView {
    /// Asks the user about pasted text of several lines, because each would be a message. Returns false for any other
    /// text, which the entry then handles itself.
    pub(super) fn take_pasted(&mut self, text: &str) -> bool {
        let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        let several = lines.len() > 1;
        if several {
            self.widgets.ask_about(Some(lines.len()));
            self.pasted.replace(lines);
        }
        several
    }

    pub(super) fn send_pasted(&mut self) {
        let lines = self.pasted.take();
        self.reading.clear_remark();
        if self.chat.borrow_mut().send_all(&self.whom(), &lines) {
            self.reading.follow();
            self.forget_pasted();
        } else {
            // The status line has the reason; the question stays.
            self.pasted.replace(lines);
        }
        self.draw();
    }

    pub(super) fn join_pasted(&mut self) {
        let text = self.pasted.take().join(" ");
        // At the cursor, as pasting does.
        if let Err(error) = self.widgets.entry.input().insert(&text) {
            log::warn!("cannot paste: {error}");
        }
        self.forget_pasted();
    }

    pub(super) fn forget_pasted(&mut self) {
        self.pasted.take();
        self.chat.borrow_mut().forget_refusal(&self.whom());
        self.requests.draw.set(true);
        self.widgets.ask_about(None);
        self.widgets.entry.focus();
    }
}
