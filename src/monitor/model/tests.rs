//! Tests of the model: what the window would show after replies, snapshots and events.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use ::log::Level;
use crossbeam_channel::bounded;

use crate::clock::Clock;
use crate::monitor::messages::{Action, Command, Reply};
use crate::monitor::model::*;
use crate::mood::Mood;
use crate::protocol::Username;
use crate::server::id::ConnectionId;
use crate::server::{Ban, BanTarget, ClientInfo, DisconnectReason, Event, EventKind, Snapshot};
use crate::sorting::Sorting;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

pub(crate) fn client(id: u64, name: &str) -> ClientInfo {
    ClientInfo {
        id: ConnectionId(id),
        name: Username::parse(name).unwrap(),
        addr: "192.168.1.7:40000".parse().unwrap(),
        since: NOW,
        messages: 0,
        bytes_in: 0,
        bytes_out: 0,
        backlog: 0,
        encrypted: false,
        stalled: None,
    }
}

fn snapshot(people: Vec<ClientInfo>) -> Snapshot {
    Snapshot { taken: Instant::now(), people, totals: Totals::default(), disconnects: vec![] }
}

fn listening() -> (SocketAddr, Reply) {
    let addr = "127.0.0.1:5555".parse().unwrap();
    (addr, Reply::Listening { addresses: vec![addr], fingerprint: None, updates: bounded(1).1 })
}

/// Returns a model that shows a running server with these clients.
pub(crate) fn running(people: Vec<ClientInfo>) -> Model {
    let mut model = Model::default();
    model.apply_reply(&listening().1);
    model.apply_snapshot(snapshot(people));
    model.take_changes();
    model
}

fn shown(model: &Model, row: usize, title: &str) -> String {
    let column = ClientInfo::COLUMNS.iter().position(|column| column.title == title).unwrap();
    model.clients.cell(row, column, &Clock::utc()).unwrap().0
}

fn by(title: &str, descending: bool) -> Sorting {
    Sorting { column: ClientInfo::COLUMNS.iter().position(|column| column.title == title), descending }
}

fn log_texts(model: &Model) -> Vec<&str> {
    model.log.shown().iter().map(|line| line.text.as_str()).collect()
}

mod actions;
mod clients;

#[test]
fn a_certificate_that_was_read_again_is_the_one_that_is_shown() {
    let mut model = running(Vec::new());
    model.apply_event(&Event { at: NOW, kind: EventKind::Encrypts { fingerprint: "SHA256:0A".into() } });
    assert_eq!(model.fingerprint(), Some("SHA256:0A"));
    assert!(model.take_changes().state);
}

#[test]
fn the_state_follows_the_commands_and_their_replies() {
    let mut model = Model::default();
    assert_eq!(*model.state(), State::Stopped);
    model.enter(State::Starting("127.0.0.1:5555".into()));
    assert_eq!(*model.state(), State::Starting("127.0.0.1:5555".into()));
    let (addr, reply) = listening();
    model.apply_reply(&reply);
    assert_eq!(*model.state(), State::Listening(vec![addr]));
    model.enter(State::Stopping);
    assert_eq!(*model.state(), State::Stopping);
    model.apply_reply(&Reply::Stopped);
    assert_eq!(*model.state(), State::Stopped);
    assert!(model.take_changes().state && !model.take_changes().state, "a change is reported once");
}

#[test]
fn a_list_keeps_its_order_when_the_server_is_started_again() {
    let mut model = running(vec![]);
    let sorting = Sorting { column: Some(1), descending: true };
    model.clients.sort(sorting);
    model.bans.sort(sorting);
    model.members.list.sort(sorting);
    model.apply_reply(&Reply::Stopped);
    model.apply_reply(&listening().1);
    let orders = [model.clients.sorting(), model.bans.sorting(), model.members.list.sorting()];
    assert_eq!(orders, [sorting; 3], "the titles still show it");
}

#[test]
fn stop_may_be_pressed_before_the_server_has_started() {
    let mut model = Model::default();
    model.enter(State::Starting("127.0.0.1:5555".into()));
    model.enter(State::Stopping);
    model.apply_reply(&listening().1);
    assert_eq!(*model.state(), State::Stopping);
    model.apply_reply(&Reply::Stopped);
    assert_eq!(*model.state(), State::Stopped);
}

#[test]
fn a_server_that_cannot_start_is_shown_with_the_reason_in_the_state_and_in_the_log() {
    let mut model = Model::default();
    model.enter(State::Starting("127.0.0.1:5555".into()));
    model.apply_reply(&Reply::Failed { at: NOW, why: "127.0.0.1:5555 is in use".into() });
    assert_eq!(model.state().to_string(), "127.0.0.1:5555 is in use");
    assert_eq!(log_texts(&model), ["127.0.0.1:5555 is in use"]);
    assert_eq!(model.log.shown().iter().next().map(|line| line.level), Some(Level::Error));
}

#[test]
fn special_characters_of_the_address_field_are_escaped() {
    let mut model = Model::default();
    model.enter(State::Starting("a\u{202e}b".into()));
    assert_eq!(model.state().to_string(), "Starting on a<U+202E>b …");
    model.apply_reply(&Reply::Failed { at: NOW, why: "no such host: a\u{202e}b".into() });
    assert_eq!(log_texts(&model), ["no such host: a<U+202E>b"]);
}

#[test]
fn a_window_that_closes_shows_nothing_else_until_it_is_gone() {
    let mut model = running(vec![]);
    model.enter(State::Closing);
    model.apply_reply(&Reply::Stopped);
    model.apply_reply(&listening().1);
    model.worker_died(NOW);
    assert_eq!(*model.state(), State::Closing);
}

#[test]
fn a_worker_that_died_is_reported_once() {
    let mut model = running(vec![client(1, "ann")]);
    model.worker_died(NOW);
    model.worker_died(NOW);
    assert_eq!(model.state().level(), Mood::Error);
    assert!(model.clients.is_empty());
    assert_eq!(log_texts(&model).len(), 1, "once is enough");
}

#[test]
fn a_snapshot_that_shows_nothing_new_draws_nothing() {
    let mut model = running(vec![client(1, "ann")]);
    let drawn = model.clients.version();
    model.apply_snapshot(snapshot(vec![client(1, "ann")]));
    assert_eq!((model.take_changes(), model.clients.version()), (Changes::default(), drawn));
    let mut spoke = client(1, "ann");
    spoke.messages = 1;
    model.apply_snapshot(snapshot(vec![spoke]));
    assert!(model.take_changes().totals && model.clients.version() != drawn);
}

#[test]
fn a_totals_change_is_drawn_although_the_table_is_the_same() {
    let mut model = running(vec![]);
    let totals = Totals { rejected: 1, ..Totals::default() };
    model.apply_snapshot(Snapshot { taken: Instant::now(), people: vec![], totals, disconnects: vec![] });
    assert_eq!(model.take_changes(), Changes { totals: true, ..Changes::default() });
    assert_eq!(model.totals().rejected, 1);
}

#[test]
fn a_graph_is_drawn_every_second_as_long_as_there_is_something_in_it_and_the_table_is_not() {
    let mut model = Model::default();
    model.apply_reply(&listening().1);
    let start = Instant::now();
    let mut drawn = |second: u64, deliveries| {
        let totals = Totals { deliveries, ..Totals::default() };
        let (taken, people) = (start + Duration::from_secs(second), vec![client(1, "ann")]);
        model.apply_snapshot(Snapshot { taken, people, totals, disconnects: vec![] });
        model.take_changes()
    };
    drawn(0, 0);
    assert_eq!(drawn(1, 0), Changes::default(), "nothing goes on");
    let moved = Changes { totals: true, ..Changes::default() };
    let all: Vec<Changes> = (2..70).map(|second| drawn(second, 7)).collect();
    assert!(all[..61].iter().all(|changes| *changes == moved), "{all:?}");
    assert!(all[61..].iter().all(|changes| *changes == Changes::default()), "{all:?}");
}

#[test]
fn deliveries_per_second_come_from_two_snapshots_of_one_run() {
    let mut model = running(vec![]);
    let start = Instant::now();
    let at = |millis, deliveries| Snapshot {
        taken: start + Duration::from_millis(millis),
        people: vec![],
        totals: Totals { deliveries, ..Totals::default() },
        disconnects: vec![],
    };
    model.apply_reply(&listening().1);
    model.apply_snapshot(at(0, 1000));
    model.apply_snapshot(at(500, 1600));
    assert_eq!(model.deliveries_per_second(), "1,200");
    // The next run counts from 0 again.
    model.apply_reply(&Reply::Stopped);
    model.apply_reply(&listening().1);
    model.apply_snapshot(at(1000, 3));
    assert_eq!(model.deliveries_per_second(), "0");
}

#[test]
fn a_stopped_server_has_nobody_in_it() {
    let mut model = running(vec![client(1, "ann")]);
    let drawn = model.clients.version();
    model.apply_reply(&Reply::Stopped);
    assert!(model.clients.is_empty() && model.take_changes().totals && model.clients.version() != drawn);
}

#[test]
fn events_become_lines_with_their_time_and_level() {
    let mut model = Model::default();
    let name = Username::parse("ann").unwrap();
    let addr = "127.0.0.1:4000".parse().unwrap();
    model.apply_event(&Event { at: NOW, kind: EventKind::Joined { id: ConnectionId(1), name: name.clone(), addr } });
    model.apply_event(&Event {
        at: NOW,
        kind: EventKind::Left { id: ConnectionId(1), name, addr, why: DisconnectReason::Panicked },
    });
    assert_eq!(
        log_texts(&model),
        ["ann (127.0.0.1:4000 #1) joined", "ann (127.0.0.1:4000 #1) left: a bug in the server: its thread panicked"]
    );
    let levels: Vec<Level> = model.log.shown().iter().map(|line| line.level).collect();
    assert_eq!(levels, [Level::Info, Level::Error]);
}

#[test]
fn lost_events_are_counted_in_the_log_once() {
    let mut model = Model::default();
    model.set_lost_events(0, NOW);
    assert_eq!(model.take_changes(), Changes::default());
    model.set_lost_events(1, NOW);
    model.set_lost_events(1, NOW);
    model.set_lost_events(2001, NOW);
    assert_eq!(log_texts(&model), ["1 event not shown: too many at once", "2,000 events not shown: too many at once"]);
}

#[test]
fn the_most_frequent_reason_of_disconnects_comes_first() {
    let mut model = running(vec![]);
    let drawn = model.disconnects.version();
    let disconnects = vec![("said goodbye", 2), ("read too slowly", 5)];
    model.apply_snapshot(Snapshot { taken: Instant::now(), people: vec![], totals: Totals::default(), disconnects });
    assert_eq!(model.disconnects.iter().copied().collect::<Vec<_>>(), [("read too slowly", 5), ("said goodbye", 2)]);
    assert_ne!(model.disconnects.version(), drawn);
    model.apply_reply(&Reply::Stopped);
    assert!(model.disconnects.is_empty());
}

#[test]
fn saved_lines_are_those_that_pass_the_filter_paused_or_not() {
    let mut model = Model::default();
    model.set_lost_events(1, NOW);
    model.log.pause(true);
    model.set_lost_events(2, NOW);
    model.apply_reply(&Reply::Failed { at: NOW, why: "in use".into() });
    assert_eq!((model.log.lines().len(), model.log.new_lines()), (3, Some(2)));
    model.log.set_filter(Level::Error, "USE");
    assert_eq!(model.log.lines().iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["in use"]);
}

#[test]
fn a_server_that_restarts_is_not_shown_as_stopped_meanwhile() {
    let mut model = running(vec![client(1, "ann")]);
    model.enter(State::Starting("127.0.0.1:81".into()));
    model.apply_reply(&Reply::Stopped);
    assert_eq!(*model.state(), State::Starting("127.0.0.1:81".into()));
    assert!(model.clients.is_empty());
    model.enter(State::Stopping);
    model.apply_reply(&Reply::Stopped);
    assert_eq!(*model.state(), State::Stopped);
}
