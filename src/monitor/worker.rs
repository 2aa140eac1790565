//! The server worker: the thread that owns the server of a windowed program.
//!
//! It runs on its own thread (`server worker`). It takes commands, performs what may take time (looking up an
//! address, binding, stopping, kicking, writing the list of bans or a log), and answers with [`Reply`]s. While a server runs,
//! it takes a snapshot [a few times a second](UPDATE_INTERVAL) and sends it as an [`Update`]. It must never wait for the
//! window: nothing that it sends can block.
//!
//! It ends with its commands: when the [`ServerWorker`] handle drops the sending end, or when its [`LastStop`] is dropped,
//! the thread stops a running server and ends. That disconnects the channel of replies, by which the window knows that it
//! may close.

pub mod actions;

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, Sender, bounded, never, select, tick, unbounded};

use super::hints::with_hint;
use super::last_stop::LastStop;
use super::messages::{Action, Command, Document, Reply, Update};
use crate::server::{Ban, Config, Event, EventSink, Member, Members, Server, ThreadInfo};
use crate::wire::TapReceiver;

/// Name of the thread, as the list of threads shows it.
const THREAD_NAME: &str = "server worker";

/// Time between two updates of a running server.
pub const UPDATE_INTERVAL: Duration = Duration::from_millis(250);

/// Maximum number of messages in a [`Reply::HistorySummary`].
const MESSAGES_MAX: usize = 200;

/// The window's handle of the server worker.
#[derive(Debug)]
pub struct ServerWorker {
    /// `None` once the worker has been asked to finish.
    commands: Option<Sender<Command>>,
    replies: Receiver<Reply>,
    events: Receiver<Event>,
    sink: EventSink,
    /// The protocol lines of every server that the worker starts.
    wire: TapReceiver,
    /// If set, updates include the threads. The window writes it and the worker reads it; `Relaxed` is enough, because
    /// noticing the change one update later does no harm.
    watches_threads: Arc<AtomicBool>,
    /// If set, the list of members is read as well. Written and read like `watches_threads`.
    watches_members: Arc<AtomicBool>,
    /// For the [`LastStop`]; `None` once that was taken.
    alive: Option<Sender<Infallible>>,
    /// `None` once it was joined.
    thread: Option<JoinHandle<()>>,
}

impl ServerWorker {
    /// Spawns the thread.
    ///
    /// `config` applies to every server that the worker will start, except for the address, which comes with the command.
    /// `announce` is called on the worker's thread each time a server begins to accept connections.
    ///
    /// # Errors
    /// The system cannot start another thread.
    pub fn spawn(config: Config, announce: fn(&Server)) -> io::Result<ServerWorker> {
        // A person issues the commands, one click at a time: no bound is needed, and none of them may be lost.
        let (commands, command_receiver) = unbounded();
        let (reply_sender, replies) = unbounded();
        let (sink, events) = EventSink::watched();
        let (sink, wire) = sink.tapped();
        let (alive, exit) = bounded(0);
        let watches_threads = Arc::<AtomicBool>::default();
        let watches_members = Arc::<AtomicBool>::default();
        let worker = WorkerThread {
            config,
            announce,
            commands: command_receiver,
            exit,
            replies: reply_sender,
            sink: sink.clone(),
            watches_threads: watches_threads.clone(),
            watches_members: watches_members.clone(),
        };
        let thread = thread::Builder::new().name(THREAD_NAME.into()).spawn(move || worker.run())?;
        Ok(ServerWorker {
            commands: Some(commands),
            replies,
            events,
            sink,
            wire,
            watches_threads,
            watches_members,
            alive: Some(alive),
            thread: Some(thread),
        })
    }

    /// Requests a server that listens on `listen`. A server that is already running is stopped first.
    pub fn start(&self, listen: String) {
        self.send(Command::Start(listen));
    }

    /// Requests a stop of the server.
    pub fn stop(&self) {
        self.send(Command::Stop);
    }

    /// Requests that the certificate and the room password be read again. Every start of a server reads them, too.
    pub fn reload(&self) {
        self.send(Command::Reload);
    }

    /// Requests an action on the running server. The answer is a [`Reply::ActionDone`].
    pub fn perform(&self, action: Action) {
        self.send(Command::Action(action));
    }

    /// Requests that a text be written into a new file. The answer is a [`Reply::Saved`].
    pub fn save(&self, file: PathBuf, text: impl Document + 'static) {
        self.send(Command::SaveText(file, Box::new(text)));
    }

    /// Returns a source of the protocol lines of every server that the worker starts, as they pass.
    pub fn wire(&self) -> TapReceiver {
        self.wire.clone()
    }

    /// Requests the newest messages of the history, or the newest that contain these words. The answer is a
    /// [`Reply::HistorySummary`].
    pub fn search_history(&self, words: String) {
        self.send(Command::SearchHistory(words));
    }

    /// Requests that the whole history be written into a new file. The answer is a [`Reply::Saved`].
    pub fn export_history(&self, file: PathBuf) {
        self.send(Command::ExportHistory(file));
    }

    /// Includes the threads in every update from now on, or no longer.
    pub fn watch_threads(&self, watches: bool) {
        self.watches_threads.store(watches, Ordering::Relaxed);
    }

    /// Reads the list of members a few times a second from now on, or no longer.
    pub fn watch_members(&self, watches: bool) {
        self.watches_members.store(watches, Ordering::Relaxed);
    }

    /// Requests that the server be stopped and the thread end. The [`replies`](Self::replies) are disconnected then.
    pub fn finish(&mut self) {
        self.commands = None;
    }

    /// Returns the channel of the worker's replies.
    pub fn replies(&self) -> &Receiver<Reply> {
        &self.replies
    }

    /// Returns the channel of the server's events.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Returns the number of events lost to a full channel since the worker was spawned.
    pub fn lost_events(&self) -> u64 {
        self.sink.lost()
    }

    /// Returns the guard that makes the thread finish even if the window never calls [`finish`](Self::finish).
    pub fn last_stop(&mut self) -> LastStop {
        LastStop { alive: self.alive.take(), replies: self.replies.clone() }
    }

    /// Asks the thread to finish and waits for its end, which comes once the server has stopped.
    ///
    /// # Errors
    /// The thread panicked.
    pub fn join(&mut self) -> thread::Result<()> {
        self.finish();
        self.thread.take().map_or(Ok(()), JoinHandle::join)
    }

    fn send(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // It fails only if the thread has panicked, and then the disconnected replies say so.
            let _ = commands.send(command);
        }
    }
}

/// The state of the worker's thread.
struct WorkerThread {
    config: Config,
    announce: fn(&Server),
    commands: Receiver<Command>,
    /// Disconnected when the program ends without a word from the window (see [`LastStop`]).
    exit: Receiver<Infallible>,
    replies: Sender<Reply>,
    sink: EventSink,
    watches_threads: Arc<AtomicBool>,
    watches_members: Arc<AtomicBool>,
}

/// A running server, the channel of its updates, and the lists that the window already has.
struct RunningServer {
    server: Server,
    updates: Sender<Update>,
    /// The bans as last sent to the window.
    bans: Vec<Ban>,
    /// The members as last sent to the window.
    members: Vec<Member>,
}

impl WorkerThread {
    fn run(self) {
        let ticks = tick(UPDATE_INTERVAL);
        let mut running: Option<RunningServer> = None;
        loop {
            // Without a server there is nothing to update, and the thread sleeps until the next command.
            let ticks = if running.is_some() { &ticks } else { &never() };
            select! {
                recv(self.commands) -> command => match command {
                    Ok(Command::Start(listen)) => {
                        self.stop(running.take());
                        running = self.start(listen);
                    }
                    Ok(Command::Reload) => running.iter().for_each(|run| run.server.reload()),
                    Ok(Command::Stop) => self.stop(running.take()),
                    Ok(Command::Action(action)) => self.perform(running.as_ref(), action),
                    Ok(Command::SaveText(file, text)) => {
                        let outcome = actions::save(&file, &text.text()).map(|()| file);
                        self.send(Reply::Saved { at: SystemTime::now(), outcome });
                    }
                    Ok(Command::SearchHistory(words)) => {
                        let summary = with_server(running.as_ref(), |server| {
                            server.archive(&words, MESSAGES_MAX).map_err(|error| with_hint(&error))
                        });
                        self.send(Reply::HistorySummary(summary));
                    }
                    Ok(Command::ExportHistory(file)) => {
                        let outcome = with_server(running.as_ref(), |server| actions::export_history(server, &file));
                        self.send(Reply::Saved { at: SystemTime::now(), outcome: outcome.map(|()| file) });
                    }
                    Err(_) => return self.stop(running.take()),
                },
                recv(self.exit) -> _ => return self.stop(running.take()),
                recv(ticks) -> _ => if let Some(run) = &running {
                    run.send_update(self.watches_threads.load(Ordering::Relaxed));
                },
            }
            // The failure itself was reported when the ban was made; a later attempt that fails is no news.
            let _ = running.as_ref().map(|run| run.server.retry_bans());
            // After every command and every tick, because a temporary ban expires without either.
            if let Some(run) = &mut running {
                self.send_bans(run);
                if self.watches_members.load(Ordering::Relaxed) {
                    self.send_members(run);
                }
            }
        }
    }

    fn start(&self, listen: String) -> Option<RunningServer> {
        match Server::start_with(Config { listen, ..self.config.clone() }, self.sink.clone()) {
            Ok(server) => {
                let addr = server.addr();
                let (sender, updates) = bounded(1);
                (self.announce)(&server);
                let fingerprint = server.fingerprint();
                self.send(Reply::Listening { addr, fingerprint, updates });
                Some(RunningServer { server, updates: sender, bans: Vec::new(), members: Vec::new() })
            }
            Err(error) => {
                let why = with_hint(&error);
                log::error!("{why}");
                self.send(Reply::Failed { at: SystemTime::now(), why });
                None
            }
        }
    }

    fn perform(&self, run: Option<&RunningServer>, action: Action) {
        let outcome = with_server(run, |server| action.perform(server)).map(|(words, password)| {
            if let (Action::Member(_, name), Some(password)) = (&action, password) {
                self.send(Reply::Password { name: name.clone(), password });
            }
            words
        });
        match &outcome {
            Ok(words) => log::info!("operator: {words}"),
            Err(why) => log::warn!("operator: {why}"),
        }
        self.send(Reply::ActionDone { at: SystemTime::now(), action, outcome });
    }

    fn send_bans(&self, run: &mut RunningServer) {
        let bans = run.server.bans();
        if bans != run.bans {
            run.bans.clone_from(&bans);
            self.send(Reply::Bans(bans));
        }
    }

    fn send_members(&self, run: &mut RunningServer) {
        // An unreadable list is reported as the outcome of the next action on it, not four times a second.
        let Some(Ok(members)) = run.server.members().map(Members::list) else { return };
        if members != run.members {
            run.members.clone_from(&members);
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
        None => Err("The server does not run: start it first".into()),
    }
}

impl RunningServer {
    fn send_update(&self, with_threads: bool) {
        // If the window has not taken the last update it gets no new one, and the registry is left alone.
        if self.updates.is_full() {
            return;
        }
        let snapshot = self.server.snapshot();
        let mut threads = Vec::new();
        if with_threads {
            // Two threads that are not the server's, but belong to the picture.
            threads.extend([
                window_thread("main", "running this window"),
                window_thread(THREAD_NAME, "looking at the server"),
            ]);
            threads.extend(self.server.threads(&snapshot.people));
        }
        let _ = self.updates.try_send(Update { snapshot, threads });
    }
}

/// Returns a row of the thread list for a thread that the server does not track.
fn window_thread(name: &str, doing: &str) -> ThreadInfo {
    ThreadInfo { name: name.into(), serves: None, doing: doing.into(), lasted: None, backlog: None }
}

#[cfg(test)]
mod tests;
