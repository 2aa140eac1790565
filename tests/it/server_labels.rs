//! Labels: the one answer that each labelled line has, what the others see of it, and a client that did not ask for labels.

use crate::support::{Peer, Room, config, stamped};
use multichat::server::{Config, DisconnectReason};

/// A room with ann, who asked for labels and `more`, and ben, who asked for nothing.
fn two(config: Config, more: &str) -> (Room, Peer, Peer) {
    let room = Room::with(config);
    let [ann, ben] = room.join_all([&format!("ann label {more}"), "ben"]);
    (room, ann, ben)
}

#[test]
fn each_labelled_line_has_one_answer_and_the_others_see_no_label() {
    let (_room, mut ann, mut ben) = two(config(), "");
    for (line, answer) in [
        ("MSG ann hi", "OK"),
        ("TELL ben psst", "OK"),
        ("AWAY for lunch", "OK"),
        ("AWAY", "OK"),
        ("AWAY", "OK"),
        ("TYPING", "OK"),
        ("TYPING", "OK"),
        ("TYPING nobody", "OK"),
        ("PING", "PONG"),
        ("ping  x y", "PONG  x y"),
        ("", "OK"),
        ("TELL carl hi", "ERR NO_SUCH_USER carl"),
        ("MSG ben hi", "ERR NOT_YOUR_NAME you are ann: write MSG ann <text>"),
        ("TELL ben", "ERR BAD_LINE write TELL <name> <text>"),
        ("MSG ann a\tb", "ERR BAD_TEXT byte 10 is a control character: send text and one LF"),
        ("PASS x", "ERR BAD_LINE PASS comes before HELLO"),
        ("HELLO ann", "ERR BAD_LINE you are ann already: BYE first to be somebody else"),
        ("HELLO _", "ERR BAD_LINE you are ann already: BYE first to be somebody else"),
        ("REGISTER correct horse", "ERR UNAVAILABLE names cannot be registered here"),
        ("PAST 1 1", "ERR UNAVAILABLE this server has no messages from before"),
        ("FIND x", "ERR UNAVAILABLE this server has no messages from before"),
        ("FIND", "ERR BAD_LINE write FIND <words>"),
        (
            "#2 WHO",
            "ERR BAD_LINE the verbs are HELLO, MSG, TELL, BYE, AWAY, TYPING, WHO, PING, PAST, FIND, PASS and REGISTER",
        ),
    ] {
        ann.send(format!("#a1 {line}\n"));
        ann.expect(&format!("#a1 {answer}"));
        ann.sync();
    }
    ann.send("#~!who WHO\r\n");
    assert_eq!(ann.lines(3), ["HELLO ben", "HELLO ann", "#~!who OK"]);
    ann.send(b"#1 MSG ann gr\xfc\xdfe\n");
    ann.expect("#1 ERR NOT_UTF8 byte 11 is not UTF-8");
    ann.send(format!("#1234567890123456 MSG ann {}\n", "x".repeat(4096)));
    ann.expect("#1234567890123456 ERR LINE_TOO_LONG a line has at most 4096 bytes");
    ann.sync();
    assert_eq!(ben.until_sync(), ["MSG ann hi", "TELL ann psst"]);
}

#[test]
fn the_label_of_a_message_comes_back_with_its_echo_in_its_place() {
    let (_room, mut ann, mut ben) = two(config(), "echo stamp");
    // In one packet, so as one batch.
    ann.send("#1 MSG ann one\nMSG ann two\n#3 MSG ann three\n#4 TELL ben four\n#5 MSG ann five\n");
    let lines = ann.lines(5);
    assert_eq!(lines[3], "#4 OK");
    let mut stamps = Vec::new();
    for (line, (label, said)) in [(0, ("#1 ", "one")), (1, ("", "two")), (2, ("#3 ", "three")), (4, ("#5 ", "five"))] {
        let (stamp, unstamped) = stamped(lines[line].strip_prefix(label).unwrap());
        assert_eq!(unstamped, format!("MSG ann {said}"));
        stamps.push(stamp);
    }
    assert!(stamps.is_sorted_by(|one, next| one < next), "{lines:#?}");
    ann.sync();
    let told = ["MSG ann one", "MSG ann two", "MSG ann three", "TELL ann four", "MSG ann five"];
    assert_eq!(ben.until_sync(), told);
}

#[test]
fn answers_come_in_the_order_of_the_lines() {
    let (_room, mut ann, _ben) = two(config(), "echo");
    let lines = (0..300)
        .map(|n| format!("#{n} {}\n", ["MSG ann x", "TELL ben x", "PING", "NO"][n % 4]))
        .collect::<Vec<_>>()
        .concat();
    ann.send(lines);
    for n in 0..300 {
        ann.expect_start(&format!("#{n} {}", ["MSG ann x", "OK", "PONG", "ERR BAD_LINE "][n % 4]));
    }
    ann.sync();
}

#[test]
fn a_label_that_cannot_be_read_is_a_bad_line() {
    let (_room, mut ann, mut ben) = two(config(), "");
    for line in ["#", "# PING", "#1", "#12345678901234567 PING", "#\u{e9} PING", "#1\tPING"] {
        ann.send(format!("{line}\n"));
        ann.expect_start("ERR BAD_LINE a label has 1 to 16 visible characters of ASCII");
    }
    for line in ["#1 PING", "#1 MSG ben x", "#1 BYE"] {
        ben.send(format!("{line}\n"));
        ben.expect_start("ERR BAD_LINE the verbs are ");
    }
    ann.sync();
    ben.sync();
}

#[test]
fn labelled_lines_count_and_slow_down_carries_the_label() {
    let (_room, mut ann, _ben) = two(Config { rate: 1, burst: 3, ..config() }, "");
    ann.send("#1 TYPING\n#2 \n#3 PING\n#4 TYPING\n#5 \n#6 NO\nTYPING\n\n#7 BYE\n");
    assert_eq!(ann.lines(3), ["#1 OK", "#2 OK", "#3 PONG"]);
    for label in 4..=6 {
        ann.expect_start(&format!("#{label} ERR SLOW_DOWN "));
    }
    ann.expect_end();
}

#[test]
fn a_password_in_plain_text_is_answered_with_its_label_and_the_connection_ends() {
    let room = Room::with(Config { loopback_is_remote: true, ..config() });
    let mut ann = Peer::in_plain_text(room.addr());
    ann.join("ann label");
    ann.send("MSG ann before\n#1 REGISTER correct horse\n#2 PING\n");
    ann.expect("#1 ERR TLS_REQUIRED others could read your password: connect with TLS");
    ann.expect_end();
    let why = room.disconnect_reason("ann");
    assert!(matches!(why, DisconnectReason::Ended(multichat::protocol::ErrorCode::TlsRequired, _)), "{why:?}");
}

#[test]
#[cfg(feature = "storage")]
fn the_answers_of_the_history_and_of_register_carry_the_label_at_their_end() {
    let home = crate::support::program::Home::new();
    let members = Some(home.path().join("members.db"));
    let (_room, mut ann, _ben) = two(Config { members, ..crate::support::history::with_history(&home) }, "");
    ann.send("MSG ann one\nMSG ann two\n#p PAST 18446744073709551615 1\n");
    assert_eq!(stamped(&ann.line()).1, "PAST ann two");
    ann.expect("#p END PAST MORE");
    ann.send("#f FIND one\n");
    assert_eq!(stamped(&ann.line()).1, "FOUND ann one");
    ann.expect("#f END FIND");
    ann.send("#w REGISTER short\n#r REGISTER correct horse\n#s REGISTER correct horse\n");
    ann.expect_start("#w ERR WEAK_PASSWORD ");
    ann.expect("#r REGISTERED ann");
    ann.expect_start("#s ERR SLOW_DOWN ");
    ann.sync();
}
