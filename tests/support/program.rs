//! A program of ours that runs beside the test, in a home of its own, and is killed if the test forgets it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::{DEADLINE, lines};

/// The program, and the lines that it has written.
pub(crate) struct Program {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

/// A place for settings that no other test has and that is gone afterwards.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new() -> Home {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("multichat-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Home(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Program {
    /// Starts a program with these arguments. Other programs that it starts are looked for in the home's `bin` first.
    pub(crate) fn start(path: &str, home: &Home, args: &[&str]) -> Program {
        Program::start_in(path, home, args, &[])
    }

    /// The same, with these variables.
    pub(crate) fn start_in(path: &str, home: &Home, args: &[&str], variables: &[(&str, &str)]) -> Program {
        Program::start_with(path, home, args, |command| command.envs(variables.iter().copied()))
    }

    /// The same, with whatever else `set` says of how it is to be started.
    pub(crate) fn start_with(
        path: &str,
        home: &Home,
        args: &[&str],
        set: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Program {
        let other_servers = std::env::var_os("PATH").unwrap_or_default();
        let folders = [home.path().join("bin")].into_iter().chain(std::env::split_paths(&other_servers));
        let mut command = Command::new(path);
        command
            .args(args)
            .env("PATH", std::env::join_paths(folders).unwrap())
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env("XDG_DATA_HOME", home.path())
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = set(&mut command).spawn().unwrap_or_else(|error| panic!("cannot start {path}: {error}"));
        // What goes elsewhere has no lines here.
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

    /// The next line on standard output.
    pub(crate) fn next_line(&self) -> String {
        self.stdout.recv_timeout(DEADLINE).expect("it has no more to say")
    }

    /// The address of the next line on standard output, which is `listening on ADDRESS`.
    pub(crate) fn listening(&self) -> String {
        self.listening_within(DEADLINE).expect("it does not say where it listens")
    }

    /// The same, if it comes soon enough.
    pub(crate) fn listening_within(&self, limit: Duration) -> Option<String> {
        let line = self.stdout.recv_timeout(limit).ok()?;
        let addr = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("expected an address, got {line:?}"));
        Some(addr.to_owned())
    }

    /// Types a line into it.
    pub(crate) fn type_line(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("its standard input is closed");
        stdin.write_all(format!("{line}\n").as_bytes()).expect("it takes no input");
    }

    /// Ends what is typed into it, as Ctrl-D does.
    pub(crate) fn end_typing(&mut self) {
        self.child.stdin = None;
    }

    /// Reads standard output until a line has this in it.
    #[track_caller]
    pub(crate) fn expect_output(&self, part: &str) -> String {
        self.expect_output_within(DEADLINE, part)
    }

    /// The same, for what takes its time.
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

    /// Reads standard error until a line has this in it.
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

    /// Everything that it has written to standard error and nobody has read, once it has ended.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.stderr.iter().collect()
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + DEADLINE;
        // There is no wait with a deadline in std; its output ends with it, which can be waited for.
        while self.stdout.recv_deadline(deadline).is_ok() {}
        while self.stderr.recv_deadline(deadline).is_ok() {}
        assert!(Instant::now() < deadline, "the program has not ended");
        self.child.wait().unwrap()
    }

    /// Ends it as a crash does: it has no time to say anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as a shutdown of the computer does.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal.
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

/// A stream that takes nothing more until its other end, the first, is read.
#[cfg(unix)]
pub(crate) fn stuck() -> (std::os::unix::net::UnixStream, Stdio) {
    let (reader, mut writer) = std::os::unix::net::UnixStream::pair().unwrap();
    writer.set_nonblocking(true).unwrap();
    for size in [4096, 1] {
        let full = std::iter::repeat_with(|| writer.write(&[b'x'; 4096][..size])).find_map(Result::err);
        assert_eq!(full.map(|error| error.kind()), Some(std::io::ErrorKind::WouldBlock));
    }
    // Both ends of a pair have flags of their own, and the program's is to wait as a terminal does.
    writer.set_nonblocking(false).unwrap();
    (reader, std::os::fd::OwnedFd::from(writer).into())
}

/// The cargo that runs the tests. What it has set about this package is taken away: the build script of `ring` is run again
/// whenever that changes, and all that stands on it is built again, both times.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    let is_set_by_cargo = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_set_by_cargo)) {
        cargo.env_remove(name);
    }
    cargo
}

/// The file of an example that is built. `cargo test --test ..` builds no examples, so this does; one that is built already
/// takes a moment.
pub(crate) fn example(name: &str) -> String {
    // This program is target/debug/deps/name-1234, or has another folder in the place of target/debug.
    let own = std::env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap();
    let mut cargo = cargo();
    cargo.args(["build", "--quiet", "--example", name, "--target-dir"]).arg(folder.parent().unwrap());
    if cfg!(not(feature = "gui")) {
        cargo.arg("--no-default-features");
    }
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo does not start");
    assert!(status.success(), "the example {name} cannot be built");
    let file = folder.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    file.to_str().unwrap().to_owned()
}
