//! The server worker: the thread that owns the server of a windowed program.
//!
//! It runs on its own thread (`server worker`). It takes commands, performs what may take time (looking up an
//! address, binding, stopping, kicking, writing the list of bans or a log), and answers with [`Reply`]s. While a server runs,
//! it takes a snapshot [a few times a second](UPDATE_INTERVAL) and sends it as an [`Update`]. It must never wait for the
//! window: nothing that it sends can block.
//!
//! It ends with [`Command::Finish`], or when the last sender of commands is dropped: the thread stops a running server and ends.
//! The end of the thread disconnects the channel of replies, by which the window knows that it may close.

pub mod actions;
mod interfaces;
mod running_server;
mod settings;
mod watching;

use std::io;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, Sender, bounded, never, select, tick, unbounded};

use super::hints::with_hint;
use super::last_stop::LastStop;
use super::messages::{Action, Command, Reply, Update};
use crate::options::Options;
use crate::server::{Config, Event, EventKind, EventSink, Listen, Members, Password, Server};
use crate::wire::TapReceiver;
use running_server::{RunningServer, Sent};
use watching::Watching;

/// Name of the thread, as the list of threads shows it.
const THREAD_NAME: &str = "server worker";

/// Time between two updates of a running server.
pub const UPDATE_INTERVAL: Duration = Duration::from_millis(250);

/// Maximum number of messages in a [`Reply::HistorySummary`].
const MESSAGES_MAX: usize = 200;

/// The window's handle of the server worker.
#[derive(Debug)]
pub struct ServerWorker {
    commands: Sender<Command>,
    /// The worker's replies.
    pub replies: Receiver<Reply>,
    /// The events of every server that the worker starts.
    pub events: Receiver<Event>,
    /// The protocol lines of every server that the worker starts, as they pass.
    pub wire: TapReceiver,
    sink: EventSink,
    /// `None` once it was joined.
    thread: Option<JoinHandle<()>>,
}

impl ServerWorker {
    /// Spawns the thread.
    ///
    /// `options` apply to every server that the worker will start, except for addresses that the operator has entered. Their
    /// config file is read again before each start.
    /// `announce` is called on the worker's thread each time a server begins to accept connections.
    ///
    /// # Errors
    /// The system cannot start another thread.
    pub fn spawn(options: Options, announce: fn(&Server)) -> io::Result<ServerWorker> {
        // A person issues the commands, one click at a time: no bound is needed, and none of them may be lost.
        let (commands, command_receiver) = unbounded();
        let (reply_sender, replies) = unbounded();
        let (sink, events) = EventSink::watched();
        let (sink, wire) = sink.tapped();
        let worker = WorkerThread {
            options,
            entered: None,
            announce,
            commands: command_receiver,
            replies: reply_sender,
            sink: sink.clone(),
            watching: Watching::default(),
        };
        let thread = thread::Builder::new().name(THREAD_NAME.into()).spawn(move || worker.run())?;
        Ok(ServerWorker { commands, replies, events, wire, sink, thread: Some(thread) })
    }

    /// Sends a request. After [`Command::Finish`], further ones have no effect.
    pub fn send(&self, command: Command) {
        // It fails only if the thread has ended, and then the disconnected replies say so.
        let _ = self.commands.send(command);
    }

    /// Returns the number of events lost to a full channel since the worker was spawned.
    pub fn lost_events(&self) -> u64 {
        self.sink.lost()
    }

    /// Returns the guard that makes the thread finish even if the window never asks for it.
    pub fn last_stop(&self) -> LastStop {
        LastStop { commands: self.commands.clone(), replies: self.replies.clone() }
    }

    /// Asks the thread to finish and waits for its end, which comes once the server has stopped.
    ///
    /// # Errors
    /// The thread panicked.
    pub fn join(&mut self) -> thread::Result<()> {
        self.send(Command::Finish);
        self.thread.take().map_or(Ok(()), JoinHandle::join)
    }
}

/// The state of the worker's thread.
struct WorkerThread {
    options: Options,
    /// The addresses that the operator has entered, if they are not those of the options.
    entered: Option<Listen>,
    announce: fn(&Server),
    commands: Receiver<Command>,
    replies: Sender<Reply>,
    sink: EventSink,
    watching: Watching,
}

impl WorkerThread {
    fn run(mut self) {
        let ticks = tick(UPDATE_INTERVAL);
        let mut running: Option<RunningServer> = None;
        self.send_options(None, None);
        loop {
            // Without a server there is nothing to update, and the thread sleeps until the next command.
            let ticks = if running.is_some() { &ticks } else { &never() };
            select! {
                recv(self.commands) -> command => match command {
                    Ok(Command::Start(listen)) => running = self.restart(running.take(), Some(listen)),
                    Ok(Command::Restart) => running = self.restart(running.take(), None),
                    Ok(Command::Reload) => self.reload(running.as_mut()),
                    Ok(Command::SetOptions(changes)) => self.set_options(running.as_mut(), &changes),
                    Ok(Command::Stop) => self.stop(running.take()),
                    Ok(Command::Action(action)) => self.perform(running.as_ref(), action),
                    Ok(Command::SaveText(file, text)) => {
                        let outcome = actions::save(&file, &text()).map(|()| file);
                        self.send(Reply::Saved { at: SystemTime::now(), outcome });
                    }
                    Ok(Command::SearchHistory(words)) => {
                        let summary = with_server(running.as_ref(), |server| {
                            server.archive(&words, MESSAGES_MAX).map_err(|error| with_hint(&error))
                        });
                        if let (Ok(_), Some(run)) = (&summary, &running) {
                            self.watching.on_listed(words, &run.server);
                        }
                        self.send(Reply::HistorySummary(summary));
                    }
                    Ok(Command::ExportHistory(file)) => {
                        let outcome = with_server(running.as_ref(), |server| actions::export_history(server, &file));
                        self.send(Reply::Saved { at: SystemTime::now(), outcome: outcome.map(|()| file) });
                    }
                    Ok(Command::Watch(watched)) => self.watching.set(watched),
                    Ok(Command::Finish) | Err(_) => return self.stop(running.take()),
                },
                recv(ticks) -> _ => if let Some(run) = &running {
                    run.send_update(&mut self.watching);
                    let summary = self.watching.list_again(&run.server);
                    summary.into_iter().for_each(|summary| self.send(Reply::HistoryChanged(summary)));
                },
            }
            // The failure itself was reported when the ban was made; a later attempt that fails is no news.
            let _ = running.as_ref().map(|run| run.server.retry_bans());
            // After every command and every tick, because a temporary ban expires without either.
            if let Some(run) = &mut running {
                self.send_bans(run);
                self.send_room_password(run);
                self.send_interfaces(run);
                if self.watching.watched().members {
                    self.send_members(run);
                }
            }
        }
    }

    /// Stops the server that runs, and starts one. A config file that cannot be read stops none.
    fn restart(&mut self, running: Option<RunningServer>, shown: Option<Listen>) -> Option<RunningServer> {
        let Some(mut run) = running else { return self.start(shown) };
        if let Err(why) = self.read_options() {
            self.sink.report(EventKind::NotReconfigured { why: why.clone() });
            run.updates = self.tell_address(&run.server);
            // The window has forgotten what it had.
            run.sent = Sent::default();
            self.send_options(Some(&run), Some(why));
            return Some(run);
        }
        self.stop(Some(run));
        self.start(shown)
    }

    /// Tells the window that a server runs. Returns the channel of the updates.
    fn tell_address(&self, server: &Server) -> Sender<Update> {
        let (sender, updates) = bounded(1);
        self.send(Reply::Listening {
            addresses: server.addresses().into(),
            fingerprint: server.fingerprint(),
            updates,
        });
        sender
    }

    /// Starts a server on the addresses in the window, or on those of the options.
    fn start(&mut self, shown: Option<Listen>) -> Option<RunningServer> {
        self.watching.begin();
        // What the operator has not changed is that of the options, which may have changed in the file.
        let (entered, is_usual) = match shown {
            Some(shown) if shown == self.options.listen() => (None, true),
            shown => (shown, false),
        };
        if is_usual {
            self.entered = None;
        }
        let config = match self.read_options() {
            Ok(config) => config,
            Err(why) => {
                self.send_options(None, Some(why.clone()));
                return self.failed(why);
            }
        };
        let listen = entered.clone().unwrap_or_else(|| config.listen.clone());
        match Server::start_with(Config { listen, ..config }, self.sink.clone()) {
            Ok(server) => {
                entered.into_iter().for_each(|entered| self.remember(entered));
                (self.announce)(&server);
                let updates = self.tell_address(&server);
                let run = RunningServer::new(server, updates, self.options.clone());
                self.send_options(Some(&run), None);
                Some(run)
            }
            Err(error) => self.failed(with_hint(&error)),
        }
    }

    fn failed(&self, why: String) -> Option<RunningServer> {
        log::error!("{why}");
        self.send(Reply::Failed { at: SystemTime::now(), why });
        None
    }

    fn perform(&mut self, run: Option<&RunningServer>, action: Action) {
        let outcome = with_server(run, |server| action.perform(server)).map(|(words, password)| {
            if let (Action::Member(_, name), Some(password)) = (&action, password) {
                self.send(Reply::Password { name: name.clone(), password });
            }
            words
        });
        if let Action::Deletion(what) = &action {
            self.watching.on_deletion(what);
        }
        match &outcome {
            Ok(words) => log::info!("operator: {words}"),
            Err(why) => log::error!("operator: {why}"),
        }
        self.send(Reply::ActionDone { at: SystemTime::now(), action, outcome });
    }

    fn send_bans(&self, run: &mut RunningServer) {
        let bans = run.server.bans();
        if bans != run.sent.bans {
            run.sent.bans.clone_from(&bans);
            self.send(Reply::Bans(bans));
        }
    }

    fn send_room_password(&self, run: &mut RunningServer) {
        let password = run.server.room_password();
        if password.as_ref().map(Password::reveal) != run.sent.password.as_ref().map(Password::reveal) {
            run.sent.password.clone_from(&password);
            self.send(Reply::RoomPassword(password));
        }
    }

    fn send_members(&self, run: &mut RunningServer) {
        // An unreadable list is reported as the outcome of the next action on it, not four times a second.
        let Some(Ok(members)) = run.server.members().map(Members::list) else { return };
        if members != run.sent.members {
            run.sent.members.clone_from(&members);
            self.send(Reply::Members(members));
        }
    }

    fn stop(&self, run: Option<RunningServer>) {
        if let Some(run) = run {
            run.server.stop();
            self.send(Reply::Stopped);
        }
    }

    fn send(&self, reply: Reply) {
        // It fails only if the window is gone already.
        let _ = self.replies.send(reply);
    }
}

/// Calls `action` with the server, or returns an error for the operator if none is running.
fn with_server<T>(run: Option<&RunningServer>, action: impl FnOnce(&Server) -> Result<T, String>) -> Result<T, String> {
    match run {
        Some(run) => action(&run.server),
        None => Err("Not running: start the server first".into()),
    }
}

#[cfg(test)]
mod tests;
