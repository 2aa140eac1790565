//! The keys and the pastes that the [`Entry`] handles in place of FLTK's editor. Runs on the UI thread.

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::DisplayExt as _;

use super::Entry;
use crate::ui::modifiers::is_ctrl;

impl Entry {
    /// Handles an event in place of the editor. Returns whether it did.
    pub(super) fn handle(&mut self, event: Event) -> bool {
        match event {
            Event::KeyDown => self.press(app::event_key()),
            Event::Paste => {
                // A line that was copied together with its end is no beginning of another line.
                let text = app::event_text().replace("\r\n", "\n");
                self.insert(text.strip_suffix('\n').unwrap_or(&text));
                true
            }
            _ => false,
        }
    }

    fn press(&mut self, key: Key) -> bool {
        let (shift, ctrl) = (app::is_event_shift(), is_ctrl());
        if app::is_event_alt() {
            return false;
        }
        match key {
            Key::Enter | Key::KPEnter if !shift => {
                if let Some(mut enter) = self.state.on_enter.take() {
                    enter();
                    self.state.on_enter.replace(Some(enter));
                }
            }
            Key::Insert if !shift && !ctrl => {}
            Key::Insert if shift => self.paste(),
            Key::BackSpace | Key::Delete if ctrl && !self.buffer.selected() => self.delete_word(key == Key::Delete),
            _ if ctrl && !shift && key == Key::from_char('v') => self.paste(),
            _ if ctrl && !shift && key == Key::from_char('z') => self.undo(),
            _ if ctrl && (!shift && key == Key::from_char('y') || shift && key == Key::from_char('z')) => self.redo(),
            Key::Left | Key::Right | Key::Up | Key::Down | Key::Home | Key::End if !shift => {
                return self.move_caret(key, ctrl);
            }
            _ => return false,
        }
        true
    }

    /// Moves the caret as FLTK does, which also claims the selection that other programs paste with the middle button.
    fn move_caret(&mut self, key: Key, by_words: bool) -> bool {
        let at = self.editor.insert_position();
        let selected = self.buffer.selection_position();
        // At the end of the text these fail, and nothing is to be done.
        let moved = match (key, by_words, selected) {
            (Key::Left, false, None) => self.editor.move_left(),
            (Key::Right, false, None) => self.editor.move_right(),
            (Key::Up, false, _) => self.editor.move_up(),
            (Key::Down, false, _) => self.editor.move_down(),
            _ => {
                match (key, by_words, selected) {
                    (Key::Left, false, Some((start, _))) => self.editor.set_insert_position(start),
                    (Key::Right, false, Some((_, end))) => self.editor.set_insert_position(end),
                    (Key::Home, false, _) => self.editor.set_insert_position(self.editor.line_start(at)),
                    (Key::End, false, _) => self.editor.set_insert_position(self.editor.line_end(at, false)),
                    (Key::Left, true, _) => self.editor.previous_word(),
                    (Key::Right, true, _) => self.editor.next_word(),
                    (Key::Home, true, _) => self.editor.set_insert_position(0),
                    (Key::End, true, _) => self.editor.set_insert_position(self.buffer.length()),
                    _ => return false,
                }
                Ok(())
            }
        };
        let _ = moved;
        self.buffer.unselect();
        self.editor.show_insert_position();
        true
    }

    fn delete_word(&mut self, forwards: bool) {
        let from = self.editor.insert_position();
        if forwards {
            self.editor.next_word();
        } else {
            self.editor.previous_word();
        }
        let to = self.editor.insert_position();
        self.buffer.remove(from.min(to), from.max(to));
        self.editor.show_insert_position();
        self.fit();
    }
}
