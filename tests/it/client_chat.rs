//! The model of the chat window, without the window, against real servers: what comes too fast, a server that comes back,
//! and one that means harm.

#![allow(clippy::unwrap_used)]

use std::io::{self, BufWriter, Read as _, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use multichat::client::ConnectOptions;
use multichat::internal::chat::state::{Chat, Phase, StatusParts};
use multichat::internal::chat::state::{Kind, PENDING_MAX, SETTLED_MAX, Whom};
use multichat::internal::clock::Clock;
use multichat::protocol::Username;
use multichat::server::Config;

use crate::support::{Room, config, eventually, eventually_eq};

/// A chat that is on its way into a room, as bob.
fn bob(addr: SocketAddr) -> Chat {
    let mut chat = Chat::default();
    chat.connect(ConnectOptions::new(addr.into(), Username::parse("bob").unwrap()), Instant::now());
    chat
}

/// The state of the room, after the remark if there is one.
fn status(chat: &Chat) -> String {
    let StatusParts { remark, state, .. } = chat.status_parts_of(&Whom::All, &Clock::system());
    remark.map_or(String::new(), |remark| remark + ". ") + &state
}

/// Lets the chat live until it has come so far.
#[track_caller]
fn until(chat: &mut Chat, phase: Phase) {
    eventually(&format!("{phase:?}"), || {
        chat.tick(Instant::now());
        if chat.link.phase() == phase { Ok(()) } else { Err(status(chat)) }
    });
}

/// Everything that was said, oldest first.
fn said(chat: &Chat) -> Vec<String> {
    let text = |kind: &Kind| match kind {
        Kind::Message { from, text, .. } => Some(format!("{from}: {text}")),
        _ => None,
    };
    chat.talks.room().log.since(0).filter_map(|entry| text(&entry.kind)).collect()
}

#[test]
fn what_is_said_too_fast_arrives_once_and_in_order_all_the_same() {
    let room = Room::with(Config { rate: 50, ..config() });
    let mut ann = room.join("ann");
    let mut chat = bob(room.addr());
    until(&mut chat, Phase::Online);
    ann.expect("HELLO bob");
    let lines: Vec<_> = (0..PENDING_MAX).map(|n| format!("line {n}")).collect();
    assert!(chat.send_all(&Whom::All, &lines));
    let began = Instant::now();
    eventually_eq("messages that wait for their echo", 0, || {
        chat.tick(Instant::now());
        chat.outgoing.pending(&Whom::All).count()
    });
    assert!(began.elapsed() > Duration::from_secs(1), "the server let all of it pass, so this shows nothing");
    let expected: Vec<_> = lines.iter().map(|line| format!("bob: {line}")).collect();
    assert_eq!(said(&chat), expected);
    for line in &lines {
        ann.expect(&format!("MSG bob {line}"));
    }
}

#[test]
fn when_the_server_is_back_so_is_the_client() {
    let room = Room::open();
    let addr = room.addr();
    let mut chat = bob(addr);
    until(&mut chat, Phase::Online);
    room.stop();
    until(&mut chat, Phase::Waiting);
    assert!(status(&chat).contains("Connection lost: the server was stopped"), "{:?}", status(&chat));
    let room = Room::with(Config { listen: addr.to_string().into(), ..config() });
    until(&mut chat, Phase::Online);
    assert_eq!(room.names(), ["bob"]);
    assert!(chat.send(&Whom::All, "I am back"));
    eventually_eq("what was said", vec!["bob: I am back".to_owned()], || {
        chat.tick(Instant::now());
        said(&chat)
    });
}

#[test]
fn a_kicked_client_stays_away() {
    let room = Room::open();
    let mut chat = bob(room.addr());
    until(&mut chat, Phase::Online);
    let id = room.person("bob").unwrap().id;
    room.server.kick(id, "enough").unwrap();
    until(&mut chat, Phase::Offline);
    assert!(status(&chat).contains("You were removed by the operator: enough"), "{:?}", status(&chat));
}

/// Says whatever a bad server likes, and gives back the chat that has heard it and seen the end.
fn hostile(words: impl Fn(&mut dyn Write) -> io::Result<()> + Send + 'static) -> Chat {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut chat = bob(listener.local_addr().unwrap());
    let (mut socket, _) = listener.accept().unwrap();
    // HELLO is read, so that closing is not a reset that throws away what was said.
    let mut hello = [0; 100];
    let _ = socket.read(&mut hello).unwrap();
    // A write for each of many thousand lines takes half a minute on a busy machine where a write is slow: under Wine.
    let server = std::thread::spawn(move || {
        let mut out = BufWriter::new(socket);
        words(&mut out).and_then(|()| out.flush())
    });
    eventually("the end", || {
        chat.tick(Instant::now());
        if matches!(chat.link.phase(), Phase::Connecting | Phase::Online) { Err(status(&chat)) } else { Ok(()) }
    });
    server.join().unwrap().unwrap();
    chat
}

#[test]
fn a_flood_of_a_hundred_thousand_messages_leaves_the_last_ten_thousand() {
    let chat = hostile(|out| {
        out.write_all(b"HELLO bob\n")?;
        for n in 0..1000 {
            let lines: Vec<_> = (0..100).map(|k| format!("MSG ann {}\n", n * 100 + k)).collect();
            out.write_all(lines.concat().as_bytes())?;
        }
        Ok(())
    });
    let said = said(&chat);
    assert!(said.len() <= SETTLED_MAX);
    assert_eq!(said.last().map(String::as_str), Some("ann: 99999"));
}

#[test]
fn names_and_lines_without_end_and_verbs_unheard_of_do_no_harm() {
    let chat = hostile(|out| {
        out.write_all(b"HELLO bob\n")?;
        for n in 0..20_000 {
            out.write_all(format!("HELLO @C1&x/y|z{n}\n").as_bytes())?;
        }
        out.write_all(format!("HELLO {}\n", "w".repeat(4000)).as_bytes())?;
        out.write_all(&vec![b'x'; 5 << 20])?;
        out.write_all(b"\nNEWS\nERR\nERR \nMSG\nMSG a\n@ MSG a b\n@9 BYE\n\xff\xfe\n\0\0\n")?;
        out.write_all(
            "MSG \u{202e} \u{1b}[2J\nTELL a \u{85}\nERR \u{202e} \u{7}\nERR SLOW_DOWN 99999999999999999999\n"
                .as_bytes(),
        )?;
        out.write_all(b"BYE bob\nHELLO bob\nMSG bob never said this\nMSG ann still here\n")
    });
    assert_eq!(said(&chat).last().map(String::as_str), Some("ann: still here"));
    let words = |kind: &Kind| match kind {
        Kind::Message { from, text, .. } | Kind::Private { from, text } => format!("{from} {text}\n"),
        Kind::Announcement { text, .. }
        | Kind::Deleted { from: text }
        | Kind::Joined(text)
        | Kind::Left(text)
        | Kind::Notice(text) => format!("{text}\n"),
        Kind::Gap { .. } | Kind::Beginning => String::new(),
    };
    let shown = chat.talks.room().log.since(0).map(|entry| words(&entry.kind)).collect::<Vec<_>>().concat();
    assert!(shown.contains("<U+202E>"));
    assert!(!shown.contains(['\u{202e}', '\u{1b}', '\u{7}', '\u{85}']), "something was not escaped");
}
