//! The monitor window: starts, watches and stops a server.
//!
//! Everything here runs on the main thread, and nothing blocks. A callback [sends a message](context), on which
//! [`update`] acts at once: it changes the [`Model`] or sends a command to the [`ServerWorker`]. Thirty times a second a tick takes
//! a bounded batch of replies and events into the model. After both, the [`view`] draws what has changed.
//!
//! Closing the window, or a signal, asks the server worker to finish. The window stays open and says so until the server has
//! stopped and the worker's thread has ended. Then the event loop ends, and the thread is joined.

pub mod action_bar;
pub mod board;
pub mod chat_page;
pub mod connect_line;
pub mod context;
pub mod deleting;
pub mod filter;
pub mod graph;
pub mod history_page;
pub mod list_page;
pub mod log_view;
pub mod member_page;
pub mod people;
pub mod saving;
pub mod settings_page;
pub mod split;
pub mod tabs;
pub mod top_bar;
pub mod totals;
pub mod update;
pub mod view;
pub mod widgets;

use std::cell::{Ref, RefCell};
use std::io;
use std::rc::{Rc, Weak};
use std::time::SystemTime;

use crossbeam_channel::{Receiver, unbounded};
use fltk::app;
use fltk::prelude::FltkError;
use thiserror::Error;

use super::last_stop;
use super::model::Model;
use super::worker::ServerWorker;
use crate::clock::Clock;
use crate::options;
use crate::server::Server;
use crate::signals::Signal;
use crate::ui::{self, Appearance, Settings, ThemeChoice, ZoomWatch};
use context::Context;
use update::Monitor;
use view::View;

/// The options of a server with a window.
#[derive(Debug)]
pub struct Options {
    /// Options of every server that is started from the window.
    pub options: options::Options,
    /// Colour theme. `None` means the theme that was last used.
    pub theme: Option<ThemeChoice>,
    /// Called on the server worker's thread each time a server begins to accept connections.
    pub announce: fn(&Server),
    /// Signals of the system: to close the window, or to read the certificate and the room password again.
    pub signals: Receiver<Signal>,
}

/// An error that ends the window.
#[derive(Debug, Error)]
pub enum WindowError {
    /// The server worker's thread could not be started.
    #[error("could not start a thread ({0}): close other programs")]
    Thread(#[source] io::Error),
    /// The toolkit failed.
    #[error("the window failed ({0}): try --headless")]
    Toolkit(#[source] FltkError),
    /// The server worker's thread panicked, which is a defect of this program.
    #[error("the thread that runs the server panicked: this is a defect of the server")]
    Panicked,
}

/// The window, and the worker that owns its server.
#[derive(Debug)]
pub struct MonitorWindow {
    app: app::App,
    /// Shared with the tick and the callbacks, neither of which keeps it alive.
    monitor: Rc<RefCell<Monitor>>,
    model: Rc<RefCell<Model>>,
}

impl MonitorWindow {
    /// Shows the window and starts a server. Must be called on the main thread.
    ///
    /// # Errors
    /// The system cannot start another thread.
    pub fn open(mut options: Options, mut settings: Settings) -> Result<MonitorWindow, WindowError> {
        let appearance = Appearance::new(options.theme, &settings);
        // The worker reads the file again before it starts the server, and says what is wrong with it.
        let _ = options.options.read();
        let listen = options.options.listen();
        let worker = ServerWorker::spawn(options.options, options.announce).map_err(WindowError::Thread)?;
        last_stop::keep(worker.last_stop());

        let app = ui::start_app(appearance.theme());
        let model = Rc::new(RefCell::new(Model::default()));
        if let Some(complaint) = settings.take_warning() {
            model.borrow_mut().warn(SystemTime::now(), complaint);
        }
        let monitor = Rc::new_cyclic(|monitor: &Weak<RefCell<Monitor>>| {
            let (sender, messages) = unbounded();
            let monitor = monitor.clone();
            let send = move |message| {
                let _ = sender.send(message);
                // If this fails, the message was sent while another is acted on, and is next.
                if let Some(monitor) = monitor.upgrade()
                    && let Ok(mut monitor) = monitor.try_borrow_mut()
                {
                    monitor.take_messages();
                }
            };
            let home = std::env::home_dir();
            let context = Context { model: Rc::clone(&model), clock: Clock::system(), home, send: Rc::new(send) };
            let view = View::new(&context, worker.wire.clone(), &listen, appearance.choice(), &settings);
            RefCell::new(Monitor {
                worker,
                model: Rc::clone(&model),
                view,
                appearance,
                settings,
                messages,
                signals: options.signals,
                updates: None,
                asked_to_close: None,
                late: None,
                zoomed: ZoomWatch::default(),
            })
        });
        monitor.borrow_mut().show_page();
        monitor.borrow_mut().start(listen);
        // Drawn before the first event is taken: a click on Stop that comes with it is not lost.
        monitor.borrow_mut().take_messages();
        monitor.borrow_mut().view.show();
        // FLTK keeps the tick for ever, so the tick must not keep the monitor alive after the loop.
        let (ticking, waiting) = (Rc::downgrade(&monitor), Rc::downgrade(&monitor));
        let has_news = move || {
            waiting.upgrade().is_some_and(|monitor| monitor.try_borrow().is_ok_and(|monitor| monitor.has_news()))
        };
        ui::every_tick(has_news, move || {
            if let Some(monitor) = ticking.upgrade() {
                monitor.borrow_mut().tick();
            }
        });
        Ok(MonitorWindow { app, monitor, model })
    }

    /// Returns the text of the status line.
    pub fn status(&self) -> String {
        self.monitor.borrow().view.status.text()
    }

    /// Returns the line below the action bar: the result of the last action, or the consequence of the pending one. Empty if
    /// there is none.
    pub fn note(&self) -> String {
        self.monitor.borrow().view.people.action_bar.note()
    }

    /// Returns the lines of the window for the board, or none while it is hidden.
    pub fn board(&self) -> String {
        self.monitor.borrow().view.board.text()
    }

    /// Returns everything that the window shows, apart from the protocol lines.
    pub fn model(&self) -> Ref<'_, Model> {
        self.model.borrow()
    }

    /// Returns the displayed protocol lines, as Copy copies them.
    pub fn wire(&self) -> String {
        self.monitor.borrow().view.tabs.wire.text()
    }

    /// Runs the event loop until the window is closed and the server has stopped.
    ///
    /// # Errors
    /// The toolkit failed, or the server worker's thread panicked.
    pub fn run(self) -> Result<(), WindowError> {
        self.app.run().map_err(WindowError::Toolkit)?;
        self.monitor.borrow_mut().worker.join().map_err(|_| WindowError::Panicked)
    }
}
