//! A text field that grows with its text, from one line to six, and scrolls beyond: a rounded plate, with a ring in the accent
//! colour while it has the keyboard focus. Runs on the UI thread.
//!
//! FLTK's inputs draw at most 1024 bytes of a line and do not break a word that is wider than they are. Its text editor does
//! both, and has selection and input methods. Five of its habits are changed here: an arrow key empties the selection that
//! other programs paste with the middle button; a paste removes the selected text before it is known what is pasted; the Insert
//! key overwrites; Ctrl with Backspace deletes one character; and undo takes all that was typed in one go.
//!
//! The editor's own text is never read back: in the binding, each call that returns text leaks it. A copy follows the editor's
//! reports of its changes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Align, CallbackTrigger, Event, Font, FrameType};
use fltk::group::Flex;
use fltk::prelude::{DisplayExt as _, GroupExt as _, WidgetBase as _, WidgetExt as _};
use fltk::text::{Cursor, TextBuffer, TextEditor, WrapMode};

mod keys;
mod undo;

use super::field::add_outline;
use super::scrollbar::{draw_scrollbars, style_scrollbars};
use super::theme;
use super::widgets::{CONTROL_HEIGHT, TEXT_SIZE, escape_label};
use undo::{Step, Undo};

/// Maximum number of visible rows.
const ROWS_MAX: i32 = 6;
/// Space between the plate's edge and the editor at the left and at the right. The editor adds [`INSET`].
const PADDING: i32 = 7;
/// Space that the editor keeps free at each side of its text.
const INSET: i32 = 3;
/// Space below the editor. Less than half of the space above the text: with a little room below the last row, the editor
/// counts that row as visible.
const BELOW: i32 = 2;
/// Width of the scrollbar.
const SCROLLBAR: i32 = 10;

/// The entry. Cloning it gives another handle to the same widgets.
#[derive(Clone)]
pub struct Entry {
    plate: Flex,
    editor: TextEditor,
    buffer: TextBuffer,
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    /// A copy of the editor's text.
    text: RefCell<Vec<u8>>,
    undo: RefCell<Undo>,
    /// A change is undone or repeated.
    replays: Cell<bool>,
    /// The words that an empty entry shows.
    hint: RefCell<String>,
    /// Height of the plate, as requested last.
    height: Cell<i32>,
    /// Width of the editor for which that was computed.
    width: Cell<i32>,
    /// The text has changed since.
    changed: Cell<bool>,
    on_enter: RefCell<Option<Box<dyn FnMut()>>>,
    on_height: RefCell<Option<OnHeight>>,
}

type OnHeight = Box<dyn FnMut(i32)>;

impl Entry {
    /// Creates an empty entry in the open group.
    pub fn new() -> Entry {
        let mut plate = Flex::default();
        plate.set_frame(FrameType::RFlatBox);
        plate.set_color(theme::SURFACE);
        let above = (CONTROL_HEIGHT - row_height()) / 2;
        plate.set_margins(PADDING, above, PADDING, BELOW);
        let mut editor = TextEditor::default();
        plate.end();
        let mut buffer = TextBuffer::default();
        buffer.can_undo(false);
        editor.set_buffer(buffer.clone());
        editor.set_frame(FrameType::FlatBox);
        editor.set_color(theme::SURFACE);
        editor.set_text_color(theme::TEXT);
        editor.set_text_size(TEXT_SIZE);
        editor.set_selection_color(theme::ACCENT);
        editor.set_cursor_color(theme::ACCENT);
        editor.set_cursor_style(Cursor::Simple);
        editor.set_scrollbar_size(SCROLLBAR);
        editor.set_scrollbar_align(Align::Center);
        style_scrollbars(&editor);
        let entry = Entry { plate, editor, buffer, state: Rc::default() };
        entry.state.height.set(CONTROL_HEIGHT);
        entry.clone().follow_text();
        let mut changed = entry.clone();
        let mut editor = entry.editor.clone();
        editor.set_trigger(CallbackTrigger::Changed);
        editor.set_callback(move |_| changed.fit());
        entry.clone().draw_hint();
        entry.clone().on_event(|_| false);
        entry
    }

    /// Returns the widget for a layout.
    pub fn group(&self) -> &Flex {
        &self.plate
    }

    /// Returns the editor.
    pub fn editor(&mut self) -> &mut TextEditor {
        &mut self.editor
    }

    /// Returns the text.
    pub fn value(&self) -> String {
        String::from_utf8_lossy(&self.state.text.borrow()).into_owned()
    }

    /// Replaces the text, and forgets how it came about. The caret is behind it.
    pub fn set_value(&mut self, value: &str) {
        self.buffer.set_text(value);
        self.state.undo.borrow_mut().clear();
        self.caret_to_end();
        self.fit();
    }

    /// Replaces the text as an edit that can be undone, and moves the caret to a byte of it.
    pub fn edit(&mut self, value: &str, caret: usize) {
        self.buffer.replace(0, self.buffer.length(), value);
        self.set_caret(caret);
        self.fit();
    }

    /// Replaces the selected text by another, or inserts it at the caret.
    pub fn insert(&mut self, text: &str) {
        self.buffer.remove_selection();
        self.editor.insert(text);
        self.editor.show_insert_position();
        self.fit();
    }

    /// Returns the byte of the text before which the caret stands.
    pub fn caret(&self) -> usize {
        usize::try_from(self.editor.insert_position()).unwrap_or(0)
    }

    /// Moves the caret before a byte of the text, with nothing selected.
    pub fn set_caret(&mut self, byte: usize) {
        self.buffer.unselect();
        self.editor.set_insert_position(i32::try_from(byte).unwrap_or(i32::MAX));
        self.editor.show_insert_position();
    }

    /// Moves the caret behind the text, with nothing selected.
    pub fn caret_to_end(&mut self) {
        let end = self.state.text.borrow().len();
        self.set_caret(end);
    }

    /// Returns whether the caret is in the first row.
    pub fn is_in_first_row(&self) -> bool {
        self.editor.line_start(self.editor.insert_position()) == 0
    }

    /// Returns whether the caret is in the last row.
    pub fn is_in_last_row(&self) -> bool {
        self.editor.line_end(self.editor.insert_position(), false) >= self.buffer.length()
    }

    /// Returns the place of the caret in the window.
    pub fn caret_place(&self) -> (i32, i32) {
        self.editor.position_to_xy(self.editor.insert_position())
    }

    /// Returns whether some text is selected.
    pub fn has_selection(&self) -> bool {
        self.buffer.selected()
    }

    /// Inserts the clipboard's text. It arrives as an event.
    pub fn paste(&self) {
        app::paste_text(&self.editor);
    }

    /// Sets the words that an empty entry shows.
    pub fn set_hint(&mut self, hint: &str) {
        if self.hint() != hint {
            hint.clone_into(&mut self.state.hint.borrow_mut());
            self.editor.redraw();
        }
    }

    /// Returns these words.
    pub fn hint(&self) -> String {
        self.state.hint.borrow().clone()
    }

    /// Calls `enter` when Enter is pressed without Shift.
    pub fn on_enter(&mut self, enter: impl FnMut() + 'static) {
        self.state.on_enter.replace(Some(Box::new(enter)));
    }

    /// Calls `resize` with the height that the entry needs, whenever that has changed.
    pub fn on_height(&mut self, resize: impl FnMut(i32) + 'static) {
        self.state.on_height.replace(Some(Box::new(resize)));
    }

    /// Calls `handler` with each event before the entry sees it. If `handler` returns true, the entry does not see the
    /// event. While `handler` shows a menu, it is called again: what the menu pastes is an event, too.
    pub fn on_event(&mut self, handler: impl Fn(Event) -> bool + 'static) {
        let handler = Rc::new(handler);
        let (mut entry, handle) = (self.clone(), Rc::clone(&handler));
        add_outline(&mut self.plate, &self.editor, move |event| handle(event) || entry.handle(event));
        // The edge of the plate belongs to the entry, too.
        let mut entry = self.clone();
        self.plate.handle(move |_, event| {
            let is_edge = event == Event::Push && !app::event_inside_widget(&entry.editor);
            if is_edge && !handler(event) {
                entry.focus();
            }
            is_edge
        });
    }

    /// Takes the keyboard focus, if the window is shown.
    pub fn focus(&mut self) {
        if self.editor.take_focus().is_ok() {
            app::set_focus(&self.editor);
        }
    }

    /// Returns whether the entry has the keyboard focus.
    pub fn has_focus(&self) -> bool {
        self.editor.has_focus()
    }

    /// Requests the height that the text needs. To be called after the width may have changed.
    pub fn fit(&mut self) {
        let width = self.editor.w();
        if self.state.width.replace(width) != width {
            // Room for the scrollbar is kept in any case: whether it is needed must not depend on whether it is there.
            self.editor.wrap_mode(WrapMode::AtPixel, (width - 2 * INSET - SCROLLBAR).max(1));
        } else if !self.state.changed.take() {
            return;
        }
        let rows = self.rows();
        let is_long = rows > ROWS_MAX;
        self.editor.set_scrollbar_align(if is_long { Align::Right } else { Align::Center });
        if !is_long {
            self.editor.scroll(1, 0);
        }
        let height = CONTROL_HEIGHT + (rows.min(ROWS_MAX) - 1) * row_height();
        if self.state.height.replace(height) != height
            && let Some(mut resize) = self.state.on_height.take()
        {
            resize(height);
            self.state.on_height.replace(Some(resize));
        }
        self.editor.show_insert_position();
        self.editor.redraw();
    }

    /// Counts the rows, up to one more than are visible.
    fn rows(&mut self) -> i32 {
        let (length, mut at) = (self.buffer.length(), 0);
        for row in 1..=ROWS_MAX {
            let next = self.editor.skip_lines(at, 1, true);
            if next <= at || next >= length {
                // Behind a final line feed there is one more row.
                return row + i32::from(self.state.text.borrow().last() == Some(&b'\n'));
            }
            at = next;
        }
        ROWS_MAX + 1
    }

    /// Keeps the copy of the text up to date.
    fn follow_text(mut self) {
        let (buffer, state) = (self.buffer.clone(), self.state);
        self.buffer.add_modify_callback(move |at, inserted, deleted, _, _| {
            if inserted == 0 && deleted == 0 {
                return;
            }
            let mut text = state.text.borrow_mut();
            let at_byte = usize::try_from(at).unwrap_or(0).min(text.len());
            let end = text.len().min(at_byte + usize::try_from(deleted).unwrap_or(0));
            let inserted: Vec<u8> = (at..at + inserted).map(|byte| buffer.byte_at(byte)).collect();
            if !state.replays.get() {
                let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let (removed, inserted) = (words(&text[at_byte..end]), words(&inserted));
                state.undo.borrow_mut().record(Step { at: at_byte, removed, inserted });
            }
            text.splice(at_byte..end, inserted);
            state.changed.set(true);
        });
    }

    fn draw_hint(mut self) {
        let state = self.state;
        self.editor.draw(move |editor| {
            draw_scrollbars(editor);
            if state.text.borrow().is_empty() {
                draw::set_draw_color(theme::MUTED);
                draw::set_font(Font::Helvetica, TEXT_SIZE);
                let (x, y, w) = (editor.x() + INSET + 2, editor.y() + 1, editor.w() - INSET - 2);
                draw::push_clip(x, y, w, editor.h());
                draw::draw_text2(&escape_label(&state.hint.borrow()), x, y, w, row_height(), Align::Left);
                draw::pop_clip();
            }
        });
    }
}

impl Default for Entry {
    fn default() -> Entry {
        Entry::new()
    }
}

/// Returns the height of a row of text.
fn row_height() -> i32 {
    draw::set_font(Font::Helvetica, TEXT_SIZE);
    draw::height()
}
