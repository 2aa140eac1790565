//! Keyboard focus: it belongs to the user, and nothing that comes from the network moves it. Runs on the UI thread.
//!
//! Two cases need care. When a private message arrives, a window opens while the user may be in the middle of a word
//! elsewhere, and many window managers give the focus to a window that has just opened. For a short time the new window
//! does not keep the focus: it returns it to the widget that had it, and forwards the keys that were pressed in between
//! ([`BorrowedFocus`]).
//!
//! There is one exception: the card is gone once there is a connection. From there, and from nowhere else, the focus moves
//! on to where it is of use ([`FocusHandover`]). Another program never loses the focus for that: moving the focus within
//! a window that does not have it would, in FLTK, raise the window.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::enums::Event;
use fltk::prelude::{WidgetExt, WindowExt as _};
use fltk::widget::Widget;

use super::Windows;
use super::widgets::Middle;
use crate::chat::state::{InvalidField, Phase};

/// Time without a key press after which the user is no longer in the middle of a word.
pub(super) const PAUSE_IN_TYPING: Duration = Duration::from_secs(1);

/// Length of the loan, in ticks. Ticks are counted rather than time measured, so that a program that was suspended
/// processes what happened meanwhile before the loan ends.
const TICKS: u32 = 20;

/// Minimum time between two counted ticks. After a delay FLTK runs the missed ticks at once; only one of them counts.
const TICK_MIN: Duration = Duration::from_millis(10);

/// The keyboard focus that a new window has but must give back. Cloning it gives another handle to the same.
#[derive(Clone, Default)]
pub(super) struct BorrowedFocus(Rc<RefCell<Option<Loan>>>);

struct Loan {
    owner: Widget,
    ticks_left: u32,
    ticked: Instant,
}

impl BorrowedFocus {
    /// Starts the loan: the focus belongs to `owner`.
    pub(super) fn lend(&self, owner: Widget) {
        self.0.replace(Some(Loan { owner, ticks_left: TICKS, ticked: Instant::now() }));
    }

    /// Ends the loan: the user wants to be in the window.
    pub(super) fn keep(&self) {
        self.0.replace(None);
    }

    /// Returns whether there is no loan.
    pub(super) fn is_none(&self) -> bool {
        self.0.borrow().is_none()
    }

    /// Returns the focus to its owner. Returns whether there is a loan.
    fn give_back(&self) -> bool {
        // Cloned first, because event handlers run while the focus changes.
        let owner = self.0.borrow().as_ref().map(|loan| loan.owner.clone());
        if let Some(owner) = &owner {
            app::set_focus(owner);
        }
        owner.is_some()
    }

    /// Forwards a key to the owner of the focus. Returns whether the owner has handled it.
    pub(super) fn forward_key(&self, key: Event) -> bool {
        let owner = self.0.borrow().as_ref().map(|loan| loan.owner.clone());
        self.give_back() && owner.is_some_and(|mut owner| owner.handle_event(key))
    }

    /// Counts a tick of the loan, and returns the focus to its owner if this window has it (`here`).
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

/// Target of the focus that leaves the card, if it is there.
#[derive(Default)]
pub(super) struct FocusHandover {
    next: Option<FocusTarget>,
    /// Time of the last letter that was typed without effect.
    typed: Option<Instant>,
    /// The focus was in the card when it left the window, which does not have it now.
    left_card: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FocusTarget {
    /// The client is connected: the card goes, and the entry is there.
    Entry,
    /// The connection was refused: the field that is most likely at fault.
    Field(InvalidField),
    /// A question about the server takes the place of the card: its answers.
    Answer,
}

impl FocusHandover {
    /// Records a key that was pressed in the card, and whether it types a letter.
    pub(super) fn key_pressed(&mut self, types: bool) {
        self.typed = types.then(Instant::now);
    }
}

impl Windows {
    /// Decides, for a new phase, what takes the place of the card, and where the focus goes from it.
    pub(super) fn on_phase_change(&mut self, before: Phase, phase: Phase) {
        let link = &self.chat.link;
        self.handover.next = match phase {
            _ if self.widgets.middle() != Middle::Card => None,
            Phase::Online => Some(FocusTarget::Entry),
            Phase::Offline if before == Phase::Connecting && link.trust_prompt().is_some() => Some(FocusTarget::Answer),
            Phase::Offline if before == Phase::Connecting => link.failure().map(|(at, _)| FocusTarget::Field(at)),
            _ => None,
        };
    }

    /// Moves the focus on from the card, if it is there and the user is not in the middle of a word.
    pub(super) fn hand_over_focus(&mut self) {
        if self.handover.typed.is_none_or(|typed| typed.elapsed() >= PAUSE_IN_TYPING) {
            self.hand_over_focus_now();
        }
        if self.has_focus() {
            self.handover.left_card = self.widgets.card.has_focus();
        }
    }

    /// Replaces the card and moves the focus at once, for a user who has just come to the window. As long as the window
    /// does not have the focus, that waits.
    pub(super) fn hand_over_focus_now(&mut self) {
        let Some(next) = self.handover.next else { return };
        let (is_here, is_in_card) = (self.has_focus(), self.widgets.card.has_focus());
        let moves = is_in_card || self.handover.left_card && self.widgets.middle() != Middle::Card;
        match next {
            FocusTarget::Entry => self.widgets.show_middle(Middle::Conversation),
            FocusTarget::Answer => self.widgets.show_middle(Middle::Question),
            FocusTarget::Field(_) => {}
        }
        if !is_here {
            return;
        }
        self.handover.next = None;
        match next {
            _ if !moves => {}
            FocusTarget::Entry => self.widgets.entry.focus(),
            FocusTarget::Answer => self.widgets.trust.focus(),
            FocusTarget::Field(field) => self.widgets.card.field(field).focus(),
        }
    }

    /// Focuses what the user does in the middle of the window, after a part beside it was closed.
    pub(super) fn focus_middle(&mut self) {
        match self.widgets.middle() {
            Middle::Conversation => self.widgets.entry.focus(),
            Middle::Card => self.widgets.card.focus(),
            Middle::Question => self.widgets.trust.focus(),
        }
    }

    /// Moves the focus on from a widget that is hidden now, unless that was done: FLTK gives it to any other widget of the
    /// window, most often to a button of the top bar.
    pub(super) fn focus_from_hidden(&mut self, hidden: &Widget) {
        let now = app::focus().map(|focused| focused.as_base_widget()).filter(WidgetExt::visible_r);
        if hidden.inside(&self.widgets.window) {
            let is_chosen = |now: &Widget| {
                !self.widgets.top.contains(now)
                    && !self.widgets.sidebar.contains(now)
                    && !now.is_same(&self.room.widgets.display)
            };
            if self.widgets.window.shown() && !now.as_ref().is_some_and(is_chosen) {
                self.focus_middle();
            }
        } else if let Some(private) = self.privates.iter_mut().find(|private| hidden.inside(&private.window)) {
            let is_odd = now.is_none_or(|now| now.is_same(&private.conversation.widgets.display));
            if private.window.shown() && is_odd {
                private.conversation.widgets.entry.focus();
            }
        }
    }

    /// Returns whether the room's window has the keyboard focus.
    pub(super) fn has_focus(&self) -> bool {
        app::focus().is_some_and(|focused| focused.inside(&self.widgets.window))
    }
}
