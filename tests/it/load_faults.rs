//! The load generator is put before a real server that loses, repeats or mixes up one line to one receiver: it must find just
//! that, say so, and fail. What its checks do with worse streams is in `load_checks.rs`.

// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::program::{Home, Program};

/// What goes wrong, once, on the way to the last who has joined.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Nothing,
    Loss,
    Repeat,
    Disorder,
}

/// The message that it happens to.
const UNLUCKY: usize = 50;

/// A server as everybody first writes one, with a fault.
struct Room {
    fault: Fault,
    people: Vec<(String, TcpStream)>,
    messages: usize,
    /// A line that the last of them is to get behind the next one.
    kept: Option<String>,
}

impl Room {
    fn open(fault: Fault) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let room = Arc::new(Mutex::new(Room { fault, people: Vec::new(), messages: 0, kept: None }));
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let room = room.clone();
                thread::spawn(move || {
                    for line in BufReader::new(&socket).lines().map_while(Result::ok) {
                        room.lock().unwrap().hear(&line, &socket);
                    }
                });
            }
        });
        addr
    }

    /// A HELLO or a MSG: the generator says nothing else.
    fn hear(&mut self, line: &str, socket: &TcpStream) {
        socket.set_nodelay(true).unwrap();
        if let Some(name) = line.strip_prefix("HELLO ").and_then(|rest| rest.split(' ').next()) {
            let hello = format!("HELLO {name}\n");
            for (other, _) in &self.people {
                let mut socket = socket;
                socket.write_all(format!("HELLO {other}\n").as_bytes()).unwrap();
            }
            self.people.push((name.to_owned(), socket.try_clone().unwrap()));
            self.people.iter().for_each(|(_, socket)| send(socket, &hello));
            return;
        }
        let line = format!("{line}\n");
        self.messages += 1;
        let Some((last, others)) = self.people.split_last() else { return };
        others.iter().for_each(|(_, socket)| send(socket, &line));
        match self.fault {
            Fault::Loss if self.messages == UNLUCKY => {}
            Fault::Disorder if self.messages == UNLUCKY => self.kept = Some(line),
            _ => {
                send(&last.1, &line);
                if self.fault == Fault::Repeat && self.messages == UNLUCKY {
                    send(&last.1, &line);
                }
                if let Some(kept) = self.kept.take() {
                    send(&last.1, &kept);
                }
            }
        }
    }
}

fn send(mut socket: &TcpStream, line: &str) {
    // The generator goes when it has seen enough.
    let _ = socket.write_all(line.as_bytes());
}

/// Loads such a server; returns what was lost, repeated, out of order and strange, and whether the generator was content.
fn load(fault: Fault) -> ([u64; 4], bool) {
    let (home, addr) = (Home::new(), Room::open(fault));
    let arguments = ["flood", "--addr", &addr, "--clients", "4", "--senders", "2", "--window", "4", "--seconds", "1"];
    let mut generator = Program::example("load", &home, &arguments);
    let result = generator.expect_output("\"lost\":");
    let count = |name: &str| {
        let (_, rest) = result.split_once(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name} in {result}"));
        rest[..rest.find([',', '}']).unwrap()].parse().unwrap()
    };
    let faults = ["lost", "repeated", "disordered", "strange"].map(count);
    assert_eq!(result.contains("\"good\":true"), faults == [0; 4], "{result}");
    if faults != [0; 4] {
        generator.expect_complaint("does not hold: every receiver got every line once, in one order");
    }
    (faults, generator.ended().success())
}

#[test]
fn a_faultless_server_is_found_to_be_one() {
    assert_eq!(load(Fault::Nothing), ([0, 0, 0, 0], true));
}

#[test]
fn one_line_lost_to_one_receiver_is_found() {
    // On a busy machine the generator may read the unlucky receiver first. Its order is then the one that the others, who
    // have the lost line, do not keep; so what counts here is the loss.
    let ([lost, repeated, _, strange], content) = load(Fault::Loss);
    assert_eq!(([lost, repeated, strange], content), ([1, 0, 0], false));
}

#[test]
fn one_line_that_one_receiver_gets_twice_is_found() {
    assert_eq!(load(Fault::Repeat), ([0, 1, 0, 0], false));
}

#[test]
fn two_lines_that_change_places_for_one_receiver_are_found() {
    // If the generator reads the unlucky receiver first, the three others differ from it.
    let ([lost, repeated, disordered, strange], content) = load(Fault::Disorder);
    assert_eq!(([lost, repeated, strange], content), ([0; 3], false));
    assert!(matches!(disordered, 1 | 3), "{disordered}");
}
