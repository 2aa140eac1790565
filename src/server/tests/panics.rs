//! A panic in each kind of thread: it is reported, and the parts of the server that depended on the thread say so.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::Peer;
use crate::server::Server;
use crate::server::config::Config;
use crate::server::delivery::PendingWrites;
use crate::server::observe::activity::{self, Task};
use crate::server::observe::event::{Event, EventKind};
use crate::sync::lock;

const LONG: Duration = Duration::from_secs(20);

/// A server whose threads can be made to panic.
struct Victim {
    server: Server,
    events: Receiver<Event>,
}

impl Victim {
    fn new(config: Config) -> Victim {
        let config = Config { listen: "127.0.0.1:0".into(), rate: 0, ..config };
        let (server, events) = Server::start(config).unwrap();
        Victim { server, events }
    }

    /// Makes the next thread whose name begins like this panic at its next step.
    fn doom(&self, thread: &'static str) {
        *lock(&self.server.context.writers.threads.doom) = Some(thread);
    }

    /// Waits until the panic of a thread is reported; returns the report.
    fn panic_report(&self) -> String {
        let deadline = Instant::now() + LONG;
        loop {
            let event = self.events.recv_deadline(deadline).expect("a panic is reported");
            if matches!(event.kind, EventKind::Panicked { .. }) {
                assert_eq!(event.kind.level(), log::Level::Error);
                return event.kind.to_string();
            }
        }
    }

    fn join(&self, name: &str) -> Peer {
        Peer::join(self.server.addr(), name)
    }
}

#[test]
fn a_dead_history_is_told_and_answers_that_it_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let victim = Victim::new(Config { history: Some(folder.path().join("history.db")), ..Config::default() });
    let (mut ann, mut ben) = (victim.join("ann"), victim.join("ben"));
    assert_eq!(ann.line(), "HELLO ben");
    victim.doom("history");
    ann.say("MSG ann hello");
    assert_eq!(
        victim.panic_report(),
        "the thread history panicked, a bug in the server: on purpose; messages are not stored until the server is restarted"
    );
    for question in ["FIND hello", "FIND nothing", "PAST 1 1"] {
        ann.say(question);
        assert_eq!(ann.line(), "ERR UNAVAILABLE this server cannot store messages any more", "{question}");
    }
    assert!(victim.server.archive("", 10).is_err());
    ann.say("MSG ann still here");
    assert_eq!([ben.line(), ben.line()], ["MSG ann hello", "MSG ann still here"]);
    victim.server.stop();
}

#[test]
fn a_dead_accept_thread_is_told_and_newcomers_are_refused() {
    let victim = Victim::new(Config::default());
    let mut ann = victim.join("ann");
    victim.doom("accept");
    // It may be dead already, or dies of this one.
    let _ = TcpStream::connect(victim.server.addr());
    assert_eq!(
        victim.panic_report(),
        "the thread accept panicked, a bug in the server: on purpose; nobody can connect until the server is restarted"
    );
    let deadline = Instant::now() + LONG;
    while TcpStream::connect(victim.server.addr()).map_err(|error| error.kind()).err()
        != Some(ErrorKind::ConnectionRefused)
    {
        assert!(Instant::now() < deadline, "new connections are not refused");
        thread::yield_now();
    }
    ann.say("PING 1");
    assert_eq!(ann.line(), "PONG 1");
    victim.server.stop();
    assert_eq!(ann.line(), "ERR SHUTTING_DOWN the server stops");
}

#[test]
fn a_dead_accept_thread_of_several_is_told_with_its_address_and_the_other_goes_on() {
    let (server, events) =
        Server::start(Config { listen: "127.0.0.1:0, 127.0.0.1:0".into(), ..Config::default() }).unwrap();
    let victim = Victim { server, events };
    victim.doom("accept");
    // Whichever takes its next step first.
    let _ = TcpStream::connect(victim.server.addr());
    let report = victim.panic_report();
    let (dead, alive): (Vec<SocketAddr>, Vec<SocketAddr>) =
        victim.server.addresses().iter().copied().partition(|addr| report.contains(&addr.to_string()));
    let [dead] = dead[..] else { panic!("{report}") };
    assert_eq!(
        report,
        format!(
            "the thread accept {dead} panicked, a bug in the server: on purpose; nobody can connect to {dead} until the \
             server is restarted"
        )
    );
    let mut ann = Peer::join(alive[0], "ann");
    victim.server.stop();
    assert_eq!(ann.line(), "ERR SHUTTING_DOWN the server stops");
}

#[test]
fn a_dead_client_thread_is_told_and_its_client_has_left() {
    let victim = Victim::new(Config::default());
    let (mut ann, mut ben) = (victim.join("ann"), victim.join("ben"));
    assert_eq!(ann.line(), "HELLO ben");
    victim.doom("client #2");
    ben.say("PING 1");
    assert_eq!(victim.panic_report(), "the thread client #2 panicked, a bug in the server: on purpose");
    assert_eq!(ann.line(), "BYE ben");
    assert_eq!(ben.line(), "");
    victim.join("ben");
    victim.server.stop();
}

#[test]
fn a_client_thread_that_dies_before_it_has_joined_is_told_too() {
    let victim = Victim::new(Config::default());
    victim.doom("client");
    let socket = TcpStream::connect(victim.server.addr()).unwrap();
    assert_eq!(victim.panic_report(), "the thread client #1 panicked, a bug in the server: on purpose");
    assert_eq!(Peer::new(socket).line(), "");
    assert_eq!(victim.server.snapshot().totals.unauthenticated, 0, "it has dropped its permit");
    victim.server.stop();
}

#[test]
fn a_dead_drain_thread_is_told_and_ends_the_client_that_it_wrote_to() {
    let victim = Victim::new(Config::default());
    let mut ann = victim.join("ann");
    victim.doom("drain");
    let id = victim.server.snapshot().people[0].id;
    victim.server.send_raw(id, &vec![b'x'; 32 << 20]).unwrap();
    assert_eq!(victim.panic_report(), "the thread drain ann panicked, a bug in the server: on purpose");
    while !ann.line().is_empty() {}
    // The end of the connection may come before the name is free.
    let deadline = Instant::now() + LONG;
    while !victim.server.snapshot().people.is_empty() {
        assert!(Instant::now() < deadline, "ann is still here");
        thread::yield_now();
    }
    victim.join("ann");
    victim.server.stop();
}

#[test]
fn a_dead_flusher_thread_is_told_and_what_it_was_to_write_is_written() {
    let victim = Victim::new(Config::default());
    let mut ann = victim.join("ann");
    victim.doom("flusher");
    let context = &victim.server.context;
    let mut writes = PendingWrites::new(&context.writers);
    for client in context.registry.find(|_| true) {
        writes.push(&client, &b"MSG ben hi\n"[..].into());
    }
    // Ann's own thread may just be writing to her, and takes that on; then this is the next thing that the flusher does.
    assert!(writes.hand_off(|_| activity::set(Task::Coalescing)));
    assert_eq!(victim.panic_report(), "the thread flusher panicked, a bug in the server: on purpose");
    assert_eq!(ann.line(), "MSG ben hi");
    victim.server.stop();
}
