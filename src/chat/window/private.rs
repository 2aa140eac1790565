//! The windows of private conversations that have windows of their own: at the user's request, or all of them by a
//! setting. A closed one is hidden and used again for another conversation: FLTK would never free the closures of a
//! destroyed window. Runs on the UI thread.
//!
//! When a private message arrives and the setting is on, a window opens without taking the keyboard focus. If one of our windows has the
//! focus, it is returned there (see `keyboard.rs`). If another program has it, we could not return it, so the window
//! opens as an icon, to which no window manager gives the focus.

use fltk::app;
use fltk::enums::Event;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _, WindowExt as _};
use fltk::window::Window;

use super::Windows;
use super::bindings::send_activity;
use super::conversation::{ConversationView, ConversationWidgets, Drawer, MessagePane};
use super::messages::{Msg, Pane, Sender};
use super::widgets::{column, page, set_label};
use crate::chat::state::{Chat, TalkId, counted};
use crate::ui::{self, Settings, WindowSize};

/// Minimum size: in a narrower window the rows below the conversation have no room for their fields.
const SMALLEST: (i32, i32) = (460, 260);
/// Default size.
const USUAL: (i32, i32) = (520, 420);
/// Key of the last window size in the settings.
const SIZE: &str = "private_window";
/// Offset from each window to the next, so that none hides another.
const STEP: i32 = 24;

/// A window for the conversation with one user.
pub(super) struct PrivateWindow {
    pub(super) window: Window,
    /// It shows a conversation. Otherwise it was closed, and another conversation may use it.
    in_use: bool,
    pub(super) conversation: ConversationView,
    size: WindowSize,
    /// Size when it was last stored.
    noted: (i32, i32),
}

impl PrivateWindow {
    fn create(windows: &Windows) -> PrivateWindow {
        let (w, h) = remembered_size(&windows.settings);
        let mut window = ui::window(w, h, "", ui::Program::Chat);
        let at = windows.privates.len();
        let send = windows.sender.actions(Pane::Private(at));
        let all = page();
        let mut view = column();
        let messages = MessagePane::build();
        let drawer = Drawer::build(&mut view);
        let widgets = ConversationWidgets::build(all.clone(), view, messages, (drawer, None), &send);
        window.end();
        window.resizable(&all);
        let size = WindowSize::at_least(SMALLEST, &mut window);

        let room = &windows.widgets.window;
        let before = i32::try_from(at % 10).unwrap_or_default();
        window.set_pos(room.x() + STEP * (before + 2), room.y() + STEP * (before + 4));
        // The position is relative to that screen.
        window.set_screen_num(room.screen_num());
        size.fit(&mut window);
        // Without it FLTK centers all of them.
        window.force_position(true);

        let conversation = ConversationView::new(widgets, false, windows.clock.clone(), &send);
        let noted = size.of(&window);
        let mut private = PrivateWindow { window, in_use: false, conversation, size, noted };
        private.bind(at, &windows.sender);
        private
    }

    fn bind(&mut self, at: usize, sender: &Sender) {
        let close = sender.messages();
        self.window.set_callback(move |_| {
            // FLTK calls this on Escape too, which must not close the window.
            if app::event() == Event::Close {
                close(Msg::ClosePrivate(at));
            }
        });
        let send = sender.messages();
        let (display, mut entry) = (self.conversation.widgets.display.clone(), self.conversation.widgets.entry.clone());
        let borrowed_focus = self.conversation.borrowed_focus.clone();
        let mut shortcuts = self.conversation.shortcuts(Pane::Private(at), sender.messages());
        self.window.handle(move |window, event| {
            send_activity(event, &send);
            match event {
                Event::Focus => {
                    // FLTK chose the first widget that takes the focus; a user who comes here wants to write.
                    if display.has_focus() {
                        entry.focus();
                    }
                    false
                }
                Event::Push => {
                    // A user who clicks into the window wants to be there.
                    borrowed_focus.keep();
                    false
                }
                Event::KeyDown if borrowed_focus.forward_key(event) => true,
                // Events that no widget of the window has handled.
                _ => shortcuts(event) || ui::wrap_focus(window, event),
            }
        });
    }

    /// Returns the conversation that the window shows.
    pub(super) fn talk(&self) -> Option<TalkId> {
        self.in_use.then_some(self.conversation.talk)
    }

    /// Shows the window to a user who has asked for it, and focuses its entry.
    fn show(&mut self, chat: &mut Chat) {
        self.conversation.borrowed_focus.keep();
        self.window.show();
        self.conversation.draw(chat);
        self.conversation.widgets.entry.focus();
    }

    /// Shows the window to a user who is busy elsewhere, without taking the focus.
    fn show_quietly(&mut self, chat: &mut Chat) {
        if self.window.shown() {
            return;
        }
        match app::focus() {
            Some(owner) => {
                self.conversation.borrowed_focus.lend(owner.as_base_widget());
                self.window.show();
            }
            None => self.window.iconize(),
        }
        self.conversation.draw(chat);
    }

    /// Processes the user's scrolling and typing, and marks the messages in view as read. Returns whether a redraw is
    /// needed.
    pub(super) fn tick(&mut self, chat: &mut Chat) -> bool {
        if !self.window.shown() {
            return false;
        }
        let changed = self.conversation.tick(chat);
        self.conversation.borrowed_focus.tick(app::focus().is_some_and(|widget| widget.inside(&self.window)));
        changed
    }

    /// Updates its widgets.
    pub(super) fn draw(&mut self, chat: &mut Chat) {
        if self.in_use {
            self.conversation.draw(chat);
            let title = format!("{} - multichat", self.conversation.title().unwrap_or_default());
            set_label(&mut self.window, &counted(self.conversation.unread(chat), &title));
        }
    }

    /// Stores the size in the settings, if it has changed.
    pub(super) fn save_size(&mut self, settings: &mut Settings) {
        let (w, h) = self.size.of(&self.window);
        if std::mem::replace(&mut self.noted, (w, h)) != (w, h) {
            settings.set_place(SIZE, &format!("{w}x{h}"));
        }
    }

    /// Keeps the window on the screen after the zoom has changed.
    pub(super) fn fit(&mut self) {
        if self.window.shown() {
            self.size.fit(&mut self.window);
        }
    }
}

impl Windows {
    /// Returns the window that shows a conversation.
    pub(super) fn window_of(&self, talk: TalkId) -> Option<usize> {
        self.privates.iter().position(|private| private.talk() == Some(talk))
    }

    /// Shows a conversation in its own window. Gives it the keyboard focus if the user has asked for it.
    pub(super) fn open_window(&mut self, talk: TalkId, by_user: bool) {
        let at = self.window_of(talk).unwrap_or_else(|| self.give_window(talk));
        let private = &mut self.privates[at];
        if by_user {
            private.show(&mut self.chat);
        } else {
            private.show_quietly(&mut self.chat);
        }
        private.draw(&mut self.chat);
    }

    /// Gives a conversation a window: one that was closed, or a new one.
    fn give_window(&mut self, talk: TalkId) -> usize {
        let free = self.privates.iter().position(|private| !private.in_use);
        let at = free.unwrap_or_else(|| {
            let private = PrivateWindow::create(self);
            self.privates.push(private);
            self.privates.len() - 1
        });
        if let Some(whom) = self.chat.talks.whom(talk) {
            self.chat.talks.reopen(&whom);
        }
        let private = &mut self.privates[at];
        let state = self.hidden.take(talk, &self.chat);
        // A free view has nothing to keep.
        let _ = private.conversation.turn_to(talk, state, &mut self.chat);
        private.in_use = true;
        at
    }

    /// Closes a window at the user's request. Its conversation is kept, with the draft.
    pub(super) fn close_window(&mut self, at: usize) {
        let Some(private) = self.privates.get_mut(at) else { return };
        let Some(talk) = private.talk() else { return };
        ui::hide_window(&mut private.window);
        self.hidden.keep(talk, private.conversation.leave(&mut self.chat));
        private.in_use = false;
        self.note_closed(talk);
    }
}

/// Returns the size for the next window.
fn remembered_size(settings: &Settings) -> (i32, i32) {
    let number = |text: &str, smallest| text.parse().ok().filter(|size| (smallest..30_000).contains(size));
    let remembered = settings.get(SIZE).and_then(|text| {
        let (w, h) = text.split_once('x')?;
        Some((number(w, SMALLEST.0)?, number(h, SMALLEST.1)?))
    });
    remembered.unwrap_or(USUAL)
}
