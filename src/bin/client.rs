//! The client program: parses the command line, starts the log, and opens the [chat window](multichat::internal::chat::window).

// The release build has no console behind its window: see `multichat::internal::console`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use multichat::client::{Encryption, PASSWORD_VARIABLE, Password};
use multichat::internal::chat::command_line::Arguments;
use multichat::internal::chat::window::{self, Options};
use multichat::internal::files::folders::data_file;
use multichat::internal::ui;
use multichat::internal::{console, logging, signals};

/// Returns the password in the environment variable, if it is set.
fn password() -> Result<Option<Password>, String> {
    match env::var(PASSWORD_VARIABLE) {
        Ok(text) => Password::typed(&text).map_err(|why| why.to_string()),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err("it is not UTF-8".into()),
    }
}

fn main() -> ExitCode {
    console::attach();
    match Arguments::try_parse() {
        Ok(arguments) => {
            logging::run("client", "warn", || chat(arguments).inspect_err(|error| console::show_unseen(error)))
        }
        Err(error) => console::answer(&error),
    }
}

fn chat(arguments: Arguments) -> Result<(), String> {
    ui::find_display().map_err(|error| format!("{error}: start it on a desktop, or set DISPLAY (as `ssh -X` does)"))?;
    // A signal closes the window in good order, so that the server gets a BYE and tells the other clients.
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    if let Err(error) = signals::watch(move |_| asked.store(true, Ordering::Relaxed)) {
        log::warn!("Ctrl-C will end the program without BYE: {error}");
    }
    let Arguments { server, name, connect, tls, plain, no_discovery, theme } = arguments;
    let encryption = match (tls, plain) {
        (true, _) => Some(Encryption::Always),
        (_, true) => Some(Encryption::Never),
        _ => None,
    };
    let known_servers = data_file("known_servers");
    if known_servers.is_none() {
        log::warn!(
            "this user has no home directory for the list of known servers: it is kept in memory until the window is closed"
        );
    }
    let password = password().map_err(|why| format!("{PASSWORD_VARIABLE}: {why}"))?;
    let discover = !no_discovery;
    window::run(&Options { server, name, password, connect, discover, encryption, known_servers, theme, stop })
        .map_err(|error| format!("cannot open the window: {error}"))
}
