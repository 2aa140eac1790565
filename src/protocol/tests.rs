//! Reading and writing lines: by example, and by property.

use crate::protocol::*;
use proptest::prelude::*;

fn parse(line: &str) -> Result<Option<ClientLine<'_>>, ErrorCode> {
    ClientLine::parse(line.as_bytes()).map_err(|rejected| rejected.code)
}

fn hello(name: &str, capabilities: Capabilities) -> ClientLine<'static> {
    ClientLine::Hello { username: Username::parse(name).unwrap(), capabilities }
}

#[test]
fn each_verb_is_read_in_any_case() {
    assert_eq!(parse("hello bob"), Ok(Some(hello("bob", Capabilities::default()))));
    assert_eq!(parse("Msg bob hi"), Ok(Some(ClientLine::Msg { username: "bob", text: "hi" })));
    assert_eq!(parse("tell ann hi"), Ok(Some(ClientLine::Tell { recipient: "ann", text: "hi" })));
    assert_eq!(parse("bye"), Ok(Some(ClientLine::Bye)));
    assert_eq!(parse("BYE bob"), Ok(Some(ClientLine::Bye)));
    assert_eq!(parse("Who"), Ok(Some(ClientLine::Who)));
    assert_eq!(parse("away for lunch"), Ok(Some(ClientLine::Away("for lunch"))));
    assert_eq!(parse("AWAY"), Ok(Some(ClientLine::Away(""))));
    assert_eq!(parse("TYPING"), Ok(Some(ClientLine::Typing(""))));
    assert_eq!(parse("typing ann"), Ok(Some(ClientLine::Typing("ann"))));
    assert_eq!(parse("ping 1 2"), Ok(Some(ClientLine::Ping("1 2"))));
    assert_eq!(parse("PING"), Ok(Some(ClientLine::Ping(""))));
    assert_eq!(parse("past 7 200"), Ok(Some(ClientLine::Past { before: 7, count: 200 })));
    assert_eq!(parse("Find two words"), Ok(Some(ClientLine::Find("two words"))));
    assert_eq!(parse("pass  a b "), Ok(Some(ClientLine::Pass(Secret(" a b ")))));
    assert_eq!(parse("REGISTER x"), Ok(Some(ClientLine::Register(Secret("x")))));
    let since = Capabilities { since: Some(7), ..Capabilities::default() };
    assert_eq!(parse("hello bob SINCE=7"), Ok(Some(hello("bob", since))));
}

#[test]
fn capabilities_that_are_unknown_are_ignored() {
    let both = Capabilities { stamp: true, echo: true, ..Capabilities::default() };
    assert_eq!(parse("HELLO bob stamp echo"), Ok(Some(hello("bob", both))));
    assert_eq!(parse("HELLO bob teleport ECHO  Stamp since=x"), Ok(Some(hello("bob", both))));
}

#[test]
fn text_keeps_every_space() {
    assert_eq!(parse("MSG bob   a  b  "), Ok(Some(ClientLine::Msg { username: "bob", text: "  a  b  " })));
    assert_eq!(parse("MSG bob  "), Ok(Some(ClientLine::Msg { username: "bob", text: " " })));
}

#[test]
fn an_empty_line_means_nothing_and_cr_lf_ends_a_line() {
    assert_eq!(parse(""), Ok(None));
    assert_eq!(parse("\r"), Ok(None));
    assert_eq!(parse("WHO\r"), Ok(Some(ClientLine::Who)));
}

#[test]
fn each_mistake_has_its_code() {
    for (line, code) in [
        ("GET / HTTP/1.1", ErrorCode::BadLine),
        (" ", ErrorCode::BadLine),
        ("MSG", ErrorCode::BadLine),
        ("MSG bob", ErrorCode::BadLine),
        ("MSG bob ", ErrorCode::BadLine),
        ("MSG  hi", ErrorCode::BadLine),
        ("TELL ann", ErrorCode::BadLine),
        ("PAST", ErrorCode::BadLine),
        ("PAST 7", ErrorCode::BadLine),
        ("PAST 7 0", ErrorCode::BadLine),
        ("PAST 7 201", ErrorCode::BadLine),
        ("PAST +7 1", ErrorCode::BadLine),
        ("FIND", ErrorCode::BadLine),
        ("FIND  ", ErrorCode::BadLine),
        ("PASS ", ErrorCode::BadLine),
        ("REGISTER", ErrorCode::BadLine),
        ("HELLO", ErrorCode::BadUsername),
        ("HELLO ", ErrorCode::BadUsername),
        ("HELLO _x", ErrorCode::BadUsername),
        ("MSG bob a\rb", ErrorCode::BadText),
        ("MSG bob a\r\r", ErrorCode::BadText),
        ("MSG bob a\tb", ErrorCode::BadText),
        ("MSG bob a\0b", ErrorCode::BadText),
        ("MSG bob \u{1b}[2J", ErrorCode::BadText),
        ("MSG bob \u{7f}", ErrorCode::BadText),
        ("MSG bob \u{80}", ErrorCode::BadText),
        ("MSG bob \u{9f}", ErrorCode::BadText),
        ("MSG bob \ta\t", ErrorCode::BadText),
    ] {
        assert_eq!(parse(line), Err(code), "{line:?}");
    }
    let reason = "x".repeat(AWAY_REASON_MAX);
    assert_eq!(parse(&format!("AWAY {reason}")), Ok(Some(ClientLine::Away(&reason))));
    assert_eq!(parse(&format!("AWAY {reason}x")), Err(ErrorCode::BadLine));
    let latin1 = ClientLine::parse(b"MSG bob gr\xfc\xdfe").unwrap_err();
    assert_eq!((latin1.code, latin1.detail.as_str()), (ErrorCode::NotUtf8, "byte 11 is not UTF-8"));
    assert!(parse("MSG bob \u{a0}é\u{c0}").is_ok(), "what is next to C1 is text");
}

#[test]
fn a_server_line_may_carry_a_label_and_a_stamp() {
    let msg = ServerLine::Msg { from: "ann", text: "hi" };
    let prefix = |label, stamp| Prefix { label, stamp };
    assert_eq!(ServerLine::parse(b"MSG ann hi"), Ok(Some((prefix(None, None), msg))));
    let stamp = Some(1_700_000_000_000_000);
    assert_eq!(ServerLine::parse(b"@1700000000000000 MSG ann hi"), Ok(Some((prefix(None, stamp), msg))));
    assert_eq!(ServerLine::parse(b"#a1 @1700000000000000 MSG ann hi"), Ok(Some((prefix(Some("a1"), stamp), msg))));
    assert_eq!(ServerLine::parse(b"DELETED 17"), Ok(Some((prefix(None, None), ServerLine::Deleted(17)))));
    for bad in ["DELETED", "DELETED x", "DELETED +1", "DELETED 1 2"] {
        assert_eq!(ServerLine::parse(bad.as_bytes()), Err(NotUnderstood::NotALine), "{bad}");
    }
    assert_eq!(ServerLine::parse(b"#@7 ok"), Ok(Some((prefix(Some("@7"), None), ServerLine::Ok))));
    for (line, more) in [(&b"END PAST"[..], false), (b"END PAST MORE", true)] {
        assert_eq!(ServerLine::parse(line), Ok(Some((prefix(None, None), ServerLine::End { of: "PAST", more }))));
    }
    for bad in [
        "@",
        "@ MSG a b",
        "@x MSG a b",
        "@+5 MSG a b",
        "@99999999999999999999999 MSG a b",
        "HELLO",
        "HELLO a b",
        "BYE ",
        "ERR",
        "ERR ",
        "ERR  detail",
        "MSG a",
        "NEWS x",
        "OK then",
        "END",
        "END ",
        "END  MORE",
        "END PAST LESS",
        "#1",
        "#1 ",
        "# OK",
        "#12345678901234567 OK",
        "@7 #1 MSG a b",
        "#1 #2 OK",
    ] {
        assert_eq!(ServerLine::parse(bad.as_bytes()), Err(NotUnderstood::NotALine), "{bad:?}");
    }
}

#[test]
fn a_label_is_a_word_of_visible_ascii_before_the_line() {
    for (line, split) in [
        ("MSG bob #1", (None, "MSG bob #1")),
        ("#1 WHO", (Some("1"), "WHO")),
        ("#1  WHO", (Some("1"), " WHO")),
        ("#~#!7 ", (Some("~#!7"), "")),
        ("#1234567890123456 WHO", (Some("1234567890123456"), "WHO")),
    ] {
        assert_eq!(split_label(line.as_bytes()), Ok((split.0, split.1.as_bytes())), "{line:?}");
    }
    assert_eq!(split_label(b"#1 \xff"), Ok((Some("1"), &b"\xff"[..])));
    for bad in ["#", "# WHO", "#1", "#12345678901234567 WHO", "#\u{e9} WHO", "#1\tWHO", "#\u{7f} WHO"] {
        assert_eq!(split_label(bad.as_bytes()).map_err(|rejected| rejected.code), Err(ErrorCode::BadLine), "{bad:?}");
    }
}

#[test]
fn the_longest_message_of_the_longest_name_fits_into_a_line() {
    // Four bytes each: a rare ideograph.
    let longest = "\u{20000}".repeat(32);
    let said = "x".repeat(CLIENT_LINE_MAX - "MSG a \n".len());
    let mut line = Vec::new();
    Prefix { label: None, stamp: Some(Stamp::MAX) }.encode(&mut line);
    ServerLine::Found { from: &longest, text: &said }.encode(&mut line);
    assert!(line.len() <= SERVER_LINE_MAX, "{} bytes", line.len());
    assert!(line.len() + 2 > SERVER_LINE_MAX, "the limit is larger than necessary: {} bytes", line.len());
}

#[test]
fn every_code_is_found_by_its_word() {
    for code in ErrorCode::ALL {
        assert_eq!(ErrorCode::from_word(code.word()), Some(code));
    }
    assert_eq!(ErrorCode::from_word("NEW_CODE"), None);
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{1,40}".prop_filter("text has no control characters", |text| is_text(text) && !text.trim().is_empty())
}

fn name() -> impl Strategy<Value = String> {
    "[a-z0-9][a-z0-9_.-]{0,30}".prop_filter("reserved", |name| Username::parse(name).is_ok())
}

fn label() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[!-~]{1,16}")
}

proptest! {
    #[test]
    fn a_client_line_that_is_written_is_read_back(name in name(), text in text(), kind in 0..12, asked: [bool; 6], since: Option<u64>, label in label()) {
        let line = match kind {
            0 => {
                let [stamp, echo, away, typing, label, deleted] = asked;
                hello(&name, Capabilities { stamp, echo, away, typing, label, deleted, since })
            }
            1 => ClientLine::Msg { username: &name, text: &text },
            2 => ClientLine::Tell { recipient: &name, text: &text },
            3 => ClientLine::Bye,
            4 => ClientLine::Who,
            5 => ClientLine::Away(&text),
            6 => ClientLine::Typing(&name),
            7 => ClientLine::Past { before: since.unwrap_or(0), count: 1 + name.len() },
            8 => ClientLine::Find(&text),
            9 => ClientLine::Pass(Secret(&name)),
            10 => ClientLine::Register(Secret(&name)),
            _ => ClientLine::Ping(&text),
        };
        let mut bytes = Vec::new();
        label.iter().for_each(|label| put_label(&mut bytes, label));
        line.encode(&mut bytes);
        prop_assert_eq!(bytes.pop(), Some(b'\n'));
        let (read, bytes) = split_label(&bytes).unwrap();
        prop_assert_eq!(read, label.as_deref());
        prop_assert_eq!(ClientLine::parse(bytes), Ok(Some(line)));
    }

    #[test]
    fn a_server_line_that_is_written_is_read_back(name in name(), text in text(), kind in 0..15, stamp: Option<u64>, label in label()) {
        let line = match kind {
            0 => ServerLine::Hello(&name),
            1 => ServerLine::Msg { from: &name, text: &text },
            2 => ServerLine::Tell { from: &name, text: &text },
            3 => ServerLine::Bye(&name),
            4 => ServerLine::Pong(&text),
            5 => ServerLine::Away { name: &name, reason: &text },
            6 => ServerLine::Typing { from: &name, to: &name },
            7 => ServerLine::Past { from: &name, text: &text },
            8 => ServerLine::Found { from: &name, text: &text },
            9 => ServerLine::End { of: "PAST", more: name.len() > 3 },
            10 => ServerLine::Gap(stamp.unwrap_or(7)),
            11 => ServerLine::Registered(&name),
            12 => ServerLine::Ok,
            13 => ServerLine::Deleted(stamp.unwrap_or(7)),
            _ => ServerLine::Err { code: "SLOW_DOWN", detail: &text },
        };
        let prefix = Prefix { label: label.as_deref(), stamp };
        let mut bytes = Vec::new();
        prefix.encode(&mut bytes);
        line.encode(&mut bytes);
        prop_assert_eq!(bytes.pop(), Some(b'\n'));
        prop_assert_eq!(ServerLine::parse(&bytes), Ok(Some((prefix, line))));
    }

    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = ClientLine::parse(&bytes);
        let _ = ServerLine::parse(&bytes);
        let _ = split_label(&[b"#", &*bytes].concat());
    }

    #[test]
    fn no_words_panic(line in "(#[!-~]{0,17} )?(@[0-9]{0,22} )?(HELLO|MSG|TELL|BYE|WHO|PING|PONG|ERR|PAST|FIND|FOUND|END|GAP|DELETED|PASS|[A-Z]*) ?\\PC{0,20} ?\\PC{0,20}") {
        let _ = ClientLine::parse(line.as_bytes());
        let _ = ServerLine::parse(line.as_bytes());
    }
}
