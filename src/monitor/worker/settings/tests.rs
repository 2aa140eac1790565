//! Tests of the options in the server worker: the config file is written only if the server takes a change, and not if it is damaged.

use std::net::TcpStream;
use std::time::Duration;

use crate::monitor::messages::{Command, Reply};
use crate::monitor::worker::ServerWorker;
use crate::options::{Key, Layer, Options, Overview, Value};
use crate::server::Config;

/// Longer than any step here takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// Returns a worker with a config file, and the file.
fn worker_with_file(text: &str) -> (ServerWorker, tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    std::fs::write(&file, text).unwrap();
    let mut line = Layer::default();
    let file_of = |name: &str| Some(Value::File(folder.path().join(name)));
    line.set(Key::Config, file_of("server.toml"));
    line.set(Key::Bans, file_of("bans.txt"));
    if cfg!(feature = "storage") {
        line.set(Key::Members, file_of("members.db"));
        line.set(Key::NoHistory, Some(Value::Switch(true)));
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
    assert_eq!(options_reply(&worker).unwrap().listen, "127.0.0.1:0".into());
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
fn a_damaged_file_changes_no_server_and_stops_none() {
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
    let addr = loop {
        match worker.replies.recv_timeout(DEADLINE).unwrap() {
            Reply::Listening { addresses, .. } => break addresses[0],
            Reply::Stopped | Reply::Failed { .. } => panic!("it is stopped"),
            _ => {}
        }
    };
    assert!(options_reply(&worker).unwrap().problem.is_some());
    assert!(TcpStream::connect(addr).is_ok(), "it runs as before");
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
fn several_addresses_that_were_entered_are_a_list_in_the_file() {
    let (worker, _folder, file) = worker_with_file("");
    worker.send(Command::Start("127.0.0.1:0, localhost:0".into()));
    let addresses = loop {
        match worker.replies.recv_timeout(DEADLINE).unwrap() {
            Reply::Listening { addresses, .. } => break addresses,
            Reply::Failed { why, .. } => panic!("{why}"),
            _ => {}
        }
    };
    assert_eq!(addresses.len(), 2, "{addresses:?}");
    assert_eq!(options_reply(&worker).unwrap().listen, "127.0.0.1:0, localhost:0".into());
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.ends_with("listen = [\"127.0.0.1:0\", \"localhost:0\"]\n"), "{text}");
    worker.send(Command::Restart);
    let replies = std::iter::repeat_with(|| worker.replies.recv_timeout(DEADLINE).unwrap());
    let again = replies.into_iter().find_map(|reply| match reply {
        Reply::Listening { addresses, .. } => Some(addresses.len()),
        Reply::Failed { why, .. } => panic!("{why}"),
        _ => None,
    });
    assert_eq!(again, Some(2));
}

#[test]
fn an_address_that_was_entered_survives_a_restart_even_if_no_file_can_remember_it() {
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = Config { listen: occupied.local_addr().unwrap().to_string().into(), ..Config::default() };
    let worker = ServerWorker::spawn(Options::over(config), |_| ()).unwrap();
    for command in [Command::Start("127.0.0.1:0".into()), Command::Restart] {
        worker.send(command);
        let done = |reply: &Reply| matches!(reply, Reply::Failed { .. } | Reply::Listening { .. });
        let reply = std::iter::repeat_with(|| worker.replies.recv_timeout(DEADLINE).unwrap()).find(done).unwrap();
        assert!(matches!(reply, Reply::Listening { .. }), "{reply:?}");
    }
}
