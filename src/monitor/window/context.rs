//! The means of a widget's callback: the model to read, and a message to the window.
//!
//! The window acts on a message before FLTK delivers the next key or click: the keyboard focus has moved by then, so keys that
//! are typed ahead reach the answer to a question and not the list behind it. If messages waited for the next tick, a Tab that
//! follows Shift+Delete within 33 ms would go to the list (`tests/windows/place.rs` fails then). Main thread only.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use log::Level;

use crate::clock::Clock;
use crate::monitor::messages::Action;
use crate::monitor::model::{Confirmation, Model, Scope};
use crate::options::Key;
use crate::protocol::Username;
use crate::server::Listen;
use crate::ui::ThemeChoice;

/// Input of the operator, on its way from a callback to `Monitor::update`.
pub(super) enum Msg {
    /// Start a server on these addresses.
    Start(Listen),
    /// Stop the server. If anybody is here, that is asked first.
    Stop,
    /// Choose who can connect: edits the addresses to listen on.
    LetIn(Scope),
    /// Show the window for the board.
    ShowBoard,
    /// Choose a theme, or that of the system.
    ChooseTheme(ThemeChoice),
    /// Stop the server and close the window. If anybody is here, that is asked first.
    Close,
    /// Ask this question.
    Ask(Confirmation),
    /// Choose the kind and the duration of the ban in question.
    Choose([usize; 2]),
    /// Answer the question with yes.
    Yes,
    /// Answer the question, if there is one, with no.
    No,
    /// Perform an action that needs no answer.
    Perform(Action),
    /// Send this text to every client.
    Announce(String),
    /// Register this name.
    AddMember(String),
    /// Set an option to the text of its field; `true` or `false` for a switch.
    EnterOption(Key, String),
    /// Restart the server, or ask about it.
    Restart,
    /// Show the page of the chosen tab.
    ShowPage,
    /// List the messages of the history with the words of the search field.
    SearchHistory,
    /// Show the lines of the log with this level and these words.
    FilterLog(Level, String),
    /// Move the border between the people and the pages by so many pixels down.
    DragBorder(i32),
    /// Pause the log, or resume it.
    PauseLog,
    /// List the clients with these words.
    FilterPeople(String),
    /// List the threads with these words.
    FilterThreads(String),
    /// Copy this text.
    Copy(String),
    /// Select the client with this name, and ask about it.
    AskAbout(String, fn(&Model) -> Option<Msg>),
    /// Show the marked message of the conversation as a whole below the list, or no longer.
    ToggleWhole,
    /// List what was said under these names in the history.
    ShowSaid(Vec<Username>),
}

/// The means of a callback. Cloning gives another handle.
#[derive(Clone)]
pub(super) struct Context {
    /// Shared with the callbacks that draw tables, which FLTK may call while the window acts on a message. Only the window
    /// and the tables change it: they mark and sort its rows.
    pub(super) model: Rc<RefCell<Model>>,
    pub(super) clock: Clock,
    /// The user's home folder, if the system names one.
    pub(super) home: Option<PathBuf>,
    pub(super) send: Rc<dyn Fn(Msg)>,
}

impl Context {
    /// Returns a callback that sends the message made from the model. `None` means that there is nothing to be done, because
    /// nothing is marked.
    pub(super) fn on<F>(&self, message: F) -> impl FnMut() + 'static + use<F>
    where
        F: Fn(&Model) -> Option<Msg> + 'static,
    {
        let (model, send) = (Rc::clone(&self.model), Rc::clone(&self.send));
        move || {
            let message = message(&model.borrow());
            message.into_iter().for_each(|message| send(message));
        }
    }
}
