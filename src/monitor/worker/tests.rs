//! The operator with real servers, spoken to over real sockets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crossbeam_channel::RecvTimeoutError;

use crate::monitor::worker::*;
use crate::protocol::Username;
use crate::server::BanTarget;

/// Longer than anything here takes, on a machine however busy.
const DEADLINE: Duration = Duration::from_secs(20);

static ANNOUNCED: AtomicUsize = AtomicUsize::new(0);

fn operator() -> ServerWorker {
    operator_of(Config::default())
}

fn operator_of(config: Config) -> ServerWorker {
    let announce = |_: &Server| {
        ANNOUNCED.fetch_add(1, Ordering::Relaxed);
    };
    ServerWorker::spawn(config, announce).unwrap()
}

fn listening(operator: &ServerWorker) -> (SocketAddr, Receiver<Update>) {
    match operator.notices().recv_timeout(DEADLINE) {
        Ok(Reply::Listening { addr, looks, .. }) => (addr, looks),
        other => panic!("{other:?}"),
    }
}

/// What came of the next act; the notices before it are passed over.
fn outcome(operator: &ServerWorker) -> Result<String, String> {
    loop {
        if let Reply::Acted { outcome, .. } = operator.notices().recv_timeout(DEADLINE).unwrap() {
            return outcome;
        }
    }
}

/// The next list of bans.
fn bans(operator: &ServerWorker) -> Vec<String> {
    loop {
        if let Reply::Bans(bans) = operator.notices().recv_timeout(DEADLINE).unwrap() {
            return bans.iter().map(ToString::to_string).collect();
        }
    }
}

fn ann() -> BanTarget {
    BanTarget::Name(Username::parse("ann").unwrap())
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
    let (addr, looks) = listening(&operator);
    assert!(ANNOUNCED.load(Ordering::Relaxed) > before);
    let mut ann = join(addr, "ann");
    let shown = loop {
        let snapshot = looks.recv_timeout(DEADLINE).unwrap().snapshot;
        if !snapshot.people.is_empty() {
            break snapshot;
        }
    };
    assert_eq!(shown.people[0].name.as_str(), "ann");
    operator.stop();
    assert!(matches!(operator.notices().recv_timeout(DEADLINE), Ok(Reply::Stopped)));
    assert_eq!(next_line(&mut ann), "ERR SHUTTING_DOWN the server stops");
    assert!(looks.iter().count() <= 1, "nothing more comes of a run that is over");
}

#[test]
fn an_address_in_use_is_told_with_the_reason_and_another_can_be_tried() {
    let occupant = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = occupant.local_addr().unwrap().to_string();
    let operator = operator();
    operator.start(taken.clone());
    match operator.notices().recv_timeout(DEADLINE) {
        Ok(Reply::Failed { why, .. }) => assert!(why.contains(&taken) && why.contains("in use"), "{why}"),
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
    assert!(matches!(operator.notices().recv_timeout(DEADLINE), Ok(Reply::Stopped)));
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
    assert!(matches!(operator.notices().recv_timeout(DEADLINE), Ok(Reply::Stopped)));
    assert_eq!(operator.notices().recv_timeout(DEADLINE).err(), Some(RecvTimeoutError::Disconnected));
    operator.join().unwrap();
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn somebody_is_kicked_once_and_told_why() {
    let operator = operator();
    operator.start("127.0.0.1:0".into());
    let (addr, looks) = listening(&operator);
    let mut ann = join(addr, "ann");
    let id = loop {
        if let [person] = &looks.recv_timeout(DEADLINE).unwrap().snapshot.people[..] {
            break person.id;
        }
    };
    let kick = Action::Kick { id, name: "ann".into(), reason: "calm down".into() };
    operator.act(kick.clone());
    assert_eq!(outcome(&operator).as_deref(), Ok("ann was kicked"));
    assert_eq!(next_line(&mut ann), "ERR KICKED calm down");
    operator.act(kick);
    assert_eq!(outcome(&operator).unwrap_err(), "ann had left already");
}

#[test]
fn the_list_of_bans_is_told_when_it_changes_by_an_act_or_by_time() {
    let operator = operator();
    operator.start("127.0.0.1:0".into());
    let (addr, _) = listening(&operator);
    let mut peer = join(addr, "ann");
    operator.act(Action::Ban(Ban { target: ann(), until: None }));
    assert_eq!(outcome(&operator).unwrap(), "ann is not let in any more, and 1 connection was ended");
    assert!(next_line(&mut peer).starts_with("ERR BANNED"));
    assert_eq!(bans(&operator), ["name ann forever"]);
    operator.act(Action::Unban(ann()));
    assert_eq!(outcome(&operator).unwrap(), "ann is let in again");
    assert!(bans(&operator).is_empty());
    let until = Some(SystemTime::now() + Duration::from_millis(600));
    operator.act(Action::Ban(Ban { target: ann(), until }));
    assert_eq!(bans(&operator).len(), 1);
    assert!(bans(&operator).is_empty(), "its time is over");
    join(addr, "ann");
}

#[test]
fn a_list_of_bans_that_cannot_be_written_is_said_with_what_would_work() {
    let folder = std::env::temp_dir().join(format!("multichat-operator-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("bans.txt");
    let operator = operator_of(Config { bans: Some(file.clone()), ..Config::default() });
    operator.start("127.0.0.1:0".into());
    let (addr, _) = listening(&operator);
    // A folder that stands in its place: not even the superuser can write to it.
    std::fs::create_dir(&file).unwrap();
    operator.act(Action::Ban(Ban { target: ann(), until: None }));
    let why = outcome(&operator).unwrap_err();
    assert!(why.starts_with("ann is kept out, but only until the server stops: "), "{why}");
    assert!(why.contains("--bans FILE"), "{why}");
    let mut peer = BufReader::new(TcpStream::connect(addr).unwrap());
    writeln!(peer.get_mut(), "HELLO ann").unwrap();
    assert!(next_line(&mut peer).starts_with("ERR BANNED"));
    // It is possible again, and nobody has to ask for it.
    std::fs::remove_dir(&file).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with("name ann forever\n")) {
        assert!(Instant::now() < deadline, "the list is not written again");
        thread::park_timeout(Duration::from_millis(5));
    }
    drop(operator);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn nothing_can_be_done_to_a_server_that_does_not_run() {
    let operator = operator();
    operator.act(Action::Announce("hello".into()));
    assert_eq!(outcome(&operator).unwrap_err(), "The server does not run: start it first");
}

#[test]
fn an_operator_with_nothing_to_do_ends_when_it_is_joined() {
    operator().join().unwrap();
}
