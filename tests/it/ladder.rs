//! The rungs of `examples/` that are no windows run, and show what they are there to show; and the server passes a rung of the
//! ladder. The windows are in `tests/windows/ladder.rs`, the rungs below in `ladder/tests`.

// In a helper too, what fails is to fail the test.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::process::Command;

use multichat::server::Config;

use crate::support::program::{Home, Program};
use crate::support::{Room, config, eventually_eq};

/// The checks of the ladder see a server from outside: this one too.
#[test]
#[cfg_attr(windows, ignore = "it starts cargo, which Wine has none of")]
fn the_server_passes_the_checks_of_rungs_4_and_8() {
    for (rung, check) in [("4", "name"), ("8", "keeps nobody waiting")] {
        // With a history, a newcomer gets what was said before.
        let home = Home::new();
        let climbed = Command::new(env!("CARGO"))
            .env("XDG_CONFIG_HOME", home.path())
            .env("XDG_DATA_HOME", home.path())
            .args(["run", "--quiet", "--manifest-path", "ladder/Cargo.toml", "--bin", "climb", "--", rung, "--"])
            .args([env!("CARGO_BIN_EXE_server"), "--headless", "--no-history", "--rate", "0", "--listen"])
            .output()
            .unwrap();
        let report = String::from_utf8_lossy(&climbed.stdout);
        assert!(climbed.status.success(), "{report}{}", String::from_utf8_lossy(&climbed.stderr));
        assert!(report.contains(check), "{report}");
    }
}

#[test]
fn rung_11_is_a_client_for_two_directions_at_once() {
    let (room, home) = (Room::open(), Home::new());
    let mut ann = room.join("ann");
    let mut terminal = Program::example("rung11_terminal", &home, &[&room.addr().to_string(), "ben"]);
    terminal.expect_output("* ann is here");
    terminal.expect_output("* ben is here");
    ann.expect("HELLO ben");
    ann.send("MSG ann hello ben\n");
    terminal.expect_output("ann: hello ben");
    terminal.type_line("hello all");
    ann.expect("MSG ben hello all");
    terminal.type_line("/msg ann and to you");
    ann.expect("TELL ben and to you");
    ann.send("TELL ben you too\u{202e}\n");
    let told = terminal.expect_output("ann (to you): you too");
    assert!(!told.contains('\u{202e}'), "a terminal gets what turns the direction of its text: {told:?}");
    terminal.end_typing();
    ann.expect("BYE ben");
    assert!(terminal.ended().success());
}

#[test]
fn rung_11_ends_with_the_server_although_nobody_types() {
    let (room, home) = (Room::open(), Home::new());
    let mut terminal = Program::example("rung11_terminal", &home, &[&room.addr().to_string(), "ben"]);
    terminal.expect_output("* ben is here");
    room.stop();
    terminal.expect_output("SHUTTING_DOWN");
    terminal.expect_output("the end: ");
    assert!(terminal.ended().success());
}

#[test]
fn rung_14_answers_aloud_what_is_said_aloud_and_alone_what_is_said_alone() {
    let (room, home) = (Room::open(), Home::new());
    let mut bot = Program::example("rung14_bot", &home, &[&room.addr().to_string(), "dice"]);
    bot.expect_output("dice is in");
    let (mut ann, mut ben) = (room.join("ann"), room.join("ben"));
    ann.expect("HELLO ben");
    ann.send("MSG ann is this dice working?\nMSG ann dice: roll 1\n");
    ann.expect("MSG dice ann: 1 of 1");
    ben.send("TELL dice roll x\n");
    ben.expect("MSG ann is this dice working?");
    ben.expect("MSG ann dice: roll 1");
    ben.expect("MSG dice ann: 1 of 1");
    ben.expect("TELL dice a die has a number of sides: roll 6");
    room.stop();
    bot.expect_output("the end: ");
    assert!(bot.ended().success());
}

#[test]
fn two_bots_of_rung_14_talk_to_each_other_until_the_rate_limit_ends_it() {
    // So slow a rate that they are faster on any machine.
    let (room, home) = (Room::with(Config { rate: 1, burst: 20, ..config() }), Home::new());
    let addr = room.addr().to_string();
    let mut ann = room.join("ann");
    let bots = ["dice", "eve"].map(|name| {
        let bot = Program::example("rung14_bot", &home, &[&addr, name]);
        bot.expect_output(&format!("{name} is in"));
        ann.expect(&format!("HELLO {name}"));
        bot
    });
    ann.send("MSG ann eve: ask dice roll 1\n");
    ann.expect("MSG eve dice: roll 1");
    ann.expect("MSG dice eve: 1 of 1");
    for _ in 0..18 {
        ann.expect("MSG eve dice: I know: roll 6, time, ask NAME QUESTION");
        ann.expect("MSG dice eve: I know: roll 6, time, ask NAME QUESTION");
    }
    // One of them says a line too many.
    let is_refused = || bots.iter().any(|bot| bot.lines_so_far().iter().any(|line| line.starts_with("SLOW_DOWN")));
    eventually_eq("a bot is refused a line", true, is_refused);
    // What was refused is what the other one waits for: so nothing of them is under way any more.
    let said = ann.until_sync();
    assert!(said.len() < 100, "{said:#?}");
    ann.sync();
    room.stop();
}
