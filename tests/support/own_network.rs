//! Networks of a test's own (Linux network namespaces): a test runs in one in a process of its own, and can add computers, each in
//! another one, joined by a bridge as by a switch.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::eventually;
use super::program::{Home, Program};

/// The variable that says that this process has a network of its own.
const OWN: &str = "MULTICHAT_OWN_NETWORK";

/// Returns whether this process has a network of its own.
pub(crate) fn is_own() -> bool {
    std::env::var_os(OWN).is_some()
}

/// Runs an ignored test of this program in a network of its own. Where the system gives nobody one, says so instead.
pub(crate) fn run_in_own_network(test: &str) {
    if let Some(said) = run_again(&["--exact", test, "--ignored", "--nocapture"]) {
        assert!(said.contains("1 passed"), "there is no test {test}: {said}");
        said.lines().filter(|line| line.starts_with("skipped: ")).for_each(|line| skip(&line["skipped: ".len()..]));
    }
}

/// Runs this program again with these arguments, in a network of its own. Returns what it has said; `None` if the system gives nobody
/// such a network, which is said then.
pub(crate) fn run_again(arguments: &[&str]) -> Option<String> {
    // Root keeps its rights over the files of others, which avahi needs.
    let ways: [&[&str]; 2] = [&["-n", "-m"], &["-r", "-n", "-m"]];
    let own_network =
        |way: &[&str], arguments: &[&str]| Command::new("unshare").args(way).args(arguments).env(OWN, "yes").output();
    let works = |way: &&[&str], program: &[&str]| own_network(way, program).is_ok_and(|output| output.status.success());
    let Some(way) = ways.into_iter().find(|way| works(way, &["ip", "link"])) else {
        // In CI only a system that does not allow it is an excuse, and a missing program is none.
        let is_allowed = ways.iter().any(|way| works(way, &["true"]));
        assert!(std::env::var_os("CI").is_none() || !is_allowed, "the program ip is missing");
        skip("this system gives nobody a network of their own (unshare -r -n -m)");
        return None;
    };
    let program = std::env::current_exe().unwrap();
    let output = own_network(way, &[&[program.to_str().unwrap()], arguments].concat()).unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    Some(said)
}

/// Says that a test was skipped, and why.
pub(crate) fn skip(why: &str) {
    // Not `println`, which the test harness swallows when a test passes.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "skipped: {why}").unwrap();
}

/// Runs the program `ip`.
pub(crate) fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status().unwrap();
    assert!(status.success(), "ip {arguments}");
}

/// Makes this process a computer of a new network, with the address 10.9.0.1.
pub(crate) fn open_lan() {
    ip("link set lo up");
    ip("link add name lan type bridge");
    ip("address add 10.9.0.1/24 dev lan");
    ip("link set lan up");
}

/// Another computer of the network. It ends with the drop.
pub(crate) struct Computer {
    /// Keeps the namespace.
    holder: Child,
    number: u8,
}

impl Computer {
    /// Adds a computer with the address 10.9.0.`number`.
    pub(crate) fn new(number: u8) -> Computer {
        let holder = Command::new("unshare").args(["-n", "cat"]).stdin(Stdio::piped()).spawn().unwrap();
        let computer = Computer { holder, number };
        let own = std::fs::read_link("/proc/self/ns/net").unwrap();
        eventually("a network of its own", || match std::fs::read_link(computer.namespace()) {
            Ok(link) if link != own => Ok(()),
            seen => Err(seen),
        });
        let port = format!("port{number}");
        ip(&format!("link add name {port} type veth peer name cable{number}"));
        ip(&format!("link set cable{number} netns {}", computer.holder.id()));
        ip(&format!("link set {port} master lan"));
        ip(&format!("link set {port} up"));
        computer.ip("link set lo up");
        computer.ip(&format!("address add 10.9.0.{number}/24 dev cable{number}"));
        computer.ip(&format!("link set cable{number} up"));
        computer
    }

    fn namespace(&self) -> PathBuf {
        format!("/proc/{}/ns/net", self.holder.id()).into()
    }

    /// Runs the program `ip` on the computer.
    pub(crate) fn ip(&self, arguments: &str) {
        let status = Command::new("nsenter").arg(self.entry()).arg("ip").args(arguments.split(' ')).status().unwrap();
        assert!(status.success(), "ip {arguments} on {}", self.number);
    }

    fn entry(&self) -> String {
        format!("--net={}", self.namespace().display())
    }

    /// Starts a program on the computer.
    pub(crate) fn start(&self, home: &Home, program: &str, args: &[&str]) -> Program {
        Program::start("nsenter", home, &[&[self.entry().as_str(), program], args].concat())
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Returns a packet that announces a server for so many seconds.
pub(crate) fn announcement(instance: &str, host: &str, port: u16, address: [u8; 4], ttl: u8) -> Vec<u8> {
    let service = labels(&["_multichat", "_tcp", "local"]);
    let name = labels(&[instance, "_multichat", "_tcp", "local"]);
    let host = labels(&[host, "local"]);
    let mut packet = vec![0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    let mut record = |name: &[u8], kind: u8, class: [u8; 2], data: &[u8]| {
        packet.extend(name);
        packet.extend([0, kind, class[0], class[1], 0, 0, 0, ttl]);
        packet.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        packet.extend(data);
    };
    record(&service, 12, [0, 1], &name);
    record(&name, 33, [0x80, 1], &[&[0, 0, 0, 0], &port.to_be_bytes()[..], &host].concat());
    record(&name, 16, [0x80, 1], b"\x06tls=no");
    record(&host, 1, [0x80, 1], &address);
    packet
}

fn labels(parts: &[&str]) -> Vec<u8> {
    let mut name = Vec::new();
    for part in parts {
        name.push(u8::try_from(part.len()).unwrap());
        name.extend(part.as_bytes());
    }
    name.push(0);
    name
}
