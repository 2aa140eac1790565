//! The server program: reads the options, starts the log, and opens the monitor window or serves without one.

use std::process::ExitCode;

use clap::{ArgMatches, FromArgMatches as _};
use crossbeam_channel::bounded;
use multichat::internal::monitor::hints::with_hint;
#[cfg(feature = "gui")]
use multichat::internal::monitor::window::{self, MonitorWindow};
use multichat::internal::options::{Key, Layer, MembersCommand, Options, OptionsError, Value, command_line};
use multichat::internal::signals::{self, Signal};
use multichat::internal::systemd::{self, State};
#[cfg(feature = "gui")]
use multichat::internal::ui::{self, Settings, ThemeChoice};
use multichat::internal::{console, logging};
use multichat::server::{Listen, Server};

#[path = "server/members.rs"]
mod members;
#[path = "server/passwords.rs"]
mod passwords;

fn main() -> ExitCode {
    let matches = match command_line::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return console::answer(&error),
    };
    logging::run("server", "info", || {
        let done = match matches.subcommand() {
            Some((_, matches)) => change_members(matches),
            None => command_line::given(&matches).map_err(Into::into).and_then(serve),
        };
        done.map_err(|error| with_hint(&*error)).inspect_err(|error| console::show_unseen(error))
    })
}

fn change_members(matches: &ArgMatches) -> Result<(), Box<dyn std::error::Error>> {
    members::run(MembersCommand::from_arg_matches(matches)?)
}

fn serve(given: Layer) -> Result<(), Box<dyn std::error::Error>> {
    let is_on = |key| given.get(key) == Some(&Value::Switch(true));
    let is_headless = is_on(Key::Headless);
    #[cfg(feature = "gui")]
    let theme = given.get(Key::Theme).and_then(|theme| ThemeChoice::from_word(&theme.to_string()));
    let password = passwords::room_password(given.get(Key::PasswordFile).is_some())?;
    let mut options = Options::new(given, password);
    // A full channel already holds signals that end the program or reload its files: one more adds nothing.
    let (sender, signals) = bounded(16);
    signals::watch(move |signal| {
        let _ = sender.try_send(signal);
    })?;
    if !is_headless {
        #[cfg(feature = "gui")]
        return with_window(window::Options { options, theme, announce, signals });
        #[cfg(not(feature = "gui"))]
        return Err(
            "this server was built without the feature `gui`, so it has no window: run it with --headless".into()
        );
    }
    options.read()?;
    let (server, _) = Server::start(options.config()?)?;
    announce(&server);
    systemd::notify(ready(&server));
    // The loop also ends if the signals' thread does: after that no signal could stop the server.
    for signal in signals {
        match signal {
            Signal::Terminate => break,
            Signal::HangUp => {
                systemd::notify(State::Reloading);
                reload(&mut options, &server);
                systemd::notify(ready(&server));
            }
        }
    }
    systemd::notify(State::Stopping);
    server.stop();
    Ok(())
}

/// Reads the config file again and changes the running server, which reads certificate and password again.
fn reload(options: &mut Options, server: &Server) {
    let config = options.read().map_err(OptionsError::from).and_then(|()| options.config());
    match config {
        // The server logs what has changed, or why nothing has.
        Ok(config) => drop(server.reconfigure(&config)),
        Err(error) => log::error!("settings not changed, the earlier ones stay in force: {error}"),
    }
}

#[cfg(feature = "gui")]
fn with_window(options: window::Options) -> Result<(), Box<dyn std::error::Error>> {
    ui::find_display().map_err(|error| format!("{error}: run it with --headless"))?;
    console::leave_own();
    Ok(MonitorWindow::open(options, Settings::load("server"))?.run()?)
}

/// Returns the state for systemd.
fn ready(server: &Server) -> State {
    State::Ready(Listen::from(server.addresses()).to_string())
}

/// Prints `listening on ADDRESS` on standard output, for a script that waits until it can connect: a line for each address. With
/// TLS the last line gives the key's fingerprint, which users compare with what their client shows.
fn announce(server: &Server) {
    let mut lines = String::new();
    for address in server.addresses() {
        lines += &format!("listening on {address}\n");
    }
    if let Some(fingerprint) = server.fingerprint() {
        lines += &format!("key {fingerprint}\n");
    }
    logging::write_stdout(lines);
}
