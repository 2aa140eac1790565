//! The server program: parses the command line, starts the log, and opens the monitor window or serves without one.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use crossbeam_channel::bounded;
use multichat::internal::files::folders::data_file;
use multichat::internal::logging;
use multichat::internal::monitor::hints::with_hint;
#[cfg(feature = "gui")]
use multichat::internal::monitor::window::{self, MonitorWindow};
use multichat::internal::signals::{self, Signal};
#[cfg(feature = "gui")]
use multichat::internal::ui::{self, Settings, ThemeChoice};
use multichat::server::{Certificate, Config, Server};

#[path = "server/members.rs"]
mod members;
#[path = "server/passwords.rs"]
mod passwords;

/// Runs a chat server for a classroom, a lab or a LAN, with a window that shows its clients and its events.
#[derive(Debug, Parser)]
#[command(name = "server", version, args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// Address to listen on; port 0 picks a free port, 0.0.0.0 accepts clients from other computers [default: the window's
    /// last address, or 127.0.0.1:5555]
    #[arg(long, value_name = "ADDR:PORT", value_parser = listen_address)]
    listen: Option<String>,

    /// Serve without a window, until Ctrl-C or SIGTERM; SIGHUP reloads certificate and password
    #[arg(long)]
    headless: bool,

    /// Maximum number of connected clients
    #[arg(long, value_name = "N", default_value_t = Config::default().max_clients,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    max_clients: usize,

    /// Maximum number of lines per second that a client may send on average; 0 means no limit
    #[arg(long, value_name = "LINES_PER_SECOND", default_value_t = Config::default().rate, allow_negative_numbers = true)]
    rate: u32,

    /// Maximum number of lines that a client may send at once after a pause
    #[arg(long, value_name = "LINES", default_value_t = Config::default().burst,
          value_parser = clap::value_parser!(u32).range(1..))]
    burst: u32,

    /// Timeout for HELLO on a new connection, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = Config::default().hello_timeout.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    hello_timeout: u64,

    /// Maximum number of connections from one IPv4 address or IPv6 /64; loopback is exempt
    #[arg(long, value_name = "N", default_value_t = Config::default().max_per_address,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    max_per_address: usize,

    /// Maximum number of unauthenticated connections; beyond it, the oldest one of the network with the most is closed
    #[arg(long, value_name = "N", default_value_t = Config::default().max_unauthenticated,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    max_unauthenticated: usize,

    /// Apply --max-per-address, and the rule that passwords need TLS, to loopback too: for a server behind ssh -R, a proxy or
    /// in a container, where all clients connect from 127.0.0.1
    #[arg(long)]
    loopback_is_remote: bool,

    /// Offer TLS on the same port, with a self-signed certificate, and print its fingerprint [file: server.pem in the user's
    /// data directory, created at the first start]
    #[arg(long)]
    tls: bool,

    /// Offer TLS with the certificate chain in this PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with = "tls")]
    tls_cert: Option<PathBuf>,

    /// Private key of that certificate, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Reject clients that do not use TLS
    #[arg(long)]
    require_tls: bool,

    /// File whose first line is the room's password, which clients without a registered name must send [default: the variable
    /// `MULTICHAT_PASSWORD`, or no password]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,

    /// Database of registered names [default: members.db in the user's data directory]
    #[arg(long, value_name = "FILE")]
    members: Option<PathBuf>,

    /// Reject clients without a registered name
    #[arg(long)]
    members_only: bool,

    /// List of bans, a text file [default: bans.txt in the user's data directory]
    #[arg(long, value_name = "FILE")]
    bans: Option<PathBuf>,

    /// Database of messages [default: history.db in the user's data directory]
    #[cfg(feature = "storage")]
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,

    /// Store no messages
    #[cfg(feature = "storage")]
    #[arg(long, conflicts_with_all = ["history", "keep"])]
    no_history: bool,

    /// Number of days after which messages are deleted [default: never]
    #[cfg(feature = "storage")]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=36_500))]
    keep: Option<u64>,

    /// Colour theme of the window [default: the last one, or as the system says]
    #[cfg(feature = "gui")]
    #[arg(long, value_name = "THEME")]
    theme: Option<ThemeChoice>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List, add, change or remove registered names; a running server applies the change at once
    Members(members::Command),
}

fn main() -> ExitCode {
    let mut args = Args::parse();
    logging::run("server", "info", || {
        let done = match args.command.take() {
            Some(Command::Members(command)) => command.run(),
            None => serve(args),
        };
        done.map_err(|error| with_hint(&*error))
    })
}

fn serve(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(feature = "storage")]
    let default_history = || default_file("history.db", "the messages", "--history");
    let mut config = Config {
        max_clients: args.max_clients,
        max_per_address: args.max_per_address,
        max_unauthenticated: args.max_unauthenticated,
        loopback_is_remote: args.loopback_is_remote,
        rate: args.rate,
        burst: args.burst,
        bans: args.bans.or_else(|| default_file("bans.txt", "the list of bans", "--bans")),
        #[cfg(feature = "storage")]
        history: if args.no_history { None } else { args.history.or_else(default_history) },
        #[cfg(feature = "storage")]
        keep: args.keep.map(|days| Duration::from_hours(24 * days)),
        tls: certificate(args.tls || args.require_tls, args.tls_cert, args.tls_key)?,
        require_tls: args.require_tls,
        password: passwords::room_password(args.password_file.as_deref())?,
        password_file: args.password_file,
        members: args.members.or_else(default_members),
        members_only: args.members_only,
        hello_timeout: Duration::from_secs(args.hello_timeout),
        ..Config::default()
    };
    // A full channel already holds signals that end the program or reload its files: one more adds nothing.
    let (sender, signals) = bounded(16);
    signals::watch(move |signal| {
        let _ = sender.try_send(signal);
    })?;
    if !args.headless {
        #[cfg(feature = "gui")]
        return with_window(window::Options { config, listen: args.listen, theme: args.theme, announce, signals });
        #[cfg(not(feature = "gui"))]
        return Err(
            "this server was built without the feature `gui`, so it has no window: run it with --headless".into()
        );
    }
    config.listen = args.listen.unwrap_or(config.listen);
    let (server, _) = Server::start(config)?;
    announce(&server);
    // The loop also ends if the signals' thread does: after that no signal could stop the server.
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

/// Prints `listening on ADDRESS` on standard output, for a script that waits until it can connect. With TLS a second line gives
/// the key's fingerprint, which users compare with what their client shows.
fn announce(server: &Server) {
    let mut lines = format!("listening on {}\n", server.addr());
    if let Some(fingerprint) = server.fingerprint() {
        lines += &format!("key {fingerprint}\n");
    }
    logging::write_stdout(lines);
}

/// Returns the certificate that the options ask for.
///
/// # Errors
/// The self-signed certificate has no place, since the user has no home directory.
fn certificate(
    self_signed: bool,
    file: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<Certificate>, &'static str> {
    match (file, key) {
        (Some(certificate), Some(key)) => Ok(Some(Certificate::Files { certificate, key })),
        _ if self_signed => data_file("server.pem").map(|file| Some(Certificate::SelfSigned(file))).ok_or(
            "this user has no home directory for a certificate: name one with --tls-cert FILE and --tls-key FILE",
        ),
        _ => Ok(None),
    }
}

/// Returns the default database of registered names; none in a build that cannot open it.
fn default_members() -> Option<PathBuf> {
    if cfg!(feature = "storage") { default_file("members.db", "the list of members", "--members") } else { None }
}

/// Returns the default path of a file; without a home directory there is none, which is logged.
fn default_file(file: &str, what: &str, option: &str) -> Option<PathBuf> {
    let path = data_file(file);
    if path.is_none() {
        log::warn!(
            "this user has no home directory for {what}: kept in memory only, unless a file is named with {option} FILE"
        );
    }
    path
}

/// Checks the form of an address to listen on. Only binding to it shows whether it is one of this computer.
fn listen_address(value: &str) -> Result<String, String> {
    let (host, port) = value.rsplit_once(':').ok_or("write it as ADDRESS:PORT, such as 127.0.0.1:5555")?;
    if host.is_empty() {
        return Err("the address is missing: write 127.0.0.1 to serve this computer only, 0.0.0.0 to serve all".into());
    }
    if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        return Err("an IPv6 address goes in brackets, such as [::1]:5555".into());
    }
    port.parse::<u16>().map_err(|_| "the port must be a number from 0 to 65535; 0 picks a free port")?;
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
    fn an_address_of_the_wrong_form_is_rejected_with_what_would_work() {
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
