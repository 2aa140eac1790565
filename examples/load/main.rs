//! A load generator: many clients in one thread that check every byte that they receive.
//!
//! Start a server in one terminal, and load it from another:
//!
//! ```text
//! cargo run --release --no-default-features --bin server -- --headless --rate 0
//! cargo run --release --no-default-features --example load -- flood --pid $(pidof server)
//! ```
//!
//! It prints its progress once a second, then a table, and last, alone on standard output, the same as one line of JSON. If any
//! line was lost, repeated, reordered or unexpected at any receiver, it says so and fails.
//!
//! What to try: `flood`, then the same against the two other servers in this folder, `naive` (writes to all clients under one
//! lock) and `baseline` (copies bytes without looking at them, which is the least that a server can do). Start one more client
//! that you suspend with Ctrl-Z, and see `naive` freeze; `stall` does that to a server on purpose. `script/bench` runs them all
//! in turn, and `load report` makes the table of their output.
//!
//! How it is made: `net` has the sockets, `client` one client on a socket, and `room` all clients; `wire` encodes and parses
//! lines; `log` and `receiver` check what was received; `messaging`, `idle` and `churn` are the workloads; `usage` asks the
//! kernel what the server costs, `meter` and `outcome` turn that into figures.

mod churn;
mod client;
mod idle;
mod log;
mod messaging;
mod meter;
mod net;
mod outcome;
mod receiver;
mod report;
mod room;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
mod tls;
mod usage;
mod wire;

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use messaging::{Messaging, Pace};

/// Loads a chat server, and checks that it delivers every line once and in order.
#[derive(Debug, Parser)]
#[command(name = "load")]
struct Command {
    #[command(subcommand)]
    workload: Workload,
}

#[derive(Debug, Subcommand)]
enum Workload {
    /// Some clients send as fast as a window of messages without an echo allows
    Flood {
        #[command(flatten)]
        common: Common,
        /// Number of sending clients
        #[arg(long, default_value_t = 10)]
        senders: usize,
        /// Maximum number of messages of each client without an echo
        #[arg(long, default_value_t = 64)]
        window: u64,
    },
    /// Some clients send, each again after its echo: flood with a window of 1
    Lockstep {
        #[command(flatten)]
        common: Common,
        /// Number of sending clients
        #[arg(long, default_value_t = 10)]
        senders: usize,
    },
    /// All clients send in turn, at a fixed total rate
    Paced {
        #[command(flatten)]
        common: Common,
        /// Messages per second
        #[arg(long, default_value_t = 200.0)]
        rate: f64,
    },
    /// All clients send in turn, except for some that do not read
    Stall {
        #[command(flatten)]
        common: Common,
        /// Messages per second
        #[arg(long, default_value_t = 2000.0)]
        rate: f64,
        /// Number of clients that do not read
        #[arg(long, default_value_t = 2)]
        stalled: usize,
    },
    /// All clients are connected and send nothing, except for single messages
    Idle {
        #[command(flatten)]
        common: Common,
        /// Number of single messages, whose time to all clients is measured
        #[arg(long, default_value_t = 20)]
        messages: u64,
    },
    /// Some clients join and leave as fast as they can, while the others read
    Churn {
        #[command(flatten)]
        common: Common,
        /// Number of clients that join and leave at the same time
        #[arg(long, default_value_t = 20)]
        visitors: usize,
    },
    /// Prints a table of the results of many runs
    Report {
        /// Files with the runs' lines of JSON
        files: Vec<PathBuf>,
    },
}

/// Options of all workloads.
#[derive(Args, Debug)]
struct Common {
    /// Address of the server
    #[arg(long, default_value = "127.0.0.1:5555")]
    addr: SocketAddr,
    /// Process id of the server, to measure its processor time and memory
    #[arg(long)]
    pid: Option<u32>,
    /// Number of clients
    #[arg(long, default_value_t = 100)]
    clients: usize,
    /// Duration of the measurement, in seconds, after a short warm-up
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Bytes of each message, as a whole line
    #[arg(long, default_value_t = 100)]
    size: usize,
    /// The server only copies lines, and announces no names
    #[arg(long)]
    bare: bool,
    /// Never sleep: waking a sleeping receiver costs the server a time that depends on its speed
    #[arg(long)]
    spin: bool,
    /// Use TLS, and trust only the certificate in this PEM file
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
    /// Name of the case in a report
    #[arg(long, default_value = "")]
    case: String,
    /// Name of the server in a report
    #[arg(long, default_value = "server")]
    server: String,
    /// Number of the run: a report compares runs with the same number
    #[arg(long, default_value_t = 1)]
    run: u64,
}

fn main() -> ExitCode {
    match run(Command::parse().workload) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(workload: Workload) -> Result<ExitCode, Box<dyn Error>> {
    let window = |senders, window| Messaging { senders, pace: Pace::Window(window), stalled: 0 };
    let outcome = match &workload {
        Workload::Flood { common, senders, window: size } => window(*senders, *size).run("flood", common)?,
        Workload::Lockstep { common, senders } => window(*senders, 1).run("lockstep", common)?,
        Workload::Paced { common, rate } => {
            Messaging { senders: common.clients, pace: Pace::Rate(*rate), stalled: 0 }.run("paced", common)?
        }
        Workload::Stall { common, rate, stalled } => {
            let senders = common.clients.saturating_sub(*stalled);
            Messaging { senders, pace: Pace::Rate(*rate), stalled: *stalled }.run("stall", common)?
        }
        Workload::Idle { common, messages } => idle::run(common, *messages)?,
        Workload::Churn { common, visitors } => churn::run(common, *visitors)?,
        Workload::Report { files } => {
            print!("{}", report::table(files)?);
            return Ok(ExitCode::SUCCESS);
        }
    };
    outcome.print();
    Ok(if outcome.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
