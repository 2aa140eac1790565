//! The chat window: reads the command line, starts the log, and hands over to [`multichat::chat::window`].

use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use directories::ProjectDirs;
use multichat::chat::window::{self, Options};
use multichat::client::{Encryption, PASSWORD_VARIABLE, Password, ServerAddress};
use multichat::ui::{self, Theme};
use multichat::{logging, signals};

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

fn password() -> Result<Option<Password>, String> {
    match env::var(PASSWORD_VARIABLE) {
        Ok(text) => Password::typed(&text),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err("it is not UTF-8".into()),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let _logging = match logging::start("warn") {
        Ok(logging) => logging,
        Err(error) => {
            eprintln!("client: the system has no thread for the log: {error}");
            return ExitCode::FAILURE;
        }
    };
    match chat(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::write_stderr(format!("client: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn chat(arguments: Arguments) -> Result<(), String> {
    ui::find_display().map_err(|error| {
        format!("{error}: start it in a desktop, or set DISPLAY to the screen of one (as `ssh -X` does)")
    })?;
    // Signals close the window, so that the others hear a BYE.
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    if let Err(error) = signals::watch(move |_| asked.store(true, Ordering::Relaxed)) {
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
    let password = password().map_err(|why| format!("{PASSWORD_VARIABLE}: {why}"))?;
    window::run(&Options { server, name, password, connect, encryption, known_servers, theme, stop })
        .map_err(|error| format!("the window could not be shown: {error}"))
}
