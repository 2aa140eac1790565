//! Who waits for whom when people ask what was said, without a server around it.

use std::sync::mpsc;
use std::{env, fs, process, thread};

use crate::protocol::{ErrorCode, Stamp};
use crate::server::delivery::budget::Budget;
use crate::server::network::Network;
use crate::server::observe::event::EventSink;
use crate::server::storage::history::*;

const LONG: Duration = Duration::from_mins(1);

/// A history in a folder of its own, with one message in it.
struct StoredMessage {
    history: History,
    folder: PathBuf,
}

impl StoredMessage {
    fn new(name: &str) -> StoredMessage {
        let folder = env::temp_dir().join(format!("multichat-history-{name}-{}", process::id()));
        let config = Config { history: Some(folder.join("history.db")), ..Config::default() };
        let writers = WriterContext::new(EventSink::default(), Budget::new(1 << 20, 1 << 20), LONG);
        let history = History::start(&config, &writers).0.unwrap();
        history.store([Message::at(1, "ann", "hello")].into_iter());
        StoredMessage { history, folder }
    }

    fn past(&self, network: u8) -> Result<usize, ErrorCode> {
        let answer = self.history.past(&asker(network), 1, Stamp::MAX, 10);
        answer.map(|answer| answer.messages.len()).map_err(|rejected| rejected.code)
    }
}

impl Drop for StoredMessage {
    fn drop(&mut self) {
        self.history.stop();
        fs::remove_dir_all(&self.folder).unwrap();
    }
}

fn network(last: u8) -> Network {
    Network::of([192, 0, 2, last].into())
}

fn asker(last: u8) -> Asker {
    Asker::new(network(last))
}

#[test]
fn slow_searches_keep_nobody_from_scrolling_back() {
    let kept = StoredMessage::new("slow");
    let _searching: Vec<_> = (0..PERMITS).map(|_| kept.history.find.acquire(network(1), LONG).unwrap()).collect();
    assert_eq!(kept.past(1), Ok(1));
}

#[test]
fn a_search_waits_as_long_as_the_one_before_it_took() {
    let kept = StoredMessage::new("rest");
    let mut asker = asker(1);
    assert_eq!(kept.history.find(&mut asker, 1, "hello").unwrap().messages.len(), 1);
    // As if that had taken so long.
    let until = std::time::Instant::now() + Duration::from_millis(200);
    asker.rest_until(until);
    kept.history.find(&mut asker, 1, "hello").unwrap();
    assert!(std::time::Instant::now() >= until);
}

#[test]
fn a_stop_wakes_those_who_wait_for_a_permit_for_their_rest_or_for_the_disk() {
    let kept = StoredMessage::new("stop");
    let _all: Vec<_> = (0..PERMITS).map(|_| kept.history.past.acquire(network(1), LONG).unwrap()).collect();
    let mut resting = asker(2);
    resting.rest_until(std::time::Instant::now() + LONG);
    thread::scope(|scope| {
        let (ended, wait) = mpsc::channel();
        let history = &kept.history;
        let kept = &kept;
        let send = move |code: Result<usize, ErrorCode>| ended.send(code).unwrap();
        scope.spawn({
            let send = send.clone();
            move || send(kept.past(3))
        });
        scope.spawn({
            let send = send.clone();
            move || send(history.find(&mut resting, 1, "hello").map(|_| 0).map_err(|rejected| rejected.code))
        });
        // More than was ever said: the answer does not come.
        scope.spawn(move || send(history.find(&mut asker(4), 2, "hello").map(|_| 0).map_err(|rejected| rejected.code)));
        assert!(wait.recv_timeout(Duration::from_millis(20)).is_err(), "all of them wait");
        history.close();
        for _ in 0..3 {
            assert_eq!(wait.recv_timeout(LONG), Ok(Err(ErrorCode::Unavailable)));
        }
    });
}

#[test]
fn a_panic_while_something_is_looked_up_gives_the_permit_back() {
    let kept = StoredMessage::new("panic");
    for _ in 0..=PERMITS {
        let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            kept.history.answer(&kept.history.past, network(1), 1, || panic!("on purpose"))
        }));
        assert!(asked.is_err());
    }
    assert_eq!(kept.past(1), Ok(1));
}
