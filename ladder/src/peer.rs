//! A peer: one end of a connection to the program, on which nothing waits for ever. It writes down what it sends and receives.

use std::fmt::Display;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::check::{BROKEN_OFF, CLOSED, Story, Trouble, quoted};

/// One end of a connection to the program.
pub struct Peer {
    who: String,
    socket: TcpStream,
    /// What has come and was not looked at.
    unread: Vec<u8>,
    story: Story,
    patience: Duration,
}

impl Peer {
    pub(crate) fn new(who: &str, socket: TcpStream, story: Story, patience: Duration) -> Result<Peer, Trouble> {
        let prepared = socket.set_nodelay(true).and_then(|()| socket.set_write_timeout(Some(patience)));
        prepared.map_err(|error| Trouble::new("a socket that works", error.to_string()))?;
        Ok(Peer { who: who.into(), socket, unread: Vec::new(), story, patience })
    }

    /// Sets how long to wait for what should come, in place of [`PATIENCE`](crate::program::PATIENCE).
    pub fn patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Sends bytes as they are: the line feed is up to the caller.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Trouble> {
        let bytes = bytes.as_ref();
        self.tell(format!("> {}", quoted(bytes)));
        (&self.socket).write_all(bytes).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                let came = format!("it has taken nothing more for {} s", self.patience.as_secs_f32());
                Trouble::new(format!("that the program reads what {} sends", self.who), came)
            }
            _ => Trouble::new(format!("that {} can send", self.who), format!("an error: {error}")),
        })
    }

    /// Returns the next line without its line feed, which has to come in time.
    pub fn line(&mut self) -> Result<String, Trouble> {
        self.line_instead_of("a line")
    }

    /// Expects this line next.
    pub fn expect(&mut self, line: &str) -> Result<(), Trouble> {
        let wanted = format!("the line {}", quoted(line.as_bytes()));
        let came = self.line_instead_of(&wanted)?;
        if came == line { Ok(()) } else { Err(self.trouble(wanted, quoted(came.as_bytes()))) }
    }

    /// Expects a line that begins so; returns the whole of it.
    pub fn expect_start(&mut self, start: &str) -> Result<String, Trouble> {
        let wanted = format!("a line that begins with {}", quoted(start.as_bytes()));
        let came = self.line_instead_of(&wanted)?;
        if came.starts_with(start) { Ok(came) } else { Err(self.trouble(wanted, quoted(came.as_bytes()))) }
    }

    /// Returns the next bytes, so many, which have to come in time.
    pub fn bytes(&mut self, count: usize) -> Result<Vec<u8>, Trouble> {
        let deadline = Instant::now() + self.patience;
        while self.unread.len() < count {
            let came = match self.fill(deadline.saturating_duration_since(Instant::now())) {
                Filled::More => continue,
                Filled::Nothing => self.nothing(),
                Filled::End(why) => why,
            };
            let came = format!("{} of them, then {came}", self.unread.len());
            return Err(self.trouble(format!("{count} bytes"), came));
        }
        let bytes: Vec<u8> = self.unread.drain(..count).collect();
        self.tell(format!("< {}", quoted(&bytes)));
        Ok(bytes)
    }

    /// Reads up to a line, whatever comes before it.
    pub fn read_until(&mut self, line: &str) -> Result<(), Trouble> {
        let wanted = format!("the line {}", quoted(line.as_bytes()));
        while self.line_instead_of(&wanted)? != line {}
        Ok(())
    }

    /// Expects that nothing comes for a while. Prefer something that has to come, where there is such a thing.
    pub fn expect_nothing(&mut self, during: Duration) -> Result<(), Trouble> {
        let what = match self.fill(during) {
            _ if !self.unread.is_empty() => quoted(&self.unread).to_string(),
            Filled::More | Filled::Nothing => {
                self.tell("< (nothing)");
                return Ok(());
            }
            Filled::End(why) => why,
        };
        Err(self.trouble("nothing, for the moment", what))
    }

    /// Expects that the program closes the connection, and sends nothing more.
    pub fn expect_end(&mut self) -> Result<(), Trouble> {
        let wanted = "the end of the connection";
        let came = match self.fill(self.patience) {
            _ if !self.unread.is_empty() => quoted(&self.unread).to_string(),
            Filled::End(why) => {
                self.tell(format!("< ({why})"));
                return Ok(());
            }
            Filled::More | Filled::Nothing => self.nothing(),
        };
        Err(self.trouble(wanted, came))
    }

    /// Says that no more will be sent, and goes on receiving: half of the connection is closed.
    pub fn end_sending(&mut self) {
        self.tell("> (sends no more, still reads)");
        // It fails if the connection is closed already.
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    /// Closes the connection.
    pub fn hang_up(self) {
        self.tell("hangs up");
    }

    /// Breaks the connection off, as a process does that is killed: it is closed with something unread, so the kernel sends a
    /// reset in place of an end. Something has to be on its way to this peer.
    pub fn break_off(self) -> Result<(), Trouble> {
        let waited = self.socket.set_read_timeout(Some(self.patience)).and_then(|()| self.socket.peek(&mut [0]));
        match waited {
            Ok(1..) => {}
            Ok(_) => return Err(self.trouble("an answer", CLOSED)),
            Err(_) => return Err(self.trouble("an answer", self.nothing())),
        }
        self.tell("breaks off, with answers unread");
        Ok(())
    }

    /// The socket itself, for what this type lacks. Lines that came with the last read are not in it any more.
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Puts bytes that were read from [`socket`](Peer::socket) in front of those that come.
    pub fn put_back(&mut self, bytes: Vec<u8>) {
        self.unread.splice(..0, bytes);
    }

    fn line_instead_of(&mut self, wanted: &str) -> Result<String, Trouble> {
        let deadline = Instant::now() + self.patience;
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                self.tell(format!("< {}", quoted(&line)));
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            let came = match self.fill(deadline.saturating_duration_since(Instant::now())) {
                Filled::More => continue,
                Filled::Nothing => self.nothing(),
                Filled::End(why) => why,
            };
            let came = match &self.unread[..] {
                [] => came,
                part => format!("{} without a line feed, then {came}", quoted(part)),
            };
            return Err(self.trouble(wanted, came));
        }
    }

    /// Reads once. What comes is appended to `unread`.
    fn fill(&mut self, within: Duration) -> Filled {
        let mut bytes = [0; 16 * 1024];
        // A timeout of zero would mean none.
        let read = self
            .socket
            .set_read_timeout(Some(within.max(Duration::from_millis(1))))
            .and_then(|()| (&self.socket).read(&mut bytes));
        match read {
            Ok(0) => Filled::End(CLOSED.into()),
            Ok(count) => {
                self.unread.extend_from_slice(&bytes[..count]);
                Filled::More
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => Filled::Nothing,
                ErrorKind::Interrupted => Filled::More,
                _ => Filled::End(format!("{BROKEN_OFF}: {error}")),
            },
        }
    }

    fn nothing(&self) -> String {
        format!("nothing within {} s", self.patience.as_secs_f32())
    }

    fn trouble(&self, wanted: impl Display, came: impl Display) -> Trouble {
        Trouble::new(format!("{} gets {wanted}", self.who), came.to_string())
    }

    fn tell(&self, what: impl Display) {
        self.story.add(format!("{} {what}", self.who));
    }
}

enum Filled {
    More,
    Nothing,
    /// The connection is over, and why.
    End(String),
}
