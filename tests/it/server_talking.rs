//! Talking: who gets what, in which form, and what is answered to lines that cannot be.

use crate::support::{Room, stamped};

#[test]
fn a_message_goes_to_all_others_once_and_not_to_its_sender() {
    let room = Room::open();
    let [mut ann, mut ben, mut carl] = room.join_all(["ann", "ben", "carl"]);
    ann.send("MSG ann hello\n");
    ann.sync();
    assert_eq!(ben.until_sync(), ["MSG ann hello"]);
    assert_eq!(carl.until_sync(), ["MSG ann hello"]);
    let totals = room.snapshot().totals;
    assert_eq!((totals.messages, totals.deliveries), (1, 2));
}

#[test]
fn who_asked_for_echo_gets_the_own_message_in_its_place() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann echo", "ben"]);
    ben.send("MSG ben first\n");
    ann.expect("MSG ben first");
    ann.send("MSG ann second\nPING 1\n");
    ann.expect("MSG ann second");
    ann.expect("PONG 1");
    ben.expect("MSG ann second");
    ben.sync();
}

#[test]
fn stamps_rise_and_are_the_same_for_all_who_asked_for_them() {
    let room = Room::open();
    let [mut ann, mut ben, mut carl] = room.join_all(["ann stamp echo", "ben stamp", "carl"]);
    for number in 0..100 {
        // Two lines in one packet are one batch; each has a stamp of its own.
        ann.send(format!("MSG ann {number}\nMSG ann {number}!\n"));
    }
    carl.send("BYE\n");
    carl.until_end();
    let (at_ann, at_ben) = (ann.lines(201), ben.lines(201));
    assert_eq!(at_ann.iter().max(), at_ann.last());
    let mut before = 0;
    for line in &at_ben {
        let (stamp, _) = stamped(line);
        assert!(stamp > before, "{stamp} is not larger than {before}");
        before = stamp;
        assert!(at_ann.contains(line), "ann did not see {line}");
    }
    // TELL has a stamp too; answers have none.
    ben.send("TELL ann psst\nTELL nobody psst\n");
    let line = ann.line();
    assert_eq!(stamped(&line).1, "TELL ben psst");
    assert!(stamped(&line).0 > before);
    ben.expect("ERR NO_SUCH_USER nobody");
}

#[test]
fn who_did_not_ask_for_stamps_gets_none() {
    let room = Room::open();
    let mut ann = room.join("ann stamp");
    let mut ben = room.peer();
    ben.send("HELLO ben\n");
    ben.expect("HELLO ann");
    ben.expect("HELLO ben");
    assert_eq!(stamped(&ann.line()).1, "HELLO ben");
    ann.send("MSG ann x\nTELL ben y\nBYE\n");
    ben.expect("MSG ann x");
    ben.expect("TELL ann y");
    ben.expect("BYE ann");
}

#[test]
fn nobody_speaks_in_the_name_of_another() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    for name in ["ben", "carl", "server", "annn", "a\u{3b7}n"] {
        ann.send(format!("MSG {name} I owe you\n"));
        ann.expect("ERR NOT_YOUR_NAME you are ann: write MSG ann <text>");
    }
    ann.sync();
    ben.sync();
    ann.send("MSG ANN it is me\n");
    ben.expect("MSG ann it is me");
}

#[test]
fn tell_reaches_the_recipient_alone() {
    let room = Room::open();
    let [mut ann, mut ben, mut carl] = room.join_all(["ann echo", "ben", "carl"]);
    ann.send("TELL ben  between us \n");
    ann.sync();
    assert_eq!(ben.until_sync(), ["TELL ann  between us "]);
    carl.sync();
    ann.send("TELL BEN again\n");
    ben.expect("TELL ann again");
    let totals = room.snapshot().totals;
    assert_eq!((totals.messages, totals.deliveries), (2, 2));
}

#[test]
fn tell_to_nobody_is_answered_and_a_lookalike_is_nobody() {
    let room = Room::open();
    let [mut ann, mut neil] = room.join_all(["ann", "neil"]);
    for nobody in ["dora", "nell", "server", "ne"] {
        ann.send(format!("TELL {nobody} hello\n"));
        ann.expect(&format!("ERR NO_SUCH_USER {nobody}"));
    }
    neil.sync();
    neil.send("BYE\n");
    neil.expect_end();
    ann.expect("BYE neil");
    ann.send("TELL neil too late\n");
    ann.expect("ERR NO_SUCH_USER neil");
}

#[test]
fn who_lists_everybody_with_oneself_last() {
    let room = Room::open();
    let [mut ann, mut ben, _carl] = room.join_all(["ann", "ben", "carl"]);
    ben.send("WHO\n");
    let mut lines = ben.until_sync();
    assert_eq!(lines.pop().as_deref(), Some("HELLO ben"));
    lines.sort();
    assert_eq!(lines, ["HELLO ann", "HELLO carl"]);
    ann.sync();
}

#[test]
fn ping_is_answered_with_its_token() {
    let room = Room::open();
    let mut ann = room.join("ann");
    ann.send("PING\nPING \nPING 1\nPING  two  words \nping \u{1f600}\n");
    for pong in ["PONG", "PONG", "PONG 1", "PONG  two  words ", "PONG \u{1f600}"] {
        ann.expect(pong);
    }
    ann.sync();
}

#[test]
fn a_line_that_is_none_of_ours_is_answered_and_the_connection_goes_on() {
    const VERBS: &str =
        "ERR BAD_LINE the verbs are HELLO, MSG, TELL, BYE, AWAY, TYPING, WHO, PING, PAST, FIND, PASS and REGISTER";
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    for (line, answer) in [
        ("SHOUT ann hi", VERBS),
        ("MSGS ann hi", VERBS),
        (" MSG ann hi", VERBS),
        ("PONG 1", VERBS),
        ("MSG", "ERR BAD_LINE write MSG <your name> <text>"),
        ("MSG ann", "ERR BAD_LINE write MSG <your name> <text>"),
        ("MSG ann ", "ERR BAD_LINE write MSG <your name> <text>"),
        ("MSG  ann hi", "ERR BAD_LINE write MSG <your name> <text>"),
        ("TELL ben", "ERR BAD_LINE write TELL <name> <text>"),
        ("TELL ben ", "ERR BAD_LINE write TELL <name> <text>"),
    ] {
        ann.send(format!("{line}\n"));
        ann.expect(answer);
    }
    ann.sync();
    ben.sync();
}

#[test]
fn text_is_passed_on_byte_for_byte() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann echo", "ben"]);
    for text in [
        " ",
        "  two before, one after ",
        "a  b   c",
        "MSG ben I am a quote",
        "@1700000000000000 MSG ben neither am I",
        "%s %n \\n \\0 <b>&amp;</b>",
        "Gr\u{fc}\u{df}e, \u{4f60}\u{597d}, \u{633}\u{644}\u{627}\u{645}",
        "\u{1f469}\u{200d}\u{1f467} e\u{301} \u{e9} \u{fb01}",
        "\u{202e}drawkcab\u{202c} \u{200b}hidden \u{feff} \u{2028}",
        "\u{a0}\u{10ffff}\u{fffd}",
    ] {
        ann.send(format!("MSG ann {text}\nTELL ben {text}\n"));
        ann.expect(&format!("MSG ann {text}"));
        ben.expect(&format!("MSG ann {text}"));
        ben.expect(&format!("TELL ann {text}"));
    }
}

#[test]
fn answers_come_in_the_order_of_the_lines_and_behind_the_echo_of_what_was_said_before() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann echo", "ben"]);
    ann.send("MSG ann 1\nPING 2\nMSG ann 3\nNONSENSE\nMSG ben 4\nMSG ann 5\nTELL ann 6\nMSG ann 7\nWHO\nMSG ann 8\n");
    ann.expect("MSG ann 1");
    ann.expect("PONG 2");
    ann.expect("MSG ann 3");
    ann.expect_start("ERR BAD_LINE ");
    ann.expect_start("ERR NOT_YOUR_NAME ");
    ann.expect("MSG ann 5");
    ann.expect("TELL ann 6");
    ann.expect("MSG ann 7");
    ann.expect("HELLO ben");
    ann.expect("HELLO ann");
    ann.expect("MSG ann 8");
    ann.sync();
    assert_eq!(ben.until_sync(), ["MSG ann 1", "MSG ann 3", "MSG ann 5", "MSG ann 7", "MSG ann 8"]);
}
