//! The settings of a running server change: each value holds at once for those who come, the limit of lines also for those who
//! are here, and no connection ends for it.

// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use multichat::server::{Changes, Config, EventKind, Password};

use crate::support::program::Home;
#[cfg(feature = "tls")]
use crate::support::tls;
use crate::support::{Peer, Room, config};

/// A room whose settings can be changed one by one, and `ann` in it.
struct Changing {
    room: Room,
    config: Config,
    ann: Peer,
}

impl Changing {
    fn start(config: Config) -> Changing {
        let room = Room::with(config.clone());
        let ann = room.join("ann");
        Changing { room, config, ann }
    }

    /// Changes the settings; checks that the event says the same as the result, and that `ann` stays.
    fn change(&mut self, change: impl FnOnce(&mut Config)) -> Changes {
        change(&mut self.config);
        let changes = self.room.server.reconfigure(&self.config).unwrap();
        let told = self.room.wait_for("it says what has changed", |event| match event {
            EventKind::Reconfigured(changes) => Some(changes.clone()),
            _ => None,
        });
        assert_eq!(told, changes);
        self.ann.until_sync();
        changes
    }

    /// Checks that a change has applied exactly this.
    #[track_caller]
    fn applies(&mut self, expected: &str, change: impl FnOnce(&mut Config)) {
        let Changes { applied, waiting } = self.change(change);
        assert_eq!((applied.join(", ").as_str(), &waiting[..]), (expected, &[][..]));
    }

    /// Sends lines on a new connection; returns the code of the error that answers them.
    #[track_caller]
    fn refused(&self, lines: &str) -> String {
        let mut peer = self.room.peer();
        peer.send(lines);
        let error = peer.expect_start("ERR ");
        error.split(' ').next().unwrap().to_owned()
    }

    /// Joins with a password, and leaves.
    fn admitted(&self, password: &str, name: &str) {
        let mut peer = self.room.peer();
        peer.send(format!("PASS {password}\n"));
        peer.join(name);
        peer.send("BYE\n");
        peer.skip_to_end();
    }
}

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

#[test]
fn the_rooms_password_holds_for_those_who_come() {
    let mut test = Changing::start(config());
    let mut early = test.room.peer();
    test.applies("password set", |config| config.password = Some(password("first")));
    assert_eq!(test.refused("HELLO ben\n"), "PASSWORD_REQUIRED");
    early.send("HELLO carl\n");
    early.expect_start("ERR PASSWORD_REQUIRED ");
    test.admitted("first", "ben");
    test.applies("password replaced", |config| config.password = Some(password("second")));
    assert_eq!(test.refused("PASS first\nHELLO ben\n"), "BAD_PASSWORD");
    test.admitted("second", "ben");

    let home = Home::new();
    let file = home.path().join("room.txt");
    std::fs::write(&file, "third\n").unwrap();
    test.applies("password replaced", |config| config.password_file = Some(file.clone()));
    test.admitted("third", "ben");
    std::fs::remove_file(&file).unwrap();
    let other = Config { max_clients: 1, ..test.config.clone() };
    let why = test.room.server.reconfigure(&other).unwrap_err().to_string();
    assert!(why.contains("room.txt"), "{why}");
    let told = test.room.wait_for("it says that nothing has changed", |event| match event {
        EventKind::NotReconfigured { why } => Some(why.clone()),
        _ => None,
    });
    assert_eq!(told, why);
    test.admitted("third", "ben");

    test.applies("password removed", |config| (config.password, config.password_file) = (None, None));
    test.room.join("ben");
    test.room.stop();
}

#[test]
fn the_maximum_number_of_clients_changes_and_those_beyond_it_stay() {
    let mut test = Changing::start(config());
    let mut ben = test.room.join("ben");
    test.applies("max-clients 1 (was 1000)", |config| config.max_clients = 1);
    assert_eq!(test.refused("HELLO carl\n"), "SERVER_FULL");
    ben.sync();
    test.applies("max-clients 3 (was 1)", |config| config.max_clients = 3);
    test.room.join("carl");
    test.room.stop();
}

#[cfg(target_os = "linux")]
#[test]
fn more_clients_than_there_are_descriptors_for_are_warned_of() {
    let mut test = Changing::start(config());
    test.config.max_clients = usize::MAX;
    test.room.server.reconfigure(&test.config).unwrap();
    let warned = |test: &Changing| {
        test.room.wait_for("the change is told", |event| match event {
            EventKind::TooFewDescriptors { clients: usize::MAX, .. } => Some(true),
            EventKind::Reconfigured(_) => Some(false),
            _ => None,
        })
    };
    assert!(warned(&test), "before the change itself is told");
    assert!(!warned(&test));
    // Once, and not at each change of another setting.
    test.change(|config| config.burst = 30);
    test.config.burst = 40;
    test.room.server.reconfigure(&test.config).unwrap();
    assert!(!warned(&test));
    test.room.stop();
}

#[test]
fn a_client_that_is_here_gets_the_new_limit_of_lines_and_what_it_has_spent_stays_spent() {
    let lines = "AWAY\n".repeat(9);
    let slow_downs = |peer: &mut Peer| {
        peer.send(&lines);
        // PING costs a token as well, and may get none.
        peer.send("BYE\n");
        let (answers, _) = peer.until_end();
        answers.iter().filter(|line| line.starts_with("ERR SLOW_DOWN ")).count()
    };
    let mut test = Changing::start(config());
    let [mut ben, mut carl, mut dora] = test.room.join_all(["ben", "carl", "dora"]);
    // Their sessions run; later they would be newcomers, who take over what others have spent.
    [&mut ben, &mut carl, &mut dora].into_iter().for_each(Peer::sync);
    test.change(|config| (config.rate, config.burst) = (1, 4));
    // Not `change`, whose barrier would be limited.
    assert_eq!(slow_downs(&mut ben), 5, "a limit where there was none");
    carl.send("AWAY\nAWAY\n");
    carl.until_sync();
    test.config.burst = 6;
    test.room.server.reconfigure(&test.config).unwrap();
    let more = slow_downs(&mut carl);
    assert!((5..=6).contains(&more), "three of six were spent, and one may have come back: {more}");
    test.config.rate = 0;
    test.room.server.reconfigure(&test.config).unwrap();
    assert_eq!(slow_downs(&mut dora), 0, "none any more");
    test.room.stop();
}

#[test]
fn the_time_for_a_hello_changes_for_the_next_connection() {
    let mut test = Changing::start(config());
    test.applies("hello-timeout 0.1 s (was 10 s)", |config| config.hello_timeout = Duration::from_millis(100));
    let mut late = test.room.peer();
    late.expect_start("ERR HELLO_TIMEOUT ");
    test.room.stop();
}

#[cfg(target_os = "linux")]
#[test]
fn limits_on_connections_change_and_loopback_becomes_remote() {
    let mut test = Changing::start(Config { max_per_address: 2, ..config() });
    let mut silent = test.room.peer();
    let _third = test.room.join("third");
    test.applies("loopback-is-remote on (was off)", |config| config.loopback_is_remote = true);
    // The silent one pays for the newcomer; then none is left that could.
    let mut newcomer = test.room.peer();
    silent.expect_start("ERR TOO_MANY_CONNECTIONS ");
    newcomer.join("dora");
    assert_eq!(test.refused("HELLO emil\n"), "TOO_MANY_CONNECTIONS");
    test.applies("max-per-address 9 (was 2)", |config| config.max_per_address = 9);
    let mut silent = test.room.peer();
    test.applies("max-unauthenticated 1 (was 200)", |config| config.max_unauthenticated = 1);
    let _next = test.room.peer();
    silent.expect_start("ERR TOO_MANY_CONNECTIONS ");
    test.room.stop();
}

#[cfg(feature = "storage")]
mod storage {
    use super::*;
    use crate::support::history::{ask, file, with_history};

    #[test]
    fn only_members_are_admitted_from_the_change_on() {
        let home = Home::new();
        let members = Some(home.path().join("members.db"));
        let mut test = Changing::start(Config { members, ..config() });
        test.applies("members-only on (was off)", |config| config.members_only = true);
        assert_eq!(test.refused("PASS anything\nHELLO ben\n"), "BAD_PASSWORD");
        // Registering is the operator's from now on, for those who are here, too.
        test.ann.send("REGISTER a long password\n");
        test.ann.expect_start("ERR UNAVAILABLE only the operator ");
        test.applies("members-only off (was on)", |config| config.members_only = false);
        let _ben = test.room.join("ben");
        test.ann.until_sync();
        test.ann.send("REGISTER a long password\n");
        test.ann.expect("REGISTERED ann");
        test.room.stop();
    }

    #[test]
    fn messages_are_kept_as_long_as_the_operator_says_last() {
        let home = Home::new();
        let mut test = Changing::start(with_history(&home));
        let stored = |test: &Changing| test.room.server.archive("", 10).unwrap();
        test.ann.send("MSG ann before\n");
        test.ann.sync();
        assert_eq!(stored(&test).messages, 1);
        // A moment that is over when the message is asked for.
        let change = |test: &mut Changing, keep: Option<Duration>| {
            test.config.keep = keep;
            let changes = test.room.server.reconfigure(&test.config).unwrap();
            assert!(changes.applied.len() == 1 && changes.applied[0].starts_with("keep "), "{changes:?}");
            assert_eq!(stored(test).keep, keep);
        };
        change(&mut test, Some(Duration::from_millis(1)));
        crate::support::eventually_eq("it is deleted", 0, || stored(&test).messages);
        assert_eq!(ask(&mut test.ann, "PAST 18446744073709551615 10").0, []);
        assert_eq!(test.room.join_and_read("ben").len(), 1, "only that ann is here");
        change(&mut test, Some(Duration::from_hours(24)));
        change(&mut test, None);
        test.ann.until_sync();
        test.ann.send("MSG ann after\n");
        test.ann.until_sync();
        assert_eq!(stored(&test).messages, 1);
        assert!(file(&home).exists());
        test.room.stop();
    }
}

#[test]
fn what_needs_a_start_of_the_server_is_named_and_keeps_nobody_out() {
    let room = Room::with(Config { tls: None, ..config() });
    let ann = Peer::in_plain_text(room.addr());
    let mut test = Changing { config: Config { tls: None, ..config() }, room, ann };
    test.ann.join("ann");
    let home = Home::new();
    let changes = test.change(|config| {
        config.listen = "127.0.0.1:1".into();
        config.members = Some(home.path().join("members.db"));
        (config.members_only, config.require_tls) = (true, true);
        config.tls = Some(multichat::server::Certificate::SelfSigned(home.path().join("server.pem")));
    });
    assert_eq!(changes.applied, [""; 0]);
    assert_eq!(changes.waiting, ["listen", "tls", "members", "require-tls", "members-only"]);
    Peer::in_plain_text(test.room.addr()).join("ben");
    // There would be no list after another start, either.
    test.config.members = None;
    let why = test.room.server.reconfigure(&test.config).unwrap_err().to_string();
    assert!(why.contains("members"), "{why}");
    test.room.stop();
}

#[cfg(feature = "tls")]
#[test]
fn plain_text_is_rejected_from_the_change_on() {
    let mut test = Changing::start(Config { tls: Some(tls::own_certificate()), ..config() });
    test.applies("require-tls on (was off)", |config| config.require_tls = true);
    let mut plain = Peer::in_plain_text(test.room.addr());
    plain.send("HELLO ben\n");
    plain.expect_start("ERR TLS_REQUIRED ");
    Peer::trusting(test.room.addr(), &tls::certificate_file()).join("ben");
    test.applies("require-tls off (was on)", |config| config.require_tls = false);
    Peer::in_plain_text(test.room.addr()).join("carl");
    test.room.stop();
}
