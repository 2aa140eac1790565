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
use crate::monitor::messages::{Command, Reply, Update, Watched};
use crate::monitor::model::{Confirmation, MemberList, Model, Scope, State, said_by, server_question};
use crate::monitor::worker::ServerWorker;
use crate::server::Listen;
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
    /// The [version](crate::monitor::model::ActionState::version) of the question whether to close the window.
    pub(super) asked_to_close: Option<u64>,
    /// A list of the history that came while the mouse held a table.
    pub(super) late: Option<Reply>,
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
            Msg::Start(listen) if model().state().can_start() => self.command(Command::Start(listen)),
            Msg::Stop if model().state().can_stop() => self.disconnect_all(server_question::stop),
            Msg::Restart if matches!(model().state(), State::Listening(_)) => {
                self.disconnect_all(server_question::restart);
            }
            // They came too late.
            Msg::Start(_) | Msg::Stop | Msg::Restart => {}
            Msg::LetIn(scope) => self.let_in(scope),
            Msg::ShowBoard => self.view.board.show(),
            Msg::ChooseTheme(choice) => self.appearance.choose(choice),
            Msg::Close => self.close(),
            Msg::Ask(question) => model().actions_mut().ask(question),
            Msg::Choose(chosen) => model().actions_mut().choose(chosen),
            Msg::Yes => {
                let command = model().confirm(&self.view.people.action_bar.typed());
                command.into_iter().for_each(|command| self.command(command));
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
            Msg::AskAbout(name, ask) => {
                let selected = model().clients.mark_named(&name);
                if let Err(why) = selected {
                    model().actions_mut().report_error(why);
                    return;
                }
                let question = ask(&model());
                question.into_iter().for_each(|question| self.update(question));
            }
            Msg::ToggleWhole => self.view.tabs.chat.toggle_whole(),
            Msg::Copy(text) => app::copy(&text),
            Msg::ShowSaid(names) => {
                self.view.tabs.history.tools.search.set_value(&said_by(&names));
                self.view.tabs.choose(Page::History);
                self.show_page();
                self.view.tabs.history.list.focus();
            }
        }
    }

    /// Sends a command of the operator to the server worker. Its effect on the state is visible at once.
    fn command(&mut self, command: Command) {
        match &command {
            Command::Start(listen) => {
                self.view.top.set_listen(listen);
                self.model.borrow_mut().enter(State::Starting(listen.clone()));
            }
            Command::Restart => self.model.borrow_mut().enter(State::Starting(self.view.top.listen())),
            Command::Stop => self.model.borrow_mut().enter(State::Stopping),
            Command::Finish => {
                self.model.borrow_mut().enter(State::Closing);
                self.view.remember(&self.model.borrow(), &mut self.settings);
                self.appearance.remember(&mut self.settings);
            }
            _ => {}
        }
        self.worker.send(command);
    }

    /// Requests a server on the addresses of the last time, or of the command line.
    pub(super) fn start(&mut self, listen: Listen) {
        self.command(Command::Start(listen));
    }

    /// Performs the command of a question's yes. If clients would be disconnected, the question is asked.
    fn disconnect_all(&mut self, question: impl FnOnce(usize) -> Confirmation) {
        let people = self.model.borrow().clients.all().len();
        let question = question(people);
        if people > 0 {
            self.model.borrow_mut().actions_mut().ask(question);
        } else {
            let command = (question.action)(&self.model.borrow(), "");
            command.into_iter().for_each(|command| self.command(command));
        }
    }

    /// Closes the window, after the question whether to do so if anybody is here. To ask for it again is a yes: a window must be
    /// closed by the means of the desktop alone.
    fn close(&mut self) {
        let asked = self.model.borrow().actions().version();
        if *self.model.borrow().state() == State::Closing {
            return;
        }
        if self.model.borrow().actions().pending().is_some() && self.asked_to_close == Some(asked) {
            return self.command(Command::Finish);
        }
        self.disconnect_all(server_question::close);
        self.asked_to_close = Some(self.model.borrow().actions().version());
        if *self.model.borrow().state() != State::Closing {
            // The request may come from the task bar, while the window is an icon.
            self.view.window.show();
        }
    }

    /// Edits the addresses to listen on so that those who were chosen can connect. A running server restarts.
    fn let_in(&mut self, scope: Scope) {
        let state = self.model.borrow().state().clone();
        // A port that the system has picked stays.
        let listen = match &state {
            State::Listening(addresses) => addresses.as_slice().into(),
            _ => self.view.top.listen(),
        };
        match scope.address(&listen) {
            Some(new) if state.can_start() => self.view.top.set_listen(&new),
            None if state.can_start() => self.view.top.edit(),
            Some(new) if Scope::of(&listen) != scope => {
                self.disconnect_all(|people| server_question::listen_on(people, new));
            }
            Some(_) => {}
            None => {
                let people = self.model.borrow().clients.all().len();
                self.model.borrow_mut().actions_mut().ask(server_question::other_address(people, &listen));
            }
        }
    }

    /// Shows the page of the chosen tab, and requests what it shows.
    pub(super) fn show_page(&mut self) {
        self.view.tabs.show_page();
        let shows = |page| self.view.tabs.shows(page);
        let watched = Watched {
            threads: shows(Page::Threads),
            members: shows(Page::Members),
            chat: shows(Page::Chat),
            history: shows(Page::History),
        };
        self.worker.send(Command::Watch(watched));
        self.model.borrow_mut().chat.set_shown(watched.chat);
        if !watched.threads {
            // Otherwise outdated activities would be visible for a moment the next time.
            self.model.borrow_mut().threads.set(Vec::new());
        }
        if watched.history {
            self.update(Msg::SearchHistory);
        }
    }

    /// Returns whether something waits for a tick: from the worker, the server, or a signal.
    pub(super) fn has_news(&self) -> bool {
        let worker = &self.worker;
        let is_updated = self.updates.as_ref().is_some_and(|updates| !updates.is_empty());
        let is_quiet = worker.replies.is_empty() && worker.events.is_empty() && self.signals.is_empty();
        is_updated || !is_quiet || self.view.tabs.wire.has_lines()
    }

    /// Takes what has happened meanwhile, and draws it.
    pub(super) fn tick(&mut self) {
        match self.signals.try_recv() {
            // A signal does not ask: nobody may be there to answer.
            Ok(Signal::Terminate) => self.command(Command::Finish),
            Ok(Signal::HangUp) => self.worker.send(Command::Reload),
            Err(_) => {}
        }
        if self.zoomed.has_changed(&self.view.window) {
            self.view.size.limit_zoom(&self.view.window);
            self.view.size.fit(&mut self.view.window);
        }
        if let Some(reply) = self.late.take() {
            self.take_reply(reply);
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
            model.apply_update(update);
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
            self.view.hide();
            ui::close_menu();
        }
    }

    fn take_reply(&mut self, reply: Reply) {
        if matches!(reply, Reply::HistoryChanged(_)) && self.view.is_held() {
            // Nothing moves under the mouse.
            self.late = Some(reply);
            return;
        }
        if let Reply::Options(new) = &reply {
            self.follow_option(&new.listen);
        }
        self.model.borrow_mut().apply_reply(&reply);
        match reply {
            Reply::Listening { updates, .. } => self.updates = Some(updates),
            Reply::Failed { .. } | Reply::Stopped => self.updates = None,
            Reply::ActionDone { action, outcome: Ok(_), .. } => self.view.action_done(&action),
            // The next file gets a name of its own.
            Reply::Saved { outcome: Ok(_), .. } => self.view.people.action_bar.file.set_value(""),
            _ => {}
        }
    }

    /// Shows other addresses to listen on in the top row, unless the user has written one there.
    fn follow_option(&mut self, listen: &Listen) {
        let before = self.model.borrow().settings.overview().map(|before| before.listen.clone());
        if before.is_some_and(|before| before != *listen && before == self.view.top.listen()) {
            self.view.top.set_listen(listen);
        }
    }

    fn draw(&mut self) {
        let changes = self.model.borrow_mut().take_changes();
        self.view.draw(&self.model.borrow(), changes);
    }
}
