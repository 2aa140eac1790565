//! What a check works with: the program, which starts when the first peer connects, and the story of what happened.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::{Story, Trouble};
use crate::peer::Peer;
use crate::program::{Launch, PATIENCE, Program, free_port};

/// How long a program may take to listen, or to connect.
const START: Duration = Duration::from_secs(10);

/// One run of a program, and those who talk to it.
pub struct Stage {
    launch: Launch,
    running: Option<(Program, SocketAddr)>,
    story: Story,
    notes: Vec<String>,
    patience: Duration,
}

impl Stage {
    /// Creates a stage; the program is started when it is needed.
    pub fn new(launch: &Launch) -> Stage {
        Stage { launch: launch.clone(), running: None, story: Story::default(), notes: Vec::new(), patience: PATIENCE }
    }

    /// Connects to the program, a server, and starts it if it does not run yet.
    pub fn connect(&mut self, who: &str) -> Result<Peer, Trouble> {
        let (addr, socket) = match &self.running {
            Some((_, addr)) => (*addr, TcpStream::connect_timeout(addr, START)),
            None => self.start_server().map(|(addr, socket)| (addr, Ok(socket)))?,
        };
        let socket = socket.map_err(|error| {
            Trouble::new(format!("that {who} can connect to {addr}"), format!("an error: {error}{}", self.ending()))
        })?;
        self.story.add(format!("{who} connects"));
        Peer::new(who, socket, self.story.clone(), self.patience)
    }

    /// Starts the program, a client, with the address of a server that this check plays. Returns the server's end of the
    /// connection.
    pub fn accept(&mut self, who: &str) -> Result<Peer, Trouble> {
        let unable = |error: std::io::Error| Trouble::new("a free port", error.to_string());
        let listener = TcpListener::bind("127.0.0.1:0").map_err(unable)?;
        let addr = listener.local_addr().map_err(unable)?;
        listener.set_nonblocking(true).map_err(unable)?;
        let mut program = Program::start(&self.launch, addr, self.story.clone(), self.patience)?;
        let start = Instant::now();
        let accepted = loop {
            match listener.accept() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                accepted => break accepted.map(|(socket, _)| socket).map_err(|error| error.to_string()),
            }
            if let Some(status) = program.has_ended() {
                break Err(format!("the program has ended: {status}"));
            }
            if start.elapsed() > START {
                break Err(format!("no connection within {} s", START.as_secs()));
            }
            thread::sleep(Duration::from_millis(2));
        };
        self.running = Some((program, addr));
        let socket = accepted.map_err(|came| Trouble::new(format!("a connection to {addr}"), came))?;
        socket.set_nonblocking(false).map_err(unable)?;
        self.story.add(format!("the program connects to {who}"));
        Peer::new(who, socket, self.story.clone(), self.patience)
    }

    /// Starts the program, a client, with the address of a server that runs already.
    pub fn start_client(&mut self, addr: SocketAddr) -> Result<&mut Program, Trouble> {
        let program = Program::start(&self.launch, addr, self.story.clone(), self.patience)?;
        Ok(&mut self.running.insert((program, addr)).0)
    }

    /// Returns the program, which was started by [`connect`](Stage::connect) or [`accept`](Stage::accept).
    ///
    /// # Panics
    /// Neither was called.
    pub fn program(&mut self) -> &mut Program {
        let Some((program, _)) = &mut self.running else { panic!("connect or accept before you ask for the program") };
        program
    }

    /// Returns the address of the program, which runs.
    ///
    /// # Panics
    /// As [`program`](Stage::program).
    pub fn addr(&self) -> SocketAddr {
        let Some((_, addr)) = &self.running else { panic!("connect before you ask for the address") };
        *addr
    }

    /// Sets how long the program and the peers that come from now on wait for what should come at once.
    pub fn patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Adds a line to the story: something that the check does and no peer tells.
    pub fn tell(&self, line: impl Into<String>) {
        self.story.add(line);
    }

    /// Reports a measurement: it is printed below the check's name, passed or not.
    pub fn note(&mut self, line: impl Into<String>) {
        self.notes.push(line.into());
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns what happened so far.
    pub fn story(&self) -> &Story {
        &self.story
    }

    /// Returns what the program has printed on standard error.
    pub(crate) fn stderr(&self) -> String {
        let Some((program, _)) = &self.running else { return String::new() };
        program.settled_stderr()
    }

    fn ending(&mut self) -> String {
        self.running
            .as_mut()
            .and_then(|(program, _)| program.has_ended())
            .map_or(String::new(), |status| format!("; the program has ended: {status}"))
    }

    /// Starts the program, and connects as soon as it listens. That connection is the first peer's: no other comes before it.
    fn start_server(&mut self) -> Result<(SocketAddr, TcpStream), Trouble> {
        let start = Instant::now();
        let attempt = || {
            let addr = free_port().map_err(|error| Trouble::new("a free port", error.to_string()))?;
            Ok((Program::start(&self.launch, addr, self.story.clone(), self.patience)?, addr))
        };
        let (mut program, mut addr) = attempt()?;
        let came = loop {
            // Where nothing listens, a socket may get the same port by chance, and be connected to itself.
            let is_other = |socket: &TcpStream| socket.local_addr().is_ok_and(|own| own != addr);
            if let Some(socket) = TcpStream::connect(addr).ok().filter(is_other) {
                self.running = Some((program, addr));
                return Ok((addr, socket));
            }
            if let Some(status) = program.has_ended() {
                // Between the search for a free port and its use, another program may have taken it.
                if TcpListener::bind(addr).is_err() && start.elapsed() < START {
                    (program, addr) = attempt()?;
                    continue;
                }
                break format!("the program has ended: {status}");
            }
            if start.elapsed() > START {
                break format!("nothing listens there after {} s", START.as_secs());
            }
            thread::sleep(Duration::from_millis(2));
        };
        self.running = Some((program, addr));
        Err(Trouble::new(format!("that the program listens on {addr}, its last argument"), came))
    }
}
