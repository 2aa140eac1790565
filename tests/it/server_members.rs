//! Passwords: the room's, those of names that belong to somebody, and what becomes of a name that its owner takes back.

#![cfg(feature = "storage")]
// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
#[cfg(target_os = "linux")]
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::program::{Home, Program};
use crate::support::{Peer, Room, config, eventually, eventually_eq, tells};
use multichat::protocol::{ErrorCode, Username};
use multichat::server::{Config, DisconnectReason, Members, MembersError, Password};
#[cfg(target_os = "linux")]
use socket2::{Domain, Socket, Type};

const SERVER: &str = env!("CARGO_BIN_EXE_server");

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

/// A room with a list of members.
fn with_members(home: &Home) -> Config {
    Config { members: Some(home.path().join("members.db")), ..config() }
}

/// Somebody who joins with a password.
fn join(room: &Room, name: &str, password: &str) -> Peer {
    let mut peer = room.peer();
    peer.send(format!("PASS {password}\n"));
    peer.join(name);
    peer
}

/// What is answered to somebody who cannot join.
fn refused(room: &Room, lines: &str) -> String {
    let mut peer = room.peer();
    peer.send(lines);
    let answer = peer.line();
    peer.expect_end();
    answer
}

#[test]
fn the_room_opens_to_those_who_know_its_password() {
    let room = Room::with(Config { password: Some(password("open sesame")), ..config() });
    join(&room, "ann", "open sesame");
    assert_eq!(
        refused(&room, "HELLO ben\n"),
        "ERR PASSWORD_REQUIRED write PASS <password> before HELLO: the room's, or that of your name if it is registered"
    );
    assert_eq!(
        refused(&room, "PASS open sesame \nHELLO ben\n"),
        "ERR BAD_PASSWORD that is not the password of this room, nor of ben if that is registered"
    );
    // The last one counts.
    let mut ben = room.peer();
    ben.send("PASS wrong\nPASS open sesame\n");
    ben.join("ben");
    ben.send("PASS open sesame\n");
    ben.expect("ERR BAD_LINE PASS comes before HELLO");
}

#[test]
fn where_there_is_no_password_whoever_gives_one_is_welcome() {
    let room = Room::open();
    join(&room, "ann", "whatever");
}

#[test]
fn after_a_wrong_password_the_next_check_waits_longer_each_time_before_it_begins() {
    let first = Duration::from_millis(20);
    let room = Room::with(Config { password: Some(password("open sesame")), wrong_password_delay: first, ..config() });
    for delay in [0, 1, 2] {
        let asked = Instant::now();
        assert!(refused(&room, "PASS guess\nHELLO ben\n").starts_with("ERR BAD_PASSWORD "));
        assert!(asked.elapsed() >= first * delay, "after {:?}, not {delay} times {first:?}", asked.elapsed());
    }
    // The wait comes before the check, so a right one waits too.
    let asked = Instant::now();
    join(&room, "ann", "open sesame");
    assert!(asked.elapsed() >= first * 4, "after {:?}", asked.elapsed());
}

#[test]
fn a_check_that_waits_holds_a_place_but_nobody_else_up_and_a_stop_ends_the_wait() {
    let wrong_password_delay = Duration::from_hours(1);
    let room = Room::with(Config { password: Some(password("open sesame")), wrong_password_delay, ..config() });
    assert!(refused(&room, "PASS guess\nHELLO ben\n").starts_with("ERR BAD_PASSWORD "));
    let mut guesser = room.peer();
    guesser.send("PASS open sesame\nHELLO ben\n");
    eventually_eq("it has not joined", 1, || room.snapshot().totals.unauthenticated);
    #[cfg(target_os = "linux")]
    {
        let mut cat = Peer::connect_from([127, 0, 0, 2], room.addr());
        cat.send("PASS open sesame\n");
        cat.join("cat");
        assert_eq!(room.names(), ["cat"]);
    }
    room.stop();
    // Windows resets a connection whose input is ended before all of it was read, which may be so here.
    if cfg!(not(windows)) {
        guesser.expect_start("ERR SHUTTING_DOWN ");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_owner_gets_in_while_another_network_guesses_all_the_time() {
    let home = Home::new();
    let members = Members::open(home.path().join("members.db")).unwrap();
    members.add(&Username::parse("ann").unwrap(), &password("correct horse")).unwrap();
    let room = Room::with(with_members(&home));
    let crowd: Vec<Peer> = (0..60)
        .map(|_| {
            let mut guesser = room.peer();
            guesser.send("PASS wrong guess\nHELLO ann\n");
            guesser
        })
        .collect();
    for _ in 0..5 {
        let mut ann = Peer::connect_from([127, 0, 0, 2], room.addr());
        ann.send("PASS correct horse\n");
        ann.join("ann");
        ann.send("BYE\n");
        ann.expect_end();
    }
    for mut guesser in crowd {
        let answer = guesser.line();
        assert!(answer.starts_with("ERR BAD_PASSWORD ") || answer.starts_with("ERR TOO_MANY_CONNECTIONS "), "{answer}");
    }
}

#[test]
fn a_name_is_its_owners_from_register_on() {
    let home = Home::new();
    let room = Room::with(with_members(&home));
    let mut ann = room.join("ann");
    ann.send("MSG ann before\nREGISTER short\n");
    ann.expect("ERR WEAK_PASSWORD a password for a name has at least 8 characters");
    ann.send("REGISTER correct horse\n");
    ann.expect("REGISTERED ann");
    ann.send("REGISTER battery staple\n");
    let wait: u64 = ann.expect_start("ERR SLOW_DOWN ").parse().unwrap();
    assert!((1..=5000).contains(&wait), "{wait}");
    ann.send("BYE\n");
    ann.expect_end();

    let asked = "ERR PASSWORD_REQUIRED ann is registered: write PASS <password of that name> before HELLO";
    assert_eq!(refused(&room, "HELLO ann\n"), asked);
    let wrong = "ERR BAD_PASSWORD that is not the password of ANN, which is registered";
    assert_eq!(refused(&room, "PASS correct hors\nHELLO ANN\n"), wrong);
    let members = Members::open(home.path().join("members.db")).unwrap();
    members.add(&Username::parse("neil").unwrap(), &password("correct horse")).unwrap();
    assert_eq!(
        refused(&room, "PASS correct horse\nHELLO ne1l\n"),
        "ERR USERNAME_TAKEN that could be mistaken for neil, which is registered: choose another name"
    );
    room.join("ben");
    // With another password from now on.
    let mut ann = join(&room, "Ann", "correct horse");
    ann.until_sync();
    ann.send("REGISTER battery staple\n");
    ann.expect("REGISTERED Ann");
    ann.send("BYE\n");
    ann.expect_end();
    room.stop();

    // It is kept.
    let room = Room::with(with_members(&home));
    assert!(refused(&room, "PASS correct horse\nHELLO ann\n").starts_with("ERR BAD_PASSWORD "));
    join(&room, "ann", "battery staple");
}

#[test]
fn a_registered_name_opens_a_room_that_has_a_password_and_no_other_name_does() {
    let home = Home::new();
    let members = Members::open(home.path().join("members.db")).unwrap();
    members.add(&Username::parse("ann").unwrap(), &password("correct horse")).unwrap();
    let room = Room::with(Config { password: Some(password("open sesame")), ..with_members(&home) });
    join(&room, "ann", "correct horse");
    assert!(
        refused(&room, "PASS open sesame\nHELLO ann\n").starts_with("ERR BAD_PASSWORD "),
        "the room's is not ann's"
    );
    assert!(refused(&room, "PASS correct horse\nHELLO ben\n").starts_with("ERR BAD_PASSWORD "));
}

#[test]
fn its_owner_takes_a_name_back_and_all_others_see_that_in_one_order() {
    let home = Home::new();
    let room = Room::with(with_members(&home));
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ann.send("REGISTER correct horse\n");
    ann.expect("REGISTERED ann");
    let mut again = join(&room, "Ann", "correct horse");
    ann.expect("ERR TAKEN_BACK the owner of this name has joined from elsewhere");
    ann.expect_end();
    for line in ["BYE ann", "HELLO Ann"] {
        ben.expect(line);
    }
    let taken = "the owner of this name has joined from elsewhere";
    assert_eq!(room.disconnect_reason("ann"), DisconnectReason::Ended(ErrorCode::TakenBack, taken.into()));
    // The late clean-up of the first connection does not touch the second.
    again.send("MSG ann still here\n");
    ben.expect("MSG Ann still here");
    ben.sync();
    assert_eq!(room.names(), ["ben", "Ann"]);
    // Nobody else can do that, and whoever has not registered cannot do it at all.
    let mut other = room.peer();
    other.send("PASS whatever\nHELLO ben\n");
    other.expect_start("ERR USERNAME_TAKEN ben is here already");
}

#[test]
fn somebody_who_had_the_name_before_it_was_registered_stays_until_its_owner_comes() {
    let home = Home::new();
    let room = Room::with(with_members(&home));
    let mut squatter = room.join("ann");
    let members = Members::open(home.path().join("members.db")).unwrap();
    members.add(&Username::parse("ann").unwrap(), &password("correct horse")).unwrap();
    squatter.send("REGISTER my own now\n");
    squatter.expect("ERR UNAVAILABLE ann is registered already: join with its password first");
    join(&room, "ann", "correct horse");
    squatter.expect_start("ERR TAKEN_BACK ");
}

#[test]
fn where_only_members_are_let_in_nobody_else_is() {
    let home = Home::new();
    let members = Members::open(home.path().join("members.db")).unwrap();
    members.add(&Username::parse("ann").unwrap(), &password("correct horse")).unwrap();
    let room =
        Room::with(Config { members_only: true, password: Some(password("open sesame")), ..with_members(&home) });
    join(&room, "ann", "correct horse");
    assert_eq!(
        refused(&room, "PASS open sesame\nHELLO ben\n"),
        "ERR MEMBERS_ONLY ben is not registered: ask the operator to do that"
    );
    assert_eq!(
        refused(&room, "HELLO ben\n"),
        "ERR PASSWORD_REQUIRED only members are let in: write PASS <password of your name> before HELLO"
    );
    // The operator does, and removes somebody, while the server runs.
    let ben = Username::parse("ben").unwrap();
    members.add(&ben, &password("horse correct")).unwrap();
    join(&room, "ben", "horse correct");
    members.remove(&ben).unwrap();
    assert_eq!(
        refused(&room, "PASS horse correct\nHELLO ben\n"),
        "ERR BAD_PASSWORD that is not the password of ben; if ben is not registered, ask the operator to do that"
    );
}

/// A closed room in which ann is registered.
fn closed(home: &Home, config: Config) -> Room {
    let members = Members::open(home.path().join("members.db")).unwrap();
    members.add(&Username::parse("bob").unwrap(), &password("correct horse")).unwrap();
    Room::with(Config { members: Some(home.path().join("members.db")), ..config })
}

#[test]
fn a_stranger_at_a_closed_room_does_not_learn_who_is_registered() {
    let secret = Some(password("open sesame"));
    for (config, what) in [
        (Config { password: secret.clone(), ..config() }, "with a password"),
        (Config { members_only: true, ..config() }, "for members only"),
        (Config { members_only: true, password: secret, ..config() }, "for members only, with a password"),
    ] {
        let (home, has_password) = (Home::new(), config.password.is_some());
        let room = closed(&home, config);
        for secret in ["", "PASS wrong guess\n"] {
            // Registered, not registered, and one that could be mistaken for it.
            let [own, other, alike] = ["bob", "ben", "b0b"]
                .map(|name| refused(&room, &format!("{secret}HELLO {name}\n")).replace(name, "<name>"));
            assert_eq!(own, other, "{what}");
            assert_eq!(own, alike, "{what}");
        }
        // Whoever knows the room's password is told more.
        if has_password {
            assert_eq!(
                refused(&room, "PASS open sesame\nHELLO bob\n"),
                "ERR BAD_PASSWORD bob is registered: it needs its own password, and not the room's"
            );
            assert!(refused(&room, "PASS open sesame\nHELLO b0b\n").starts_with("ERR USERNAME_TAKEN "));
        }
    }
}

/// Returns the processor time that a program has used, which other programs do not change.
#[cfg(target_os = "linux")]
fn processor_time(program: &Program) -> Duration {
    use nix::time::{clock_getcpuclockid, clock_gettime};
    let clock = clock_getcpuclockid(nix::unistd::Pid::from_raw(program.id().cast_signed())).unwrap();
    clock_gettime(clock).unwrap().into()
}

#[test]
#[cfg(target_os = "linux")]
fn a_wrong_password_costs_a_hash_for_a_name_that_is_not_registered_too() {
    let home = Home::new();
    let (list, secret) = (home.path().join("members.db"), home.path().join("secret"));
    Members::open(list.clone()).unwrap().add(&Username::parse("bob").unwrap(), &password("correct horse")).unwrap();
    std::fs::write(&secret, "open sesame\n").unwrap();
    let [list, secret] = [&list, &secret].map(|file| file.to_str().unwrap());
    let args = ["--headless", "--listen", "127.0.0.1:0", "--members", list, "--password-file", secret];
    let program = Program::start(SERVER, &home, &args);
    let addr: SocketAddr = program.listening().parse().unwrap();
    // From as many addresses, since mistakes are punished.
    let mut hosts = 1..;
    let mut cost_of = |name: &str| {
        let before = processor_time(&program);
        for _ in 0..4 {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.bind(&SocketAddr::from(([127, 0, 0, hosts.next().unwrap()], 0)).into()).unwrap();
            socket.connect(&addr.into()).unwrap();
            let mut peer = Peer::over(socket.into(), false);
            peer.send(format!("PASS wrong guess\nHELLO {name}\n"));
            peer.expect_start("ERR BAD_PASSWORD ");
        }
        processor_time(&program) - before
    };
    // Registered, not registered, and one that could be mistaken for it.
    let costs = ["bob", "ben", "b0b"].map(&mut cost_of);
    let [least, most] = [costs.iter().min(), costs.iter().max()].map(|cost| *cost.unwrap());
    assert!(most < 4 * least, "{costs:?}");
}

/// Somebody is here as ann, and the operator does something about that name: REGISTER shall not undo it.
fn disowned(
    config: impl FnOnce(Config) -> Config,
    operator: impl FnOnce(&Members, &Username),
) -> (Room, Members, Home) {
    let home = Home::new();
    let members = Members::open(home.path().join("members.db")).unwrap();
    let name = Username::parse("ann").unwrap();
    members.add(&name, &password("correct horse")).unwrap();
    let room = Room::with(config(with_members(&home)));
    let mut thief = join(&room, "ann", "correct horse");
    operator(&members, &name);
    let before = members.list().unwrap();
    thief.send("REGISTER my own now\n");
    thief.expect("ERR UNAVAILABLE the operator has changed or removed the registration of ann: join again");
    assert_eq!(members.list().unwrap(), before, "nothing was changed");
    thief.close_writing();
    thief.skip_to_end();
    (room, members, home)
}

#[test]
fn a_password_that_was_reset_is_not_changed_by_whoever_came_in_with_the_old_one() {
    let (room, ..) = disowned(|config| config, |members, ann| members.reset(ann, &password("battery staple")).unwrap());
    join(&room, "ann", "battery staple");
}

#[test]
fn a_removed_member_does_not_register_again_in_a_room_for_members() {
    let members_only = |config| Config { members_only: true, ..config };
    let (_room, members, _home) = disowned(members_only, |members, ann| members.remove(ann).unwrap());
    assert_eq!(members.list().unwrap(), []);
}

#[test]
fn a_name_that_was_given_to_somebody_else_is_not_taken_back() {
    let give = |members: &Members, ann: &Username| {
        members.remove(ann).unwrap();
        members.add(ann, &password("battery staple")).unwrap();
    };
    let (room, ..) = disowned(|config| config, give);
    join(&room, "ann", "battery staple");
}

#[test]
fn the_operator_ends_whoever_is_here_by_a_name_that_is_reset_or_removed() {
    let home = Home::new();
    let room = Room::with(Config { members_only: true, ..with_members(&home) });
    let (ann, secret) = (Username::parse("ann").unwrap(), password("battery staple"));
    room.server.members().unwrap().add(&ann, &password("correct horse")).unwrap();
    let mut thief = join(&room, "ANN", "correct horse");
    assert_eq!(room.server.reset_member(&ann, &secret), Ok(1));
    thief.expect("ERR KICKED the operator has set another password for ann: join with that");
    thief.expect_end();
    assert_eq!(room.server.reset_member(&ann, &secret), Ok(0), "nobody is here");

    let mut ann_herself = join(&room, "ann", "battery staple");
    assert_eq!(room.server.remove_member(&ann), Ok(1));
    ann_herself.expect("ERR KICKED the operator has removed the registration of ann");
    ann_herself.expect_end();
    assert_eq!(room.server.remove_member(&ann), Err(MembersError::NotRegistered("ann".into())));
    assert!(refused(&room, "PASS battery staple\nHELLO ann\n").starts_with("ERR BAD_PASSWORD "));
}

#[test]
fn an_owner_ends_everybody_who_could_pass_for_it() {
    let home = Home::new();
    let room = Room::with(with_members(&home));
    // Neither could pass for the other, and each for `iv`.
    let mut lookalikes = [room.join("\u{3b9}\u{3bd}"), room.join("1v")];
    let members = Members::open(home.path().join("members.db")).unwrap();
    members.add(&Username::parse("iv").unwrap(), &password("correct horse")).unwrap();
    lookalikes[0].expect("HELLO 1v");
    let _owner = join(&room, "iv", "correct horse");
    for lookalike in &mut lookalikes {
        lookalike.expect_start("ERR TAKEN_BACK ");
    }
    eventually_eq("the owner alone", vec!["iv".to_owned()], || room.names());
}

#[test]
fn without_a_list_no_name_can_be_registered() {
    let room = Room::open();
    let mut ann = room.join("ann");
    ann.send("REGISTER correct horse\n");
    ann.expect("ERR UNAVAILABLE names cannot be registered here");
    ann.sync();
}

#[test]
fn a_class_that_proves_its_passwords_at_once_is_let_in_and_does_not_keep_others_from_talking() {
    let home = Home::new();
    let members = Members::open(home.path().join("members.db")).unwrap();
    for number in 0..24 {
        members.add(&Username::parse(&format!("m{number}")).unwrap(), &password("correct horse")).unwrap();
    }
    let room = Room::with(with_members(&home));
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    thread::scope(|scope| {
        let crowd: Vec<_> = (0..24)
            .map(|number| {
                let room = &room;
                scope.spawn(move || {
                    let mut peer = room.peer();
                    peer.send(format!("PASS correct horse\nHELLO m{number}\n"));
                    let line = eventually("an answer", || match peer.line() {
                        line if line == format!("HELLO m{number}") || line.starts_with("ERR ") => Ok(line),
                        line => Err(line),
                    });
                    (line, peer)
                })
            })
            .collect();
        while !crowd.iter().all(thread::ScopedJoinHandle::is_finished) {
            ann.send("PING 1\n");
            while ann.line() != "PONG 1" {}
        }
        for member in crowd {
            let (answer, _peer) = member.join().unwrap();
            assert!(answer.starts_with("HELLO m"), "{answer}");
        }
    });
    ben.until_sync();
}

/// `server members ...`: what it prints, and whether it went well.
fn members_command(home: &Home, args: &[&str], typed: &str) -> (bool, String, String) {
    let mut child = Command::new(SERVER)
        .arg("members")
        .args(args)
        .envs(home.variables())
        .env_remove("RUST_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may not want to read it.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_name_that_only_an_earlier_version_accepted_is_reset_and_removed() {
    let home = Home::new();
    let (ok, _, complaint) = members_command(&home, &["add", "ivan"], "correct horse\n");
    assert!(ok, "{complaint}");
    let file = home.data().join("members.db");
    // Latin and Greek.
    let old = "i\u{3bd}an";
    let sql = "UPDATE members SET name = ?1, key = ?2, small = ?3, written = ?4";
    let key = multichat::internal::NameKey::of(old);
    let [capitals, small, written] = key.looks().each_ref().map(|look| &**look);
    rusqlite::Connection::open(file).unwrap().execute(sql, [old, capitals, small, written]).unwrap();
    let (ok, told, complaint) = members_command(&home, &["reset", old, "--generate"], "");
    assert!(ok && told.starts_with("i\u{3bd}an is given a new password"), "{complaint}");
    let (ok, _, complaint) = members_command(&home, &["remove", old], "");
    assert!(ok, "{complaint}");
    // It stood in this one's way.
    let (ok, _, complaint) = members_command(&home, &["add", "ivan"], "correct horse\n");
    assert!(ok, "{complaint}");
    let (ok, _, complaint) = members_command(&home, &["add", "o\u{3bd}a"], "correct horse\n");
    assert!(!ok && complaint.contains("letters of one script"), "{complaint}");
}

#[test]
fn the_command_line_changes_the_list_while_a_server_goes_by_it() {
    let home = Home::new();
    let program = Program::start(SERVER, &home, &["--headless", "--listen", "127.0.0.1:0", "--members-only"]);
    let addr = program.listening().parse().unwrap();
    let answer = |lines: &str| {
        let mut peer = Peer::in_plain_text(addr);
        peer.send(lines);
        peer.line()
    };
    assert!(answer("HELLO ann\n").starts_with("ERR PASSWORD_REQUIRED "));
    let (ok, told, _) = members_command(&home, &["add", "ann"], "correct horse\n");
    assert!(ok && told == "ann is registered\n", "{told}");
    assert_eq!(answer("PASS correct horse\nHELLO ann\n"), "HELLO ann");
    let (ok, told, _) = members_command(&home, &["reset", "ann", "--generate"], "");
    let generated = told.strip_prefix("ann is given a new password\npassword: ").unwrap().trim_end();
    assert!(ok && generated.len() == 19, "{told}");
    assert!(answer("PASS correct horse\nHELLO ann\n").starts_with("ERR BAD_PASSWORD "));
    assert_eq!(answer(&format!("PASS {generated}\nHELLO ann\n")), "HELLO ann");
    let (ok, told, _) = members_command(&home, &["list"], "");
    assert!(ok && told.lines().count() == 1 && told.ends_with("Z ann\n"), "{told}");
    let (ok, told, _) = members_command(&home, &["remove", "ann"], "");
    assert!(ok && told == "ann is no longer registered\n", "{told}");
    assert!(answer("PASS correct horse\nHELLO ann\n").starts_with("ERR BAD_PASSWORD "));
    for (args, typed, why) in [
        (
            &["add", "ann"][..],
            "",
            "server: there is no password on standard input: a password has at least one character",
        ),
        (&["add", "ann"], "short\n", "server: a password for a name has at least 8 characters"),
        (&["reset", "ann"], "correct horse\n", "server: ann is not registered"),
        (&["remove", "a/b"], "", "a name cannot contain /"),
    ] {
        let (ok, _, complaint) = members_command(&home, args, typed);
        assert!(!ok && complaint.contains(why), "{args:?}: {complaint}");
    }
}

#[test]
fn commands_at_once_and_a_server_that_starts_meanwhile_share_the_list() {
    let home = Home::new();
    thread::scope(|scope| {
        // The list is not there yet, and the first of them makes it.
        let commands: Vec<_> = (0..18)
            .map(|number| {
                let home = &home;
                scope.spawn(move || members_command(home, &["add", &format!("m{number}")], "correct horse\n"))
            })
            .collect();
        let servers = [(); 2].map(|()| Program::start(SERVER, &home, &["--headless", "--listen", "127.0.0.1:0"]));
        for command in commands {
            let (ok, _, complaint) = command.join().unwrap();
            assert!(ok, "{complaint}");
        }
        for server in servers {
            server.listening();
        }
    });
    let (ok, told, complaint) = members_command(&home, &["list"], "");
    assert!(ok && told.lines().count() == 18, "{told}{complaint}");
}

#[test]
fn neither_a_command_nor_a_second_start_makes_a_damaged_list_an_empty_one() {
    let home = Home::new();
    let file = home.data().join("members.db");
    assert!(members_command(&home, &["add", "ann"], "correct horse\n").0);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..4000].fill(0xa5);
    std::fs::write(&file, &bytes).unwrap();
    let start = || {
        let mut server = Program::start(SERVER, &home, &["--headless", "--listen", "127.0.0.1:0"]);
        server.expect_complaint("put a copy in its place, or begin anew with nobody registered");
        assert!(!server.ended().success());
    };
    start();
    let (ok, _, complaint) = members_command(&home, &["list"], "");
    assert!(!ok && complaint.contains("is damaged, and was left unchanged"), "{complaint}");
    start();
    assert!(std::fs::read(&file).unwrap() == bytes);
    // A list that an earlier version has quarantined.
    std::fs::rename(&file, home.data().join("members.db.damaged 2024-05-01 12.00.00")).unwrap();
    for _ in 0..2 {
        let (ok, _, complaint) = members_command(&home, &["list"], "");
        assert!(!ok && complaint.contains("move the damaged one to another folder to begin anew"), "{complaint}");
    }
    let mut server = Program::start(SERVER, &home, &["--headless", "--listen", "127.0.0.1:0"]);
    server.expect_complaint("does not exist, but a damaged one does");
    assert!(!server.ended().success());
}

#[test]
fn no_log_has_a_password_in_it() {
    let home = Home::new();
    let file = home.path().join("room");
    std::fs::write(&file, "xyzzy-room\n").unwrap();
    let mut server = Command::new(SERVER)
        .args(["--headless", "--listen", "127.0.0.1:0", "--password-file", file.to_str().unwrap()])
        .envs(home.variables())
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (said, logged) =
        (crate::support::lines(server.stdout.take().unwrap()), crate::support::lines(server.stderr.take().unwrap()));
    let first = said.recv_timeout(crate::support::DEADLINE).unwrap();
    let addr = first.strip_prefix("listening on ").unwrap().parse().unwrap();
    let mut peer = Peer::in_plain_text(addr);
    peer.send("PASS xyzzy-wrong\nHELLO ann\n");
    peer.expect_start("ERR BAD_PASSWORD ");
    let mut ann = Peer::in_plain_text(addr);
    ann.send("PASS xyzzy-room\n");
    ann.join("ann");
    ann.send(
        "REGISTER xyzzy-own\nREGISTER xyzzy\u{1b}-own\nREGISTER xyzzy-again\nPASS xyzzy\n#1 REGISTER xyzzy-more\n",
    );
    ann.expect("REGISTERED ann");
    ann.until_sync();
    server.kill().unwrap();
    server.wait().unwrap();
    let log: Vec<String> = logged.iter().chain(said.iter()).collect();
    assert!(log.iter().any(|line| tells(line, "ann", "joined")), "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("xyzzy")), "{log:#?}");
}
