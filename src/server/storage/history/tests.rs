//! Tests of the waits for the history, without a server around it.

use std::sync::mpsc;
use std::thread;

use tempfile::TempDir;

use crate::protocol::{ErrorCode, Stamp};
use crate::server::network::Network;
use crate::server::observe::event::EventSink;
use crate::server::storage::history::*;

const LONG: Duration = Duration::from_mins(1);

/// A history in a folder of its own, with one message.
struct TestHistory {
    history: History,
    _folder: TempDir,
}

impl TestHistory {
    fn new() -> TestHistory {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { history: Some(folder.path().join("history.db")), ..Config::default() };
        let history =
            History::start(&config, &Arc::new(Keep::new(None)), &EventSink::default(), &Arc::default()).0.unwrap();
        history.store([Message::at(1, "ann", "hello")].into_iter());
        TestHistory { history, _folder: folder }
    }

    fn past(&self, network: u8) -> Result<usize, ErrorCode> {
        let answer = self.history.past(&state(network), 1, Stamp::MAX, 10);
        answer.map(|answer| answer.messages.len()).map_err(|rejected| rejected.code)
    }
}

impl Drop for TestHistory {
    fn drop(&mut self) {
        self.history.stop();
    }
}

fn network(last: u8) -> Network {
    Network::of([192, 0, 2, last].into())
}

fn state(last: u8) -> QueryState {
    QueryState::new(network(last))
}

#[test]
fn slow_searches_do_not_delay_paging_back() {
    let test = TestHistory::new();
    let _searching: Vec<_> = (0..PERMITS).map(|_| test.history.find.acquire(network(1), LONG).unwrap()).collect();
    assert_eq!(test.past(1), Ok(1));
}

#[test]
fn a_search_waits_as_long_as_the_one_before_it_took() {
    let test = TestHistory::new();
    let mut state = state(1);
    assert_eq!(test.history.find(&mut state, 1, "hello").unwrap().messages.len(), 1);
    // As if that search had taken so long.
    let until = std::time::Instant::now() + Duration::from_millis(200);
    state.rests_until = Some(until);
    test.history.find(&mut state, 1, "hello").unwrap();
    assert!(std::time::Instant::now() >= until);
}

#[test]
fn a_stop_ends_the_wait_for_a_permit_for_a_rest_and_for_the_disk() {
    let test = TestHistory::new();
    let _all: Vec<_> = (0..PERMITS).map(|_| test.history.past.acquire(network(1), LONG).unwrap()).collect();
    let mut resting = state(2);
    resting.rests_until = Some(std::time::Instant::now() + LONG);
    thread::scope(|scope| {
        let (ended, wait) = mpsc::channel();
        let history = &test.history;
        let test = &test;
        let send = move |code: Result<usize, ErrorCode>| ended.send(code).unwrap();
        scope.spawn({
            let send = send.clone();
            move || send(test.past(3))
        });
        scope.spawn({
            let send = send.clone();
            move || send(history.find(&mut resting, 1, "hello").map(|_| 0).map_err(|rejected| rejected.code))
        });
        // More than were ever relayed: this wait has no end of its own.
        scope.spawn(move || send(history.find(&mut state(4), 2, "hello").map(|_| 0).map_err(|rejected| rejected.code)));
        assert!(wait.recv_timeout(Duration::from_millis(20)).is_err(), "all of them wait");
        history.close();
        for _ in 0..3 {
            assert_eq!(wait.recv_timeout(LONG), Ok(Err(ErrorCode::Unavailable)));
        }
    });
}

#[test]
fn a_panic_during_a_query_returns_the_permit() {
    let test = TestHistory::new();
    for _ in 0..=PERMITS {
        let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            queries::answer(&test.history.past, network(1), 1, || panic!("on purpose"))
        }));
        assert!(asked.is_err());
    }
    assert_eq!(test.past(1), Ok(1));
}

#[test]
fn the_operator_finds_what_was_said_under_a_name_and_those_that_look_like_it() {
    let test = TestHistory::new();
    let said = [(2, "ben", "hello ann"), (3, "Ann", "goodbye"), (4, "carl", "hello"), (5, "ann", "hello again")];
    test.history.store(said.iter().map(|(stamp, from, text)| Message::at(*stamp, from, text)));
    let found = |words: &str, count| {
        let summary = test.history.summary(5, words, count).unwrap();
        summary.shown.iter().map(|message| message.stamp).collect::<Vec<_>>()
    };
    assert_eq!(found("from:ann", 10), [1, 3, 5]);
    assert_eq!(found("from:ANN", 2), [3, 5], "the newest");
    assert_eq!(found("from:ann from:ben", 10), [1, 2, 3, 5]);
    assert_eq!(found("hello from:ann", 10), [1, 5]);
    assert_eq!(found("from:nobody", 10), Vec::<Stamp>::new());
    assert_eq!(found("hello", 10), [1, 2, 4, 5]);
    assert_eq!(found("", 10), [1, 2, 3, 4, 5]);
}
