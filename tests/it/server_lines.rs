//! Lines that are too long, or no text: answered with their code, never relayed, and the connection goes on.

use crate::support::{Peer, Room};
use multichat::protocol::CLIENT_LINE_MAX;

const TOO_LONG: &str = "ERR LINE_TOO_LONG a line has at most 4096 bytes";

/// A room with ann, who speaks, and ben, who must not get what is refused.
fn two() -> (Room, Peer, Peer) {
    let room = Room::open();
    let [ann, ben] = room.join_all(["ann", "ben"]);
    (room, ann, ben)
}

#[test]
fn a_line_of_4096_bytes_passes_and_one_byte_more_does_not() {
    let (_room, mut ann, mut ben) = two();
    let start = "MSG ann ";
    for end in ["\n", "\r\n"] {
        let text = "x".repeat(CLIENT_LINE_MAX - start.len() - end.len());
        ann.send(format!("{start}{text}{end}"));
        ben.expect(&format!("{start}{text}"));
        ann.send(format!("{start}{text}x{end}"));
        ann.expect(TOO_LONG);
        ann.sync();
        ben.sync();
    }
}

#[test]
fn the_longest_line_passes_however_it_is_cut() {
    let (_room, mut ann, mut ben) = two();
    let line = format!("MSG ann {}", "x".repeat(CLIENT_LINE_MAX - "MSG ann \n".len()));
    for cut in [1, 4000, 4094, 4095] {
        ann.send(&line[..cut]);
        ann.send(format!("{}\n", &line[cut..]));
        ben.expect(&line);
        ann.send(&line[..cut]);
        ann.send(format!("{}x\n", &line[cut..]));
        ann.expect(TOO_LONG);
    }
    ann.sync();
    ben.sync();
}

#[test]
fn a_code_point_on_the_limit_is_not_cut() {
    let (_room, mut ann, mut ben) = two();
    // The four bytes of the last one stand around byte 4096, each in turn.
    for filling in 0..4 {
        let mut line = format!("MSG ann {}", "x".repeat(filling));
        while line.len() < CLIENT_LINE_MAX {
            line.push('\u{1f600}');
        }
        ann.send(format!("{line}\n"));
        ann.expect(TOO_LONG);
    }
    ann.sync();
    ben.sync();
}

#[test]
fn the_rest_of_a_line_that_is_too_long_is_not_taken_for_a_line() {
    let (_room, mut ann, mut ben) = two();
    for length in [4096, 5000, 100_000] {
        ann.send("x".repeat(length));
        ann.expect(TOO_LONG);
        ann.send("BYE");
        ann.send("\nMSG ann next\n");
        ben.expect("MSG ann next");
    }
    ann.sync();
}

#[test]
fn bytes_that_are_no_utf_8_are_refused() {
    let (_room, mut ann, mut ben) = two();
    for bad in [
        &b"\xff"[..],
        b"\xc3",             // begun and not ended
        b"\xc3(",            // ended wrongly
        b"\x80",             // a continuation of nothing
        b"\xc0\xaf",         // a slash in two bytes
        b"\xed\xa0\x80",     // a surrogate
        b"\xf4\x90\x80\x80", // beyond U+10FFFF
        b"\xf0\x9f\x98",     // three quarters of a smile
    ] {
        for verb in ["MSG ann ", "TELL ben ", "PING "] {
            ann.send([verb.as_bytes(), b"good ", bad, b"\n"].concat());
            ann.expect(&format!("ERR NOT_UTF8 byte {} is not UTF-8", verb.len() + "good ".len() + 1));
        }
    }
    ann.sync();
    ben.sync();
}

#[test]
fn control_characters_are_refused() {
    let (_room, mut ann, mut ben) = two();
    let c0 = (0..0x20_u8).filter(|byte| *byte != b'\n').map(char::from);
    let c1 = '\u{80}'..='\u{9f}';
    for bad in c0.chain(['\u{7f}']).chain(c1) {
        for verb in ["MSG ann ", "TELL ben ", "PING "] {
            ann.send(format!("{verb}a{bad}b\n"));
            ann.expect(&format!("ERR BAD_TEXT byte {} is a control character: send text and one LF", verb.len() + 2));
        }
    }
    ann.sync();
    ben.sync();
}

#[test]
fn a_carriage_return_counts_as_the_end_of_a_line_right_before_lf_only() {
    let (_room, mut ann, mut ben) = two();
    ann.send("MSG ann fine\r\nMSG ann one\rMSG ben two\nMSG ann three\r\r\n");
    ben.expect("MSG ann fine");
    ann.expect_start("ERR BAD_TEXT byte 12 ");
    ann.expect_start("ERR BAD_TEXT byte 14 ");
    ann.sync();
    ben.sync();
}

#[test]
fn what_is_refused_does_not_touch_the_lines_around_it() {
    let (_room, mut ann, mut ben) = two();
    let mut packet =
        b"MSG ann 1\nMSG ann \xff\nMSG ann 2\nMSG ann \x1b[2J\nMSG ann 3\nMSG ben x\nMSG ann 4\nnonsense\n".to_vec();
    packet.extend_from_slice(&[b'x'; 9000]);
    packet.extend_from_slice(b"\nMSG ann 5\n");
    ann.send(packet);
    for code in ["NOT_UTF8", "BAD_TEXT", "NOT_YOUR_NAME", "BAD_LINE", "LINE_TOO_LONG"] {
        ann.expect_start(&format!("ERR {code} "));
    }
    ann.sync();
    assert_eq!(ben.until_sync(), ["MSG ann 1", "MSG ann 2", "MSG ann 3", "MSG ann 4", "MSG ann 5"]);
}

#[test]
fn noise_of_all_kinds_is_answered_line_by_line_and_hurts_nobody() {
    let (room, mut ann, mut ben) = two();
    // The same noise in every run: a linear congruential generator (Knuth's MMIX).
    let mut state = 42_u64;
    let mut lines = 0;
    for _ in 0..50 {
        let mut noise: Vec<u8> = (0..1000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect();
        noise.push(b'\n');
        // An empty line is the one that is not answered.
        lines += noise.split(|byte| *byte == b'\n').filter(|line| !matches!(line, [] | [b'\r'])).count();
        ann.send(noise);
    }
    let answers = ann.until_sync();
    assert_eq!(answers.len(), lines);
    assert!(answers.iter().all(|answer| answer.starts_with("ERR ")), "{answers:#?}");
    ben.sync();
    assert_eq!(room.names(), ["ann", "ben"]);
}
