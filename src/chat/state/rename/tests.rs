//! Tests of a change of the name, with a server that answers as each test wants.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::chat::state::commands::Entered;
use crate::chat::state::{Chat, Phase, Whom};
use crate::client::ConnectOptions;
use crate::clock::Clock;
use crate::protocol::Username;

/// A chat, and the server's side of its connection.
struct Stage {
    chat: Chat,
    listener: TcpListener,
}

impl Stage {
    /// Bob is in the room. Returns the server's side of that connection, too.
    fn online() -> (Stage, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let mut chat = Chat::default();
        let options = ConnectOptions::new(listener.local_addr().unwrap().into(), Username::parse("bob").unwrap());
        chat.connect(options, Instant::now());
        let mut stage = Stage { chat, listener };
        let server = stage.called_by("bob");
        answer(&server, "HELLO ann\nHELLO bob\n");
        stage.until("online", |chat| chat.link.online_name() == Some("bob"));
        (stage, server)
    }

    fn until(&mut self, what: &str, mut shows: impl FnMut(&Chat) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !shows(&self.chat) {
            assert!(Instant::now() < deadline, "{what}: {}", self.status());
            self.chat.tick(Instant::now());
            std::thread::yield_now();
        }
    }

    /// Waits for a connection, and reads its HELLO.
    fn called_by(&mut self, name: &str) -> TcpStream {
        let mut called = None;
        let listener = self.listener.try_clone().unwrap();
        self.until("a connection", |_| {
            called = called.take().or_else(|| listener.accept().ok());
            called.is_some()
        });
        let (socket, _) = called.unwrap();
        socket.set_nonblocking(false).unwrap();
        let mut hello = String::new();
        BufReader::new(socket.try_clone().unwrap()).read_line(&mut hello).unwrap();
        assert!(hello.starts_with(&format!("HELLO {name} ")), "{hello}");
        socket
    }

    fn status(&self) -> String {
        let parts = self.chat.status_parts_of(&Whom::All, &Clock::utc());
        format!("{}. {}", parts.remark.unwrap_or_default(), parts.state)
    }
}

fn answer(mut server: &TcpStream, lines: &str) {
    server.write_all(lines.as_bytes()).unwrap();
}

#[test]
fn a_new_name_is_asked_for_and_then_taken() {
    let (mut stage, server) = Stage::online();
    assert_eq!(stage.chat.enter(&Whom::All, "/nick cleo"), Entered::AskNewName("cleo".into()));
    // The question changes nothing.
    assert_eq!(stage.chat.link.online_name(), Some("bob"));
    stage.chat.rename("cleo", Instant::now()).unwrap();
    assert_eq!(stage.chat.link.phase(), Phase::Leaving);
    drop(server);
    let server = stage.called_by("cleo");
    answer(&server, "HELLO ann\nHELLO cleo\n");
    stage.until("the new name", |chat| chat.link.online_name() == Some("cleo"));
    // It is not tried again.
    stage.chat.leave(Instant::now());
    drop(server);
    stage.until("offline", |chat| chat.link.phase() == Phase::Offline);
    stage.chat.tick(Instant::now());
    assert_eq!(stage.chat.link.phase(), Phase::Offline);
}

#[test]
fn a_name_that_is_taken_brings_the_old_one_back_with_the_reason() {
    let (mut stage, server) = Stage::online();
    stage.chat.rename("ann", Instant::now()).unwrap();
    drop(server);
    answer(&stage.called_by("ann"), "ERR USERNAME_TAKEN ann\n");
    let server = stage.called_by("bob");
    answer(&server, "HELLO ann\nHELLO bob\n");
    stage.until("the old name", |chat| chat.link.online_name() == Some("bob"));
    stage.until("the reason", |chat| chat.talks.room().remark().is_some());
    assert!(stage.status().starts_with("You are still bob: "), "{}", stage.status());
}

#[test]
fn a_user_who_disconnects_meanwhile_stays_disconnected() {
    let (mut stage, server) = Stage::online();
    stage.chat.rename("cleo", Instant::now()).unwrap();
    stage.chat.leave(Instant::now());
    drop(server);
    stage.until("offline", |chat| chat.link.phase() == Phase::Offline);
    stage.chat.tick(Instant::now());
    assert_eq!(stage.chat.link.phase(), Phase::Offline);
}

#[test]
fn a_name_that_cannot_be_had_is_refused_before_anything_happens() {
    let (mut stage, _server) = Stage::online();
    for (line, why) in
        [("/nick", "Add a name"), ("/nick bob", "That is your name already"), ("/nick two words", "Name not changed: ")]
    {
        assert_eq!(stage.chat.enter(&Whom::All, line), Entered::Kept, "{line}");
        assert!(stage.status().starts_with(why), "{line}: {}", stage.status());
    }
    let mut offline = Chat::default();
    assert_eq!(offline.enter(&Whom::All, "/nick cleo"), Entered::Kept);
    assert!(offline.rename("cleo", Instant::now()).is_err());
}
