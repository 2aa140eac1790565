//! Signals: requests to terminate, or to reload files. Each is passed to a callback on a thread of its own.
//!
//! A signal that was ignored when the program started stays ignored: `nohup` starts its child with SIGHUP ignored, and a shell
//! without job control starts background processes with SIGINT ignored.

use std::io;

/// A request to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT or SIGTERM, and on Windows all that ends a program: shut down in good order.
    Terminate,
    /// SIGHUP: the terminal has been closed. Programs without a terminal reload their files.
    HangUp,
}

/// Calls `on_signal` for each signal from now on, on a thread named `signals`.
///
/// # Errors
/// The signals cannot be watched, or the thread cannot be started.
#[cfg(unix)]
pub fn watch(on_signal: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut watched = vec![("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP)];
    watched.retain(|(name, _)| !is_ignored(name));
    let mut signals = Signals::new(watched.into_iter().map(|(_, number)| number))?;
    let watching = move || {
        signals
            .forever()
            .for_each(|number| on_signal(if number == SIGHUP { Signal::HangUp } else { Signal::Terminate }));
    };
    std::thread::Builder::new().name("signals".into()).spawn(watching)?;
    Ok(())
}

/// Returns whether this process ignores a signal. Ignored signals are inherited, so a child shell that sends itself the signal
/// survives exactly if it is ignored. Asking the system directly (sigaction(2)) takes unsafe code.
#[cfg(unix)]
fn is_ignored(name: &str) -> bool {
    use std::process::{Command, Stdio};

    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("kill -s {name} $$")]).env_clear();
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.status().is_ok_and(|status| status.success())
}

/// Calls `on_signal` from now on for each Ctrl-C, Ctrl-Break, closing of the console, log-off and shutdown, on a thread named
/// `signals`. After the last three, Windows ends the program as soon as `main` returns, and after five seconds at the latest.
///
/// # Errors
/// They cannot be watched, or the thread cannot be started.
#[cfg(windows)]
pub fn watch(on_signal: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    use std::sync::Arc;
    use std::task::{Context, Wake, Waker};
    use std::thread::{self, Thread};

    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

    /// Wakes the thread that polls.
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let (mut c, mut pause, mut close) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
    let (mut logoff, mut shutdown) = (ctrl_logoff()?, ctrl_shutdown()?);
    let watching = move || {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            // Each is polled every time, because only one that was polled wakes this thread.
            let came = [
                c.poll_recv(&mut context),
                pause.poll_recv(&mut context),
                close.poll_recv(&mut context),
                logoff.poll_recv(&mut context),
                shutdown.poll_recv(&mut context),
            ];
            if came.iter().any(|poll| poll.is_ready()) {
                on_signal(Signal::Terminate);
            } else {
                thread::park();
            }
        }
    };
    thread::Builder::new().name("signals".into()).spawn(watching)?;
    Ok(())
}
