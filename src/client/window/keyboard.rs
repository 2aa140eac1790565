//! Whose the keyboard is, while a window opens that nobody has asked for. Runs on the UI thread.
//!
//! When somebody says something, a window opens, and the user may be in the middle of a word somewhere else. Who gets the
//! keyboard then is up to the window manager, and many give it to what has just opened. So for a moment the new window
//! does not keep it: it gives it back to whoever had it, and hands on the keys that were pressed in between.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::enums::Event;
use fltk::prelude::WidgetExt as _;
use fltk::widget::Widget;

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
