//! The private windows: one for each user, created when first needed. A closed one is hidden and not destroyed, so that
//! its conversation and its draft are there when it is opened again. When there are too many, one that is read and
//! closed is reused for another user: FLTK would never free the closures of a destroyed window. Runs on the UI thread.
//!
//! When a private message arrives, the window opens without taking the keyboard focus. If one of our windows has the
//! focus, it is returned there (see `keyboard.rs`). If another program has it, we could not return it, so the window
//! opens as an icon, to which no window manager gives the focus.

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _, WindowExt as _};
use fltk::window::Window;

use super::Windows;
use super::bindings::send_activity;
use super::conversation::{ConversationView, ConversationWidgets, MessagePane};
use super::messages::{Msg, Pane, Sender};
use super::widgets::{column, page, set_label};
use crate::chat::state::{Chat, Whom, WindowRequest, counted, shown_name, shown_server};
use crate::client::ServerAddress;
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
    /// The server of the other user.
    server: ServerAddress,
    pub(super) conversation: ConversationView,
    size: WindowSize,
    /// Size when it was last stored.
    noted: (i32, i32),
}

impl PrivateWindow {
    fn open(name: &str, server: ServerAddress, windows: &Windows) -> PrivateWindow {
        let (w, h) = remembered_size(&windows.settings);
        let mut window = ui::window(w, h, "", "multichat");
        let at = windows.privates.len();
        let send = windows.sender.actions(Pane::Private(at));
        let all = page();
        let view = column();
        let messages = MessagePane::build();
        let widgets = ConversationWidgets::build(all.clone(), view, messages, true, &send);
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

        let conversation = ConversationView::new(widgets, Whom::One(name.to_owned()), windows.clock.clone(), &send);
        let noted = size.of(&window);
        let mut private = PrivateWindow { window, server, conversation, size, noted };
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
        let mut shortcuts = self.conversation.shortcuts(sender.actions(Pane::Private(at)));
        self.window.handle(move |window, event| {
            send_activity(event, &send);
            let msg = match (event, app::event_key()) {
                (Event::Focus, _) => {
                    // FLTK chose the first widget that takes the focus; a user who comes here wants to write.
                    if display.has_focus() {
                        entry.focus();
                    }
                    return false;
                }
                (Event::Push, _) => {
                    // A user who clicks into the window wants to be there.
                    borrowed_focus.keep();
                    return false;
                }
                (Event::KeyDown, _) if borrowed_focus.forward_key(event) => return true,
                (Event::KeyDown, key) if app::is_event_ctrl() && key == Key::from_char('w') => Msg::ClosePrivate(at),
                (Event::KeyDown | Event::Shortcut, Key::Escape) => Msg::Escape(Pane::Private(at)),
                // Events that no widget of the window has handled.
                _ => return shortcuts(event) || ui::wrap_focus(window, event),
            };
            send(msg);
            true
        });
    }

    /// Closes the window at the user's request.
    pub(super) fn close(&mut self, chat: &mut Chat) {
        ui::hide_window(&mut self.window);
        if !self.conversation.has_draft() {
            chat.talks.window_closed(&self.conversation.whom);
        }
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
        self.conversation.mark_read(chat) | changed
    }

    /// Updates its widgets.
    pub(super) fn draw(&mut self, chat: &mut Chat) {
        // A user of this name on the current server may be another person.
        self.conversation.whom = chat.talks.whom_on(&self.server, self.name());
        if self.window.shown() {
            self.conversation.draw(chat);
            let server = match &self.conversation.whom {
                Whom::OnOtherServer(server, _) => format!(" on {}", shown_server(server)),
                _ => String::new(),
            };
            let title = format!("{}{server} - multichat", shown_name(self.name()));
            set_label(&mut self.window, &counted(self.conversation.unread(chat), &title));
        }
    }

    /// Returns the name of the other user.
    pub(super) fn name(&self) -> &str {
        match &self.conversation.whom {
            Whom::One(name) | Whom::OnOtherServer(_, name) => name,
            Whom::All => "",
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
    /// Shows the private windows that the model requests.
    pub(super) fn open_requested(&mut self) {
        for WindowRequest { name, by_user, in_place_of } in self.chat.talks.take_window_requests() {
            let Some(at) = self.private(&name, in_place_of) else { continue };
            let private = &mut self.privates[at];
            if by_user {
                private.show(&mut self.chat);
            } else {
                private.show_quietly(&mut self.chat);
            }
            private.draw(&mut self.chat);
        }
    }

    /// Returns the window for a conversation: the existing one, or `free` reused, or a new one.
    fn private(&mut self, name: &str, free: Option<String>) -> Option<usize> {
        let whom = Whom::One(name.to_owned());
        let of = |whom: &Whom| self.privates.iter().position(|private| private.conversation.whom == *whom);
        if let Some(known) = of(&whom) {
            return Some(known);
        }
        if let Some(at) = free.and_then(|free| of(&Whom::One(free))) {
            self.privates[at].conversation.switch_to(whom);
            return Some(at);
        }
        // A private conversation needs a connection.
        let server = self.chat.talks.server().cloned()?;
        let private = PrivateWindow::open(name, server, self);
        self.privates.push(private);
        Some(self.privates.len() - 1)
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
