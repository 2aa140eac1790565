//! Tests of the operator's actions in the monitor window, in the real program on a real screen: kick, ban, register, announce,
//! save the log; by mouse and by keyboard, with clients that see the effect.

use std::fs;

use crate::support::Peer;
use crate::support::desktop::{Test, Window, press, release};
use crate::support::monitor::{
    ADDRESS_SEGMENT, ANNOUNCEMENT, BANS_TAB, CHAT_TAB, FILTER, FIRST_BAN, FIRST_MEMBER, FIRST_ROW, KICK, LET_IN_AGAIN,
    LOG_TAB, MEMBER_NAME, MEMBERS_TAB, REGISTER, REMOVE_MEMBER, ROW_HEIGHT, SAVE, SEND, YES, click, join, server,
    until_rows,
};
use crate::support::program::Home;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("somebody is kicked by mouse, with a reason", kick_by_mouse),
        ("a hand that trembles over the table marks nobody else", kick_with_a_trembling_hand),
        ("somebody is kicked by keyboard, and escape is no", kick_by_keyboard),
        ("a ban by name for good survives a restart and can be lifted", a_ban_survives),
        ("a ban by address shuts everybody out who comes from there", a_ban_by_address),
        ("a name is registered, and given free again", members),
        ("everybody hears an announcement", announcements),
        ("the log that the filter lets through is saved", saving),
    ]
}

/// Returns true if the server rejects a name as banned.
fn is_banned(addr: &str, name: &str) -> bool {
    let mut peer = Peer::connect(addr.parse().unwrap());
    peer.send(format!("HELLO {name}\n"));
    peer.line().starts_with("ERR BANNED")
}

fn kick_by_mouse() {
    let home = Home::new();
    let (_program, window, addr) = server(&home);
    let mut ann = join(&addr, "ann");
    until_rows(&window, 1);
    click(&window, FIRST_ROW);
    // The button becomes active, and its word dark, with the next tick.
    let is_active = || window.has_text(KICK.0 - 25, KICK.1 - 8, 50, 16);
    Window::until("an active Kick", || (), || is_active().then_some(()));
    click(&window, KICK);
    window.type_text("calm down");
    click(&window, YES);
    ann.expect("ERR KICKED calm down");
    ann.expect_end();
}

fn kick_with_a_trembling_hand() {
    let home = Home::new();
    let (_program, window, addr) = server(&home);
    let (mut ann, mut ben) = (join(&addr, "ann"), join(&addr, "ben"));
    ann.expect("HELLO ben");
    let (x, y) = (FIRST_ROW.0.cast_signed(), FIRST_ROW.1.cast_signed());
    // The client that came first is in the first row.
    until_rows(&window, 2);
    window.point(x, y);
    press();
    window.point(x, y + ROW_HEIGHT.cast_signed());
    release();
    window.keys(&["Delete", "Return"]);
    ann.expect("ERR KICKED");
    ben.expect("BYE ann");
    ben.sync();
}

fn kick_by_keyboard() {
    let home = Home::new();
    let (_program, window, addr) = server(&home);
    let (mut ann, mut ben) = (join(&addr, "ann"), join(&addr, "ben"));
    ann.expect("HELLO ben");
    until_rows(&window, 2);
    // From the choice of who can connect past the rest of the top row, the filter and the columns to the table; the mark goes to
    // the last row.
    window.keys(&["Tab"; 6]);
    window.keys(&["End", "Delete", "Escape", "Delete", "Return"]);
    ben.expect("ERR KICKED");
    ann.expect("BYE ben");
    ann.sync();
}

fn a_ban_survives() {
    let home = Home::new();
    let (mut program, window, addr) = server(&home);
    let mut ann = join(&addr, "ann");
    until_rows(&window, 1);
    click(&window, FIRST_ROW);
    // By name; for good is the last of four.
    window.keys(&["shift+Delete", "Tab", "Right", "Right", "Right", "Tab", "space"]);
    ann.expect("ERR BANNED permanently");
    // As long as she is in the table, closing the window asks.
    let (x, y) = (FIRST_ROW.0 - 40, FIRST_ROW.1 - 8);
    Window::until("an empty table", || (), || (!window.has_text(x, y, 60, 16)).then_some(()));
    window.close();
    assert_eq!(program.ended().code(), Some(0));
    let list = fs::read_to_string(home.path().join("multichat/bans.txt")).unwrap();
    assert!(list.ends_with("\nname ann forever\n"), "{list}");

    let (_program, window, addr) = server(&home);
    assert!(is_banned(&addr, "ANN"));
    let let_in = || {
        click(&window, BANS_TAB);
        click(&window, FIRST_BAN);
        click(&window, LET_IN_AGAIN);
    };
    Window::until("ann is let in again", let_in, || (!is_banned(&addr, "ann")).then_some(()));
}

fn a_ban_by_address() {
    let home = Home::new();
    let (_program, window, addr) = server(&home);
    let (mut ann, mut ben) = (join(&addr, "ann"), join(&addr, "ben"));
    ann.expect("HELLO ben");
    until_rows(&window, 2);
    click(&window, FIRST_ROW);
    window.keys(&["shift+Delete"]);
    click(&window, ADDRESS_SEGMENT);
    click(&window, YES);
    for peer in [&mut ann, &mut ben] {
        peer.expect_start("ERR BANNED until 2");
    }
    assert!(is_banned(&addr, "carl"));
}

/// Returns the answer to a HELLO without a password.
fn answer(addr: &str, name: &str) -> String {
    let mut peer = Peer::connect(addr.parse().unwrap());
    peer.send(format!("HELLO {name}\n"));
    peer.line()
}

fn members() {
    let home = Home::new();
    let (_program, window, addr) = server(&home);
    let register = || {
        click(&window, MEMBERS_TAB);
        click(&window, MEMBER_NAME);
        window.keys(&["ctrl+a"]);
        window.type_text("ann");
        click(&window, REGISTER);
    };
    let needs_password = || answer(&addr, "ann").starts_with("ERR PASSWORD_REQUIRED ann is registered");
    Window::until("ann is registered", register, || needs_password().then_some(()));
    let remove = || {
        click(&window, FIRST_MEMBER);
        click(&window, REMOVE_MEMBER);
        // The focus is on the button that confirms.
        window.keys(&["Return"]);
    };
    Window::until("ann is free again", remove, || (!needs_password()).then_some(()));
}

fn announcements() {
    let home = Home::new();
    let (_program, window, addr) = server(&home);
    let mut ann = join(&addr, "ann");
    let until_filled = |filled| {
        let is_filled = || window.has_text(ANNOUNCEMENT.0 - 420, ANNOUNCEMENT.1 - 8, 70, 16);
        Window::until("the field", || (), || (is_filled() == filled).then_some(()));
    };
    click(&window, CHAT_TAB);
    click(&window, ANNOUNCEMENT);
    // Longer than the hint in the empty field.
    window.type_text("closing at noon, so please save what you have");
    until_filled(true);
    window.keys(&["Return"]);
    ann.expect("MSG server closing at noon, so please save what you have");
    // The field is cleared a moment after the text was sent. Then the button sends the next one.
    until_filled(false);
    click(&window, ANNOUNCEMENT);
    window.type_text("really");
    click(&window, SEND);
    ann.expect("MSG server really");
    ann.sync();
}

fn saving() {
    let home = Home::new();
    let (_program, window, addr) = server(&home);
    let (_ann, _ben) = (join(&addr, "ann"), join(&addr, "ben"));
    let file = home.path().join("log.txt");
    let save = || {
        click(&window, LOG_TAB);
        click(&window, FILTER);
        window.keys(&["ctrl+a"]);
        window.type_text("BEN");
        click(&window, SAVE);
        window.keys(&["ctrl+a"]);
        window.type_text(file.to_str().unwrap());
        window.keys(&["Return"]);
    };
    let text = Window::until("the log is saved", save, || {
        let text = fs::read_to_string(&file).ok()?;
        // The log may have been saved before ben joined.
        if text.contains("ben") { Some(text) } else { fs::remove_file(&file).ok().and(None) }
    });
    assert!(text.contains("INFO  ben (127.0.0.1:") && text.contains(" #2) joined"), "{text}");
    assert!(!text.contains("ann") && text.ends_with('\n'), "{text}");
}
