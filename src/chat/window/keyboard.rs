//! The keyboard belongs to the user: nothing that comes from the network moves it. Runs on the UI thread.
//!
//! Two things need care. When a private message comes, a window opens while the user may be in the middle of a word somewhere
//! else, and many window managers give the keyboard to what has just opened. So for a moment the new window does not keep it:
//! it gives it back to the widget that had it, and hands on the keys that were pressed in between ([`BorrowedFocus`]).
//!
//! And there is one exception: the fields at the top cannot be written in once there is a connection, so from there, and from
//! nowhere else, the keyboard goes on to where it is of use ([`FocusHandover`]). Another program is never left for that: to move
//! the keyboard within a window that does not have it would, in FLTK, raise the window.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::WidgetExt as _;
use fltk::widget::Widget;

use super::ChatWindow;
use crate::chat::state::{InvalidField, Phase};

/// After no key has been pressed for so long, nobody is in the middle of a word.
pub(super) const PAUSE_IN_TYPING: Duration = Duration::from_secs(1);

/// How long that moment is, in ticks. They are counted and not measured, so that a program that was held up sees what
/// happened meanwhile before the moment is over.
const TICKS: u32 = 20;

/// After being held up, FLTK makes up for missed ticks at once: of those, only one counts.
const TICK_MIN: Duration = Duration::from_millis(10);

/// The keyboard that a window has, but may not keep. Cloning it gives another handle to the same.
#[derive(Clone, Default)]
pub(super) struct BorrowedFocus(Rc<RefCell<Option<Loan>>>);

struct Loan {
    owner: Widget,
    ticks_left: u32,
    ticked: Instant,
}

impl BorrowedFocus {
    /// The moment begins: the keyboard is this widget's.
    pub(super) fn lend(&self, owner: Widget) {
        self.0.replace(Some(Loan { owner, ticks_left: TICKS, ticked: Instant::now() }));
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
        let owner = self.0.borrow().as_ref().map(|loan| loan.owner.clone());
        if let Some(owner) = &owner {
            app::set_focus(owner);
        }
        owner.is_some()
    }

    /// A key was pressed: if the keyboard is somebody else's, so is the key.
    pub(super) fn forward_key(&self, key: Event) -> bool {
        let owner = self.0.borrow().as_ref().map(|loan| loan.owner.clone());
        self.give_back() && owner.is_some_and(|mut owner| owner.handle_event(key))
    }

    /// Lets the moment pass, and gives the keyboard back if it is `here`.
    pub(super) fn tick(&self, here: bool) {
        if here {
            self.give_back();
        }
        let mut loan = self.0.borrow_mut();
        if let Some(Loan { ticks_left, ticked, .. }) = &mut *loan
            && ticked.elapsed() >= TICK_MIN
        {
            *ticked = Instant::now();
            *ticks_left -= 1;
        }
        loan.take_if(|loan| loan.ticks_left == 0);
    }
}

/// Where the keyboard goes from the fields at the top, if it is there. Cloning it gives another handle to the same.
#[derive(Clone, Default)]
pub(super) struct FocusHandover {
    next: Rc<Cell<Option<FocusTarget>>>,
    /// When a letter was last typed where it had no effect.
    typed: Rc<Cell<Option<Instant>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FocusTarget {
    /// There is a connection: to the entry.
    Entry,
    /// The connection was refused: to the field that is most likely to be wrong.
    Field(InvalidField),
    /// Something is asked about the server: to the answers.
    Answer,
}

impl FocusHandover {
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
    pub(super) fn on_phase_change(&self, before: Phase, phase: Phase) {
        let chat = self.chat.borrow();
        self.handover.next.set(match phase {
            // One that was made again by itself changes nothing: the fields could not be written in before either.
            Phase::Online if !chat.has_come_back() => Some(FocusTarget::Entry),
            Phase::Offline if before == Phase::Connecting && chat.stranger().is_some() => Some(FocusTarget::Answer),
            Phase::Offline if before == Phase::Connecting => Some(FocusTarget::Field(chat.blame())),
            _ => None,
        });
    }

    /// Moves the keyboard on from the fields at the top, if it is there and nobody is in the middle of a word.
    pub(super) fn hand_over_focus(&mut self) {
        if !self.handover.is_typing() {
            self.hand_over_focus_now();
        }
    }

    /// The same for a user who has just come to the window. Without the keyboard in the window, all of this waits until then.
    pub(super) fn hand_over_focus_now(&mut self) {
        let Some(next) = self.handover.next.get() else { return };
        let Some(focused) = app::focus().filter(|focused| focused.inside(&self.widgets.window)) else { return };
        self.handover.next.set(None);
        if !self.widgets.is_at_the_top(&focused) {
            return;
        }
        let widgets = &mut self.widgets;
        match next {
            FocusTarget::Entry => widgets.conversation.entry.focus(),
            FocusTarget::Field(InvalidField::Server) => widgets.server.focus(),
            FocusTarget::Field(InvalidField::Name) => widgets.name.focus(),
            FocusTarget::Field(InvalidField::Password) => widgets.password.focus(),
            FocusTarget::Answer => self.focus_on_answer(),
        }
    }
}
