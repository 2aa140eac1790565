//! The console of a program, which on Windows it may not have, and the box that takes its place.
//!
//! On other systems both programs have a standard error. Windows makes a console for a program that belongs to
//! the subsystem `console`, unless it was started in one. A program of the subsystem `windows` gets none, not even that in which
//! it was started, and the prompt there does not wait for its end.
//!
//! | program | subsystem | started in a console | started with a double click |
//! | --- | --- | --- | --- |
//! | client | `windows` in release builds | [`attach`] takes that console, for `--help` and the log | no console |
//! | server | `console`, because `server members add` reads a password, `--headless` runs until Ctrl-C, and a prompt waits for both | that console | no console from Windows 11 24H2, by the manifest; [`leave_own`] closes that which an older version makes |
//!
//! After a double click nothing shows standard error, so [`show_unseen`] and [`answer`] show a box.

use std::process::ExitCode;

/// Takes the console in which this program was started, if there is one.
pub fn attach() {
    system::attach();
}

/// Closes the console that Windows has made for this program alone. To be called before a window opens.
pub fn leave_own() {
    system::leave_own();
}

/// Shows an error in a box, if nothing shows standard error.
pub fn show_unseen(text: &str) {
    if system::is_unseen(Stream::Error) {
        system::show(text, Stream::Error);
    }
}

/// Prints what the command line asks for (`--help`, `--version`) or what is wrong with it, and returns the status with which
/// the program ends.
pub fn answer(error: &clap::Error) -> ExitCode {
    let stream = if error.use_stderr() { Stream::Error } else { Stream::Output };
    if system::is_unseen(stream) {
        system::show(&error.to_string(), stream);
    } else {
        // Nothing can be said of an output that does not work.
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// A stream that a program writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

#[cfg(windows)]
mod system {
    use std::os::windows::io::AsRawHandle as _;
    use std::{io, process};

    use winsafe::prelude::Handle as _;
    use winsafe::{AttachConsole, FreeConsole, HPROCESSLIST, HWND, PidParent, SysResult, co};

    use super::Stream;

    pub(super) fn attach() {
        // It fails if the parent has no console, or this program has one already.
        let _ = AttachConsole(PidParent::Parent);
    }

    pub(super) fn leave_own() {
        if is_from_explorer() {
            let _ = FreeConsole();
        }
    }

    /// Returns whether nobody sees a stream: there is none, or it leads to a console that is closed with the program.
    pub(super) fn is_unseen(stream: Stream) -> bool {
        let handle = match stream {
            Stream::Output => io::stdout().as_raw_handle(),
            Stream::Error => io::stderr().as_raw_handle(),
        };
        handle.is_null() || is_from_explorer()
    }

    /// Shows in a box what would have been written to a stream. A console that nobody reads does not stay behind the box.
    pub(super) fn show(text: &str, stream: Stream) {
        let _ = FreeConsole();
        let icon = if stream == Stream::Error { co::MB::ICONERROR } else { co::MB::ICONINFORMATION };
        if let Err(error) = HWND::NULL.MessageBox(text, "Multichat", icon) {
            log::debug!("no box was shown: {error}");
        }
    }

    /// Returns whether Explorer, which is the desktop and the start menu, too, has started this program.
    fn is_from_explorer() -> bool {
        parent_name().is_ok_and(|name| name.is_some_and(|name| name.eq_ignore_ascii_case("explorer.exe")))
    }

    fn parent_name() -> SysResult<Option<String>> {
        let mut processes = HPROCESSLIST::CreateToolhelp32Snapshot(co::TH32CS::SNAPPROCESS, None)?;
        let mut all = Vec::new();
        for process in processes.iter_processes() {
            let process = process?;
            all.push((process.th32ProcessID, process.th32ParentProcessID, process.szExeFile()));
        }
        let parent = all.iter().find(|(id, ..)| *id == process::id()).map(|(_, parent, _)| *parent);
        Ok(all.into_iter().find(|(id, ..)| Some(*id) == parent).map(|(.., name)| name))
    }
}

/// Other systems leave it to the desktop what becomes of the streams.
#[cfg(not(windows))]
mod system {
    use super::Stream;

    pub(super) fn attach() {}

    pub(super) fn leave_own() {}

    pub(super) fn is_unseen(_: Stream) -> bool {
        false
    }

    pub(super) fn show(_: &str, _: Stream) {}
}
