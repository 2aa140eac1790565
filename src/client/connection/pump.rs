//! What the two threads of a connection do: `reader` connects and reads, `writer` writes. Neither touches the model.

use std::io::ErrorKind;
use std::net::Shutdown;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Socket;
use super::dial::plain;
use super::secure::{self, Opened};
use crate::client::event::{Ending, Event, Line};
use crate::client::visit::Visit;
use crate::protocol::escape::escape;
use crate::protocol::framing::{Frame, LineBuffer};
use crate::protocol::{ClientLine, SERVER_LINE_MAX, Secret, ServerLine};
use crate::transport::Transport;

/// How long the server may take to close its end after our BYE.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// Lines in one event, so that the model never has more than this to do at once.
const BATCH: usize = 500;

/// Nobody listens to events any more.
struct Abandoned;

/// The life of a `reader`.
pub(super) fn run(visit: &Visit, shared: &Socket, events: &Sender<Event>, lines: Receiver<Vec<u8>>) {
    let ending = match secure::open(visit) {
        Err(ending) => ending,
        Ok(Opened { transport, peer, lock, not_kept }) => {
            // Before HELLO, since this finds out whether anybody still wants the connection: a user who has pressed Cancel must
            // not appear in the room for a moment.
            if events.send(Event::Connected { peer, lock, not_kept }).is_err() {
                return;
            }
            match talk(visit, shared.get_or_init(|| transport), shared, events, lines) {
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
    visit: &Visit,
    transport: &Transport,
    shared: &Socket,
    events: &Sender<Event>,
    lines: Receiver<Vec<u8>>,
) -> Result<Ending, Abandoned> {
    // The buffer of a new socket has room for so much: this does not block.
    if let Err(error) = transport.send_all(&greeting(visit)) {
        return Ok(Ending::Broken(plain(&error)));
    }

    let (alive, read_ended) = bounded::<()>(0);
    let writer = match start_writer(Arc::clone(shared), lines, read_ended) {
        Ok(writer) => writer,
        Err(ending) => return Ok(ending),
    };
    let ending = read(transport, events);
    // Whatever ended the reading, nothing more can be said either: this wakes a writer that is blocked in write,
    // and dropping `alive` one that waits for the server's end.
    let _ = transport.shutdown(Shutdown::Both);
    drop(alive);
    writer.stop();
    ending
}

/// The first that is said: the password, if there is one, and who we are.
fn greeting(visit: &Visit) -> Vec<u8> {
    let Visit { username, capabilities, password, .. } = visit;
    let mut bytes = Vec::new();
    if let Some(password) = password {
        ClientLine::Pass(Secret(password.reveal())).encode(&mut bytes);
    }
    ClientLine::Hello { username: username.clone(), capabilities: *capabilities }.encode(&mut bytes);
    bytes
}

/// Reads to the end, and tells what comes.
fn read(transport: &Transport, events: &Sender<Event>) -> Result<Ending, Abandoned> {
    let mut buffer = LineBuffer::new(SERVER_LINE_MAX);
    loop {
        match transport.read(buffer.space()) {
            Ok(0) => return Ok(Ending::Closed),
            Ok(count) => buffer.filled(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Ok(Ending::Broken(plain(&error))),
        }
        while let Some(event) = next_batch(&mut buffer) {
            // Blocks while the model has too much to do already: see "Back-pressure" in the parent module.
            events.send(event).map_err(|_| Abandoned)?;
        }
    }
}

/// The next lines of what was read.
fn next_batch(buffer: &mut LineBuffer) -> Option<Event> {
    let mut lines = Vec::new();
    let mut not_understood = 0;
    while lines.len() + not_understood < BATCH {
        let Some(frame) = buffer.next_line() else { break };
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

/// A thread that is joined by whoever started it.
struct Writer(JoinHandle<()>);

impl Writer {
    fn stop(self) {
        if self.0.join().is_err() {
            log::error!("the writer thread panicked");
        }
    }
}

fn start_writer(shared: Socket, lines: Receiver<Vec<u8>>, read_ended: Receiver<()>) -> Result<Writer, Ending> {
    thread::Builder::new()
        .name("writer".into())
        .spawn(move || {
            if let Some(transport) = shared.get() {
                write(transport, &lines, &read_ended);
            }
        })
        .map(Writer)
        .map_err(|error| Ending::OutOfResources(error.to_string()))
}

/// Writes what comes until the model leaves, and then takes leave of the server.
fn write(transport: &Transport, lines: &Receiver<Vec<u8>>, read_ended: &Receiver<()>) {
    loop {
        let mut bytes = crossbeam_channel::select! {
            recv(lines) -> line => match line {
                Ok(line) => line,
                Err(_) => break,
            },
            // The reader is gone, so its connection is.
            recv(read_ended) -> _ => return,
        };
        // What else is waiting goes along: one write, one packet.
        lines.try_iter().for_each(|line| bytes.extend(line));
        if let Err(error) = transport.send_all(&bytes) {
            // The reader learns of it too, after the last that the server said, which may be the reason.
            log::info!("write: {error}");
            return;
        }
    }
    let mut bye = Vec::new();
    ClientLine::Bye.encode(&mut bye);
    let said =
        transport.send_all(&bye).and_then(|()| transport.end()).and_then(|()| transport.shutdown(Shutdown::Write));
    if said.is_ok() {
        // Nothing is ever sent here: it is disconnected when the reader has seen the server's end.
        let _ = read_ended.recv_timeout(GOODBYE_LIMIT);
    }
    // Wakes a reader whose server does not close.
    let _ = transport.shutdown(Shutdown::Both);
}
