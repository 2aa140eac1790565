//! Our two programs, as they were built beside this one, in a home of their own; and what the kernel and they themselves say
//! about their time.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// A program that runs until this is dropped.
pub(crate) struct Program {
    child: Child,
    /// When it was started.
    pub(crate) began: Instant,
    /// How long its ticks were, in microseconds, since somebody asked last. Its log is read by a thread, and tells.
    ticks: Arc<Mutex<Histogram<u64>>>,
}

impl Program {
    /// Starts one of our programs.
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
        // Up to a minute; beyond that it does not matter how long.
        let ticks = Arc::new(Mutex::new(Histogram::new_with_bounds(1, 60_000_000, 3)?));
        let log = child.stderr.take().ok_or("there is no log to read")?;
        let heard = Arc::clone(&ticks);
        thread::spawn(move || read_ticks(log, &heard));
        Ok(Program { child, began, ticks })
    }

    /// The address that a server has said it listens on.
    pub(crate) fn listening(&mut self) -> Result<SocketAddr, Box<dyn Error>> {
        let mut line = String::new();
        let stdout = self.child.stdout.take().ok_or("it was asked already")?;
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(line.trim().strip_prefix("listening on ").ok_or("it does not listen")?.parse()?)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How long its ticks were, in microseconds, since this was asked last.
    pub(crate) fn take_ticks(&self) -> Histogram<u64> {
        let mut ticks = self.ticks.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = ticks.clone();
        ticks.reset();
        taken
    }

    /// The part of a processor that it takes, in per cent, over so long.
    pub(crate) fn load(&self, over: Duration) -> Result<f64, Box<dyn Error>> {
        let (before, began) = (self.cpu()?, Instant::now());
        thread::sleep(over);
        Ok((self.cpu()? - before).as_secs_f64() / began.elapsed().as_secs_f64() * 100.0)
    }

    /// The time that its threads had on a processor.
    fn cpu(&self) -> Result<Duration, Box<dyn Error>> {
        use nix::time::{clock_getcpuclockid, clock_gettime};
        let clock = clock_getcpuclockid(nix::unistd::Pid::from_raw(i32::try_from(self.id())?))?;
        Ok(clock_gettime(clock)?.into())
    }

    /// What it has in RAM, in MiB.
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

/// Reads a log to its end: it says how long each tick took, and complaints, which are passed on.
fn read_ticks(log: impl Read, ticks: &Mutex<Histogram<u64>>) {
    for line in BufReader::new(log).lines().map_while(Result::ok) {
        let took = line.split_once("a tick took ").and_then(|(_, took)| took.strip_suffix(" us")?.parse().ok());
        match took {
            Some(took) => ticks.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(took),
            None => eprintln!("{line}"),
        }
    }
}

/// A place for the programs' settings, gone afterwards.
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
