//! The private windows: one for each person, made when it is first needed, and hidden rather than destroyed, so that
//! its conversation and its draft are there again when it is opened the next time. When there are too many, one that was
//! read and closed is given to somebody else: FLTK would never free the closures of one that was destroyed. Runs on the UI
//! thread.
//!
//! When somebody says something, the window opens without taking the keyboard. If one of our windows has it, it is given back
//! there (see `keyboard.rs`). If another program has it, we could not give it back, so the window opens as an icon, which
//! no window manager gives the keyboard to.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use fltk::app;
use fltk::enums::{Event, FrameType, Key};
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _, WindowExt as _};
use fltk::window::Window;

use super::ChatWindow;
use super::conversation::{ConversationView, ConversationWidgets, Sheet};
use crate::chat::state::Chat;
use crate::chat::state::{Whom, WindowRequest, counted, shown_name};
use crate::client::ServerAddress;
use crate::protocol::escape::escape;
use crate::ui::{self, GAP, MARGIN, Settings, WindowSize, theme};

/// Narrower, and the rows below the conversation have no room for their fields.
const SMALLEST: (i32, i32) = (460, 260);
/// How large one is as long as nobody has said otherwise.
const USUAL: (i32, i32) = (520, 420);
/// Under which word it is remembered how large the last one was made.
const SIZE: &str = "private_window";
/// From each to the next, so that none hides another.
const STEP: i32 = 24;

/// A window for the talk with one person. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct PrivateWindow {
    window: Window,
    /// The server on which the other one is.
    server: ServerAddress,
    talk: ConversationView,
    size: WindowSize,
    /// How large it was to be when that was last noted.
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
        let sheet = Sheet::build();
        let widgets = ConversationWidgets::build(all.clone(), sheet);
        window.end();
        window.resizable(&all);
        let size = WindowSize::at_least(SMALLEST, &mut window);

        let before = i32::try_from(room.privates.borrow().len() % 10).unwrap_or_default();
        let (x, y) = (room.widgets.window.x(), room.widgets.window.y());
        window.set_pos(x + STEP * (before + 2), y + STEP * (before + 4));
        // The place is one of that screen.
        window.set_screen_num(room.widgets.window.screen_num());
        size.fit(&mut window);
        // Without it FLTK puts all of them in the middle.
        window.force_position(true);

        let whom = Whom::One(name.to_owned());
        let talk =
            ConversationView::new(widgets, whom, Rc::clone(&room.chat), room.clock.clone(), Rc::clone(&room.wishes));
        let noted = Rc::new(Cell::new(size.of(&window)));
        let private = PrivateWindow { window, server, talk, size, noted };
        private.wire(room);
        private
    }

    fn wire(&self, room: &ChatWindow) {
        let mut window = self.window.clone();
        let mut closing = self.clone();
        window.set_callback(move |_| {
            // Escape calls this too, and nobody means to close it with that.
            if app::event() == Event::Close {
                closing.window_closed();
            }
        });
        let mut closing = self.clone();
        let mut talk = self.talk.clone();
        let wishes = Rc::clone(&room.wishes);
        window.handle(move |window, event| {
            wishes.watch(event);
            match event {
                Event::Focus => {
                    // FLTK chose the first widget that takes the keyboard; who comes here wants to write.
                    if talk.widgets.conversation.has_focus() {
                        talk.widgets.entry.focus();
                    }
                    false
                }
                Event::Push => {
                    // Whoever clicks into it wants to be there.
                    talk.borrowed.keep();
                    false
                }
                Event::KeyDown if talk.borrowed.hand_on(event) => true,
                Event::KeyDown if app::is_event_ctrl() && app::event_key() == Key::from_char('w') => {
                    closing.window_closed();
                    true
                }
                // What nobody in the window wanted.
                _ => talk.shortcut(event) || ui::goes_around(window, event),
            }
        });
    }

    /// Its user closes it, for now or for good.
    fn window_closed(&mut self) {
        self.window.hide();
        if !self.talk.has_draft() {
            self.talk.window_closed();
        }
    }

    /// Shows it to somebody who wants to write in it.
    fn show(&mut self) {
        self.talk.borrowed.keep();
        self.window.show();
        self.talk.draw();
        self.talk.widgets.entry.focus();
    }

    /// Shows it to somebody who is busy elsewhere.
    fn show_quietly(&mut self) {
        if self.window.shown() {
            return;
        }
        match app::focus() {
            Some(owner) => {
                self.talk.borrowed.from(owner.as_base_widget());
                self.window.show();
            }
            None => self.window.iconize(),
        }
        self.talk.draw();
    }

    /// Looks at what the user did, and marks as read what is being read.
    fn tick(&mut self) -> bool {
        if !self.window.shown() {
            return false;
        }
        let changed = self.talk.look();
        self.talk.borrowed.tick(app::focus().is_some_and(|widget| widget.inside(&self.window)));
        if self.talk.has_keyboard() && self.talk.is_at_end() {
            self.talk.seen();
        }
        changed
    }

    fn draw(&mut self, chat: &RefCell<Chat>) {
        // Somebody of this name on the server that we are on now may be somebody else.
        let whom = chat.borrow().whom_on(&self.server, &self.name());
        let other_servers = matches!(whom, Whom::OnOtherServer(..));
        self.talk.name_anew(whom);
        if self.window.shown() {
            self.talk.draw();
            let server =
                if other_servers { format!(" on {}", escape(&self.server.to_string())) } else { String::new() };
            let title = counted(self.talk.unread(), &format!("{}{server} - multichat", shown_name(&self.name())));
            if self.window.label() != title {
                self.window.set_label(&title);
            }
        }
    }

    /// With whom it is.
    pub(super) fn name(&self) -> String {
        match self.talk.whom() {
            Whom::One(name) | Whom::OnOtherServer(_, name) => name,
            Whom::All => String::new(),
        }
    }

    /// Notes how large it is, if that has changed.
    pub(super) fn note_size(&self, settings: &mut Settings) {
        let (w, h) = self.size.of(&self.window);
        if self.noted.replace((w, h)) != (w, h) {
            settings.set(SIZE, &format!("{w}x{h}"));
        }
    }

    /// What its status line says.
    pub(super) fn status(&self) -> String {
        self.talk.widgets.status.text()
    }

    /// Waits until what is being saved is saved.
    pub(super) fn finish(&self) {
        self.talk.reading.finish();
    }

    /// Keeps it on the screen, after everything was made larger.
    pub(super) fn fit(&mut self) {
        if self.window.shown() {
            self.size.fit(&mut self.window);
        }
    }

    /// Closes it for now.
    pub(super) fn hide(&mut self) {
        self.window.hide();
    }
}

impl ChatWindow {
    /// Shows the private windows that the model wants to be shown.
    pub(super) fn answer_calls(&mut self) {
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

    /// The window for a talk, made if there was none and none is free.
    fn private(&self, name: &str, free: Option<&str>) -> Option<PrivateWindow> {
        let whom = |name: &str| Whom::One(name.to_owned());
        if let Some(known) = self.privates().find(|private| private.talk.whom() == whom(name)) {
            return Some(known);
        }
        if let Some(mut free) = free.and_then(|free| self.privates().find(|it| it.talk.whom() == whom(free))) {
            free.talk.turn_to(whom(name));
            return Some(free);
        }
        // Who talks to somebody is on a server.
        let server = self.chat.borrow().server().cloned()?;
        let private = PrivateWindow::open(name, server, self);
        self.privates.borrow_mut().push(private.clone());
        Some(private)
    }

    /// Looks at what the user did in the private windows. Returns whether something is to be drawn.
    pub(super) fn look_at_privates(&self) -> bool {
        // All of them, whatever the first says.
        self.privates().fold(false, |changed, mut private| private.tick() | changed)
    }

    /// Brings them up to date.
    pub(super) fn draw_privates(&self) {
        self.privates().for_each(|mut private| private.draw(&self.chat));
    }

    /// Handles to all of them: while they are used, callbacks may run.
    pub(super) fn privates(&self) -> impl Iterator<Item = PrivateWindow> {
        self.privates.borrow().clone().into_iter()
    }
}

/// How large the next one is to be.
fn remembered_size(settings: &Settings) -> (i32, i32) {
    let number = |text: &str, smallest| text.parse().ok().filter(|size| (smallest..30_000).contains(size));
    let remembered = settings.get(SIZE).and_then(|text| {
        let (w, h) = text.split_once('x')?;
        Some((number(w, SMALLEST.0)?, number(h, SMALLEST.1)?))
    });
    remembered.unwrap_or(USUAL)
}
