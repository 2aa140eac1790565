//! A load generator: many clients in one thread, who check every byte that they hear.
//!
//! Start a server in one terminal, and load it from another:
//!
//! ```text
//! cargo run --release --no-default-features --bin server -- --headless --rate 0
//! cargo run --release --no-default-features --example load -- flood --pid $(pidof server)
//! ```
//!
//! It prints how it goes once a second, then a table, and last, alone on standard output, the same as one line of JSON.
//! If anything was lost, repeated, out of order or strange, to any receiver, it says so and fails.
//!
//! What to try: `flood`, then the same against the two other servers beside this file, `naive` (write to everybody under
//! one lock) and `baseline` (copy bytes without looking at them, which is as little as a server can do). Start one client
//! more that you suspend with Ctrl-Z, and see `naive` freeze; `stall` does that to a server on purpose. `script/bench` runs
//! them all in turn, and `load report` makes the table out of what they print.
//!
//! How it is made: `net` has the sockets and `client` one of those who use them, `room` has them all; `wire` makes and
//! reads lines; `log` and `receiver` check what came; `talk`, `idle` and `churn` are the works; `usage` asks the kernel
//! what the server costs, `meter` and `outcome` put it in figures.

mod churn;
mod client;
mod idle;
mod log;
mod meter;
mod net;
mod outcome;
mod receiver;
mod report;
mod room;
mod talk;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
mod tls;
mod usage;
mod wire;

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use talk::{Pace, Talk};

/// Loads a chat server, and checks what it does.
#[derive(Debug, Parser)]
#[command(name = "load")]
struct Command {
    #[command(subcommand)]
    work: Work,
}

#[derive(Debug, Subcommand)]
enum Work {
    /// Some speak as fast as a window of messages that have not come back to them allows
    Flood {
        #[command(flatten)]
        common: Common,
        /// How many speak
        #[arg(long, default_value_t = 10)]
        speakers: usize,
        /// How many messages of each may be under way
        #[arg(long, default_value_t = 64)]
        window: u64,
    },
    /// Some speak, each again when it has heard itself: flood with a window of 1
    Lockstep {
        #[command(flatten)]
        common: Common,
        /// How many speak
        #[arg(long, default_value_t = 10)]
        speakers: usize,
    },
    /// Everybody speaks in turn, so many messages a second in all
    Paced {
        #[command(flatten)]
        common: Common,
        /// Messages per second
        #[arg(long, default_value_t = 200.0)]
        rate: f64,
    },
    /// Everybody speaks in turn, except for some who do not even read
    Stall {
        #[command(flatten)]
        common: Common,
        /// Messages per second
        #[arg(long, default_value_t = 2000.0)]
        rate: f64,
        /// How many of the clients do not read
        #[arg(long, default_value_t = 2)]
        stalled: usize,
    },
    /// Everybody is just there
    Idle {
        #[command(flatten)]
        common: Common,
        /// Messages, one after the other, of which it is measured when they have come to everybody
        #[arg(long, default_value_t = 20)]
        messages: u64,
    },
    /// Some come and go as fast as they can, and the others watch
    Churn {
        #[command(flatten)]
        common: Common,
        /// How many come and go at once
        #[arg(long, default_value_t = 20)]
        visitors: usize,
    },
    /// Makes a table of what many runs have printed
    Report {
        /// Lines of JSON
        files: Vec<PathBuf>,
    },
}

/// What all works need to know.
#[derive(Args, Debug)]
struct Common {
    /// Where the server listens
    #[arg(long, default_value = "127.0.0.1:5555")]
    addr: SocketAddr,
    /// The server's process, to ask the kernel what it uses
    #[arg(long)]
    pid: Option<u32>,
    /// How many clients are here
    #[arg(long, default_value_t = 100)]
    clients: usize,
    /// How long is measured, after a moment to warm up
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Bytes of each message: the whole line
    #[arg(long, default_value_t = 100)]
    size: usize,
    /// The server does not tell who is here: it only copies what it gets
    #[arg(long)]
    bare: bool,
    /// Never sleep: to wake whom it sends to costs the server time that depends on how fast it is, and is not its own
    #[arg(long)]
    spin: bool,
    /// Speak TLS, with the server that has the certificate in this file (in PEM form)
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
    /// What this run is called in a report
    #[arg(long, default_value = "")]
    case: String,
    /// What the server is called in a report
    #[arg(long, default_value = "server")]
    server: String,
    /// Which of several runs of the same this is: a report compares those with the same number
    #[arg(long, default_value_t = 1)]
    run: u64,
}

fn main() -> ExitCode {
    match run(Command::parse().work) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(work: Work) -> Result<ExitCode, Box<dyn Error>> {
    let window = |speakers, window| Talk { speakers, pace: Pace::Window(window), stalled: 0 };
    let outcome = match &work {
        Work::Flood { common, speakers, window: size } => window(*speakers, *size).run("flood", common)?,
        Work::Lockstep { common, speakers } => window(*speakers, 1).run("lockstep", common)?,
        Work::Paced { common, rate } => {
            Talk { speakers: common.clients, pace: Pace::Rate(*rate), stalled: 0 }.run("paced", common)?
        }
        Work::Stall { common, rate, stalled } => {
            let speakers = common.clients.saturating_sub(*stalled);
            Talk { speakers, pace: Pace::Rate(*rate), stalled: *stalled }.run("stall", common)?
        }
        Work::Idle { common, messages } => idle::run(common, *messages)?,
        Work::Churn { common, visitors } => churn::run(common, *visitors)?,
        Work::Report { files } => {
            print!("{}", report::table(files)?);
            return Ok(ExitCode::SUCCESS);
        }
    };
    outcome.print();
    Ok(if outcome.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
