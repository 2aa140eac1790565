//! What a program says of itself: its log, its complaints, its first line. A thread for each of the two streams writes them.
//!
//! A stream can stop to take anything for hours: Ctrl-S in a terminal, text marked in a Windows console, a pipe whose other end
//! is stuck. So no other thread writes to one. They leave their lines in a bounded channel, and what does not fit is counted,
//! and said once there is room.
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `log` | as long as the program | writes to standard error, and leaves out what comes too often |
//! | `output` | from the first line to the end of the program | writes to standard output |

mod coalesce;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use env_logger::{Builder, Env, Logger};
use jiff::Timestamp;
use log::{Level, Log, Metadata, Record};

use crate::sync::{Mutex, lock};
use coalesce::Often;

/// Entries that may wait for a stream.
const WAITING_MAX: usize = 1024;

/// How long the end of the program waits for both streams together.
const LAST_LINES: Duration = Duration::from_secs(1);

/// How often the log looks whether there is something to say of lines that were left out.
const EVERY: Duration = Duration::from_secs(1);

static LOG: OnceLock<Stream> = OnceLock::new();
static OUTPUT: OnceLock<Stream> = OnceLock::new();

/// Something to be written.
enum Entry {
    Line(Line),
    Text(String),
    /// So many entries before this one did not fit.
    Lost(u64),
    /// Whatever came before it is written once this is dropped.
    Mark(#[allow(dead_code)] Sender<()>),
}

/// A line of the log.
struct Line {
    at: SystemTime,
    level: Level,
    target: String,
    text: String,
}

/// The way to a thread that writes.
struct Stream {
    entries: Sender<Entry>,
    lost: AtomicU64,
}

impl Stream {
    fn to(entries: Sender<Entry>) -> Stream {
        Stream { entries, lost: AtomicU64::new(0) }
    }

    /// Never waits.
    fn push(&self, entry: Entry) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 && self.entries.try_send(Entry::Lost(lost)).is_err() {
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
        } else if self.entries.try_send(entry).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything is written that was pushed, or the time is over.
    fn finish(&self, deadline: Instant) {
        let (mark, written) = bounded(0);
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let told = lost == 0 || self.entries.send_deadline(Entry::Lost(lost), deadline).is_ok();
        if told && self.entries.send_deadline(Entry::Mark(mark), deadline).is_ok() {
            let _ = written.recv_deadline(deadline);
        }
    }
}

/// The log, while it goes on. Dropping it waits until what was said is written, for a second at most.
#[derive(Debug)]
pub struct Logging(());

impl Drop for Logging {
    fn drop(&mut self) {
        finish();
    }
}

/// Starts the log on standard error: what `RUST_LOG` says, or else this level and what is worse. A panic goes there, too.
///
/// # Errors
/// The system has no thread for it.
pub fn start(level: &str) -> io::Result<Logging> {
    let at = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH));
    let logger = logger(level, at.clone());
    let filter = Builder::from_env(Env::default().default_filter_or(level.to_owned())).build();
    let (entries, receiver) = bounded(WAITING_MAX);
    thread::Builder::new().name("log".into()).spawn(move || write_log(&receiver, &logger, &at))?;
    // It is set already only if this was called before, and then that one goes on.
    if LOG.set(Stream::to(entries)).is_ok() {
        log::set_max_level(filter.filter());
        let _ = log::set_boxed_logger(Box::new(Front { filter }));
        std::panic::set_hook(Box::new(|panic| {
            let thread = thread::current();
            let mut text = format!("thread '{}' {panic}\n", thread.name().unwrap_or("<unnamed>"));
            let trace = Backtrace::capture();
            if trace.status() == BacktraceStatus::Captured {
                // To a string, it cannot fail.
                let _ = write!(text, "{trace}");
            }
            complain(text);
        }));
    }
    Ok(Logging(()))
}

/// Writes a text to standard error as it is, behind what the log said before.
pub fn complain(text: String) {
    if let Some(log) = LOG.get() {
        log.push(Entry::Text(text));
    }
}

/// Writes a text to standard output.
pub fn say(text: String) {
    let output = OUTPUT.get_or_init(|| {
        let (entries, receiver) = bounded(WAITING_MAX);
        let writing = move || receiver.iter().for_each(|entry| write(entry, io::stdout()));
        if let Err(error) = thread::Builder::new().name("output".into()).spawn(writing) {
            log::warn!("nothing is written to standard output: {error}");
        }
        Stream::to(entries)
    });
    output.push(Entry::Text(text));
}

/// Waits until everything is written that was said, for a second at most.
pub fn finish() {
    let deadline = Instant::now() + LAST_LINES;
    [&OUTPUT, &LOG].iter().filter_map(|stream| stream.get()).for_each(|stream| stream.finish(deadline));
}

/// What the `log` crate calls, on any thread.
struct Front {
    filter: Logger,
}

impl Log for Front {
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
        finish();
    }
}

/// What writes the lines, in colours if standard error shows them; `at` is when the line at hand was said.
fn logger(level: &str, at: Arc<Mutex<SystemTime>>) -> Logger {
    Builder::from_env(Env::default().default_filter_or(level.to_owned()))
        .format(move |out, record| {
            let (level, target, text) = (record.level(), record.target(), record.args());
            let style = out.default_level_style(level);
            let at = Timestamp::try_from(*lock(&at)).unwrap_or_default();
            writeln!(out, "[{at:.0} {style}{level:<5}{style:#} {target}] {text}")
        })
        .build()
}

fn write_log(entries: &Receiver<Entry>, logger: &Logger, at: &Mutex<SystemTime>) {
    let mut often = Often::default();
    loop {
        let entry = if often.is_empty() {
            entries.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            entries.recv_timeout(EVERY)
        };
        let at_end = matches!(entry, Ok(Entry::Mark(_)));
        for (target, count) in often.left_out(Instant::now(), at_end) {
            *lock(at) = SystemTime::now();
            write_line(logger, Level::Warn, &target, &format!("{count} more lines of this kind were left out"));
        }
        match entry {
            Ok(Entry::Line(line)) if often.passes(&line.target, Instant::now()) => {
                *lock(at) = line.at;
                write_line(logger, line.level, &line.target, &line.text);
            }
            Ok(Entry::Line(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(other) => write(other, io::stderr()),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn write_line(logger: &Logger, level: Level, target: &str, text: &str) {
    logger.log(&Record::builder().level(level).target(target).args(format_args!("{text}")).build());
}

/// Nothing may read it, which is no reason for the program to end.
fn write(entry: Entry, mut stream: impl io::Write) {
    let text = match entry {
        Entry::Text(text) => text,
        Entry::Lost(count) => format!("{count} lines are missing here: nothing read those before them in time\n"),
        Entry::Line(_) | Entry::Mark(_) => return,
    };
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
