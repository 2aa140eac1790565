//! What the system or a person at a terminal asks a program for: to end, or to read its files again.
//!
//! A signal that was ignored when the program began stays ignored: `nohup` ignores SIGHUP for what it starts, a shell
//! without job control SIGINT for what it starts in the background.

use std::io;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT or SIGTERM, or Ctrl-C: end in good order.
    End,
    /// SIGHUP: the terminal is gone; or, as programs without one take it, read the files again.
    HangUp,
}

/// Calls `hear` for each signal from now on: on a thread `signals` where this is Unix, on one of the system's elsewhere.
///
/// # Errors
/// The system lets no signal be watched, or has no thread for it.
#[cfg(unix)]
pub fn watch(hear: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut watched = vec![("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP)];
    watched.retain(|(name, _)| !is_ignored(name));
    let mut signals = Signals::new(watched.into_iter().map(|(_, number)| number))?;
    let watching = move || {
        signals.forever().for_each(|number| hear(if number == SIGHUP { Signal::HangUp } else { Signal::End }));
    };
    std::thread::Builder::new().name("signals".into()).spawn(watching)?;
    Ok(())
}

/// Whether this process ignores a signal. A program inherits what its parent ignores, so a shell that sends itself the signal
/// survives it or not. To ask the system itself (sigaction(2)) takes unsafe code.
#[cfg(unix)]
fn is_ignored(name: &str) -> bool {
    use std::process::{Command, Stdio};

    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("kill -s {name} $$")]).env_clear();
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.status().is_ok_and(|status| status.success())
}

/// Calls `hear` for each Ctrl-C from now on, on a thread of the system's.
///
/// # Errors
/// The system lets it not be watched.
#[cfg(not(unix))]
pub fn watch(hear: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(move || hear(Signal::End)).map_err(io::Error::other)
}
