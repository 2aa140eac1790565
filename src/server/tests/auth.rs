//! Authentication where the list of members is busy, damaged or changed: what no client can bring about.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;

use super::Peer;
use crate::password::Password;
use crate::protocol::{Capabilities, Username};
use crate::server::Server;
use crate::server::config::Config;
use crate::server::delivery::client::Client;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
use crate::transport::Transport;

const DELAY: Duration = Duration::from_millis(1);

fn ann() -> Username {
    Username::parse("ann").unwrap()
}

fn swordfish() -> Password {
    Password::parse("swordfish").unwrap()
}

/// Starts a server at which ann is registered. Returns also the list of members.
fn server(folder: &tempfile::TempDir) -> (Server, PathBuf) {
    let file = folder.path().join("members.db");
    let (listen, members) = ("127.0.0.1:0".into(), Some(file.clone()));
    let (server, _) =
        Server::start(Config { listen, members, wrong_password_delay: DELAY, ..Config::default() }).unwrap();
    server.members().unwrap().add(&ann(), &swordfish()).unwrap();
    (server, file)
}

fn execute(file: &Path, sql: &str) {
    rusqlite::Connection::open(file).unwrap().execute(sql, ()).unwrap();
}

/// Sends a wrong password for ann; returns the answer.
fn guess(addr: SocketAddr) -> String {
    let mut far = Peer::new(TcpStream::connect(addr).unwrap());
    far.say("PASS guess\nHELLO ann");
    far.line()
}

#[test]
fn a_client_whose_check_the_stop_ends_is_told_of_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = server(&folder);
    let addr = server.addr();
    let (sender, answers) = bounded(12);
    for _ in 0..12 {
        let sender = sender.clone();
        thread::spawn(move || sender.send(guess(addr)));
    }
    drop(sender);
    // Two at a time are computed, so others wait by now.
    assert!(answers.recv().unwrap().starts_with("ERR BAD_PASSWORD "));
    server.stop();
    for answer in answers {
        let is_expected = answer.starts_with("ERR BAD_PASSWORD ") || answer.starts_with("ERR SHUTTING_DOWN ");
        // The end of the stream, if the connection was not accepted yet.
        assert!(is_expected || answer.is_empty(), "{answer}");
    }
}

#[test]
fn a_network_that_guesses_while_no_password_can_be_checked_waits_longer_but_a_damaged_entry_is_not_its_fault() {
    let folder = tempfile::tempdir().unwrap();
    let (server, file) = server(&folder);
    let (network, throttle) = (Network::of(server.addr().ip()), &server.context.throttle);
    let guess = || guess(server.addr());
    let delay = || throttle.begin(network, Instant::now()).unwrap().delay;
    throttle.begin(network, Instant::now()).unwrap().count_failure(Instant::now());
    assert_eq!(delay(), DELAY);
    // As if all who may hash were busy.
    server.members().unwrap().close();
    let answer = guess();
    assert!(answer.starts_with("ERR TOO_MANY_CONNECTIONS too many passwords are being verified"), "{answer}");
    assert_eq!(delay(), DELAY * 2);
    execute(&file, "UPDATE members SET password = 'damaged'");
    let answer = guess();
    assert!(answer.starts_with("ERR TOO_MANY_CONNECTIONS the list of members could not be read"), "{answer}");
    assert_eq!(delay(), DELAY * 2);
    server.stop();
}

#[test]
fn a_changed_entry_revokes_the_proof_and_a_list_that_cannot_be_read_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (server, file) = server(&folder);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let transport = Transport::plain(Arc::new(TcpStream::connect(addr).unwrap()));
    let client = Client::new(ConnectionId(1000), ann(), Capabilities::default(), addr, transport);
    let is_revoked = || server.context.is_revoked(&client);
    assert!(!is_revoked(), "there is none");
    let members = server.members().unwrap();
    let member = members.find(&ann()).unwrap().unwrap();
    client.set_proof(members.verify(&member, &swordfish(), Network::of(addr.ip())).unwrap().unwrap());
    assert!(!is_revoked());
    members.reset(&ann(), &Password::parse("another one").unwrap()).unwrap();
    assert!(is_revoked());
    execute(&file, "DROP TABLE members");
    assert!(!is_revoked());
    server.stop();
}
