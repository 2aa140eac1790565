//! Tests of the server worker with real servers, over real sockets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crossbeam_channel::RecvTimeoutError;

use crate::monitor::worker::*;
use crate::protocol::Username;
use crate::server::{Ban, BanTarget};

#[cfg(feature = "storage")]
mod watching;

/// Longer than any step here takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

static ANNOUNCED: AtomicUsize = AtomicUsize::new(0);

fn worker() -> ServerWorker {
    worker_with(Config::default())
}

fn worker_with(config: Config) -> ServerWorker {
    let announce = |_: &Server| {
        ANNOUNCED.fetch_add(1, Ordering::Relaxed);
    };
    ServerWorker::spawn(Options::over(config), announce).unwrap()
}

/// Returns the next reply, except for those that no command has asked for.
fn next_reply(worker: &ServerWorker) -> Result<Reply, RecvTimeoutError> {
    loop {
        match worker.replies.recv_timeout(DEADLINE) {
            Ok(Reply::Options(_) | Reply::Interfaces(_) | Reply::RoomPassword(_)) => {}
            other => return other,
        }
    }
}

fn listening(worker: &ServerWorker) -> (SocketAddr, Receiver<Update>) {
    match next_reply(worker) {
        Ok(Reply::Listening { addresses, updates, .. }) => (addresses[0], updates),
        other => panic!("{other:?}"),
    }
}

/// Returns the outcome of the next action. Skips the replies before it.
fn outcome(worker: &ServerWorker) -> Result<String, String> {
    loop {
        if let Reply::ActionDone { outcome, .. } = next_reply(worker).unwrap() {
            return outcome;
        }
    }
}

/// Waits for the next list of bans.
fn bans(worker: &ServerWorker) -> Vec<String> {
    loop {
        if let Reply::Bans(bans) = next_reply(worker).unwrap() {
            return bans.iter().map(ToString::to_string).collect();
        }
    }
}

fn ann() -> BanTarget {
    BanTarget::Name(Username::parse("ann").unwrap())
}

/// Joins, and returns the connection to read its answers from.
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
fn a_server_that_was_started_is_announced_and_watched_until_it_is_stopped() {
    let before = ANNOUNCED.load(Ordering::Relaxed);
    let worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, updates) = listening(&worker);
    assert!(ANNOUNCED.load(Ordering::Relaxed) > before);
    let mut ann = join(addr, "ann");
    let shown = loop {
        let snapshot = updates.recv_timeout(DEADLINE).unwrap().snapshot;
        if !snapshot.people.is_empty() {
            break snapshot;
        }
    };
    assert_eq!(shown.people[0].name.as_str(), "ann");
    worker.send(Command::Stop);
    assert!(matches!(next_reply(&worker), Ok(Reply::Stopped)));
    assert_eq!(next_line(&mut ann), "ERR SHUTTING_DOWN the server stops");
    assert!(updates.iter().count() <= 1, "nothing more comes of a run that is over");
}

#[test]
fn an_address_in_use_is_reported_with_the_reason_and_another_can_be_tried() {
    let occupant = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = occupant.local_addr().unwrap().to_string();
    let worker = worker();
    worker.send(Command::Start(taken.as_str().into()));
    match next_reply(&worker) {
        Ok(Reply::Failed { why, .. }) => assert!(why.contains(&taken) && why.contains("in use"), "{why}"),
        other => panic!("{other:?}"),
    }
    worker.send(Command::Start("127.0.0.1:0".into()));
    listening(&worker);
}

#[test]
fn the_same_port_can_be_stopped_and_started_again() {
    let worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, _) = listening(&worker);
    let _ann = join(addr, "ann");
    worker.send(Command::Stop);
    worker.send(Command::Start(addr.to_string().into()));
    assert!(matches!(next_reply(&worker), Ok(Reply::Stopped)));
    assert_eq!(listening(&worker).0, addr);
    join(addr, "ann");
}

#[test]
fn a_worker_that_is_dropped_stops_the_server_and_ends() {
    let mut worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, _) = listening(&worker);
    let mut ann = join(addr, "ann");
    worker.send(Command::Finish);
    assert_eq!(next_line(&mut ann), "ERR SHUTTING_DOWN the server stops");
    assert!(matches!(next_reply(&worker), Ok(Reply::Stopped)));
    assert_eq!(next_reply(&worker).err(), Some(RecvTimeoutError::Disconnected));
    worker.join().unwrap();
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn a_client_is_kicked_once_with_the_reason() {
    let worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, updates) = listening(&worker);
    let mut ann = join(addr, "ann");
    let id = loop {
        if let [person] = &updates.recv_timeout(DEADLINE).unwrap().snapshot.people[..] {
            break person.id;
        }
    };
    let kick = Action::Kick { ids: vec![id], people: "ann".into(), reason: "calm down".into() };
    worker.send(Command::Action(kick.clone()));
    assert_eq!(outcome(&worker).as_deref(), Ok("ann was kicked"));
    assert_eq!(next_line(&mut ann), "ERR KICKED calm down");
    worker.send(Command::Action(kick));
    assert_eq!(outcome(&worker).unwrap_err(), "ann has already left");
}

#[test]
fn the_list_of_bans_is_sent_when_it_changes_by_an_action_or_by_time() {
    let worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, _) = listening(&worker);
    let mut peer = join(addr, "ann");
    worker.send(Command::Action(Action::Ban(vec![Ban { target: ann(), until: None }])));
    assert_eq!(outcome(&worker).unwrap(), "ann is banned; 1 connection ended");
    assert!(next_line(&mut peer).starts_with("ERR BANNED"));
    assert_eq!(bans(&worker), ["name ann forever"]);
    worker.send(Command::Action(Action::Unban(vec![ann()])));
    assert_eq!(outcome(&worker).unwrap(), "ann is no longer banned");
    assert!(bans(&worker).is_empty());
    let until = Some(SystemTime::now() + Duration::from_millis(600));
    worker.send(Command::Action(Action::Ban(vec![Ban { target: ann(), until }])));
    assert_eq!(bans(&worker).len(), 1);
    assert!(bans(&worker).is_empty(), "its time is over");
    join(addr, "ann");
}

#[test]
fn a_list_of_bans_that_cannot_be_written_is_reported_with_what_would_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bans.txt");
    let worker = worker_with(Config { bans: Some(file.clone()), ..Config::default() });
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, _) = listening(&worker);
    // A folder in its place: not even the superuser can write to it.
    std::fs::create_dir(&file).unwrap();
    worker.send(Command::Action(Action::Ban(vec![Ban { target: ann(), until: None }])));
    let why = outcome(&worker).unwrap_err();
    assert!(why.starts_with("ann is banned, but only until the server stops: "), "{why}");
    assert!(why.contains("--bans FILE"), "{why}");
    let mut peer = BufReader::new(TcpStream::connect(addr).unwrap());
    writeln!(peer.get_mut(), "HELLO ann").unwrap();
    assert!(next_line(&mut peer).starts_with("ERR BANNED"));
    // Writing is possible again, and the worker retries by itself.
    std::fs::remove_dir(&file).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with("name ann forever\n")) {
        assert!(Instant::now() < deadline, "the list is not written again");
        thread::park_timeout(Duration::from_millis(5));
    }
    drop(worker);
}

#[test]
fn nothing_can_be_done_to_a_server_that_does_not_run() {
    let worker = worker();
    worker.send(Command::Action(Action::Announce("hello".into())));
    assert_eq!(outcome(&worker).unwrap_err(), "Not running: start the server first");
}

#[test]
fn a_worker_with_nothing_to_do_ends_when_it_is_joined() {
    worker().join().unwrap();
}

#[test]
fn the_window_learns_the_rooms_password_and_the_addresses_of_this_computer() {
    let password = crate::server::Password::parse("open sesame").unwrap();
    let worker = worker_with(Config { password: Some(password), ..Config::default() });
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (mut password, mut interfaces) = (None, None);
    while password.is_none() || interfaces.is_none() {
        match worker.replies.recv_timeout(DEADLINE).unwrap() {
            Reply::RoomPassword(told) => password = told,
            Reply::Interfaces(told) => interfaces = Some(told),
            _ => {}
        }
    }
    assert_eq!(password.map(|password| password.reveal().to_owned()).as_deref(), Some("open sesame"));
    assert!(interfaces.unwrap().iter().all(|interface| !interface.ip.is_loopback()));
}
