//! The chat window: reads the command line, starts the log, and hands over to [`multichat::client::window`].

use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use directories::ProjectDirs;
use multichat::client::window::{self, Options};
use multichat::client::{Encryption, Password, ServerAddress};
use multichat::ui::{self, Theme};

/// Chat with everybody who is connected to the same server.
///
/// A password can be typed into the window, or be in the variable `MULTICHAT_PASSWORD`.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where the server is: HOST, HOST:PORT, or `[IPV6]:PORT`; without a port, 5555 [default: as the last time]
    #[arg(value_name = "ADDR:PORT")]
    server: Option<ServerAddress>,
    /// The username to fill in [default: as the last time]
    #[arg(long)]
    name: Option<String>,
    /// Connect at once
    #[arg(long)]
    connect: bool,
    /// Only with encryption (TLS), whatever the settings say
    #[arg(long, conflicts_with = "plain")]
    tls: bool,
    /// Only in plain text, whatever the settings say; a server that is known to encrypt is not spoken to
    #[arg(long)]
    plain: bool,
    /// Light or dark [default: as the last time]
    #[arg(long, value_enum)]
    theme: Option<Theme>,
}

/// The variable that may hold a password: on the command line, everybody on this computer could read it.
const PASSWORD: &str = "MULTICHAT_PASSWORD";

fn password() -> Result<Option<Password>, String> {
    match env::var(PASSWORD) {
        Ok(text) => Password::typed(&text),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err("it is not UTF-8".into()),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    if let Err(error) = ui::find_display() {
        eprintln!("client: {error}: start it in a desktop, or set DISPLAY to the screen of one (as `ssh -X` does)");
        return ExitCode::FAILURE;
    }
    // SIGINT and SIGTERM close the window, so that the others hear a BYE.
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    if let Err(error) = ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed)) {
        log::warn!("Ctrl-C will end the program without a goodbye: {error}");
    }
    let Arguments { server, name, connect, tls, plain, theme } = arguments;
    let encryption = match (tls, plain) {
        (true, _) => Some(Encryption::Always),
        (_, true) => Some(Encryption::Never),
        _ => None,
    };
    let known_servers = ProjectDirs::from("", "", "multichat").map(|dirs| dirs.data_dir().join("known_servers"));
    if known_servers.is_none() {
        log::warn!("this user has no home for the list of known servers: it is kept until the window is closed");
    }
    let password = match password() {
        Ok(password) => password,
        Err(why) => {
            eprintln!("client: {PASSWORD}: {why}");
            return ExitCode::FAILURE;
        }
    };
    match window::run(&Options { server, name, password, connect, encryption, known_servers, theme, stop }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("client: the window could not be shown: {error}");
            ExitCode::FAILURE
        }
    }
}
