//! The keyboard belongs to the user: nothing that comes from the network moves it. Runs on the UI thread.
//!
//! Two things need care. When a private message comes, a window opens while the user may be in the middle of a word somewhere
//! else, and many window managers give the keyboard to what has just opened. So for a moment the new window does not keep it:
//! it gives it back to the widget that had it, and hands on the keys that were pressed in between ([`Borrowed`]).
//!
//! And there is one exception: the fields at the top cannot be written in once there is a connection, so from there, and from
//! nowhere else, the keyboard goes on to where it is of use ([`Handover`]). Another program is never left for that: to move
//! the keyboard within a window that does not have it would, in FLTK, raise the window.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::WidgetExt as _;
use fltk::widget::Widget;

use super::ChatWindow;
use super::conversation::PAUSE_IN_TYPING;
use crate::chat::state::{InvalidField, Phase};

/// How long that moment is, in ticks. They are counted and not measured, so that a program that was held up sees what
/// happened meanwhile before the moment is over.
const TICKS: u32 = 20;

/// After being held up, FLTK makes up for missed ticks at once: of those, only one counts.
const TICK_MIN: Duration = Duration::from_millis(10);

/// The keyboard that a window has, but may not keep. Cloning it gives another handle to the same.
#[derive(Clone, Default)]
pub(super) struct Borrowed(Rc<RefCell<Option<Moment>>>);

struct Moment {
    owner: Widget,
    ticks_left: u32,
    ticked: Instant,
}

impl Borrowed {
    /// The moment begins: the keyboard is this widget's.
    pub(super) fn from(&self, owner: Widget) {
        self.0.replace(Some(Moment { owner, ticks_left: TICKS, ticked: Instant::now() }));
    }

    /// It is over: the user wants to be in the window.
    pub(super) fn keep(&self) {
        self.0.replace(None);
    }

    /// Is the keyboard nobody else's?
    pub(super) fn is_none(&self) -> bool {
        self.0.borrow().is_none()
    }

    /// Gives the keyboard back to its owner. Is there one?
    fn give_back(&self) -> bool {
        // Taken out first, since handlers run while the focus changes.
        let owner = self.0.borrow().as_ref().map(|moment| moment.owner.clone());
        if let Some(owner) = &owner {
            app::set_focus(owner);
        }
        owner.is_some()
    }

    /// A key was pressed: if the keyboard is somebody else's, so is the key.
    pub(super) fn hand_on(&self, key: Event) -> bool {
        let owner = self.0.borrow().as_ref().map(|moment| moment.owner.clone());
        self.give_back() && owner.is_some_and(|mut owner| owner.handle_event(key))
    }

    /// Lets the moment pass, and gives the keyboard back if it is `here`.
    pub(super) fn tick(&self, here: bool) {
        if here {
            self.give_back();
        }
        let mut moment = self.0.borrow_mut();
        if let Some(Moment { ticks_left, ticked, .. }) = &mut *moment
            && ticked.elapsed() >= TICK_MIN
        {
            *ticked = Instant::now();
            *ticks_left -= 1;
        }
        moment.take_if(|moment| moment.ticks_left == 0);
    }
}

/// Where the keyboard goes from the fields at the top, if it is there. Cloning it gives another handle to the same.
#[derive(Clone, Default)]
pub(super) struct Handover {
    next: Rc<Cell<Option<Next>>>,
    /// When a letter was last typed where it had no effect.
    typed: Rc<Cell<Option<Instant>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// There is a connection: to the entry.
    Entry,
    /// The connection was refused: to the field that is most likely to be wrong.
    Field(InvalidField),
    /// Something is asked about the server: to the answers.
    Answer,
}

impl Handover {
    /// Notes a key that was pressed at the top.
    pub(super) fn watch(&self, event: Event) {
        if event == Event::KeyDown {
            let types = app::event_text().chars().any(|character| !character.is_control());
            self.typed.set((types && app::event_key() != Key::Enter).then(Instant::now));
        }
    }

    fn is_typing(&self) -> bool {
        self.typed.get().is_some_and(|typed| typed.elapsed() < PAUSE_IN_TYPING)
    }
}

impl ChatWindow {
    /// Notes what the new phase makes of the fields at the top.
    pub(super) fn phase_has_changed(&self, before: Phase, phase: Phase) {
        let chat = self.chat.borrow();
        self.handover.next.set(match phase {
            // One that was made again by itself changes nothing: the fields could not be written in before either.
            Phase::Online if !chat.was_restored() => Some(Next::Entry),
            Phase::Offline if before == Phase::Connecting && chat.trust_prompt().is_some() => Some(Next::Answer),
            Phase::Offline if before == Phase::Connecting => Some(Next::Field(chat.invalid_field())),
            _ => None,
        });
    }

    /// Moves the keyboard on from the fields at the top, if it is there and nobody is in the middle of a word.
    pub(super) fn hand_over(&mut self) {
        if !self.handover.is_typing() {
            self.hand_over_now();
        }
    }

    /// The same for a user who has just come to the window. Without the keyboard in the window, all of this waits until then.
    pub(super) fn hand_over_now(&mut self) {
        let Some(next) = self.handover.next.get() else { return };
        let Some(focused) = app::focus().filter(|focused| focused.inside(&self.widgets.window)) else { return };
        self.handover.next.set(None);
        if !self.widgets.is_at_the_top(&focused) {
            return;
        }
        let widgets = &mut self.widgets;
        match next {
            Next::Entry => widgets.talk.entry.focus(),
            Next::Field(InvalidField::Server) => widgets.server.focus(),
            Next::Field(InvalidField::Name) => widgets.name.focus(),
            Next::Field(InvalidField::Password) => widgets.password.focus(),
            Next::Answer => self.focus_on_answer(),
        }
    }
}
