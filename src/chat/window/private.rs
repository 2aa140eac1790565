//! The private windows: one for each user, created when first needed. A closed one is hidden and not destroyed, so that
//! its conversation and its draft are there when it is opened again. When there are too many, one that is read and
//! closed is reused for another user: FLTK would never free the closures of a destroyed window. Runs on the UI thread.
//!
//! When a private message arrives, the window opens without taking the keyboard focus. If one of our windows has the
//! focus, it is returned there (see `keyboard.rs`). If another program has it, we could not return it, so the window
//! opens as an icon, to which no window manager gives the focus.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use fltk::app;
use fltk::enums::{Event, FrameType, Key};
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _, WindowExt as _};
use fltk::window::Window;

use super::ChatWindow;
use super::conversation::{ConversationView, ConversationWidgets, MessagePane};
use crate::chat::state::Chat;
use crate::chat::state::{Whom, WindowRequest, counted, shown_name};
use crate::client::ServerAddress;
use crate::protocol::escape::escape;
use crate::ui::{self, GAP, MARGIN, Settings, WindowSize, theme};

/// Minimum size: in a narrower window the rows below the conversation have no room for their fields.
const SMALLEST: (i32, i32) = (460, 260);
/// Default size.
const USUAL: (i32, i32) = (520, 420);
/// Key of the last window size in the settings.
const SIZE: &str = "private_window";
/// Offset from each window to the next, so that none hides another.
const STEP: i32 = 24;

/// A window for the conversation with one user. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct PrivateWindow {
    window: Window,
    /// The server of the other user.
    server: ServerAddress,
    conversation: ConversationView,
    size: WindowSize,
    /// Size when it was last stored.
    noted: Rc<Cell<(i32, i32)>>,
}

impl PrivateWindow {
    fn open(name: &str, server: ServerAddress, room: &ChatWindow) -> PrivateWindow {
        let (w, h) = remembered_size(&room.settings.borrow());
        let mut window = ui::window(w, h, "", "multichat");
        let mut all = Flex::default_fill().column();
        all.set_frame(FrameType::FlatBox);
        all.set_color(theme::BACKGROUND);
        all.set_margins(MARGIN, MARGIN, MARGIN, 6);
        all.set_pad(GAP);
        let messages = MessagePane::build();
        let widgets = ConversationWidgets::build(all.clone(), messages);
        window.end();
        window.resizable(&all);
        let size = WindowSize::at_least(SMALLEST, &mut window);

        let before = i32::try_from(room.privates.borrow().len() % 10).unwrap_or_default();
        let (x, y) = (room.widgets.window.x(), room.widgets.window.y());
        window.set_pos(x + STEP * (before + 2), y + STEP * (before + 4));
        // The position is relative to that screen.
        window.set_screen_num(room.widgets.window.screen_num());
        size.fit(&mut window);
        // Without it FLTK centers all of them.
        window.force_position(true);

        let whom = Whom::One(name.to_owned());
        let conversation =
            ConversationView::new(widgets, whom, Rc::clone(&room.chat), room.clock.clone(), Rc::clone(&room.requests));
        let noted = Rc::new(Cell::new(size.of(&window)));
        let private = PrivateWindow { window, server, conversation, size, noted };
        private.bind(room);
        private
    }

    fn bind(&self, room: &ChatWindow) {
        let mut window = self.window.clone();
        let mut closing = self.clone();
        window.set_callback(move |_| {
            // FLTK calls this on Escape too, which must not close the window.
            if app::event() == Event::Close {
                closing.close();
            }
        });
        let mut closing = self.clone();
        let mut conversation = self.conversation.clone();
        let requests = Rc::clone(&room.requests);
        window.handle(move |window, event| {
            requests.watch(event);
            match event {
                Event::Focus => {
                    // FLTK chose the first widget that takes the focus; a user who comes here wants to write.
                    if conversation.widgets.display.has_focus() {
                        conversation.widgets.entry.focus();
                    }
                    false
                }
                Event::Push => {
                    // A user who clicks into the window wants to be there.
                    conversation.borrowed_focus.keep();
                    false
                }
                Event::KeyDown if conversation.borrowed_focus.forward_key(event) => true,
                Event::KeyDown if app::is_event_ctrl() && app::event_key() == Key::from_char('w') => {
                    closing.close();
                    true
                }
                // Events that no widget of the window has handled.
                _ => conversation.shortcut(event) || ui::wrap_focus(window, event),
            }
        });
    }

    /// Closes the window at the user's request.
    fn close(&mut self) {
        self.window.hide();
        if !self.conversation.has_draft() {
            self.conversation.mark_closed();
        }
    }

    /// Shows the window to a user who has asked for it, and focuses its entry.
    fn show(&mut self) {
        self.conversation.borrowed_focus.keep();
        self.window.show();
        self.conversation.draw();
        self.conversation.widgets.entry.focus();
    }

    /// Shows the window to a user who is busy elsewhere, without taking the focus.
    fn show_quietly(&mut self) {
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
        self.conversation.draw();
    }

    /// Processes the user's actions, and marks the messages in view as read. Returns whether a redraw is needed.
    fn tick(&mut self) -> bool {
        if !self.window.shown() {
            return false;
        }
        let changed = self.conversation.poll();
        self.conversation.borrowed_focus.tick(app::focus().is_some_and(|widget| widget.inside(&self.window)));
        if self.conversation.has_focus() && self.conversation.is_at_end() {
            self.conversation.mark_read();
        }
        changed
    }

    fn draw(&mut self, chat: &RefCell<Chat>) {
        // A user of this name on the current server may be another person.
        let whom = chat.borrow().whom_on(&self.server, &self.name());
        let other_servers = matches!(whom, Whom::OnOtherServer(..));
        self.conversation.rename(whom);
        if self.window.shown() {
            self.conversation.draw();
            let server =
                if other_servers { format!(" on {}", escape(&self.server.to_string())) } else { String::new() };
            let title =
                counted(self.conversation.unread(), &format!("{}{server} - multichat", shown_name(&self.name())));
            if self.window.label() != title {
                self.window.set_label(&title);
            }
        }
    }

    /// Returns the name of the other user.
    pub(super) fn name(&self) -> String {
        match self.conversation.whom() {
            Whom::One(name) | Whom::OnOtherServer(_, name) => name,
            Whom::All => String::new(),
        }
    }

    /// Stores the size in the settings, if it has changed.
    pub(super) fn save_size(&self, settings: &mut Settings) {
        let (w, h) = self.size.of(&self.window);
        if self.noted.replace((w, h)) != (w, h) {
            settings.set(SIZE, &format!("{w}x{h}"));
        }
    }

    /// Returns the text of the status line.
    pub(super) fn status(&self) -> String {
        self.conversation.widgets.status.text()
    }

    /// Waits until every file is saved.
    pub(super) fn finish(&self) {
        self.conversation.reading.finish();
    }

    /// Keeps the window on the screen after the zoom has changed.
    pub(super) fn fit(&mut self) {
        if self.window.shown() {
            self.size.fit(&mut self.window);
        }
    }

    /// Hides the window.
    pub(super) fn hide(&mut self) {
        self.window.hide();
    }
}

impl ChatWindow {
    /// Shows the private windows that the model requests.
    pub(super) fn open_requested(&mut self) {
        let calls = self.chat.borrow_mut().take_window_requests();
        for WindowRequest { name, by_user, in_place_of } in calls {
            let Some(mut private) = self.private(&name, in_place_of.as_deref()) else { continue };
            if by_user {
                private.show();
            } else {
                private.show_quietly();
            }
            private.draw(&self.chat);
        }
    }

    /// Returns the window for a conversation: the existing one, or `free` reused, or a new one.
    fn private(&self, name: &str, free: Option<&str>) -> Option<PrivateWindow> {
        let whom = |name: &str| Whom::One(name.to_owned());
        if let Some(known) = self.privates().find(|private| private.conversation.whom() == whom(name)) {
            return Some(known);
        }
        if let Some(mut free) = free.and_then(|free| self.privates().find(|it| it.conversation.whom() == whom(free))) {
            free.conversation.switch_to(whom(name));
            return Some(free);
        }
        // A private conversation needs a connection.
        let server = self.chat.borrow().server().cloned()?;
        let private = PrivateWindow::open(name, server, self);
        self.privates.borrow_mut().push(private.clone());
        Some(private)
    }

    /// Processes the user's actions in the private windows. Returns whether a redraw is needed.
    pub(super) fn poll_privates(&self) -> bool {
        // `fold` and not `any`, which would stop at the first that needs one.
        self.privates().fold(false, |changed, mut private| private.tick() | changed)
    }

    /// Updates their widgets.
    pub(super) fn draw_privates(&self) {
        self.privates().for_each(|mut private| private.draw(&self.chat));
    }

    /// Returns handles to all of them, cloned because callbacks may run while they are used.
    pub(super) fn privates(&self) -> impl Iterator<Item = PrivateWindow> {
        self.privates.borrow().clone().into_iter()
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
