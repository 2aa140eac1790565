//! Our two programs as child processes with a temporary home directory, and measurements of them: by the kernel, and by their own
//! logs.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// A running program. Dropping it kills the process.
pub(crate) struct Program {
    child: Child,
    /// Time of the start.
    pub(crate) began: Instant,
    /// Lengths of its ticks since the last call of `take_ticks`, in microseconds. Written by the thread that reads its log.
    ticks: Arc<Mutex<Histogram<u64>>>,
}

impl Program {
    /// Starts one of our programs from the folder of this example.
    pub(crate) fn start(name: &str, home: &Home, args: &[&str]) -> Result<Program, Box<dyn Error>> {
        let folder = std::env::current_exe()?.parent().and_then(|examples| Some(examples.parent()?.to_owned()));
        let began = Instant::now();
        let mut child = Command::new(folder.ok_or("this program is in no folder")?.join(name))
            .args(args)
            .env("HOME", &home.0)
            .env("XDG_CONFIG_HOME", &home.0)
            .env("XDG_DATA_HOME", &home.0)
            .env("RUST_LOG", "error,multichat::ui::timer=trace")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name} does not start ({error}): build it first, with the same profile"))?;
        // Ticks up to a minute are told apart.
        let ticks = Arc::new(Mutex::new(Histogram::new_with_bounds(1, 60_000_000, 3)?));
        let log = child.stderr.take().ok_or("there is no log to read")?;
        let heard = Arc::clone(&ticks);
        thread::spawn(move || read_ticks(log, &heard));
        Ok(Program { child, began, ticks })
    }

    /// Returns the address that a server has printed.
    pub(crate) fn listening(&mut self) -> Result<SocketAddr, Box<dyn Error>> {
        let mut line = String::new();
        let stdout = self.child.stdout.take().ok_or("it was asked already")?;
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(line.trim().strip_prefix("listening on ").ok_or("it does not listen")?.parse()?)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the lengths of its ticks since the last call, in microseconds.
    pub(crate) fn take_ticks(&self) -> Histogram<u64> {
        let mut ticks = self.ticks.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = ticks.clone();
        ticks.reset();
        taken
    }

    /// Measures its share of a processor over a time, in per cent.
    pub(crate) fn load(&self, over: Duration) -> Result<f64, Box<dyn Error>> {
        let (before, began) = (self.cpu()?, Instant::now());
        thread::sleep(over);
        Ok((self.cpu()? - before).as_secs_f64() / began.elapsed().as_secs_f64() * 100.0)
    }

    /// Returns the processor time of all its threads.
    fn cpu(&self) -> Result<Duration, Box<dyn Error>> {
        use nix::time::{clock_getcpuclockid, clock_gettime};
        let clock = clock_getcpuclockid(nix::unistd::Pid::from_raw(i32::try_from(self.id())?))?;
        Ok(clock_gettime(clock)?.into())
    }

    /// Returns its resident memory, in MiB.
    pub(crate) fn resident(&self) -> Result<f64, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("it has ended")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a log to its end: collects the lengths of ticks, and prints all other lines.
fn read_ticks(log: impl Read, ticks: &Mutex<Histogram<u64>>) {
    for line in BufReader::new(log).lines().map_while(Result::ok) {
        let took = line.split_once("a tick took ").and_then(|(_, took)| took.strip_suffix(" us")?.parse().ok());
        match took {
            Some(took) => ticks.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(took),
            None => eprintln!("{line}"),
        }
    }
}

/// A temporary home directory for the programs. It is removed by the drop.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new() -> Result<Home, Box<dyn Error>> {
        let path = std::env::temp_dir().join(format!("multichat-windows-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Home(path))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
