//! The server as a service of systemd: its unit is valid and exposes little, and the program says when it is ready.

// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Instant;

use crate::support::program::{Home, Program};
use crate::support::{DEADLINE, Peer};

const SERVER: &str = env!("CARGO_BIN_EXE_server");
const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/linux/multichat.service");

/// The program's place in the unit.
const INSTALLED: &str = "/usr/bin/multichat-server";

/// Maximum exposure by `systemd-analyze security`, in tenths: 10.0 is the worst. What is left is the network.
const EXPOSURE_MAX: &str = "12";

/// Starts a program with a socket like systemd's.
fn serve(home: &Home, name: &str, args: &[&str]) -> Program {
    let listen = [&["--default-signal=HUP", SERVER, "--headless", "--listen"], args].concat();
    // env(1): a test that nohup has started would pass SIGHUP on as ignored.
    Program::start_in("env", home, &listen, &[("NOTIFY_SOCKET", name)])
}

fn receive(socket: &UnixDatagram) -> String {
    let mut bytes = [0; 1000];
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let length = socket.recv(&mut bytes).unwrap();
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

/// Reads the state up to READY; returns the address in it, to which a client can connect.
fn ready(socket: &UnixDatagram) -> std::net::SocketAddr {
    let state = receive(socket);
    let addr = state.strip_prefix("READY=1\nSTATUS=listening on ").unwrap_or_else(|| panic!("{state}"));
    addr.parse().unwrap()
}

#[test]
fn systemd_is_told_that_the_server_is_ready_reloads_and_stops() {
    let home = Home::new();
    let name = home.path().join("notify");
    let socket = UnixDatagram::bind(&name).unwrap();
    let mut program = serve(&home, name.to_str().unwrap(), &["127.0.0.1:0"]);
    let addr = ready(&socket);
    // At once, and not after a while.
    let mut ann = Peer::in_plain_text(addr);
    ann.join("ann");
    program.signal("HUP");
    let state = receive(&socket);
    let micros = state.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap_or_else(|| panic!("{state}"));
    assert!(micros.parse::<u64>().unwrap() > 0);
    assert_eq!(ready(&socket), addr);
    program.expect_complaint("settings read again");
    program.terminate();
    assert_eq!(receive(&socket), "STOPPING=1");
    assert_eq!(program.ended().code(), Some(0));
}

#[test]
fn a_server_that_cannot_listen_is_never_ready() {
    let home = Home::new();
    let name = home.path().join("notify");
    let socket = UnixDatagram::bind(&name).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let mut program = serve(&home, name.to_str().unwrap(), &[&listen]);
    assert_eq!(program.ended().code(), Some(1));
    socket.set_nonblocking(true).unwrap();
    assert_eq!(socket.recv(&mut [0; 100]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_socket_with_an_abstract_name_is_found_and_one_that_is_gone_stops_nobody() {
    let home = Home::new();
    let name = format!("multichat-test-{}", std::process::id());
    let own = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&own).unwrap();
    let program = serve(&home, &format!("@{name}"), &["127.0.0.1:0"]);
    let addr = ready(&socket);
    drop(socket);
    // A program that another test starts at this moment has the socket until it is executed.
    let end = Instant::now() + DEADLINE;
    while UnixDatagram::unbound().unwrap().connect_addr(&own).is_ok() {
        assert!(Instant::now() < end, "the socket is still there");
        thread::yield_now();
    }
    program.signal("HUP");
    program.expect_complaint("systemd cannot be told the state of the service");
    Peer::in_plain_text(addr).join("ann");
}

/// Runs `systemd-analyze` on the unit, in which the program is this build's.
fn analyze(arguments: &[&str]) -> Output {
    let home = Home::new();
    let text = fs::read_to_string(UNIT).unwrap();
    assert!(text.contains(INSTALLED) && Path::new(SERVER).exists());
    let unit = home.path().join("multichat.service");
    fs::write(&unit, text.replace(INSTALLED, SERVER)).unwrap();
    let output = Command::new("systemd-analyze").args(arguments).arg(unit).output();
    output.unwrap_or_else(|error| panic!("systemd-analyze cannot be run ({error}): script/bootstrap installs it"))
}

fn assert_no_complaint(output: &Output) {
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "{complaints}{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn the_unit_is_valid() {
    assert_no_complaint(&analyze(&["verify", "--man=no"]));
}

#[test]
fn the_unit_exposes_little() {
    assert_no_complaint(&analyze(&["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE_MAX]));
}
