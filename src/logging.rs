//! Output of the programs: the log and error messages on standard error, the first line on standard output.
//!
//! A stream can block for hours: Ctrl-S in a terminal, text selected in a Windows console, a pipe whose reader hangs. Therefore
//! each stream is written by one thread of its own. All other threads put their lines into a bounded channel and never block;
//! lines that do not fit are counted, and the count is written once there is room.
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `log` | as long as the program | writes to standard error, and omits lines of a kind that is too frequent |
//! | `output` | from the first line to the end of the program | writes to standard output |

mod coalesce;
mod journal;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use env_logger::{Builder, Env, Logger};
use jiff::Timestamp;
use log::{Level, Log, Metadata, Record};

use crate::sync::{Mutex, lock};
use coalesce::Coalescer;

/// Maximum number of entries that wait for a stream.
const WAITING_MAX: usize = 1024;

/// Maximum time that the end of the program waits for both streams together.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Interval at which the `log` thread checks for omitted lines to report.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

static LOG: OnceLock<Stream> = OnceLock::new();
static OUTPUT: OnceLock<Stream> = OnceLock::new();

/// An entry of a stream's channel.
enum Entry {
    Line(Line),
    Text(String),
    /// This many entries before this one did not fit.
    Lost(u64),
    /// Dropped once every entry before it has been written, which disconnects the receiver of the waiting thread.
    Flushed(#[allow(dead_code)] Sender<()>),
}

/// A line of the log.
struct Line {
    at: SystemTime,
    level: Level,
    target: String,
    text: String,
}

/// The sending end of a stream: its channel, and the number of entries that did not fit.
struct Stream {
    entries: Sender<Entry>,
    lost: AtomicU64,
}

impl Stream {
    fn new(entries: Sender<Entry>) -> Stream {
        Stream { entries, lost: AtomicU64::new(0) }
    }

    /// Queues an entry, or counts it if the channel is full. Never blocks.
    fn push(&self, entry: Entry) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 && self.entries.try_send(Entry::Lost(lost)).is_err() {
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
        } else if self.entries.try_send(entry).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all queued entries have been written, or until the deadline.
    fn flush(&self, deadline: Instant) {
        let (done, written) = bounded(0);
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let lost_is_sent = lost == 0 || self.entries.send_deadline(Entry::Lost(lost), deadline).is_ok();
        if lost_is_sent && self.entries.send_deadline(Entry::Flushed(done), deadline).is_ok() {
            let _ = written.recv_deadline(deadline);
        }
    }
}

/// Dropping it waits until all queued lines have been written, for at most a second: after a panic, too.
struct Logging;

impl Drop for Logging {
    fn drop(&mut self) {
        flush();
    }
}

/// Runs a program with a log on standard error, filtered by `RUST_LOG`, or else by this level. Panics are written there, too,
/// and so is the error with which the program ends.
pub fn run(program: &str, level: &str, work: impl FnOnce() -> Result<(), String>) -> ExitCode {
    if let Err(error) = start(level) {
        eprintln!(
            "{program}: cannot start the log's thread ({error}): end other programs, or raise the limit of processes (ulimit -u)"
        );
        return ExitCode::FAILURE;
    }
    let _logging = Logging;
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            write_stderr(format!("{program}: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn start(level: &str) -> io::Result<()> {
    let at = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH));
    let is_journal = journal::is_stderr();
    let logger = Arc::new(logger(level, at.clone(), is_journal));
    let filter = logger.clone();
    let (entries, receiver) = bounded(WAITING_MAX);
    thread::Builder::new().name("log".into()).spawn(move || write_log(&receiver, &logger, &at, is_journal))?;
    // It is set already only if this was called before. Then the first log continues.
    if LOG.set(Stream::new(entries)).is_ok() {
        log::set_max_level(filter.filter());
        let _ = log::set_boxed_logger(Box::new(QueuedLogger { filter }));
        std::panic::set_hook(Box::new(|panic| {
            let thread = thread::current();
            let mut text = format!("thread '{}' {panic}\n", thread.name().unwrap_or("<unnamed>"));
            let trace = Backtrace::capture();
            if trace.status() == BacktraceStatus::Captured {
                // Writing to a String cannot fail.
                let _ = write!(text, "{trace}");
            }
            write_stderr(text);
        }));
    }
    Ok(())
}

/// Writes a text to standard error, after all earlier lines of the log.
fn write_stderr(text: String) {
    if let Some(log) = LOG.get() {
        log.push(Entry::Text(text));
    }
}

/// Writes a text to standard output.
pub fn write_stdout(text: String) {
    let output = OUTPUT.get_or_init(|| {
        let (entries, receiver) = bounded(WAITING_MAX);
        let writing = move || receiver.iter().for_each(|entry| write(entry, io::stdout()));
        if let Err(error) = thread::Builder::new().name("output".into()).spawn(writing) {
            log::warn!("nothing is written to standard output: {error}");
        }
        Stream::new(entries)
    });
    output.push(Entry::Text(text));
}

/// Waits until all queued lines have been written, for at most a second.
fn flush() {
    let deadline = Instant::now() + FLUSH_TIMEOUT;
    [&OUTPUT, &LOG].iter().filter_map(|stream| stream.get()).for_each(|stream| stream.flush(deadline));
}

/// The logger that the `log` crate calls, on any thread. It filters and queues.
struct QueuedLogger {
    filter: Arc<Logger>,
}

impl Log for QueuedLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.filter.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(log) = LOG.get().filter(|_| self.filter.matches(record)) {
            let (level, target) = (record.level(), record.target().to_owned());
            log.push(Entry::Line(Line { at: SystemTime::now(), level, target, text: record.args().to_string() }));
        }
    }

    fn flush(&self) {
        flush();
    }
}

/// Returns the logger that formats and writes lines, in colours if standard error is a terminal, and for the journal if that
/// reads it. `at` holds the time of the line
/// that is being written, because `env_logger` would take the current time.
fn logger(level: &str, at: Arc<Mutex<SystemTime>>, is_journal: bool) -> Logger {
    Builder::from_env(Env::default().default_filter_or(level.to_owned()))
        .format(move |out, record| {
            let (level, target, text) = (record.level(), record.target(), record.args());
            if is_journal {
                return writeln!(out, "{}{text}", journal::prefix(level));
            }
            let style = out.default_level_style(level);
            let at = Timestamp::try_from(*lock(&at)).unwrap_or_default();
            writeln!(out, "[{at:.0} {style}{level:<5}{style:#} {target}] {text}")
        })
        .build()
}

fn write_log(entries: &Receiver<Entry>, logger: &Logger, at: &Mutex<SystemTime>, is_journal: bool) {
    let mut coalescer = Coalescer::default();
    loop {
        let entry = if coalescer.is_empty() {
            entries.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            entries.recv_timeout(REPORT_INTERVAL)
        };
        let at_end = matches!(entry, Ok(Entry::Flushed(_)));
        for ((level, target), count) in coalescer.take_omitted(Instant::now(), at_end) {
            *lock(at) = SystemTime::now();
            write_line(
                logger,
                Level::Warn,
                &target,
                &format!("{count} more lines of the kind {level} {target} were left out"),
            );
        }
        match entry {
            Ok(Entry::Line(line)) if coalescer.passes(line.level, &line.target, Instant::now()) => {
                *lock(at) = line.at;
                write_line(logger, line.level, &line.target, &line.text);
            }
            Ok(Entry::Line(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Entry::Text(text)) if is_journal => write(Entry::Text(journal::prefixed(&text)), io::stderr()),
            Ok(other) => write(other, io::stderr()),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn write_line(logger: &Logger, level: Level, target: &str, text: &str) {
    logger.log(&Record::builder().level(level).target(target).args(format_args!("{text}")).build());
}

/// Writes an entry. Errors are ignored: that no process reads the stream is no reason to stop the program.
fn write(entry: Entry, mut stream: impl io::Write) {
    let text = match entry {
        Entry::Text(text) => text,
        Entry::Lost(count) => format!("{count} lines are missing here: nothing read those before them in time\n"),
        Entry::Line(_) | Entry::Flushed(_) => return,
    };
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
