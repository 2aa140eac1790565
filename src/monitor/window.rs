//! The monitor window: starts, watches and stops a server.
//!
//! Everything here runs on the main thread. The window waits for nothing: orders go to the [`ServerWorker`], and thirty times a
//! second a tick takes what came back, a bounded batch of it, into the [`Model`] and draws what has changed.
//!
//! Closing the window, or a signal, asks the operator to finish. The window stays and says so until the server has
//! stopped and the operator's thread is at its end; then the loop ends, and the thread is joined.

pub mod action_bar;
pub mod clients;
pub mod columns;
pub mod desk;
pub mod graph;
pub mod history;
pub mod log_view;
pub mod members;
pub mod tabs;
pub mod threads;
pub mod totals;
pub mod view;

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use crossbeam_channel::Receiver;
use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::{FltkError, WidgetBase as _, WidgetExt as _};

use super::last_stop;
use super::model::{Column, Model, State, ThreadColumn};
use super::worker::{Action, Reply, ServerWorker, Update};
use crate::server::{Config, Server};
use crate::signals::Signal;
use crate::ui::{self, Drained, Settings, Theme, ZoomWatch};
use view::View;

/// Events that are taken in one tick: a flood must not keep the window from answering.
const BATCH: usize = 1000;

/// What a windowed server is started with.
#[derive(Debug)]
pub struct Options {
    /// How each server is to behave that is started from the window.
    pub config: Config,
    /// Where to listen; if it is not said, where the last one listened that was started from the window, or else where
    /// the config says.
    pub listen: Option<String>,
    /// The colours; if it is not said, those of the last time.
    pub theme: Option<Theme>,
    /// Called with the address each time that a server accepts connections, not on the main thread.
    pub announce: fn(&Server),
    /// What the system asks for: to close the window, or to read certificate and password again.
    pub signals: Receiver<Signal>,
}

/// Why the window could not do its work.
#[derive(Debug)]
pub enum WindowError {
    /// The operator's thread could not be started.
    Thread(io::Error),
    /// The toolkit failed.
    Toolkit(FltkError),
    /// The operator's thread panicked: a defect of ours.
    Panicked,
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WindowError::Thread(error) => write!(f, "could not start a thread ({error}): close other programs"),
            WindowError::Toolkit(error) => write!(f, "the window failed ({error}): try --headless"),
            WindowError::Panicked => {
                write!(f, "the thread that runs the server panicked: this is a defect of the server")
            }
        }
    }
}

impl std::error::Error for WindowError {}

/// The window, and the server that is started and stopped with it.
#[derive(Debug)]
pub struct MonitorWindow {
    app: app::App,
    monitor: Rc<RefCell<Monitor>>,
}

impl MonitorWindow {
    /// Shows the window and starts a server. Call it on the main thread.
    pub fn open(options: Options, mut settings: Settings) -> Result<MonitorWindow, WindowError> {
        let theme = options.theme.or_else(|| settings.theme()).unwrap_or_default();
        settings.set_theme(theme);
        let listen = options.listen.or_else(|| settings.get("listen")).unwrap_or_else(|| options.config.listen.clone());
        let mut operator = ServerWorker::spawn(options.config, options.announce).map_err(WindowError::Thread)?;
        last_stop::keep(operator.last_stop());

        let app = ui::start_app(theme);
        let model = Rc::new(RefCell::new(Model::default()));
        if let Some(complaint) = settings.take_warning() {
            model.borrow_mut().warn(SystemTime::now(), complaint);
        }
        let mut view = View::new(&model, operator.wire(), &listen, theme, view::remembered_size(&settings));
        view.show();
        let monitor = Rc::new(RefCell::new(Monitor {
            operator,
            model,
            view,
            theme,
            settings,
            run: None,
            typed: None,
            zoomed: ZoomWatch::default(),
        }));
        connect(&monitor);
        desk::connect(&monitor);
        monitor.borrow_mut().start(listen);
        // FLTK keeps the tick for ever; the monitor is to go when the loop has ended.
        let ticking = Rc::downgrade(&monitor);
        ui::every_tick(move || {
            if let Some(monitor) = ticking.upgrade() {
                let mut monitor = monitor.borrow_mut();
                match options.signals.try_recv() {
                    Ok(Signal::Terminate) => monitor.close(),
                    Ok(Signal::HangUp) => monitor.operator.reload(),
                    Err(_) => {}
                }
                monitor.tick();
            }
        });
        Ok(MonitorWindow { app, monitor })
    }

    /// What the window says about the server's state.
    pub fn status(&self) -> String {
        self.monitor.borrow().view.status()
    }

    /// What the window says about the last thing that the operator did; nothing if there is nothing to say.
    pub fn note(&self) -> String {
        self.monitor.borrow().view.note()
    }

    /// Who is in the table, in its order.
    pub fn names(&self) -> Vec<String> {
        let monitor = self.monitor.borrow();
        let model = monitor.model.borrow();
        (0..model.table().len()).filter_map(|row| model.table().cell(row, Column::Name)?.into_text()).collect()
    }

    /// The lines of the wire that are shown, as they are copied.
    pub fn wire(&self) -> String {
        self.monitor.borrow().view.drawer.wire.text()
    }

    /// What is said about the history, and the messages that are listed: `ann: hello`.
    pub fn past(&self) -> (String, Vec<String>) {
        let monitor = self.monitor.borrow();
        let model = monitor.model.borrow();
        let past = model.past();
        let row = |row| past.message(row).map(|kept| format!("{}: {}", kept.from, kept.text));
        (past.summary(), (0..past.rows()).filter_map(row).collect())
    }

    /// What the threads do that are listed.
    pub fn threads(&self) -> Vec<String> {
        let monitor = self.monitor.borrow();
        let model = monitor.model.borrow();
        let threads = model.threads();
        let row = |row| {
            let (name, doing) = (ThreadColumn::Name, ThreadColumn::Doing);
            Some(format!("{}: {}", threads.cell(row, name)?, threads.cell(row, doing)?))
        };
        (0..threads.rows()).filter_map(row).collect()
    }

    /// Returns when the window was closed and the server has stopped.
    pub fn run(self) -> Result<(), WindowError> {
        self.app.run().map_err(WindowError::Toolkit)?;
        self.monitor.borrow_mut().operator.join().map_err(|_| WindowError::Panicked)
    }
}

/// The widgets and what is behind them.
#[derive(Debug)]
struct Monitor {
    operator: ServerWorker,
    model: Rc<RefCell<Model>>,
    view: View,
    theme: Theme,
    settings: Settings,
    /// What the server that runs looks like.
    run: Option<Receiver<Update>>,
    /// The address that Start was pressed for, until it is known whether it is worth remembering.
    typed: Option<String>,
    zoomed: ZoomWatch,
}

/// What a callback does: something to the monitor, if that is still there.
fn doing(monitor: &Rc<RefCell<Monitor>>, act: fn(&mut Monitor)) -> impl Fn() + 'static {
    let monitor = Rc::downgrade(monitor);
    move || {
        if let Some(monitor) = monitor.upgrade() {
            act(&mut monitor.borrow_mut());
        }
    }
}

/// Gives the controls of the server their work.
fn connect(monitor: &Rc<RefCell<Monitor>>) {
    let doing = |act| doing(monitor, act);
    let (enter, start, stop) =
        (doing(Monitor::start_pressed), doing(Monitor::start_pressed), doing(Monitor::stop_pressed));
    let (theme, close) = (doing(Monitor::theme_pressed), doing(Monitor::close));
    let cancel = doing(Monitor::cancel);
    let view = &mut monitor.borrow_mut().view;
    let (yes, no) = (view.bar.yes.clone(), view.bar.no.clone());
    let choices = view.bar.choices();
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
        // Escape comes here, too: it closes nothing but a question.
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
            self.typed = Some(listen.clone());
            self.start(listen);
        }
    }

    fn start(&mut self, listen: String) {
        self.model.borrow_mut().starting(&listen);
        self.operator.start(listen);
        self.draw();
    }

    fn stop_pressed(&mut self) {
        if self.model.borrow().state().can_stop() {
            self.model.borrow_mut().stopping();
            self.operator.stop();
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
        self.operator.finish();
        self.view.remember_size(&mut self.settings);
        self.draw();
    }

    fn tick(&mut self) {
        if self.zoomed.has_changed(&self.view.window) {
            self.view.size.fit(&mut self.view.window);
        }
        let operator_left = self.take_notices() == Drained::Disconnected;
        let mut model = self.model.borrow_mut();
        ui::drain(self.operator.events(), BATCH, |event| model.event(&event));
        model.lost(self.operator.lost(), SystemTime::now());
        let now = Instant::now();
        model.tick(now);
        if let Some(look) = self.run.as_ref().and_then(|run| run.try_recv().ok()) {
            model.snapshot(look.snapshot);
            model.set_threads(look.threads);
        }
        let closing = *model.state() == State::Closing;
        if operator_left && !closing {
            model.operator_is_gone(SystemTime::now());
        }
        drop(model);
        self.view.drawer.wire.tick();
        self.settings.save_if_changed(now, |settings| self.view.remember_size(settings));
        self.draw();
        if operator_left && closing {
            // With its last window hidden, the loop ends.
            self.view.window.hide();
        }
    }

    fn take_notices(&mut self) -> Drained {
        let mut model = self.model.borrow_mut();
        ui::drain(self.operator.notices(), BATCH, |notice| {
            model.notice(&notice);
            match notice {
                Reply::Listening { looks, .. } => {
                    if let Some(typed) = self.typed.take() {
                        self.settings.set("listen", &typed);
                    }
                    self.run = Some(looks);
                }
                Reply::Failed { .. } | Reply::Stopped => (self.run, self.typed) = (None, None),
                Reply::Acted { act: Action::Deletion(_), .. } => {
                    // What is listed is to be what is there.
                    model.past_mut().ask();
                    self.operator.look_up(self.view.drawer.past_words.value());
                }
                Reply::Acted { act, outcome: Ok(_), .. } => desk::forget_what_was_sent(&mut self.view, &act),
                Reply::Saved { outcome: Ok(_), .. } => desk::forget_the_file(&mut self.view),
                Reply::Acted { .. }
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
