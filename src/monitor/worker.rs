//! The operator: the thread that owns the server of a windowed program.
//!
//! It runs on its own thread (`operator`), takes orders, does what may take time (looking up an address, binding,
//! stopping, kicking, writing the list of bans or a log), and says what came of it in [`Reply`]s. While a server runs, it looks at it [a few times a
//! second](LOOK_EVERY) and hands the snapshot on. It must never wait for the window: nothing that it sends can block.
//!
//! Its end is the end of the orders: when the [`ServerWorker`] handle lets go of them, or of its [`LastStop`], the thread stops the server, if one
//! runs, and ends; the notices end with it, which tells the window that it may close.

pub mod actions;
pub mod messages;

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, Sender, bounded, never, select, tick, unbounded};

use super::last_stop::LastStop;
use super::model::LISTED;
use crate::server::{Ban, Config, Event, EventSink, Member, Members, Server, ThreadInfo};
use crate::wire::TapReceiver;
use messages::Command;
pub use messages::{Action, Document, MemberAct, Reply, Update};

/// How often a running server is looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The window's end of the operator.
#[derive(Debug)]
pub struct ServerWorker {
    /// `None` once the operator was told to finish.
    orders: Option<Sender<Command>>,
    notices: Receiver<Reply>,
    events: Receiver<Event>,
    sink: EventSink,
    /// The lines of all the servers that it starts.
    wire: TapReceiver,
    /// Whether the threads are to be looked at, too: written by the window, read by the thread; `Relaxed`, since it may as
    /// well notice with the next look.
    watches_threads: Arc<AtomicBool>,
    /// The same for the members.
    watches_members: Arc<AtomicBool>,
    /// See [`LastStop`]; `None` once somebody has it.
    alive: Option<Sender<Infallible>>,
    /// `None` once it was joined.
    thread: Option<JoinHandle<()>>,
}

impl ServerWorker {
    /// Starts the thread. `config` is for every server that it will start, except for the address, which comes with
    /// the order; `announce` is called on its thread each time that a server accepts connections.
    pub fn spawn(config: Config, announce: fn(&Server)) -> io::Result<ServerWorker> {
        // A person gives the orders, one click at a time: no bound is needed, and none of them may be lost.
        let (orders, order_receiver) = unbounded();
        let (notice_sender, notices) = unbounded();
        let (sink, events) = EventSink::watched();
        let (sink, wire) = sink.tapped();
        let (alive, ending) = bounded(0);
        let watches_threads = Arc::<AtomicBool>::default();
        let watches_members = Arc::<AtomicBool>::default();
        let work = Work {
            config,
            announce,
            orders: order_receiver,
            ending,
            notices: notice_sender,
            sink: sink.clone(),
            watches_threads: watches_threads.clone(),
            watches_members: watches_members.clone(),
        };
        let thread = thread::Builder::new().name("operator".into()).spawn(move || work.run())?;
        Ok(ServerWorker {
            orders: Some(orders),
            notices,
            events,
            sink,
            wire,
            watches_threads,
            watches_members,
            alive: Some(alive),
            thread: Some(thread),
        })
    }

    /// Asks for a server that listens there; a server that runs already is stopped first.
    pub fn start(&self, listen: String) {
        self.order(Command::Start(listen));
    }

    /// Asks for the server to be stopped.
    pub fn stop(&self) {
        self.order(Command::Stop);
    }

    /// Asks for certificate and password to be read again, which happens anyway when a server is started.
    pub fn reload(&self) {
        self.order(Command::Reload);
    }

    /// Asks for something to be done to the server that runs.
    pub fn act(&self, act: Action) {
        self.order(Command::Action(act));
    }

    /// Asks for a text to be written into a new file.
    pub fn save(&self, file: PathBuf, text: impl Document + 'static) {
        self.order(Command::Save(file, Box::new(text)));
    }

    /// The lines of every server that it starts, as they go by.
    pub fn wire(&self) -> TapReceiver {
        self.wire.clone()
    }

    /// Asks for the newest messages that are kept, or those with these words.
    pub fn look_up(&self, words: String) {
        self.order(Command::LookUp(words));
    }

    /// Asks for all that is kept to be written into a new file.
    pub fn export(&self, file: PathBuf) {
        self.order(Command::Export(file));
    }

    /// Asks for the threads to be looked at with every look from now on, or not any more.
    pub fn watch_threads(&self, watches: bool) {
        self.watches_threads.store(watches, Ordering::Relaxed);
    }

    /// Asks for the list of members to be looked at, a few times a second from now on, or not any more.
    pub fn watch_members(&self, watches: bool) {
        self.watches_members.store(watches, Ordering::Relaxed);
    }

    /// Asks for the server to be stopped and the thread to end; the [`notices`](Self::notices) are disconnected then.
    pub fn finish(&mut self) {
        self.orders = None;
    }

    /// What has become of the orders.
    pub fn notices(&self) -> &Receiver<Reply> {
        &self.notices
    }

    /// What happens in the server.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// How many events did not fit the channel, since the operator was spawned.
    pub fn lost(&self) -> u64 {
        self.sink.lost()
    }

    /// What has the thread finish as well, even if the window never comes to it.
    pub fn last_stop(&mut self) -> LastStop {
        LastStop { alive: self.alive.take(), notices: self.notices.clone() }
    }

    /// Waits for the thread to end, which it does once the server has stopped. The error is its panic.
    pub fn join(&mut self) -> thread::Result<()> {
        self.finish();
        self.thread.take().map_or(Ok(()), JoinHandle::join)
    }

    fn order(&self, order: Command) {
        if let Some(orders) = &self.orders {
            // It fails only if the thread has panicked, which the notices then tell.
            let _ = orders.send(order);
        }
    }
}

/// What the thread works with.
struct Work {
    config: Config,
    announce: fn(&Server),
    orders: Receiver<Command>,
    /// Disconnected once the program ends without the window having said so.
    ending: Receiver<Infallible>,
    notices: Sender<Reply>,
    sink: EventSink,
    watches_threads: Arc<AtomicBool>,
    watches_members: Arc<AtomicBool>,
}

/// A server that runs, and where the looks at it go.
struct Run {
    server: Server,
    looks: Sender<Update>,
    /// The bans that the window was told of.
    bans: Vec<Ban>,
    /// The members that the window was told of.
    members: Vec<Member>,
}

impl Work {
    fn run(self) {
        let ticks = tick(LOOK_EVERY);
        let mut running: Option<Run> = None;
        loop {
            // With no server there is nothing to look at, and the thread sleeps until the next order.
            let looks = if running.is_some() { &ticks } else { &never() };
            select! {
                recv(self.orders) -> order => match order {
                    Ok(Command::Start(listen)) => {
                        self.stop(running.take());
                        running = self.start(listen);
                    }
                    Ok(Command::Reload) => running.iter().for_each(|run| run.server.reload()),
                    Ok(Command::Stop) => self.stop(running.take()),
                    Ok(Command::Action(act)) => self.act(running.as_ref(), act),
                    Ok(Command::Save(file, text)) => {
                        let outcome = actions::save(&file, &text.text()).map(|()| file);
                        self.tell(Reply::Saved { at: SystemTime::now(), outcome });
                    }
                    Ok(Command::LookUp(words)) => {
                        let archive = on(running.as_ref(), |server| server.archive(&words, LISTED));
                        self.tell(Reply::HistorySummary(archive));
                    }
                    Ok(Command::Export(file)) => {
                        let outcome = on(running.as_ref(), |server| actions::export(server, &file)).map(|()| file);
                        self.tell(Reply::Saved { at: SystemTime::now(), outcome });
                    }
                    Err(_) => return self.stop(running.take()),
                },
                recv(self.ending) -> _ => return self.stop(running.take()),
                recv(looks) -> _ => if let Some(run) = &running { run.look(self.watches_threads.load(Ordering::Relaxed)) },
            }
            // A failure was told when the ban was made.
            let _ = running.as_ref().map(|run| run.server.retry_bans());
            // After whatever was done; and a ban for a time is over without anybody doing anything.
            if let Some(run) = &mut running {
                self.tell_bans(run);
                if self.watches_members.load(Ordering::Relaxed) {
                    self.tell_members(run);
                }
            }
        }
    }

    fn start(&self, listen: String) -> Option<Run> {
        match Server::start(Config { listen, ..self.config.clone() }, self.sink.clone()) {
            Ok(server) => {
                let addr = server.addr();
                let (sender, looks) = bounded(1);
                (self.announce)(&server);
                let fingerprint = server.fingerprint();
                self.tell(Reply::Listening { addr, fingerprint, looks });
                Some(Run { server, looks: sender, bans: Vec::new(), members: Vec::new() })
            }
            Err(error) => {
                let why = error.to_string();
                log::error!("{why}");
                self.tell(Reply::Failed { at: SystemTime::now(), why });
                None
            }
        }
    }

    fn act(&self, run: Option<&Run>, act: Action) {
        let outcome = on(run, |server| act.carry_out(server)).map(|(words, password)| {
            if let (Action::Member(_, name), Some(password)) = (&act, password) {
                self.tell(Reply::Password { name: name.clone(), password });
            }
            words
        });
        match &outcome {
            Ok(words) => log::info!("operator: {words}"),
            Err(why) => log::warn!("operator: {why}"),
        }
        self.tell(Reply::Acted { at: SystemTime::now(), act, outcome });
    }

    fn tell_bans(&self, run: &mut Run) {
        let bans = run.server.bans();
        if bans != run.bans {
            run.bans.clone_from(&bans);
            self.tell(Reply::Bans(bans));
        }
    }

    fn tell_members(&self, run: &mut Run) {
        // What is wrong with the list is told to whoever wants to do something to it.
        let Some(Ok(members)) = run.server.members().map(Members::list) else { return };
        if members != run.members {
            run.members.clone_from(&members);
            self.tell(Reply::Members(members));
        }
    }

    fn stop(&self, run: Option<Run>) {
        if let Some(run) = run {
            run.server.stop();
            self.tell(Reply::Stopped);
        }
    }

    fn tell(&self, notice: Reply) {
        // It fails only if the window is gone already.
        let _ = self.notices.send(notice);
    }
}

/// Does something with the server, if it runs.
fn on<T>(run: Option<&Run>, act: impl FnOnce(&Server) -> Result<T, String>) -> Result<T, String> {
    match run {
        Some(run) => act(&run.server),
        None => Err("The server does not run: start it first".into()),
    }
}

impl Run {
    fn look(&self, at_threads: bool) {
        // A window that has not taken the last one gets no new one, and the registry is left alone.
        if self.looks.is_full() {
            return;
        }
        let snapshot = self.server.snapshot();
        let mut threads = Vec::new();
        if at_threads {
            // Two that are not the server's, but belong to the picture.
            threads.extend([thread("main", "running this window"), thread("operator", "looking at the server")]);
            threads.extend(self.server.threads(&snapshot.people));
        }
        let _ = self.looks.try_send(Update { snapshot, threads });
    }
}

fn thread(name: &str, doing: &str) -> ThreadInfo {
    ThreadInfo { name: name.into(), serves: None, doing: doing.into(), lasted: None, backlog: None }
}

#[cfg(test)]
mod tests;
