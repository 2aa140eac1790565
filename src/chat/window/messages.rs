//! The way of events to the state: a callback sends a [`Msg`], and [`update`](Windows::update) carries it out. Runs on
//! the UI thread.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::Windows;
use super::conversation::Action;
use crate::chat::state::{AlertOn, AlertSettings, Joins, Privacy, TalkId};
use crate::client::{Encryption, Fault};
use crate::ui::ThemeChoice;

/// A window with a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pane {
    Room,
    /// A private window, by its number: it is never destroyed.
    Private(usize),
}

/// An event that the state of the windows must hear of.
#[derive(Clone, Debug)]
pub(super) enum Msg {
    /// A thirtieth of a second has passed.
    Tick,
    /// The user has pressed a key or a mouse button, or turned the wheel.
    Active,
    /// The user has pressed a key in the card, where it `types` a letter or not.
    KeyInCard {
        types: bool,
    },
    /// The user has come to the room's window.
    Arrived,
    /// Connect with the values of the card.
    Connect,
    /// Show or hide the password field, as its check box says.
    ShowPassword,
    /// Fill a recent server into the fields, or forget it.
    ChooseRecent(usize),
    ForgetRecent(usize),
    /// Fill in the address of a server on the network.
    ChooseFound(usize),
    /// The button in the top bar: show the card, or cancel the next attempt.
    PressAtTop,
    /// Try at once to connect again.
    ConnectNow,
    /// Show the conversation in this row of the list.
    ShowTalkInRow(usize),
    /// Go back from the card to the conversation.
    CloseCard,
    /// A menu opens.
    OpenMenu,
    /// End the connection, or the attempt to connect.
    Leave,
    /// Choose a theme, or that of the system.
    ChooseTheme(ThemeChoice),
    /// Change between the light and the dark theme.
    ToggleTheme,
    /// Be away, without a reason.
    SetAway,
    /// Be back.
    SetBack,
    /// Choose when to encrypt.
    Encrypt(Encryption),
    /// Turn a privacy setting on or off.
    Switch(fn(&mut Privacy) -> &mut bool),
    /// Be away automatically after this time.
    AwayAfter(Option<Duration>),
    /// Choose what is shown of joins and leaves.
    ChooseJoins(Joins),
    /// Hide the messages of this person, or show them again.
    Ignore(String),
    Unignore(String),
    /// Change what causes an alert.
    AlertOn(fn(&mut AlertSettings) -> &mut AlertOn, AlertOn),
    /// Show the text of messages in notifications, or do not.
    ShowAlertText,
    /// Open the row that registers the name.
    OpenRegister,
    /// Register it with the typed passwords.
    Register,
    /// Close that row.
    CloseRegister,
    /// The answers to the question about a server's certificate.
    Trust,
    Distrust,
    /// Copy the fingerprint in that question.
    CopyFingerprint,
    /// Show or hide the wire.
    ToggleWire,
    /// Start or stop a fault in the connection.
    Inject(Fault),
    /// Reset the connection.
    Vanish,
    /// Open the private conversation with a user.
    OpenPrivate(String),
    /// Put a user's name into the entry, or on the clipboard.
    Mention(String),
    CopyName(String),
    /// Close a private window.
    ClosePrivate(usize),
    /// Show a conversation, and focus its entry.
    ShowTalk(TalkId),
    /// Move a conversation to a window of its own.
    OwnWindow(TalkId),
    /// Close a conversation, or the one that the main window shows.
    CloseTalk(TalkId),
    CloseShownTalk,
    /// Go to the next conversation of the list, to the previous one, or to the next with unread messages.
    StepTalk {
        backwards: bool,
    },
    GoToUnread,
    /// The filter of the sidebar has another text.
    Filter,
    /// Show that filter, clear it, open the first conversation that it finds, or go to the list below it.
    OpenFilter,
    CloseFilter,
    OpenFirstMatch,
    GoToList,
    /// Show the sidebar or fold it.
    ToggleSidebar,
    /// Make the sidebar narrower by this number of pixels.
    DragSidebar(i32),
    /// Open private conversations in windows of their own, or no longer.
    ToggleOwnWindows,
    /// Show the window of keys and commands.
    ShowHelp,
    /// Close what is open in a window, the newest first.
    Escape(Pane),
    /// An action in a conversation.
    In(Pane, Action),
    /// End the program, after a question while some text is unsent.
    Quit,
    /// The other answer to that question.
    Stay,
}

/// The way from FLTK's callbacks to the state of the windows. Cloning it gives another handle to the same.
#[derive(Clone, Default)]
pub(super) struct Sender(Rc<Shared>);

#[derive(Default)]
struct Shared {
    /// Messages that arrived while another one was being carried out.
    waiting: RefCell<VecDeque<Msg>>,
    /// Callbacks live as long as the program, the state until the window is closed.
    windows: RefCell<Option<Windows>>,
}

impl Sender {
    /// Carries out a message before the next event is handled. FLTK also calls back while a message is carried out, for
    /// example when that hides a widget or moves the keyboard focus: what is sent then follows after it, so the state
    /// has one owner at a time.
    pub(super) fn send(&self, msg: Msg) {
        self.0.waiting.borrow_mut().push_back(msg);
        let Ok(mut windows) = self.0.windows.try_borrow_mut() else { return };
        while let Some(msg) = { self.0.waiting.borrow_mut().pop_front() } {
            if let Some(windows) = windows.as_mut() {
                windows.update(msg);
            }
        }
    }

    /// Returns whether something waits for a tick.
    pub(super) fn has_news(&self) -> bool {
        self.0.windows.try_borrow().is_ok_and(|windows| windows.as_ref().is_some_and(Windows::has_news))
    }

    /// Gives the messages their receiver.
    pub(super) fn open(&self, windows: Windows) {
        self.0.windows.replace(Some(windows));
    }

    /// Takes the state away from the callbacks, which live on. What is sent from now on is lost.
    pub(super) fn close(&self) -> Option<Windows> {
        self.0.windows.take()
    }

    /// Returns what `look` makes of the state, or the default value once the window is closed.
    pub(super) fn look<T: Default>(&self, look: impl FnOnce(&mut Windows) -> T) -> T {
        self.0.windows.borrow_mut().as_mut().map(look).unwrap_or_default()
    }

    /// Returns a function that sends an action in a conversation.
    pub(super) fn actions(&self, pane: Pane) -> impl Fn(Action) + Clone + 'static {
        let sender = self.clone();
        move |action| sender.send(Msg::In(pane, action))
    }

    /// Returns a function that sends a message.
    pub(super) fn messages(&self) -> impl Fn(Msg) + Clone + 'static {
        let sender = self.clone();
        move |msg| sender.send(msg)
    }
}
