//! A running program: started with an address as its last argument, its output captured, ended when it is dropped.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::{Story, Trouble, quoted};

/// How long a check waits for what should come at once, if nothing has failed before.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How much of a program's output is kept in bytes.
const KEPT: usize = 1 << 20;

/// How to start a program: its name or path, and the arguments before the address.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program's name or path.
    pub program: OsString,
    /// The arguments in front of the address.
    pub args: Vec<OsString>,
}

/// A running program. Dropping it ends it.
pub struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: Captured,
    errors: Captured,
    story: Story,
    patience: Duration,
}

/// What a program has printed. A thread of its own reads, so that the program never waits for it.
#[derive(Clone, Default)]
struct Captured(Arc<(Mutex<Kept>, Condvar)>);

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    /// No more will come: the program has ended, or closed its output.
    is_all: bool,
}

impl Program {
    /// Starts the program with the address as its last argument.
    pub fn start(launch: &Launch, addr: SocketAddr, story: Story, patience: Duration) -> Result<Program, Trouble> {
        let mut command = Command::new(&launch.program);
        // A failed check shows the first lines of a panic: the message, and no backtrace.
        command.args(&launch.args).arg(addr.to_string()).env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            Trouble::new(format!("to start {}", launch.program.display()), format!("an error: {error}"))
        })?;
        let (output, errors) = (Captured::default(), Captured::default());
        output.capture(child.stdout.take());
        errors.capture(child.stderr.take());
        Ok(Program { input: child.stdin.take(), child, output, errors, story, patience })
    }

    /// Types a line on the program's standard input.
    pub fn type_line(&mut self, line: &str) -> Result<(), Trouble> {
        self.story.add(format!("typed: {line}"));
        let typed = self.input.as_mut().map_or(Ok(()), |input| writeln!(input, "{line}").and_then(|()| input.flush()));
        typed.map_err(|error| Trouble::new("that the program reads its standard input", format!("an error: {error}")))
    }

    /// Ends the program's standard input, as Ctrl-D does.
    pub fn end_input(&mut self) {
        self.story.add("typed: Ctrl-D (the end of standard input)");
        self.input = None;
    }

    /// Waits until the program has printed this text on its standard output.
    pub fn expect_output(&mut self, text: &str) -> Result<(), Trouble> {
        let Err(bytes) = self.output.wait(self.patience, |bytes| find(bytes, text.as_bytes())) else {
            self.story.add(format!("printed: {}", quoted(text.as_bytes())));
            return Ok(());
        };
        let came = if bytes.is_empty() { "nothing".into() } else { format!("{} and no more", quoted(&bytes)) };
        let came = match self.has_ended() {
            Some(status) => format!("{came}; the program has ended: {status}"),
            None => format!("{came} within {} s", self.patience.as_secs()),
        };
        Err(Trouble::new(format!("{} on its standard output", quoted(text.as_bytes())), came))
    }

    /// Waits until the program has ended.
    pub fn expect_exit(&mut self, within: Duration) -> Result<ExitStatus, Trouble> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.has_ended() {
                self.story.add(format!("the program has ended: {status}"));
                return Ok(status);
            }
            if start.elapsed() > within {
                let came = format!("it still runs after {} s", within.as_secs());
                return Err(Trouble::new("that the program ends by itself", came));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns the exit status of a program that has ended.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Returns what the program has printed on its standard output.
    pub fn stdout(&self) -> String {
        self.output.text()
    }

    /// Returns what the program has printed on its standard error.
    pub fn stderr(&self) -> String {
        self.errors.text()
    }

    /// Returns what the program has printed on its standard error, all of it. A panic is printed before its thread closes a
    /// socket, and another thread of this program still has to read it.
    pub(crate) fn settled_stderr(&self) -> String {
        // A program that runs on may have nothing to say.
        let _ = self.errors.wait(Duration::from_secs(1), |bytes| !bytes.is_empty());
        let _ = self.errors.wait(Duration::from_millis(100), |_| false);
        self.errors.text()
    }

    /// Returns the number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the memory that the program occupies (its resident set) in bytes, where the system tells it: on Linux.
    pub fn memory(&self) -> Option<u64> {
        let kibibytes: u64 = self.status("VmRSS:")?;
        Some(kibibytes * 1024)
    }

    /// Returns the number of the program's threads, where the system tells it: on Linux.
    pub fn threads(&self) -> Option<u64> {
        self.status("Threads:")
    }

    fn status(&self, key: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Captured {
    fn capture(&self, from: Option<impl Read + Send + 'static>) {
        let Some(mut from) = from else { return };
        let captured = self.clone();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                let count = from.read(&mut bytes).unwrap_or(0);
                let (mut kept, changed) = (captured.lock(), &captured.0.1);
                let room = KEPT - kept.bytes.len();
                kept.bytes.extend_from_slice(&bytes[..count.min(room)]);
                kept.is_all = count == 0;
                changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
    }

    /// Waits until the bytes satisfy a condition; returns them if they do not in time.
    fn wait(&self, patience: Duration, is_enough: impl Fn(&[u8]) -> bool) -> Result<(), Vec<u8>> {
        let goes_on = |kept: &mut Kept| !kept.is_all && !is_enough(&kept.bytes);
        let waited = self.0.1.wait_timeout_while(self.lock(), patience, goes_on);
        let (kept, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if is_enough(&kept.bytes) { Ok(()) } else { Err(kept.bytes.clone()) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock().bytes).into_owned()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Returns a port of 127.0.0.1 at which nothing listens.
pub fn free_port() -> io::Result<SocketAddr> {
    std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()
}
