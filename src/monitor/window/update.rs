//! The state behind the window, and what changes it: a message of the operator's, and the tick.
//!
//! Main thread only. A command goes to the server worker, and its outcome arrives with a later tick. Until then, the typed text
//! stays in its field. Nothing here may wait for anything.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use crossbeam_channel::Receiver;
use fltk::app;
use fltk::prelude::WidgetExt as _;

use super::context::Msg;
use super::tabs::Page;
use super::view::View;
use crate::monitor::messages::{Action, Command, Reply, Update};
use crate::monitor::model::{MemberList, Model, State, said_by};
use crate::monitor::worker::ServerWorker;
use crate::signals::Signal;
use crate::ui::{self, Appearance, Settings, ZoomWatch};

/// Maximum number of replies, and of events, per tick: a flood must not keep the window from responding.
const BATCH: usize = 1000;

/// The state behind the window: the worker, the model, and the widgets.
#[derive(Debug)]
pub(super) struct Monitor {
    pub(super) worker: ServerWorker,
    /// Shared with the callbacks that draw.
    pub(super) model: Rc<RefCell<Model>>,
    pub(super) view: View,
    pub(super) appearance: Appearance,
    pub(super) settings: Settings,
    pub(super) messages: Receiver<Msg>,
    pub(super) signals: Receiver<Signal>,
    /// Updates of the running server; `None` if none is running.
    pub(super) updates: Option<Receiver<Update>>,
    pub(super) zoomed: ZoomWatch,
}

impl Monitor {
    /// Acts on the messages that have been sent, and draws what has changed.
    pub(super) fn take_messages(&mut self) {
        while let Ok(message) = self.messages.try_recv() {
            self.update(message);
        }
        self.draw();
    }

    fn update(&mut self, message: Msg) {
        // Borrowed no longer than for one statement, because some widgets draw at once when they are changed.
        let model = || self.model.borrow_mut();
        match message {
            Msg::Start(listen) if model().state().can_start() => self.start(listen),
            Msg::Stop if model().state().can_stop() => {
                model().enter(State::Stopping);
                self.worker.send(Command::Stop);
            }
            Msg::Start(_) | Msg::Stop => {}
            Msg::ChooseTheme(choice) => self.appearance.choose(choice),
            Msg::Close => {
                model().enter(State::Closing);
                self.worker.send(Command::Finish);
                self.view.remember(&self.model.borrow(), &mut self.settings);
                self.appearance.remember(&mut self.settings);
            }
            Msg::Ask(question) => model().actions_mut().ask(question),
            Msg::Choose(chosen) => model().actions_mut().choose(chosen),
            Msg::Yes => {
                let command = model().confirm(&self.view.people.action_bar.typed());
                command.into_iter().for_each(|command| self.worker.send(command));
            }
            Msg::No => model().actions_mut().cancel(),
            Msg::Perform(action) => self.worker.send(Command::Action(action)),
            Msg::Announce(text) => {
                let action = model().actions_mut().announce(&text);
                action.into_iter().for_each(|action| self.worker.send(Command::Action(action)));
            }
            Msg::AddMember(name) => match MemberList::add(&name) {
                Ok(action) => self.worker.send(Command::Action(action)),
                Err(why) => model().actions_mut().report_error(why),
            },
            Msg::EnterOption(key, text) => {
                let command = model().settings.enter(key, &text);
                command.into_iter().for_each(|command| self.worker.send(command));
            }
            Msg::Restart => {
                let restart = model().restart();
                match restart {
                    Some(Ok(command)) => self.worker.send(command),
                    Some(Err(question)) => model().actions_mut().ask(question),
                    None => {}
                }
            }
            Msg::ShowPage => self.show_page(),
            Msg::SearchHistory => {
                model().history.on_request();
                self.worker.send(Command::SearchHistory(self.view.tabs.history.tools.search.value()));
            }
            Msg::FilterLog(level, words) => model().log.set_filter(level, &words),
            Msg::DragBorder(step) => self.view.drag_border(step),
            Msg::PauseLog => {
                let paused = model().log.new_lines().is_some();
                model().log.pause(!paused);
            }
            Msg::FilterPeople(words) => model().clients.set_filter(&words),
            Msg::FilterThreads(words) => model().threads.set_filter(&words),
            Msg::Copy(text) => app::copy(&text),
            Msg::ShowSaid(names) => {
                self.view.tabs.history.tools.search.set_value(&said_by(&names));
                self.view.tabs.choose(Page::History);
                self.show_page();
                self.view.tabs.history.list.focus();
            }
        }
    }

    /// Requests a server on this address.
    pub(super) fn start(&mut self, listen: String) {
        self.model.borrow_mut().enter(State::Starting(listen.clone()));
        self.worker.send(Command::Start(listen));
    }

    fn show_page(&mut self) {
        self.view.tabs.show_page();
        let (threads, members) = (self.view.tabs.shows(Page::Threads), self.view.tabs.shows(Page::Members));
        self.worker.send(Command::Watch { threads, members });
        if !threads {
            // Otherwise outdated activities would be visible for a moment the next time.
            self.model.borrow_mut().threads.set(Vec::new());
        }
        if self.view.tabs.shows(Page::History) {
            self.update(Msg::SearchHistory);
        }
    }

    /// Takes what has happened meanwhile, and draws it.
    pub(super) fn tick(&mut self) {
        match self.signals.try_recv() {
            Ok(Signal::Terminate) => self.update(Msg::Close),
            Ok(Signal::HangUp) => self.worker.send(Command::Reload),
            Err(_) => {}
        }
        if self.zoomed.has_changed(&self.view.window) {
            self.view.size.fit(&mut self.view.window);
        }
        let replies = self.worker.replies.clone();
        let worker_ended = ui::drain(&replies, BATCH, |reply| self.take_reply(reply));
        let mut model = self.model.borrow_mut();
        ui::drain(&self.worker.events, BATCH, |event| model.apply_event(&event));
        model.set_lost_events(self.worker.lost_events(), SystemTime::now());
        let now = Instant::now();
        model.tick(now);
        // Nothing moves under the mouse: what it holds is drawn anew once it is released.
        let updates = self.updates.as_ref().filter(|_| !self.view.is_held());
        if let Some(update) = updates.and_then(|updates| updates.try_recv().ok()) {
            model.apply_snapshot(update.snapshot);
            model.threads.set(update.threads);
        }
        let closing = *model.state() == State::Closing;
        if worker_ended && !closing {
            model.worker_died(SystemTime::now());
        }
        drop(model);
        self.view.tabs.wire.tick();
        self.appearance.tick();
        self.settings.save_if_changed(now, |settings| {
            self.view.remember(&self.model.borrow(), settings);
            self.appearance.remember(settings);
        });
        self.take_messages();
        if worker_ended && closing {
            // FLTK ends the event loop when the last window is hidden.
            self.view.window.hide();
            ui::close_menu();
        }
    }

    fn take_reply(&mut self, reply: Reply) {
        self.model.borrow_mut().apply_reply(&reply);
        match reply {
            Reply::Listening { updates, .. } => self.updates = Some(updates),
            Reply::Failed { .. } | Reply::Stopped => self.updates = None,
            // The list must no longer contain the deleted messages.
            Reply::ActionDone { action: Action::Deletion(_), .. } => self.update(Msg::SearchHistory),
            Reply::ActionDone { action, outcome: Ok(_), .. } => self.view.action_done(&action),
            // The next file gets a name of its own.
            Reply::Saved { outcome: Ok(_), .. } => self.view.people.action_bar.file.set_value(""),
            _ => {}
        }
    }

    fn draw(&mut self) {
        let changes = self.model.borrow_mut().take_changes();
        self.view.draw(&self.model.borrow(), changes);
    }
}
