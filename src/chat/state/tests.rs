//! Tests of the whole chat over a connection without a network: each test injects events and reads what is sent.

use std::cell::RefCell;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use crate::chat::state::link::retry::Retry;
use crate::chat::state::*;
use crate::client::{ConnectOptions, Connection, ConnectionError, Event, Line, Said, Security, Trust};
use crate::clock::Clock;
use crate::mood::Mood;
use crate::protocol::{Prefix, Username};

mod again;
mod alerts;
mod backfill;
mod deleted;
mod hostile;
mod ignore;
mod labels;
mod messages;
mod other_servers;
mod private;
mod secrets;
mod social;
mod status_parts;
mod trust_prompt;

/// A chat whose user is bob, and the network's side of it.
struct Stage {
    chat: Chat,
    network: Option<Sender<Event>>,
    wire: Receiver<Vec<u8>>,
    now: Instant,
    /// Lines sent that the test has not looked at, without their labels.
    sent: RefCell<Vec<String>>,
    /// Lines sent that have no answer yet, with their labels.
    unanswered: RefCell<Vec<(String, String)>>,
}

fn connecting() -> Stage {
    connect(Chat::default())
}

fn connect(chat: Chat) -> Stage {
    connect_to(chat, "localhost")
}

fn connect_to(mut chat: Chat, server: &str) -> Stage {
    let (connection, network, wire) = Connection::fake();
    let now = Instant::now();
    let options = chat.prepared(ConnectOptions::new(server.parse().unwrap(), Username::parse("bob").unwrap()));
    chat.begin(connection, options, now);
    Stage { chat, network: Some(network), wire, now, sent: RefCell::default(), unanswered: RefCell::default() }
}

/// Bob is in the room, with ann.
fn online() -> Stage {
    let mut stage = connecting();
    stage.receive(&["HELLO ann", "HELLO bob"]);
    assert_eq!(stage.chat.link.phase(), Phase::Online);
    stage
}

impl StatusParts {
    /// Joins the remark and the state, in this order.
    fn in_one_line(self) -> (Mood, String) {
        let mood = if self.remark.is_some() { Mood::Warn } else { self.mood };
        let parts: Vec<_> = self.remark.into_iter().chain([self.state]).filter(|part| !part.is_empty()).collect();
        (mood, status::sentences(&parts))
    }
}

impl Chat {
    /// The status line of the room.
    pub(super) fn status(&self) -> (Mood, String) {
        self.status_of(&Whom::All, &Clock::system())
    }

    fn status_of(&self, whom: &Whom, clock: &Clock) -> (Mood, String) {
        self.status_parts_of(whom, clock).in_one_line()
    }
}

impl Stage {
    fn tell(&mut self, event: Event) {
        self.network.as_ref().unwrap().send(event).unwrap();
        assert!(self.chat.tick(self.now));
    }

    /// Receives lines from a server that knows labels: an answer gets the label of the oldest line that it may answer,
    /// unless it has one.
    fn receive(&mut self, lines: &[&str]) {
        self.read_wire();
        let lines: Vec<_> = lines.iter().map(|line| self.labelled(line)).collect();
        self.receive_as_it_is(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn labelled(&self, answer: &str) -> String {
        let mut unanswered = self.unanswered.borrow_mut();
        if let Some((label, _)) = answer.strip_prefix('#').and_then(|answer| answer.split_once(' ')) {
            unanswered.retain(|(sent, _)| sent != label);
            return answer.to_owned();
        }
        let without_stamp =
            answer.strip_prefix('@').and_then(|answer| answer.split_once(' ')).map_or(answer, |(_, rest)| rest);
        let answers = |sent: &str| match without_stamp.split_once(' ').unwrap_or((without_stamp, "")) {
            ("OK", _) => sent.starts_with("TELL") || sent.starts_with("AWAY"),
            ("END", what) => what.starts_with(&sent[..4]),
            ("REGISTERED", _) => sent.starts_with("REGISTER"),
            ("MSG", _) => sent.trim_end_matches('\n') == without_stamp,
            (verb, _) => verb == "ERR",
        };
        let at = unanswered.iter().position(|(_, sent)| answers(sent));
        at.map_or(answer.to_owned(), |at| format!("#{} {answer}", unanswered.remove(at).0))
    }

    fn read_wire(&self) {
        for line in self.wire.try_iter() {
            let line = String::from_utf8(line).unwrap();
            let labelled = line.strip_prefix('#').and_then(|line| line.split_once(' '));
            if let Some((label, line)) = labelled {
                self.unanswered.borrow_mut().push((label.to_owned(), line.to_owned()));
            }
            self.sent.borrow_mut().push(labelled.map_or(line.as_str(), |(_, line)| line).to_owned());
        }
    }

    fn receive_as_it_is(&mut self, lines: &[&str]) {
        let lines = lines.iter().map(|line| {
            let (Prefix { label, stamp }, said) = crate::protocol::ServerLine::parse(line.as_bytes()).unwrap().unwrap();
            Line { label: label.map(str::to_owned), stamp, said: said.into() }
        });
        let event = Event::Received { lines: lines.collect(), not_understood: 0 };
        self.tell(event);
    }

    fn end(&mut self, ending: ConnectionError) {
        self.tell(Event::Ended(ending));
        self.network = None;
        self.chat.tick(self.now);
    }

    /// Marks the connection as encrypted.
    fn encrypted(&mut self) {
        let lock = Security::Encrypted { fingerprint: "SHA256:00".into(), trust: Trust::Remembered };
        self.chat.link.session_mut().security = Some(lock);
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.chat.tick(self.now);
    }

    fn sent(&self) -> Vec<String> {
        self.read_wire();
        self.sent.take()
    }

    fn wire_as_it_is(&self) -> Vec<String> {
        self.wire.try_iter().map(|line| String::from_utf8(line).unwrap()).collect()
    }

    fn say(&mut self, text: &str) -> bool {
        self.chat.send(&Whom::All, text)
    }

    fn say_all(&mut self, lines: &[String]) -> bool {
        self.chat.send_all(&Whom::All, lines)
    }

    fn returned(&mut self) -> Option<String> {
        self.chat.talks.recall_returned(&Whom::All, "")
    }

    /// Returns the room's log, a line for each entry.
    fn shown(&self) -> Vec<String> {
        self.shown_in(&Whom::All)
    }

    fn shown_in(&self, whom: &Whom) -> Vec<String> {
        let line = |entry: &Entry| match &entry.kind {
            Kind::Message { from, text, earlier: false } => format!("{from}: {text}"),
            Kind::Message { from, text, earlier: true } => format!("earlier {from}: {text}"),
            Kind::Private { from, text } => format!("private {from}: {text}"),
            Kind::Announcement { text, earlier: false } => format!("announcement: {text}"),
            Kind::Announcement { text, earlier: true } => format!("earlier announcement: {text}"),
            Kind::Deleted { from } => format!("deleted {from}"),
            Kind::Joined(name) => format!("+{name}"),
            Kind::Left(name) => format!("-{name}"),
            Kind::Notice(text) => format!("({text})"),
            Kind::Gap { .. } => "gap".into(),
            Kind::Beginning => "beginning".into(),
        };
        self.chat.talks.get(whom).unwrap().log.since(0).map(line).collect()
    }

    /// Like `shown`, without the notices of this program.
    fn said(&self) -> Vec<String> {
        self.shown().into_iter().filter(|line| !line.starts_with('(')).collect()
    }

    fn pending(&self) -> Vec<&str> {
        self.chat.outgoing.pending(&Whom::All).map(|pending| pending.text.as_str()).collect()
    }

    fn here(&self) -> Vec<&str> {
        self.chat.people.roster().names().collect()
    }

    fn status(&self) -> String {
        self.chat.status().1
    }

    /// Returns the rows of the list of conversations.
    fn listed(&self) -> Vec<String> {
        let line = |row: TalkRow| match row.details() {
            details if details.is_empty() => row.shown,
            details => format!("{}: {details}", row.shown),
        };
        self.chat.talk_rows(&()).into_iter().map(line).collect()
    }
}

#[test]
fn what_comes_before_our_own_hello_is_the_past() {
    let mut stage = connecting();
    stage.receive(&["@5 MSG carl I was here", "HELLO ann", "HELLO dora", "BYE dora"]);
    assert_eq!(stage.chat.link.phase(), Phase::Connecting);
    assert_eq!(stage.said(), ["earlier carl: I was here"]);
    stage.receive(&["HELLO bob", "HELLO carl", "MSG carl again", "BYE ann"]);
    assert_eq!(stage.said(), ["earlier carl: I was here", "+carl", "carl: again", "-ann"]);
    assert_eq!(stage.here(), ["bob", "carl"]);
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
}

#[test]
fn asking_who_is_here_again_announces_nobody() {
    let mut stage = online();
    stage.receive(&["HELLO ann", "HELLO bob", "BYE nobody"]);
    assert!(stage.said().is_empty(), "{:?}", stage.said());
    assert_eq!(stage.here(), ["ann", "bob"]);
}

#[test]
fn a_taken_name_is_refused_in_plain_words() {
    let mut stage = connecting();
    stage.receive(&["ERR USERNAME_TAKEN bob is here already"]);
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.status(), (Mood::Error, "Refused: the name bob is taken: choose another".into()));
}

#[test]
fn an_error_that_ends_a_connection_is_its_reason() {
    let mut stage = online();
    stage.receive(&["ERR SHUTTING_DOWN"]);
    stage.end(ConnectionError::Closed);
    assert!(stage.status().ends_with("s. Connection lost: the server was stopped"), "{}", stage.status());
    assert!(stage.shown().last().is_some_and(|line| line.contains("the server was stopped")));
}

#[test]
fn a_code_that_is_not_known_is_shown_and_takes_no_message_back() {
    let mut stage = online();
    stage.say("hi");
    stage.receive_as_it_is(&["ERR TEAPOT short\u{202e} and stout"]);
    assert_eq!(stage.shown().last().unwrap(), "(The server says TEAPOT short<U+202E> and stout)");
    assert_eq!(stage.pending(), ["hi"]);
}

#[test]
fn what_the_operator_says_is_told_apart() {
    let mut stage = online();
    stage.receive(&["MSG server lunch!"]);
    assert_eq!(stage.said(), ["announcement: lunch!"]);
}

#[test]
fn whatever_came_from_the_wire_is_shown_escaped() {
    let mut stage = online();
    stage.receive(&["HELLO a\u{202e}b", "MSG a\u{202e}b x\u{200b}y", "MSG server \u{202e}"]);
    let all = stage.shown().join("\n");
    assert!(!all.contains(['\u{202e}', '\u{200b}', '\u{feff}', '\u{2028}']), "{all:?}");
    assert!(all.contains("+a<U+202E>b") && all.contains("x<U+200B>y"), "{all}");
}

#[test]
fn leaving_waits_for_the_last_echoes_and_not_for_ever() {
    let mut stage = online();
    stage.say("good night");
    stage.chat.leave(stage.now);
    assert_eq!(stage.chat.link.phase(), Phase::Leaving);
    assert!(!stage.say("one more"));
    stage.receive(&["MSG bob good night"]);
    assert_eq!(stage.said(), ["bob: good night"]);
    stage.wait(Duration::from_secs(4));
    assert_eq!(stage.chat.link.phase(), Phase::Offline);
    assert_eq!(stage.returned(), None);
    assert!(!stage.status().starts_with("Leaving"), "{}", stage.status());
}

#[test]
fn cancelling_takes_effect_at_once_and_nothing_late_turns_up() {
    let mut stage = connecting();
    stage.chat.leave(stage.now);
    assert_eq!(stage.chat.link.phase(), Phase::Offline);
    let network = stage.network.as_ref().unwrap();
    assert!(network.send(Event::Ended(ConnectionError::TimedOut)).is_err(), "nobody listens any more");
    assert_eq!(stage.status(), "Not connected");
}

#[test]
fn a_server_that_never_lets_us_in_is_given_up() {
    let mut stage = connecting();
    let (peer, lock) = ("127.0.0.1:5555".parse().unwrap(), Security::PlainText { is_local: true });
    stage.tell(Event::Connected { peer, security: lock, not_remembered: None });
    stage.receive(&["HELLO ann"]);
    stage.wait(Duration::from_secs(30));
    assert!(stage.status().starts_with("It answers but does not speak multichat. Wrong port?"), "{}", stage.status());
}
