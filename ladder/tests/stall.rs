//! The numbers in the READMEs of rungs 6 to 8: rung 6's program measures the servers of these rungs, on this machine.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ladder::program::Launch;
use ladder::stage::Stage;

/// Returns the path of a program of this package, which cargo has built before the tests.
fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_climb")).with_file_name(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// Returns what rung 6 prints of a rung's server.
fn measured(rung: &str) -> Vec<String> {
    let mut server = Stage::new(&Launch { program: built(&format!("{rung}_solution")).into(), args: Vec::new() });
    server.connect("the test").unwrap().hang_up();
    let printed = Command::new(built("rung06_stall_solution")).arg(server.addr().to_string()).output().unwrap();
    assert!(printed.status.success(), "{printed:?}");
    String::from_utf8(printed.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Returns the number behind a text.
fn number(line: &str, before: &str) -> usize {
    let rest = line.strip_prefix(before).unwrap_or_else(|| panic!("{before:?} in {line:?}"));
    rest.split(' ').next().unwrap().parse().unwrap()
}

/// Returns the words of a line that are the same in every run: those without a digit.
fn words(line: &str) -> Vec<&str> {
    line.split(' ').filter(|word| !word.contains(|c: char| c.is_ascii_digit())).collect()
}

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Returns the least, the first and the largest size of a buffer, where the system tells them: on Linux.
fn sizes(of: &str) -> Option<Vec<usize>> {
    let sizes = std::fs::read_to_string(format!("/proc/sys/net/ipv4/{of}")).ok()?;
    Some(sizes.split_whitespace().map(|size| size.parse().unwrap()).collect())
}

#[test]
#[cfg_attr(windows, ignore = "under Wine dora gets in although ben is said to be frozen: it is not known why")]
fn rung_5_is_frozen_when_the_send_buffer_is_full() {
    let printed = measured("rung05_broadcast");
    assert!(printed[0].starts_with("everybody reads: 500 of 500 lines reach ben"), "{printed:#?}");
    let bytes = number(&printed[2], "FROZEN after ");
    if let (Some(send), Some(receive)) = (sizes("tcp_wmem"), sizes("tcp_rmem")) {
        // The buffers hold their bookkeeping, too, and a large one grows only as far as is useful.
        let all = send[2] + receive[1];
        let least = send[2].min(4 << 20) / 2;
        assert!((least..=all).contains(&bytes), "{bytes} bytes; tcp_wmem {send:?}, tcp_rmem {receive:?}");
    }
    assert_eq!(printed[3..], ["dora wants to join: dora gets no answer", "carl hangs up: ben gets the line after all"]);
    let page = include_str!("../../docs/teaching.md");
    let shown = page.lines().skip_while(|line| !line.starts_with("everybody reads: ")).take(printed.len());
    let printed = printed.iter().map(|line| words(line));
    assert_eq!(shown.map(words).collect::<Vec<_>>(), printed.collect::<Vec<_>>(), "docs/teaching.md, the freeze");
}

/// Measures rung 5 in a network of its own, whose buffers have these sizes: the last of `tcp_wmem`, the middle and the last of
/// `tcp_rmem`. Returns the bytes after which it is frozen.
fn frozen_with([send, receive, receive_most]: [usize; 3]) -> usize {
    let script = format!(
        "ip link set lo up && sysctl -qw net.ipv4.tcp_wmem='4096 16384 {send}' net.ipv4.tcp_rmem='4096 {receive} {receive_most}' &&
         {{ \"$0\" 127.0.0.1:5555 >/dev/null & }} && until \"$1\" 127.0.0.1:5555 2>/dev/null; do sleep 0.1; done; kill $!"
    );
    let output = Command::new("unshare")
        .args(["-rn", "sh", "-c", &script])
        .args(["rung05_broadcast_solution", "rung06_stall_solution"].map(built))
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let verdict = printed.lines().find(|line| line.contains("FROZEN")).unwrap_or_else(|| panic!("{output:?}"));
    number(verdict, "FROZEN after ")
}

#[test]
fn rung_5_the_table_of_buffers() {
    if !Command::new("unshare").args(["-rn", "true"]).status().is_ok_and(|status| status.success()) {
        // Not `println`, which the test harness swallows when a test passes.
        let _ = writeln!(std::io::stderr(), "skipped: this system gives nobody a network of their own (unshare -rn)");
        return;
    }
    let sizes = [
        [4 * MIB, 128 * KIB, 32 * MIB],
        [MIB, 128 * KIB, 32 * MIB],
        [64 * KIB, 128 * KIB, 32 * MIB],
        [4 * MIB, MIB, 32 * MIB],
        [4 * MIB, 128 * KIB, 256 * KIB],
    ];
    let [usual, one, least, large_receive, small_receive] = std::thread::scope(|scope| {
        sizes.map(|sizes| scope.spawn(move || frozen_with(sizes))).map(|measured| measured.join().unwrap())
    });
    let told = format!("{usual}, {one}, {least}, {large_receive}, {small_receive}");
    assert!((3_500_000..4_500_000).contains(&usual), "{told}");
    assert!((900_000..1_500_000).contains(&one), "{told}");
    assert!(least < 300_000, "{told}");
    assert!((usual + 500_000..usual + 1_500_000).contains(&large_receive), "{told}");
    assert!(small_receive.abs_diff(usual) < 300_000, "{told}");
}

#[test]
fn rung_7_freezes_for_those_who_are_in_and_lets_others_in() {
    let printed = measured("rung07_two_writers");
    assert!(printed[2].starts_with("FROZEN after "), "{printed:#?}");
    assert!(printed[3].starts_with("dora wants to join: she is in after "), "{printed:#?}");
    assert_eq!(printed[4], "carl hangs up: ben gets the line after all");
}

#[test]
#[cfg_attr(windows, ignore = "rung 8 goes on with a socket whose write has timed out")]
fn rung_8_is_not_frozen_and_sends_the_stalled_reader_away() {
    let printed = measured("rung08_outbox");
    assert_eq!(number(&printed[2], "NOT FROZEN after "), 64_144_000, "{printed:#?}");
    assert!(printed[3].starts_with("dora wants to join: she is in after "), "{printed:#?}");
    let got = number(&printed[4], "carl reads again: ");
    assert!(got < 32_000_000 && printed[4].ends_with("he was sent away"), "{printed:#?}");
}

/// What `docs/others.py`, which speaks the protocols of other chats, too, prints of a rung's server.
#[cfg(unix)]
fn measured_by_others_py(rung: &str) -> String {
    let mut server = Stage::new(&Launch { program: built(&format!("{rung}_solution")).into(), args: Vec::new() });
    server.connect("the test").unwrap().hang_up();
    let port = server.addr().port().to_string();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/others.py");
    let printed = Command::new("python3").arg(script).args(["hello", &port, "--megabytes", "12"]).output().unwrap();
    assert!(printed.status.success(), "{printed:?}");
    String::from_utf8(printed.stdout).unwrap()
}

#[cfg(unix)]
#[test]
fn rung_5_is_frozen_and_rung_8_is_not_for_others_py_too() {
    let printed = measured_by_others_py("rung05_broadcast");
    assert!(printed.starts_with("FROZEN after ") && printed.ends_with("\ncarl hangs up: it goes on\n"), "{printed}");
    let printed = measured_by_others_py("rung08_outbox");
    assert!(printed.starts_with("NOT FROZEN after 12.0 MB"), "{printed}");
    assert!(printed.contains("; the server has closed his connection\n"), "{printed}");
}
