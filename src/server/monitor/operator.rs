//! The operator: the thread that owns the server of a windowed program.
//!
//! It runs on its own thread (`operator`), takes [`Order`]s, does what may take time (looking up an address, binding,
//! stopping), and says what came of it in [`Notice`]s. While a server runs, it looks at it [a few times a
//! second](LOOK_EVERY) and hands the snapshot on. It must never wait for the window: nothing that it sends can block.
//!
//! Its end is the end of the orders: when the [`Operator`] handle lets go of them, the thread stops the server, if one
//! runs, and ends; the notices end with it, which tells the window that it may close.

use std::io;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, Sender, bounded, never, select, tick, unbounded};

use crate::server::{Config, Event, EventSink, Server, Snapshot};

/// How often a running server is looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What the window may ask for.
#[derive(Debug)]
enum Order {
    /// Listen on this address.
    Start(String),
    /// Stop listening and end every connection.
    Stop,
}

/// What has become of the orders.
#[derive(Debug)]
pub enum Notice {
    /// The server accepts connections.
    Listening {
        /// Where.
        addr: SocketAddr,
        /// What this run of the server looks like. Each run has a channel of its own, so that a late snapshot
        /// cannot be taken for one of the next run. It holds one: a window that is busy is not sent a queue of pasts.
        snapshots: Receiver<Snapshot>,
    },
    /// The server could not be started.
    Failed {
        /// When.
        at: SystemTime,
        /// Which address, why, and what would work.
        why: String,
    },
    /// The server has stopped, and all its threads have ended.
    Stopped,
}

/// The window's end of the operator.
#[derive(Debug)]
pub struct Operator {
    /// `None` once the operator was told to finish.
    orders: Option<Sender<Order>>,
    notices: Receiver<Notice>,
    events: Receiver<Event>,
    sink: EventSink,
    /// `None` once it was joined.
    thread: Option<JoinHandle<()>>,
}

impl Operator {
    /// Starts the thread. `config` is for every server that it will start, except for the address, which comes with
    /// the order; `announce` is called on its thread each time that a server accepts connections.
    pub fn spawn(config: Config, announce: fn(SocketAddr)) -> io::Result<Operator> {
        // A person gives the orders, one click at a time: no bound is needed, and none of them may be lost.
        let (orders, order_receiver) = unbounded();
        let (notice_sender, notices) = unbounded();
        let (sink, events) = EventSink::watched();
        let work = Work { config, announce, orders: order_receiver, notices: notice_sender, sink: sink.clone() };
        let thread = thread::Builder::new().name("operator".into()).spawn(move || work.run())?;
        Ok(Operator { orders: Some(orders), notices, events, sink, thread: Some(thread) })
    }

    /// Asks for a server that listens there; a server that runs already is stopped first.
    pub fn start(&self, listen: String) {
        self.order(Order::Start(listen));
    }

    /// Asks for the server to be stopped.
    pub fn stop(&self) {
        self.order(Order::Stop);
    }

    /// Asks for the server to be stopped and the thread to end; the [`notices`](Self::notices) are disconnected then.
    pub fn finish(&mut self) {
        self.orders = None;
    }

    /// What has become of the orders.
    pub fn notices(&self) -> &Receiver<Notice> {
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

    /// Waits for the thread to end, which it does once the server has stopped. The error is its panic.
    pub fn join(&mut self) -> thread::Result<()> {
        self.finish();
        self.thread.take().map_or(Ok(()), JoinHandle::join)
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // It fails only if the thread has panicked, which the notices then tell.
            let _ = orders.send(order);
        }
    }
}

/// What the thread works with.
struct Work {
    config: Config,
    announce: fn(SocketAddr),
    orders: Receiver<Order>,
    notices: Sender<Notice>,
    sink: EventSink,
}

/// A server that runs, and where its snapshots go.
struct Run {
    server: Server,
    snapshots: Sender<Snapshot>,
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
                    Ok(Order::Start(listen)) => {
                        self.stop(running.take());
                        running = self.start(listen);
                    }
                    Ok(Order::Stop) => self.stop(running.take()),
                    Err(_) => return self.stop(running.take()),
                },
                recv(looks) -> _ => if let Some(run) = &running { run.look() },
            }
        }
    }

    fn start(&self, listen: String) -> Option<Run> {
        match Server::start(Config { listen, ..self.config.clone() }, self.sink.clone()) {
            Ok(server) => {
                let addr = server.addr();
                let (sender, snapshots) = bounded(1);
                (self.announce)(addr);
                self.tell(Notice::Listening { addr, snapshots });
                Some(Run { server, snapshots: sender })
            }
            Err(error) => {
                let why = error.to_string();
                log::error!("{why}");
                self.tell(Notice::Failed { at: SystemTime::now(), why });
                None
            }
        }
    }

    fn stop(&self, run: Option<Run>) {
        if let Some(run) = run {
            run.server.stop();
            self.tell(Notice::Stopped);
        }
    }

    fn tell(&self, notice: Notice) {
        // It fails only if the window is gone already.
        let _ = self.notices.send(notice);
    }
}

impl Run {
    fn look(&self) {
        // A window that has not taken the last snapshot gets no new one, and the registry is left alone.
        if !self.snapshots.is_full() {
            let _ = self.snapshots.try_send(self.server.snapshot());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crossbeam_channel::RecvTimeoutError;

    use super::*;

    /// Longer than anything here takes, on a machine however busy.
    const DEADLINE: Duration = Duration::from_secs(20);

    static ANNOUNCED: AtomicUsize = AtomicUsize::new(0);

    fn operator() -> Operator {
        let announce = |_| {
            ANNOUNCED.fetch_add(1, Ordering::Relaxed);
        };
        Operator::spawn(Config::default(), announce).unwrap()
    }

    fn listening(operator: &Operator) -> (SocketAddr, Receiver<Snapshot>) {
        match operator.notices().recv_timeout(DEADLINE) {
            Ok(Notice::Listening { addr, snapshots }) => (addr, snapshots),
            other => panic!("{other:?}"),
        }
    }

    /// Joins, and gives the connection with its answers.
    fn join(addr: SocketAddr, name: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        writeln!(stream, "HELLO {name}").unwrap();
        let mut answers = BufReader::new(stream);
        assert_eq!(next_line(&mut answers), format!("HELLO {name}"));
        answers
    }

    fn next_line(answers: &mut BufReader<TcpStream>) -> String {
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        line.trim_end().into()
    }

    #[test]
    fn a_server_that_was_started_is_announced_and_looked_at_until_it_is_stopped() {
        let before = ANNOUNCED.load(Ordering::Relaxed);
        let operator = operator();
        operator.start("127.0.0.1:0".into());
        let (addr, snapshots) = listening(&operator);
        assert!(ANNOUNCED.load(Ordering::Relaxed) > before);
        let mut ann = join(addr, "ann");
        let shown = loop {
            let snapshot = snapshots.recv_timeout(DEADLINE).unwrap();
            if !snapshot.people.is_empty() {
                break snapshot;
            }
        };
        assert_eq!(shown.people[0].name.as_str(), "ann");
        operator.stop();
        assert!(matches!(operator.notices().recv_timeout(DEADLINE), Ok(Notice::Stopped)));
        assert_eq!(next_line(&mut ann), "ERR SHUTTING_DOWN the server stops");
        assert!(snapshots.iter().count() <= 1, "nothing more comes of a run that is over");
    }

    #[test]
    fn an_address_in_use_is_told_with_the_reason_and_another_can_be_tried() {
        let occupant = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = occupant.local_addr().unwrap().to_string();
        let operator = operator();
        operator.start(taken.clone());
        match operator.notices().recv_timeout(DEADLINE) {
            Ok(Notice::Failed { why, .. }) => assert!(why.contains(&taken) && why.contains("in use"), "{why}"),
            other => panic!("{other:?}"),
        }
        operator.start("127.0.0.1:0".into());
        listening(&operator);
    }

    #[test]
    fn the_same_port_can_be_stopped_and_started_again() {
        let operator = operator();
        operator.start("127.0.0.1:0".into());
        let (addr, _) = listening(&operator);
        let _ann = join(addr, "ann");
        operator.stop();
        operator.start(addr.to_string());
        assert!(matches!(operator.notices().recv_timeout(DEADLINE), Ok(Notice::Stopped)));
        assert_eq!(listening(&operator).0, addr);
        join(addr, "ann");
    }

    #[test]
    fn an_operator_that_is_let_go_stops_the_server_and_ends() {
        let mut operator = operator();
        operator.start("127.0.0.1:0".into());
        let (addr, _) = listening(&operator);
        let mut ann = join(addr, "ann");
        operator.finish();
        assert_eq!(next_line(&mut ann), "ERR SHUTTING_DOWN the server stops");
        assert!(matches!(operator.notices().recv_timeout(DEADLINE), Ok(Notice::Stopped)));
        assert_eq!(operator.notices().recv_timeout(DEADLINE).err(), Some(RecvTimeoutError::Disconnected));
        operator.join().unwrap();
        assert!(TcpStream::connect(addr).is_err());
    }

    #[test]
    fn an_operator_with_nothing_to_do_ends_when_it_is_joined() {
        operator().join().unwrap();
    }
}
