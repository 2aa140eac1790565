//! Tests of the server worker with real servers, over real sockets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crossbeam_channel::RecvTimeoutError;

use crate::monitor::messages::Watched;
use crate::monitor::worker::*;
use crate::options::{Layer, Overview, Value};
use crate::protocol::Username;
use crate::server::{BanTarget, Deletion, HistorySummary};

/// Longer than any step here takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

static ANNOUNCED: AtomicUsize = AtomicUsize::new(0);

fn worker() -> ServerWorker {
    worker_with(Config::default())
}

fn worker_with(config: Config) -> ServerWorker {
    let announce = |_: &Server| {
        ANNOUNCED.fetch_add(1, Ordering::Relaxed);
    };
    ServerWorker::spawn(Options::over(config), announce).unwrap()
}

/// Returns the next reply that is not about the options.
fn next_reply(worker: &ServerWorker) -> Result<Reply, RecvTimeoutError> {
    loop {
        match worker.replies.recv_timeout(DEADLINE) {
            Ok(Reply::Options(_)) => {}
            other => return other,
        }
    }
}

fn listening(worker: &ServerWorker) -> (SocketAddr, Receiver<Update>) {
    match next_reply(worker) {
        Ok(Reply::Listening { addr, updates, .. }) => (addr, updates),
        other => panic!("{other:?}"),
    }
}

/// Returns the outcome of the next action. Skips the replies before it.
fn outcome(worker: &ServerWorker) -> Result<String, String> {
    loop {
        if let Reply::ActionDone { outcome, .. } = next_reply(worker).unwrap() {
            return outcome;
        }
    }
}

/// Waits for the next list of bans.
fn bans(worker: &ServerWorker) -> Vec<String> {
    loop {
        if let Reply::Bans(bans) = next_reply(worker).unwrap() {
            return bans.iter().map(ToString::to_string).collect();
        }
    }
}

fn ann() -> BanTarget {
    BanTarget::Name(Username::parse("ann").unwrap())
}

/// Joins, and returns the connection to read its answers from.
fn join(addr: SocketAddr, name: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    writeln!(stream, "HELLO {name}").unwrap();
    let mut answers = BufReader::new(stream);
    assert_eq!(next_line(&mut answers), format!("HELLO {name}"));
    answers
}

fn next_line(answers: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    line.trim_end().into()
}

#[test]
fn a_server_that_was_started_is_announced_and_watched_until_it_is_stopped() {
    let before = ANNOUNCED.load(Ordering::Relaxed);
    let worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, updates) = listening(&worker);
    assert!(ANNOUNCED.load(Ordering::Relaxed) > before);
    let mut ann = join(addr, "ann");
    let shown = loop {
        let snapshot = updates.recv_timeout(DEADLINE).unwrap().snapshot;
        if !snapshot.people.is_empty() {
            break snapshot;
        }
    };
    assert_eq!(shown.people[0].name.as_str(), "ann");
    worker.send(Command::Stop);
    assert!(matches!(next_reply(&worker), Ok(Reply::Stopped)));
    assert_eq!(next_line(&mut ann), "ERR SHUTTING_DOWN the server stops");
    assert!(updates.iter().count() <= 1, "nothing more comes of a run that is over");
}

#[test]
fn an_address_in_use_is_reported_with_the_reason_and_another_can_be_tried() {
    let occupant = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = occupant.local_addr().unwrap().to_string();
    let worker = worker();
    worker.send(Command::Start(taken.clone()));
    match next_reply(&worker) {
        Ok(Reply::Failed { why, .. }) => assert!(why.contains(&taken) && why.contains("in use"), "{why}"),
        other => panic!("{other:?}"),
    }
    worker.send(Command::Start("127.0.0.1:0".into()));
    listening(&worker);
}

#[test]
fn the_same_port_can_be_stopped_and_started_again() {
    let worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, _) = listening(&worker);
    let _ann = join(addr, "ann");
    worker.send(Command::Stop);
    worker.send(Command::Start(addr.to_string()));
    assert!(matches!(next_reply(&worker), Ok(Reply::Stopped)));
    assert_eq!(listening(&worker).0, addr);
    join(addr, "ann");
}

#[test]
fn a_worker_that_is_dropped_stops_the_server_and_ends() {
    let mut worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, _) = listening(&worker);
    let mut ann = join(addr, "ann");
    worker.send(Command::Finish);
    assert_eq!(next_line(&mut ann), "ERR SHUTTING_DOWN the server stops");
    assert!(matches!(next_reply(&worker), Ok(Reply::Stopped)));
    assert_eq!(next_reply(&worker).err(), Some(RecvTimeoutError::Disconnected));
    worker.join().unwrap();
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn a_client_is_kicked_once_with_the_reason() {
    let worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, updates) = listening(&worker);
    let mut ann = join(addr, "ann");
    let id = loop {
        if let [person] = &updates.recv_timeout(DEADLINE).unwrap().snapshot.people[..] {
            break person.id;
        }
    };
    let kick = Action::Kick { ids: vec![id], people: "ann".into(), reason: "calm down".into() };
    worker.send(Command::Action(kick.clone()));
    assert_eq!(outcome(&worker).as_deref(), Ok("ann was kicked"));
    assert_eq!(next_line(&mut ann), "ERR KICKED calm down");
    worker.send(Command::Action(kick));
    assert_eq!(outcome(&worker).unwrap_err(), "ann has already left");
}

#[test]
fn the_list_of_bans_is_sent_when_it_changes_by_an_action_or_by_time() {
    let worker = worker();
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, _) = listening(&worker);
    let mut peer = join(addr, "ann");
    worker.send(Command::Action(Action::Ban(vec![Ban { target: ann(), until: None }])));
    assert_eq!(outcome(&worker).unwrap(), "ann is banned; 1 connection ended");
    assert!(next_line(&mut peer).starts_with("ERR BANNED"));
    assert_eq!(bans(&worker), ["name ann forever"]);
    worker.send(Command::Action(Action::Unban(vec![ann()])));
    assert_eq!(outcome(&worker).unwrap(), "ann is no longer banned");
    assert!(bans(&worker).is_empty());
    let until = Some(SystemTime::now() + Duration::from_millis(600));
    worker.send(Command::Action(Action::Ban(vec![Ban { target: ann(), until }])));
    assert_eq!(bans(&worker).len(), 1);
    assert!(bans(&worker).is_empty(), "its time is over");
    join(addr, "ann");
}

#[test]
fn a_list_of_bans_that_cannot_be_written_is_reported_with_what_would_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bans.txt");
    let worker = worker_with(Config { bans: Some(file.clone()), ..Config::default() });
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, _) = listening(&worker);
    // A folder in its place: not even the superuser can write to it.
    std::fs::create_dir(&file).unwrap();
    worker.send(Command::Action(Action::Ban(vec![Ban { target: ann(), until: None }])));
    let why = outcome(&worker).unwrap_err();
    assert!(why.starts_with("ann is banned, but only until the server stops: "), "{why}");
    assert!(why.contains("--bans FILE"), "{why}");
    let mut peer = BufReader::new(TcpStream::connect(addr).unwrap());
    writeln!(peer.get_mut(), "HELLO ann").unwrap();
    assert!(next_line(&mut peer).starts_with("ERR BANNED"));
    // Writing is possible again, and the worker retries by itself.
    std::fs::remove_dir(&file).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with("name ann forever\n")) {
        assert!(Instant::now() < deadline, "the list is not written again");
        thread::park_timeout(Duration::from_millis(5));
    }
    drop(worker);
}

#[test]
fn nothing_can_be_done_to_a_server_that_does_not_run() {
    let worker = worker();
    worker.send(Command::Action(Action::Announce("hello".into())));
    assert_eq!(outcome(&worker).unwrap_err(), "Not running: start the server first");
}

#[test]
fn a_worker_with_nothing_to_do_ends_when_it_is_joined() {
    worker().join().unwrap();
}

/// Waits for updates with news of the chat until `shows` is true of all that were said and deleted so far.
#[cfg(feature = "storage")]
fn until_said(updates: &Receiver<Update>, shows: impl Fn(&[String]) -> bool) {
    let mut rows = Vec::new();
    let deadline = Instant::now() + DEADLINE;
    while !shows(&rows) {
        assert!(Instant::now() < deadline, "there are {} rows, and the last is {:?}", rows.len(), rows.last());
        let Some(news) = updates.recv_timeout(DEADLINE).unwrap().chat else { continue };
        if news.is_first {
            rows.clear();
        }
        rows.extend(news.deleted.iter().map(|what| format!("{what:?}")));
        rows.extend((news.skipped > 0).then(|| format!("{} skipped", news.skipped)));
        rows.extend(news.messages.unwrap_or_default().into_iter().map(|message| message.text));
    }
}

#[cfg(feature = "storage")]
fn worker_with_history(folder: &tempfile::TempDir) -> (ServerWorker, SocketAddr, Receiver<Update>) {
    let worker = worker_with(Config { history: Some(folder.path().join("history.db")), rate: 0, ..Config::default() });
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (addr, updates) = listening(&worker);
    (worker, addr, updates)
}

#[cfg(feature = "storage")]
#[test]
fn the_conversation_is_reported_while_it_is_watched_with_what_was_said_before() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, addr, updates) = worker_with_history(&folder);
    let mut ann = join(addr, "ann");
    writeln!(ann.get_mut(), "MSG ann before\nPING 1").unwrap();
    assert_eq!(next_line(&mut ann), "PONG 1");
    assert!(updates.recv_timeout(DEADLINE).unwrap().chat.is_none(), "nobody watches");
    worker.send(Command::Watch(Watched { chat: true, ..Watched::default() }));
    until_said(&updates, |rows| rows == ["before"]);
    writeln!(ann.get_mut(), "MSG ann live").unwrap();
    until_said(&updates, |rows| rows == ["live"]);
    worker.send(Command::Action(Action::Deletion(Deletion::AllOf("ann".into()))));
    until_said(&updates, |rows| rows == ["AllOf(\"ann\")"]);
    worker.send(Command::Watch(Watched::default()));
    worker.send(Command::Watch(Watched { chat: true, ..Watched::default() }));
    writeln!(ann.get_mut(), "MSG ann again").unwrap();
    until_said(&updates, |rows| rows == ["again"]);
}

#[cfg(feature = "storage")]
#[test]
fn what_comes_too_fast_is_counted_and_the_newest_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, addr, updates) = worker_with_history(&folder);
    worker.send(Command::Watch(Watched { chat: true, ..Watched::default() }));
    let mut ann = join(addr, "ann");
    writeln!(ann.get_mut(), "MSG ann first").unwrap();
    until_said(&updates, |rows| rows == ["first"]);
    // Until an update is taken, no other is made: all of it is in the next one or two.
    let lines: Vec<_> = (0..3000).map(|number| format!("MSG ann {number}\n")).collect();
    ann.get_mut().write_all(lines.concat().as_bytes()).unwrap();
    writeln!(ann.get_mut(), "PING 1").unwrap();
    assert_eq!(next_line(&mut ann), "PONG 1");
    until_said(&updates, |rows| {
        let skipped = rows.iter().filter_map(|row| row.strip_suffix(" skipped")?.parse::<usize>().ok());
        let shown = rows.iter().filter(|row| row.parse::<usize>().is_ok()).count();
        rows.last().is_some_and(|last| last == "2999") && skipped.sum::<usize>() + shown == 3000 && shown < 3000
    });
}

#[cfg(feature = "storage")]
#[test]
fn a_list_of_the_history_that_is_watched_comes_again_when_something_is_said_or_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, addr, _updates) = worker_with_history(&folder);
    let mut ann = join(addr, "ann");
    writeln!(ann.get_mut(), "MSG ann tea\nPING 1").unwrap();
    assert_eq!(next_line(&mut ann), "PONG 1");
    worker.send(Command::Watch(Watched { history: true, ..Watched::default() }));
    worker.send(Command::SearchHistory("tea".into()));
    let texts = |summary: &HistorySummary| summary.shown.iter().map(|said| said.text.clone()).collect::<Vec<_>>();
    let next = || loop {
        match worker.replies.recv_timeout(DEADLINE).unwrap() {
            Reply::HistorySummary(Ok(summary)) | Reply::HistoryChanged(summary) => break texts(&summary),
            _ => {}
        }
    };
    assert_eq!(next(), ["tea"]);
    writeln!(ann.get_mut(), "MSG ann more tea").unwrap();
    assert_eq!(next(), ["tea", "more tea"]);
    worker.send(Command::Action(Action::Deletion(Deletion::AllOf("ann".into()))));
    assert_eq!(next(), [""; 0]);
}

/// Returns a worker with a config file, and the file.
fn worker_with_file(text: &str) -> (ServerWorker, tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    std::fs::write(&file, text).unwrap();
    let mut line = Layer::default();
    for (key, name) in [(Key::Config, "server.toml"), (Key::Bans, "bans.txt"), (Key::Members, "members.db")] {
        line.set(key, Some(Value::File(folder.path().join(name))));
    }
    let mut options = Options::new(line, None);
    // As the window does; the worker says what is wrong.
    let _ = options.read();
    (ServerWorker::spawn(options, |_| ()).unwrap(), folder, file)
}

/// Returns the next reply about the options.
fn options_reply(worker: &ServerWorker) -> Result<Overview, String> {
    loop {
        match worker.replies.recv_timeout(DEADLINE).unwrap() {
            Reply::Options(overview) => return Ok(*overview),
            Reply::OptionsRefused { why, .. } => return Err(why),
            _ => {}
        }
    }
}

#[test]
fn options_are_written_only_if_the_running_server_takes_them() {
    let text = "# Room 12\nlisten = \"127.0.0.1:0\"\n";
    let (worker, folder, file) = worker_with_file(text);
    assert_eq!(options_reply(&worker).unwrap().listen, "127.0.0.1:0");
    worker.send(Command::Start("127.0.0.1:0".into()));
    assert!(options_reply(&worker).unwrap().waiting.is_empty());
    let missing = Value::File(folder.path().join("none.txt"));
    worker.send(Command::SetOptions(vec![(Key::PasswordFile, Some(missing))]));
    assert!(options_reply(&worker).unwrap_err().contains("none.txt"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let changes = vec![(Key::Rate, Some(Value::Number(20))), (Key::Listen, Some(Value::Text("localhost:0".into())))];
    worker.send(Command::SetOptions(changes));
    let overview = options_reply(&worker).unwrap();
    assert_eq!((overview.value(Key::Rate), &overview.waiting[..]), (Some(&Value::Number(20)), &[Key::Listen][..]));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "# Room 12\nlisten = \"localhost:0\"\nrate = 20\n");
    worker.send(Command::Restart);
    assert!(options_reply(&worker).unwrap().waiting.is_empty());
}

#[test]
fn a_damaged_file_starts_no_server_and_changes_none() {
    let (worker, _folder, file) = worker_with_file("listen = \"127.0.0.1:0\"\n");
    options_reply(&worker).unwrap();
    worker.send(Command::Start("127.0.0.1:0".into()));
    options_reply(&worker).unwrap();
    std::fs::write(&file, "rate = many\n").unwrap();
    worker.send(Command::Reload);
    let problem = options_reply(&worker).unwrap().problem.unwrap();
    assert!(problem.contains("server.toml, line 1"), "{problem}");
    worker.send(Command::SetOptions(vec![(Key::Burst, Some(Value::Number(3)))]));
    assert!(options_reply(&worker).unwrap_err().contains("server.toml, line 1"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "rate = many\n");
    worker.send(Command::Restart);
    let failed = std::iter::repeat_with(|| worker.replies.recv_timeout(DEADLINE).unwrap())
        .find(|reply| matches!(reply, Reply::Failed { .. }));
    assert!(failed.is_some());
}

#[test]
fn an_address_that_was_entered_is_remembered_if_a_server_could_listen_on_it() {
    let (worker, _folder, file) = worker_with_file("");
    for (entered, remembered) in [("192.0.2.1:0", ""), ("localhost:0", "listen = \"localhost:0\"\n")] {
        worker.send(Command::Start(entered.into()));
        let done = |reply: &Reply| matches!(reply, Reply::Failed { .. } | Reply::Listening { .. });
        std::iter::repeat_with(|| worker.replies.recv_timeout(DEADLINE).unwrap()).find(done).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.ends_with(remembered), "{text}");
    }
}

#[test]
fn the_window_learns_the_rooms_password_and_the_addresses_of_this_computer() {
    let password = crate::server::Password::parse("open sesame").unwrap();
    let worker = worker_with(Config { password: Some(password), ..Config::default() });
    worker.send(Command::Start("127.0.0.1:0".into()));
    let (mut password, mut interfaces) = (None, None);
    while password.is_none() || interfaces.is_none() {
        match worker.replies.recv_timeout(DEADLINE).unwrap() {
            Reply::RoomPassword(told) => password = told,
            Reply::Interfaces(told) => interfaces = Some(told),
            _ => {}
        }
    }
    assert_eq!(password.map(|password| password.reveal().to_owned()).as_deref(), Some("open sesame"));
    assert!(interfaces.unwrap().iter().all(|interface| !interface.ip.is_loopback()));
}
