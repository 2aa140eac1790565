//! The operator with real servers, spoken to over real sockets.

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
