//! What `reader` does: it connects, says HELLO, starts `writer`, and reads. It does not touch the model.

use std::io::ErrorKind;
use std::net::Shutdown;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Shared;
use super::writer::Writer;
use crate::client::dial::plain;
use crate::client::event::{ConnectionError, Event, Line};
use crate::client::options::ConnectOptions;
use crate::client::security::{self, Opened};
use crate::protocol::escape::escape;
use crate::protocol::framing::{Frame, LineBuffer};
use crate::protocol::{ClientLine, SERVER_LINE_MAX, Secret, ServerLine};
use crate::transport::Transport;
use crate::wire::{Origin, Tap};

/// Lines in one event, so that the model never has more than this to do at once.
const BATCH: usize = 500;

/// Nobody listens to events any more.
struct Abandoned;

/// The life of a `reader`.
pub(super) fn run(visit: &ConnectOptions, shared: &Shared, events: &Sender<Event>, lines: Receiver<Vec<u8>>) {
    let ending = match security::open(visit) {
        Err(ending) => ending,
        Ok(Opened { transport, peer, lock, not_kept }) => {
            // Before HELLO, since this finds out whether anybody still wants the connection: a user who has pressed Cancel must
            // not appear in the room for a moment.
            if events.send(Event::Connected { peer, lock, not_kept }).is_err() {
                return;
            }
            match talk(visit, shared.socket.get_or_init(|| transport), shared, events, lines) {
                Err(Abandoned) => return,
                Ok(ending) => ending,
            }
        }
    };
    // Nobody to tell it to: the connection was given up.
    let _ = events.send(Event::Ended(ending));
}

/// Says HELLO, and reads until the end.
fn talk(
    visit: &ConnectOptions,
    transport: &Transport,
    shared: &Shared,
    events: &Sender<Event>,
    lines: Receiver<Vec<u8>>,
) -> Result<ConnectionError, Abandoned> {
    // The buffer of a new socket has room for so much: this does not block.
    let greeting = greeting(visit);
    if let Err(error) = transport.send_all(&greeting) {
        return Ok(ConnectionError::Broken(plain(&error)));
    }
    if let Some(tap) = shared.tap.open() {
        tap.went(Origin::Client, &"", &greeting);
    }

    let (alive, read_ended) = bounded::<()>(0);
    let writer = match Writer::start(shared.clone(), visit.username.clone(), lines, read_ended) {
        Ok(writer) => writer,
        Err(ending) => return Ok(ending),
    };
    let ending = read(transport, shared, events);
    // Whatever ended the reading, nothing more can be said either: this wakes a writer that is blocked in write,
    // and dropping `alive` one that waits for the server's end.
    if !shared.laboratory.vanishes() {
        let _ = transport.shutdown(Shutdown::Both);
    }
    drop(alive);
    writer.stop();
    ending
}

/// The first that is said: the password, if there is one, and who we are.
fn greeting(visit: &ConnectOptions) -> Vec<u8> {
    let ConnectOptions { username, capabilities, password, .. } = visit;
    let mut bytes = Vec::new();
    if let Some(password) = password {
        ClientLine::Pass(Secret(password.reveal())).encode(&mut bytes);
    }
    ClientLine::Hello { username: username.clone(), capabilities: *capabilities }.encode(&mut bytes);
    bytes
}

/// Reads to the end, and tells what comes.
fn read(transport: &Transport, shared: &Shared, events: &Sender<Event>) -> Result<ConnectionError, Abandoned> {
    let mut buffer = LineBuffer::new(SERVER_LINE_MAX);
    loop {
        shared.laboratory.wait_to_read();
        match transport.read(buffer.space()) {
            Ok(0) => return Ok(ConnectionError::Closed),
            Ok(count) => buffer.filled(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Ok(ConnectionError::Broken(plain(&error))),
        }
        let tap = shared.tap.open();
        while let Some(event) = next_batch(&mut buffer, tap) {
            // Blocks while the model has too much to do already: see "Back-pressure" in the parent module.
            events.send(event).map_err(|_| Abandoned)?;
        }
    }
}

/// The next lines of what was read.
fn next_batch(buffer: &mut LineBuffer, tap: Option<&Tap>) -> Option<Event> {
    let mut lines = Vec::new();
    let mut not_understood = 0;
    while lines.len() + not_understood < BATCH {
        let Some(frame) = buffer.next_line() else { break };
        if let Some(tap) = tap {
            tap.came(Origin::Server, &"", &frame);
        }
        match frame {
            Frame::Line(line) => match ServerLine::parse(line) {
                Ok(None) => {}
                Ok(Some((_, said))) if !said.is_within_limits() => {
                    note_first(&mut not_understood, || format!("too long a name or reason: {}", beginning(line)));
                }
                Ok(Some((stamp, said))) => lines.push(Line { stamp, said: said.into() }),
                Err(why) => {
                    note_first(&mut not_understood, || format!("{why:?}: {}", beginning(line)));
                }
            },
            Frame::TooLong => {
                note_first(&mut not_understood, || format!("a line is longer than {SERVER_LINE_MAX} bytes"));
            }
        }
    }
    (!lines.is_empty() || not_understood > 0).then_some(Event::Received { lines, not_understood })
}

/// Counts a line that is left out. Only the first of a batch is logged: a flood of them must not flood the log.
fn note_first(not_understood: &mut usize, why: impl FnOnce() -> String) {
    if *not_understood == 0 {
        log::warn!("the server sent what is not understood: {}", why());
    }
    *not_understood += 1;
}

/// The first characters of a line that a log should not have in full.
fn beginning(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(100)]);
    escape(&text).into_owned()
}
