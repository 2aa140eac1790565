//! Finding the server: computers in networks of the test's own find each other by DNS-SD, a stranger (avahi-browse) reads the
//! announcement, and forged announcements do no harm.

#![cfg(all(target_os = "linux", feature = "discovery"))]
// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::fmt::Debug;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use multichat::internal::discovery::{HeardServer, Listener};

use crate::support::own_network::{Computer, announcement, open_lan, run_in_own_network, skip};
use crate::support::program::{Home, Program};
use crate::support::{DEADLINE, eventually_within};

const SERVER: &str = env!("CARGO_BIN_EXE_server");

/// The time within which a server is to be found.
const SOON: Duration = Duration::from_secs(2);

/// A listener, and the servers that it has heard.
struct Card {
    listener: Listener,
    servers: Vec<HeardServer>,
}

impl Card {
    fn open() -> Card {
        Card { listener: Listener::start(), servers: Vec::new() }
    }

    /// Waits until the list is what `shows` wants.
    #[track_caller]
    fn until<T>(&mut self, what: &str, mut shows: impl FnMut(&[HeardServer]) -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(servers) = self.listener.news() {
                self.servers = servers;
            }
            if let Some(shown) = shows(&self.servers) {
                return shown;
            }
            assert!(Instant::now() < deadline, "not heard: {what}; heard instead: {:#?}", self.servers);
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    #[track_caller]
    fn until_names(&mut self, names: &[&str]) {
        self.until(&format!("{names:?}"), |servers| {
            let mut heard: Vec<_> = servers.iter().map(|server| server.name.as_str()).collect();
            heard.sort_unstable();
            (heard == names).then_some(())
        });
    }
}

/// Starts a server on a computer; returns when it is announced, under this name.
fn announced(computer: &Computer, home: &Home, args: &[&str], name: &str) -> Program {
    let program = computer.start(home, SERVER, &[&["--headless", "--no-history"], args].concat());
    program.expect_complaint(&format!("server announced on this network as {name}"));
    program
}

fn by_name<'a>(servers: &'a [HeardServer], name: &str) -> Option<&'a HeardServer> {
    servers.iter().find(|server| server.name == name)
}

fn assert_eq_heard<T: Debug + PartialEq>(heard: &HeardServer, found: T, wanted: T) {
    assert_eq!(found, wanted, "{heard:#?}");
}

#[test]
fn two_computers_find_each_other_and_a_server_that_goes_or_is_renamed_does_so_on_the_list() {
    run_in_own_network("discovery::in_a_network_of_its_own_two_computers_find_each_other");
}

#[test]
#[ignore = "is run by the one above, in a process of its own"]
fn in_a_network_of_its_own_two_computers_find_each_other() {
    open_lan();
    let (other, third, home) = (Computer::new(2), Computer::new(3), [Home::new(), Home::new()]);
    let file = home[0].path().join("server.toml");
    std::fs::write(&file, "announce = \"Room 12\"\n").unwrap();
    let tls: &[&str] = if cfg!(feature = "tls") { &["--tls"] } else { &[] };
    let config = ["--config", file.to_str().unwrap(), "--listen", "0.0.0.0:7000"];
    let program = other.start(&home[0], SERVER, &[&["--headless", "--no-history"], &config[..], tls].concat());
    assert_eq!(program.listening(), "0.0.0.0:7000");
    let key = cfg!(feature = "tls").then(|| program.next_line()["key SHA256:".len()..][..23].to_owned());
    program.expect_complaint("server announced on this network as Room 12");
    eventually_within(SOON, "the server is found", || Card::open().until_names(&["Room 12"]));

    let mut card = Card::open();
    let server = card.until("the server", |servers| by_name(servers, "Room 12").cloned());
    assert_eq_heard(&server, server.address, "10.9.0.2:7000".parse().unwrap());
    assert_eq_heard(&server, server.has_tls, key.is_some());
    assert_eq_heard(&server, server.key.clone(), key);

    // One of the same name takes another, and one for its own computer is not announced.
    let quiet = third.start(&home[1], SERVER, &["--headless", "--no-history", "--listen", "127.0.0.1:7000"]);
    quiet.listening();
    let switched_off = third.start(&home[1], SERVER, &["--headless", "--listen", "0.0.0.0:7002", "--no-announce"]);
    switched_off.listening();
    let args = ["--listen", "10.9.0.3:7001", "--announce", "Room 12"];
    let clash = announced(&third, &home[1], &args, "Room 12 (2)");
    card.until_names(&["Room 12", "Room 12 (2)"]);
    assert_eq!(by_name(&card.servers, "Room 12 (2)").unwrap().address, "10.9.0.3:7001".parse().unwrap());

    std::fs::write(&file, "announce = \"Physics\"\n").unwrap();
    program.signal("HUP");
    program.expect_complaint("settings changed: announce Physics (was Room 12)");
    card.until_names(&["Physics", "Room 12 (2)"]);
    std::fs::write(&file, "no-announce = true\n").unwrap();
    program.signal("HUP");
    card.until_names(&["Room 12 (2)"]);
    clash.terminate();
    card.until_names(&[]);
    std::fs::write(&file, "").unwrap();
    program.signal("HUP");
    card.until("the computer's name", |servers| (servers.len() == 1).then_some(()));

    // An address of the link is heard with the interface that leads to it, so it can be connected to.
    third.ip("address add fe80::3:7/64 dev cable3 nodad");
    let _server = announced(&third, &home[1], &["--listen", "[fe80::3:7%cable3]:7003", "--announce", "Link"], "Link");
    let address = card.until("the link", |servers| by_name(servers, "Link").map(|server| server.address));
    assert!(address.to_string().starts_with("[fe80::3:7%"), "{address}");
    TcpStream::connect_timeout(&address, DEADLINE).unwrap();
}

#[test]
fn forged_announcements_are_bounded_and_take_no_place_from_those_that_were_heard_before() {
    run_in_own_network("discovery::in_a_network_of_its_own_forged_announcements_are_bounded");
}

/// Number of forged announcements.
const FORGED: u32 = 10_000;

#[test]
#[ignore = "is run by the one above, in a process of its own"]
fn in_a_network_of_its_own_forged_announcements_are_bounded() {
    open_lan();
    let (other, home) = (Computer::new(2), Home::new());
    let _server = announced(&other, &home, &["--listen", "0.0.0.0:7000", "--announce", "Room 12"], "Room 12");
    let mut card = Card::open();
    card.until_names(&["Room 12"]);
    let socket = UdpSocket::bind("10.9.0.1:0").unwrap();
    let send = |packet: &[u8]| socket.send_to(packet, (Ipv4Addr::new(224, 0, 0, 251), 5353)).unwrap();
    let (mut next, mut was_full) = (0, false);
    card.until("the server alone, after the flood", |servers| {
        assert!(servers.len() <= 50, "{}", servers.len());
        if servers.len() == 50 && !was_full {
            assert!(by_name(servers, "Room 12").is_some(), "{servers:#?}");
            was_full = true;
        }
        // Not faster than they are read: what the system drops shows nothing.
        let end = FORGED.min(next + 20);
        for number in next..end {
            send(&announcement(&format!("forged {number}"), &format!("pc{number}"), 7000, [10, 9, 0, 66], 120));
        }
        next = end;
        // The listener has forgotten the forged ones, which would be there for two minutes.
        let is_alone = next == FORGED && servers.len() == 1 && by_name(servers, "Room 12").is_some();
        (was_full && is_alone).then_some(())
    });
    drop(card);

    // Characters that mislead are written out, what is too long is cut, and what leads nowhere is no server.
    let mut card = Card::open();
    card.until("the server", |servers| by_name(servers, "Room 12").map(drop));
    for packet in hostile() {
        send(&packet);
    }
    card.until("the others", |servers| {
        // Again, as the system drops what comes too fast.
        send(&announcement("Room\u{202e}21\u{7}", "pc", 7000, [10, 9, 0, 66], 120));
        send(&announcement("@menu/&item", &"x".repeat(63), 7000, [10, 9, 0, 66], 120));
        send(&announcement("nowhere", "nowhere", 7000, [127, 0, 0, 1], 120));
        send(&announcement("last", "pc", 7000, [10, 9, 0, 66], 120));
        let menu = by_name(servers, "@menu/&item").is_some_and(|server| server.host.chars().count() <= 61);
        (menu && ["last", "Room<U+202E>21<U+0007>"].iter().all(|name| by_name(servers, name).is_some())).then_some(())
    });
    assert_eq!(by_name(&card.servers, "nowhere"), None);
}

/// Packets that are no announcements: cut off, with a name that leads to itself, and random bytes.
fn hostile() -> Vec<Vec<u8>> {
    let whole = announcement("cut off", "pc", 7000, [10, 9, 0, 66], 120);
    let mut packets: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    packets.push([&whole[..12], &[0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 120, 0, 2, 0xc0, 12]].concat());
    let mut random: u32 = 0x9e37_79b9;
    packets.extend((0..2000).map(|length| {
        let byte = |_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random.to_be_bytes()[0]
        };
        (0..length % 1400).map(byte).collect()
    }));
    packets
}

#[test]
fn a_stranger_reads_the_announcement() {
    run_in_own_network("discovery::in_a_network_of_its_own_avahi_reads_the_announcement");
}

#[test]
#[ignore = "is run by the one above, in a process of its own"]
fn in_a_network_of_its_own_avahi_reads_the_announcement() {
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !["avahi-daemon", "avahi-browse", "dbus-daemon"].into_iter().all(is_there) {
        return skip("avahi-daemon, avahi-browse or dbus-daemon is not installed");
    }
    open_lan();
    let (other, home) = (Computer::new(2), Home::new());
    // Avahi writes into /run, and gives what is there to its user.
    let mounted = Command::new("mount").args(["-t", "tmpfs", "none", "/run"]).status().unwrap();
    assert!(mounted.success());
    std::fs::write(home.path().join("avahi.conf"), "[server]\nhost-name=stranger\n").unwrap();
    std::fs::write(home.path().join("bus.conf"), BUS).unwrap();
    let (bus, avahi) = (home.path().join("bus.conf"), home.path().join("avahi.conf"));
    let bus_address = ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/run/bus");
    let bus = ["--nofork", "--nopidfile", "--print-address", "--config-file", bus.to_str().unwrap()];
    let bus = Program::start("dbus-daemon", &home, &bus);
    bus.next_line();
    let arguments = ["--no-drop-root", "--no-chroot", "--no-rlimits", "-f", avahi.to_str().unwrap()];
    let avahi = Program::start_in("avahi-daemon", &home, &arguments, &[bus_address]);
    let started = avahi.first_complaint(&["Server startup complete", "Failed to create runtime directory"]);
    if started.contains("Failed") {
        return skip("avahi-daemon starts as root only");
    }
    let args = ["--listen", "0.0.0.0:7000", "--announce", "Prüfung & Co"];
    let server = announced(&other, &home, &args, "Prüfung & Co");
    let browse = || {
        let mut command = Command::new("avahi-browse");
        let output = command.args(["-rpt", "_multichat._tcp"]).env(bus_address.0, bus_address.1).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let deadline = Instant::now() + DEADLINE;
    let found = loop {
        let lines = browse();
        if let Some(line) = lines.lines().find(|line| line.starts_with("=;") && line.contains(";IPv4;")) {
            break line.to_owned();
        }
        assert!(Instant::now() < deadline, "{lines}");
    };
    // Avahi writes some bytes as numbers.
    assert!(found.contains(";Pr\\195\\188fung\\032\\038\\032Co;_multichat._tcp;local;"), "{found}");
    assert!(found.contains("-7000-multichat.local;10.9.0.2;7000;"), "{found}");
    for text in ["\"txtvers=1\"", "\"proto=1\"", "\"room=Pr\\195\\188fung & Co\"", "\"tls=no\""] {
        assert!(found.contains(text), "{text} in {found}");
    }
    server.terminate();
    let deadline = Instant::now() + DEADLINE;
    while !browse().is_empty() {
        assert!(Instant::now() < deadline, "it is still there");
    }
}

const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=/run/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#;
