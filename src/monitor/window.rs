//! The monitor window: starts, watches and stops a server.
//!
//! Everything here runs on the main thread. The window never blocks: commands go to the [`ServerWorker`], and thirty times a
//! second a tick takes a bounded batch of replies and events into the [`Model`] and draws what has changed.
//!
//! Closing the window, or a signal, asks the server worker to finish. The window stays open and says so until the server has
//! stopped and the worker's thread has ended. Then the event loop ends, and the thread is joined.

pub mod action_bar;
pub mod callbacks;
pub mod graph;
pub mod history_page;
pub mod list_page;
pub mod log_view;
pub mod member_page;
pub mod tabs;
pub mod totals;
pub mod view;
pub mod widgets;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use crossbeam_channel::Receiver;
use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::{FltkError, WidgetBase as _, WidgetExt as _};
use thiserror::Error;

use super::last_stop;
use super::messages::{Action, Reply, Update};
use super::model::{Model, State};
use super::worker::ServerWorker;
use crate::clock::Clock;
use crate::server::{Config, Server, StoredMessage};
use crate::signals::Signal;
use crate::ui::{self, Drained, Settings, Theme, ZoomWatch};
use view::View;

/// Maximum number of replies, and of events, per tick: a flood must not keep the window from responding.
const BATCH: usize = 1000;

/// The options of a server with a window.
#[derive(Debug)]
pub struct Options {
    /// Configuration of every server that is started from the window.
    pub config: Config,
    /// Address to listen on. `None` means the address that was last entered in the window, or else that of the config.
    pub listen: Option<String>,
    /// Colour theme. `None` means the theme that was last used.
    pub theme: Option<Theme>,
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
    monitor: Rc<RefCell<Monitor>>,
}

impl MonitorWindow {
    /// Shows the window and starts a server. Must be called on the main thread.
    ///
    /// # Errors
    /// The system cannot start another thread.
    pub fn open(options: Options, mut settings: Settings) -> Result<MonitorWindow, WindowError> {
        let theme = options.theme.or_else(|| settings.theme()).unwrap_or_default();
        settings.set_theme(theme);
        let listen = options.listen.or_else(|| settings.get("listen")).unwrap_or_else(|| options.config.listen.clone());
        let mut worker = ServerWorker::spawn(options.config, options.announce).map_err(WindowError::Thread)?;
        last_stop::keep(worker.last_stop());

        let app = ui::start_app(theme);
        let model = Rc::new(RefCell::new(Model::default()));
        if let Some(complaint) = settings.take_warning() {
            model.borrow_mut().warn(SystemTime::now(), complaint);
        }
        let mut view = View::new(&model, worker.wire(), &listen, theme, view::remembered_size(&settings));
        view.show();
        let monitor = Rc::new(RefCell::new(Monitor {
            worker,
            model,
            view,
            theme,
            settings,
            updates: None,
            typed_address: None,
            zoomed: ZoomWatch::default(),
        }));
        connect(&monitor);
        callbacks::connect(&monitor);
        monitor.borrow_mut().start(listen);
        // FLTK keeps the tick for ever, so the tick must not keep the monitor alive after the loop.
        let ticking = Rc::downgrade(&monitor);
        ui::every_tick(move || {
            if let Some(monitor) = ticking.upgrade() {
                let mut monitor = monitor.borrow_mut();
                match options.signals.try_recv() {
                    Ok(Signal::Terminate) => monitor.close(),
                    Ok(Signal::HangUp) => monitor.worker.reload(),
                    Err(_) => {}
                }
                monitor.tick();
            }
        });
        Ok(MonitorWindow { app, monitor })
    }

    /// Returns the text of the status line.
    pub fn status(&self) -> String {
        self.monitor.borrow().view.status()
    }

    /// Returns the line below the action bar: the result of the last action, or the consequence of the pending one. Empty if
    /// there is none.
    pub fn note(&self) -> String {
        self.monitor.borrow().view.note()
    }

    /// Returns the names in the table, in its order.
    pub fn names(&self) -> Vec<String> {
        let monitor = self.monitor.borrow();
        let model = monitor.model.borrow();
        model.clients().iter().map(|client| client.name.to_string()).collect()
    }

    /// Returns the displayed lines of the log.
    pub fn log(&self) -> Vec<String> {
        self.monitor.borrow().model.borrow().log().shown().iter().map(|line| line.text.clone()).collect()
    }

    /// Returns the displayed protocol lines, as Copy copies them.
    pub fn wire(&self) -> String {
        self.monitor.borrow().view.tabs.wire.text()
    }

    /// Returns the summary of the history, and the listed messages: `ann: hello`.
    pub fn history(&self) -> (String, Vec<String>) {
        let monitor = self.monitor.borrow();
        let model = monitor.model.borrow();
        let history = model.history();
        let row = |message: &StoredMessage| format!("{}: {}", message.from, message.text);
        (history.summary(), history.list().iter().map(row).collect())
    }

    /// Returns the listed threads with their activities: `accept: accepting`.
    pub fn threads(&self) -> Vec<String> {
        let monitor = self.monitor.borrow();
        let model = monitor.model.borrow();
        let threads = model.threads().list();
        let cell = |row, column| threads.cell(row, column, &Clock::system()).map(|(text, _)| text);
        (0..threads.len()).filter_map(|row| Some(format!("{}: {}", cell(row, 0)?, cell(row, 1)?))).collect()
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

/// The state behind the window: the worker, the model, and the widgets.
#[derive(Debug)]
struct Monitor {
    worker: ServerWorker,
    model: Rc<RefCell<Model>>,
    view: View,
    theme: Theme,
    settings: Settings,
    /// Updates of the running server; `None` if none is running.
    updates: Option<Receiver<Update>>,
    /// The address for which Start was pressed. It is remembered only if the server can listen on it.
    typed_address: Option<String>,
    zoomed: ZoomWatch,
}

/// Returns a callback that calls `method` on the monitor, if that still exists.
fn callback(monitor: &Rc<RefCell<Monitor>>, method: fn(&mut Monitor)) -> impl Fn() + 'static {
    let monitor = Rc::downgrade(monitor);
    move || {
        if let Some(monitor) = monitor.upgrade() {
            method(&mut monitor.borrow_mut());
        }
    }
}

/// Connects the controls of the server to their callbacks.
fn connect(monitor: &Rc<RefCell<Monitor>>) {
    let callback = |method| callback(monitor, method);
    let (enter, start, stop) =
        (callback(Monitor::start_pressed), callback(Monitor::start_pressed), callback(Monitor::stop_pressed));
    let (theme, close) = (callback(Monitor::theme_pressed), callback(Monitor::close));
    let cancel = callback(Monitor::cancel);
    let view = &mut monitor.borrow_mut().view;
    let (yes, no) = (view.action_bar.yes.clone(), view.action_bar.no.clone());
    let choices = view.action_bar.choices();
    view.window.handle(move |window, event| {
        ui::wrap_focus(window, event)
            || ui::press_on_enter(event, &[&yes, &no])
            || ui::confirm_on_enter(event, &choices, &yes)
    });
    view.address.on_enter(enter);
    view.start.set_callback(move |_| start());
    view.stop.set_callback(move |_| stop());
    view.theme.set_callback(move |_| theme());
    view.window.set_callback(move |_| {
        // FLTK calls this for Escape, too, which cancels a question and never closes the window.
        if app::event() == Event::Close {
            close();
        } else if app::event_key() == Key::Escape {
            cancel();
        }
    });
}

impl Monitor {
    fn start_pressed(&mut self) {
        if self.model.borrow().state().can_start() {
            let listen = self.view.address.value().trim().to_owned();
            self.typed_address = Some(listen.clone());
            self.start(listen);
        }
    }

    fn start(&mut self, listen: String) {
        self.model.borrow_mut().starting(&listen);
        self.worker.start(listen);
        self.draw();
    }

    fn stop_pressed(&mut self) {
        if self.model.borrow().state().can_stop() {
            self.model.borrow_mut().stopping();
            self.worker.stop();
            self.draw();
        }
    }

    fn theme_pressed(&mut self) {
        self.theme = self.theme.other();
        self.theme.apply();
        self.settings.set_theme(self.theme);
        self.view.show_theme(self.theme);
    }

    fn close(&mut self) {
        self.model.borrow_mut().closing();
        self.worker.finish();
        self.view.remember_size(&mut self.settings);
        self.draw();
    }

    fn tick(&mut self) {
        if self.zoomed.has_changed(&self.view.window) {
            self.view.size.fit(&mut self.view.window);
        }
        let worker_ended = self.take_replies() == Drained::Disconnected;
        let mut model = self.model.borrow_mut();
        ui::drain(self.worker.events(), BATCH, |event| model.apply_event(&event));
        model.set_lost_events(self.worker.lost_events(), SystemTime::now());
        let now = Instant::now();
        model.tick(now);
        if let Some(update) = self.updates.as_ref().and_then(|updates| updates.try_recv().ok()) {
            model.apply_snapshot(update.snapshot);
            model.set_threads(update.threads);
        }
        let closing = *model.state() == State::Closing;
        if worker_ended && !closing {
            model.worker_died(SystemTime::now());
        }
        drop(model);
        self.view.tabs.wire.tick();
        self.settings.save_if_changed(now, |settings| self.view.remember_size(settings));
        self.draw();
        if worker_ended && closing {
            // FLTK ends the event loop when the last window is hidden.
            self.view.window.hide();
        }
    }

    fn take_replies(&mut self) -> Drained {
        let mut model = self.model.borrow_mut();
        ui::drain(self.worker.replies(), BATCH, |reply| {
            model.apply_reply(&reply);
            match reply {
                Reply::Listening { updates, .. } => {
                    if let Some(address) = self.typed_address.take() {
                        self.settings.set("listen", &address);
                    }
                    self.updates = Some(updates);
                }
                Reply::Failed { .. } | Reply::Stopped => (self.updates, self.typed_address) = (None, None),
                Reply::ActionDone { action: Action::Deletion(_), .. } => {
                    // The list must no longer contain the deleted messages.
                    model.history_mut().on_request();
                    self.worker.search_history(self.view.tabs.history_search.value());
                }
                Reply::ActionDone { action, outcome: Ok(_), .. } => {
                    callbacks::clear_used_field(&mut self.view, &action);
                }
                Reply::Saved { outcome: Ok(_), .. } => callbacks::clear_file_field(&mut self.view),
                Reply::ActionDone { .. }
                | Reply::HistorySummary(_)
                | Reply::Bans(_)
                | Reply::Members(_)
                | Reply::Password { .. }
                | Reply::Saved { .. } => {}
            }
        })
    }

    fn draw(&mut self) {
        let changes = self.model.borrow_mut().take_changes();
        self.view.draw(&self.model.borrow(), changes);
    }
}
