//! A program of this project as a child process, with a home directory of its own. It is killed when the test drops it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use tempfile::TempDir;

use super::{DEADLINE, lines};

/// The process, and the lines that it writes.
pub(crate) struct Program {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

/// A temporary home directory, so that no other test shares the program's settings. It is removed by the drop.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the folder in which a program started here keeps its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.path().join(if cfg!(windows) { "multichat/data" } else { "multichat" })
    }

    /// Returns the folder in which it looks for its settings.
    pub(crate) fn settings(&self) -> PathBuf {
        self.path().join(if cfg!(windows) { "multichat/config" } else { "multichat" })
    }

    /// Returns the variables that make this the home directory of a program.
    pub(crate) fn variables(&self) -> [(&str, &Path); 4] {
        ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA"].map(|name| (name, self.path()))
    }
}

impl Program {
    /// Starts a program. Programs that it starts itself are looked up in the home's `bin` first.
    pub(crate) fn start(path: &str, home: &Home, args: &[&str]) -> Program {
        Program::start_in(path, home, args, &[])
    }

    /// The same, with additional environment variables.
    pub(crate) fn start_in(path: &str, home: &Home, args: &[&str], variables: &[(&str, &str)]) -> Program {
        Program::start_with(path, home, args, |command| command.envs(variables.iter().copied()))
    }

    /// The same; `set` may change the command before it starts.
    pub(crate) fn start_with(
        path: &str,
        home: &Home,
        args: &[&str],
        set: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Program {
        let mut command = Command::new(path);
        // A test asks nothing of the network that this machine belongs to.
        let is_client = Path::new(path).file_stem().is_some_and(|name| name == "client");
        command
            .args(is_client.then_some("--no-discovery"))
            .args(args)
            .env("PATH", path_with(home))
            .envs(home.variables())
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = set(&mut command).spawn().unwrap_or_else(|error| panic!("cannot start {path}: {error}"));
        // A stream that `set` has redirected has no lines here.
        let stdout = child.stdout.take().map_or_else(|| lines(std::io::empty()), lines);
        let stderr = child.stderr.take().map_or_else(|| lines(std::io::empty()), lines);
        Program { child, stdout, stderr }
    }

    /// Starts one of the examples.
    pub(crate) fn example(name: &str, home: &Home, args: &[&str]) -> Program {
        Program::start(&example(name), home, args)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the next line on standard output.
    pub(crate) fn next_line(&self) -> String {
        self.stdout.recv_timeout(DEADLINE).expect("it has no more to say")
    }

    /// Returns the lines on standard output that have come and were not read yet.
    pub(crate) fn lines_so_far(&self) -> Vec<String> {
        self.stdout.try_iter().collect()
    }

    /// Returns the address in the next line on standard output, which must be `listening on ADDRESS`.
    pub(crate) fn listening(&self) -> String {
        let line = self.stdout.recv_timeout(DEADLINE).expect("it does not say where it listens");
        let addr = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("expected an address, got {line:?}"));
        addr.to_owned()
    }

    /// Sends a line to standard input.
    pub(crate) fn type_line(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("its standard input is closed");
        stdin.write_all(format!("{line}\n").as_bytes()).expect("it takes no input");
    }

    /// Closes standard input, as Ctrl-D does.
    pub(crate) fn end_typing(&mut self) {
        self.child.stdin = None;
    }

    /// Reads standard output until a line contains a text; returns the line.
    #[track_caller]
    pub(crate) fn expect_output(&self, part: &str) -> String {
        self.expect_output_within(DEADLINE, part)
    }

    /// The same, with another timeout.
    #[track_caller]
    pub(crate) fn expect_output_within(&self, limit: Duration, part: &str) -> String {
        let deadline = Instant::now() + limit;
        let mut seen = Vec::new();
        while let Ok(line) = self.stdout.recv_deadline(deadline) {
            if line.contains(part) {
                return line;
            }
            seen.push(line);
        }
        panic!("expected {part:?} on standard output, got {seen:#?}");
    }

    /// Reads standard error until a line contains a text; returns the line.
    pub(crate) fn expect_complaint(&self, part: &str) -> String {
        let mut seen = Vec::new();
        while let Ok(line) = self.stderr.recv_timeout(DEADLINE) {
            if line.contains(part) {
                return line;
            }
            seen.push(line);
        }
        panic!("expected {part:?} on standard error, got {seen:#?}");
    }

    /// Reads standard error until a line contains one of these texts; returns the line.
    pub(crate) fn first_complaint(&self, parts: &[&str]) -> String {
        let mut seen = Vec::new();
        while let Ok(line) = self.stderr.recv_timeout(DEADLINE) {
            if parts.iter().any(|part| line.contains(part)) {
                return line;
            }
            seen.push(line);
        }
        panic!("expected one of {parts:?} on standard error, got {seen:#?}");
    }

    /// Waits until the program closes standard error, and returns the lines that were not read yet.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.stderr.iter().collect()
    }

    /// Returns whether the program is still running.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until the program ends.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + DEADLINE;
        // std has no wait with a timeout. The output streams end with the process, and a channel can be waited for.
        while self.stdout.recv_deadline(deadline).is_ok() {}
        while self.stderr.recv_deadline(deadline).is_ok() {}
        assert!(Instant::now() < deadline, "the program has not ended");
        self.child.wait().unwrap()
    }

    /// Kills the program (SIGKILL), as a crash would end it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM, as a shutdown of the computer does.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the variable `PATH` for programs that are looked up in the home's `bin` first.
pub(crate) fn path_with(home: &Home) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([home.path().join("bin")].into_iter().chain(std::env::split_paths(&path))).unwrap()
}

/// Returns a full pipe for use as an output stream: a write blocks until the reader, the first value, is read.
#[cfg(unix)]
pub(crate) fn stuck() -> (std::os::unix::net::UnixStream, Stdio) {
    let (reader, mut writer) = std::os::unix::net::UnixStream::pair().unwrap();
    writer.set_nonblocking(true).unwrap();
    for size in [4096, 1] {
        let full = std::iter::repeat_with(|| writer.write(&[b'x'; 4096][..size])).find_map(Result::err);
        assert_eq!(full.map(|error| error.kind()), Some(std::io::ErrorKind::WouldBlock));
    }
    // Each end has its own flags; the program's end has to block, as a terminal does.
    writer.set_nonblocking(false).unwrap();
    (reader, std::os::fd::OwnedFd::from(writer).into())
}

/// Returns the path of an example. `cargo test` builds all examples, and `cargo test --test ..` builds none.
fn example(name: &str) -> String {
    // This program is target/debug/deps/name-1234, or has another folder in the place of target/debug.
    let own = std::env::current_exe().unwrap();
    let file = own.ancestors().nth(2).unwrap().join("examples").join(name);
    let changed = |file: &Path| file.metadata().and_then(|file| file.modified()).ok();
    let built = changed(&file.with_extension(std::env::consts::EXE_EXTENSION));
    // Cargo lists the sources beside the program.
    let sources = std::fs::read_to_string(file.with_extension("d")).unwrap_or_default();
    let is_new = built.is_some() && sources.split_whitespace().skip(1).all(|source| changed(source.as_ref()) <= built);
    assert!(is_new, "the example {name} is not built, or older than its source: `cargo build --examples` builds it");
    file.to_str().unwrap().to_owned()
}
