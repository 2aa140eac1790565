//! The server program: reads its arguments, starts the log, and hands over to the monitor window, or serves without one.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use crossbeam_channel::bounded;
use directories::ProjectDirs;
use multichat::logging;
#[cfg(feature = "gui")]
use multichat::monitor::window::{self, MonitorWindow};
use multichat::server::{Certificate, Config, EventSink, Server};
use multichat::signals::{self, Signal};
#[cfg(feature = "gui")]
use multichat::ui::{self, Settings, Theme};

#[path = "server/members.rs"]
mod members;
#[path = "server/passwords.rs"]
mod passwords;

/// A chat server for a classroom, a lab or a LAN, with a window that shows who is here and what goes on.
#[derive(Debug, Parser)]
#[command(name = "server", version, args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// Where to listen [default: 127.0.0.1:5555, or where the window listened the last time]; port 0 picks a free one, and
    /// 0.0.0.0 lets in other computers
    #[arg(long, value_name = "ADDR:PORT", value_parser = listen_address)]
    listen: Option<String>,

    /// Serve without a window, until Ctrl-C or SIGTERM; with a window or without, SIGHUP reads certificate and password again
    #[arg(long)]
    headless: bool,

    /// How many people may be here at once
    #[arg(long, value_name = "N", default_value_t = Config::default().max_clients,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    max_clients: usize,

    /// How many lines a client may send per second in the long run; 0 is no limit
    #[arg(long, value_name = "LINES_PER_SECOND", default_value_t = Config::default().rate, allow_negative_numbers = true)]
    rate: u32,

    /// How many lines a client that was silent may send at once
    #[arg(long, value_name = "LINES", default_value_t = Config::default().burst,
          value_parser = clap::value_parser!(u32).range(1..))]
    burst: u32,

    /// How long a new connection may take to say HELLO
    #[arg(long, value_name = "SECONDS", default_value_t = Config::default().hello_timeout.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    hello_timeout: u64,

    /// Maximum number of connections from one network (an IPv4 address, an IPv6 /64); this computer's own are not counted
    #[arg(long, value_name = "N", default_value_t = Config::default().per_address_max,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    max_per_address: usize,

    /// Maximum number of connections that have not joined; a newcomer takes the place of the oldest of the network that has
    /// most of them
    #[arg(long, value_name = "N", default_value_t = Config::default().greeting_max,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    max_unauthenticated: usize,

    /// Treat connections from this computer like those from any other: for a server behind ssh -R, a proxy or in a container,
    /// where everybody comes from 127.0.0.1. They count for --max-per-address, and passwords need TLS
    #[arg(long)]
    loopback_is_remote: bool,

    /// Encrypt for those who ask for it (TLS, on the same port), with a key of our own that is made the first time and
    /// kept in the user's data directory, and print its fingerprint
    #[arg(long)]
    tls: bool,

    /// Encrypt, and show this certificate: a file in PEM form, with those behind it if others have signed it
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with = "tls")]
    tls_cert: Option<PathBuf>,

    /// The key to that certificate, in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Speak with nobody in plain text
    #[arg(long)]
    require_tls: bool,

    /// The first line of this file is the room's password, which everybody has to know whose name is not registered [default:
    /// what the variable `MULTICHAT_PASSWORD` says, or none]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,

    /// The database of registered names [default: members.db in the user's data directory]
    #[arg(long, value_name = "FILE")]
    members: Option<PathBuf>,

    /// Let in registered names only
    #[arg(long)]
    members_only: bool,

    /// The file that keeps the bans, as text [default: bans.txt in the user's data directory]
    #[arg(long, value_name = "FILE")]
    bans: Option<PathBuf>,

    /// The database that keeps what is said [default: history.db in the user's data directory]
    #[cfg(feature = "storage")]
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,

    /// Keep nothing of what is said
    #[cfg(feature = "storage")]
    #[arg(long, conflicts_with_all = ["history", "keep"])]
    no_history: bool,

    /// How long what is said is kept [default: for good]
    #[cfg(feature = "storage")]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=36_500))]
    keep: Option<u64>,

    /// The colours of the window [default: those of the last time]
    #[cfg(feature = "gui")]
    #[arg(long, value_name = "THEME")]
    theme: Option<Theme>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Look at the registered names, and change them; a server that runs goes by it at once
    Members(members::Command),
}

fn main() -> ExitCode {
    let mut args = Args::parse();
    let _logging = match logging::start("info") {
        Ok(logging) => logging,
        Err(error) => {
            eprintln!("server: the system has no thread for the log: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = match args.command.take() {
        Some(Command::Members(command)) => command.run(),
        None => serve(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::write_stderr(format!("server: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn serve(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(feature = "storage")]
    let (history, keep) = if args.no_history {
        (None, None)
    } else {
        (args.history.or_else(|| usual("history.db", "what is said", "--history")), args.keep.map(days))
    };
    #[cfg(not(feature = "storage"))]
    let (history, keep) = (None, None);
    let mut config = Config {
        max_clients: args.max_clients,
        per_address_max: args.max_per_address,
        greeting_max: args.max_unauthenticated,
        loopback_is_remote: args.loopback_is_remote,
        rate: args.rate,
        burst: args.burst,
        bans: args.bans.or_else(|| usual("bans.txt", "the list of bans", "--bans")),
        history,
        keep,
        tls: certificate(args.tls || args.require_tls, args.tls_cert, args.tls_key)?,
        require_tls: args.require_tls,
        password: passwords::in_the_variable(args.password_file.as_deref())?,
        password_file: args.password_file,
        members: args.members.or_else(usual_members),
        members_only: args.members_only,
        hello_timeout: Duration::from_secs(args.hello_timeout),
        ..Config::default()
    };
    // It is full if somebody was impatient, and one more signal says nothing new.
    let (sender, signals) = bounded(16);
    signals::watch(move |signal| {
        let _ = sender.try_send(signal);
    })?;
    if !args.headless {
        #[cfg(feature = "gui")]
        return with_window(window::Options { config, listen: args.listen, theme: args.theme, announce, signals });
        #[cfg(not(feature = "gui"))]
        return Err("this server was built without its window (feature `gui`): run it with --headless".into());
    }
    config.listen = args.listen.unwrap_or(config.listen);
    let server = Server::start(config, EventSink::default())?;
    announce(&server);
    // Its end would mean that nothing can interrupt any more, which is as good a reason to end.
    for signal in signals {
        match signal {
            Signal::Terminate => break,
            Signal::HangUp => server.reload(),
        }
    }
    server.stop();
    Ok(())
}

#[cfg(feature = "gui")]
fn with_window(options: window::Options) -> Result<(), Box<dyn std::error::Error>> {
    ui::find_display().map_err(|error| format!("{error}: run it with --headless"))?;
    Ok(MonitorWindow::open(options, Settings::load("server"))?.run()?)
}

/// The first line on standard output is for whoever started this program and waits until it can be connected to. With TLS
/// there is a second, for those who want to know that it is this server.
fn announce(server: &Server) {
    let mut lines = format!("listening on {}\n", server.addr());
    if let Some(fingerprint) = server.fingerprint() {
        lines += &format!("key {fingerprint}\n");
    }
    logging::write_stdout(lines);
}

/// A file in the folder for this user's data: on Linux, `~/.local/share/multichat`.
fn data_file(name: &str) -> Option<PathBuf> {
    ProjectDirs::from("", "", "multichat").map(|dirs| dirs.data_dir().join(name))
}

/// The certificate that was asked for.
fn certificate(own: bool, file: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Certificate>, &'static str> {
    match (file, key) {
        (Some(certificate), Some(key)) => Ok(Some(Certificate::Files { certificate, key })),
        _ if own => data_file("server.pem")
            .map(|file| Some(Certificate::SelfSigned(file)))
            .ok_or("this user has no home for a certificate: bring one with --tls-cert FILE and --tls-key FILE"),
        _ => Ok(None),
    }
}

/// Where the registered names are kept if nothing is said.
fn usual_members() -> Option<PathBuf> {
    if cfg!(feature = "storage") { usual("members.db", "the list of members", "--members") } else { None }
}

/// Where something is kept if nothing is said.
fn usual(file: &str, what: &str, option: &str) -> Option<PathBuf> {
    let place = data_file(file);
    if place.is_none() {
        log::warn!("this user has no home for {what}: it is not kept when the server stops ({option} FILE keeps it)");
    }
    place
}

#[cfg(feature = "storage")]
fn days(days: u64) -> Duration {
    Duration::from_hours(24 * days)
}

/// Whether it can be an address to listen on; whether it is one shows when it is bound.
fn listen_address(value: &str) -> Result<String, String> {
    let (host, port) = value.rsplit_once(':').ok_or("write it as ADDRESS:PORT, such as 127.0.0.1:5555")?;
    if host.is_empty() {
        return Err("the address is missing: 127.0.0.1 is for this computer only, 0.0.0.0 for all".into());
    }
    if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        return Err("an IPv6 address goes in brackets, such as [::1]:5555".into());
    }
    port.parse::<u16>().map_err(|_| "the port is a number from 0 to 65535, and 0 picks a free one")?;
    Ok(value.into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn an_address_that_cannot_be_right_is_refused_with_what_would_work() {
        for (value, hint) in [
            ("5555", "ADDRESS:PORT"),
            (":5555", "0.0.0.0"),
            ("127.0.0.1:", "number from 0 to 65535"),
            ("127.0.0.1:99999", "number from 0 to 65535"),
            ("::1:5555", "brackets"),
        ] {
            let why = listen_address(value).unwrap_err();
            assert!(why.contains(hint), "{value}: {why}");
        }
        for value in ["127.0.0.1:0", "0.0.0.0:5555", "[::1]:5555", "localhost:5555"] {
            assert_eq!(listen_address(value).as_deref(), Ok(value));
        }
    }
}
