//! Model tests of the registry: loom runs joins, leaves, flushes and the stop under every interleaving (`--cfg loom`, see
//! `script/test`).
//!
//! The clients and their sockets are real, but nothing is written to the sockets. A claim that is dropped disconnects its
//! client, so the claims are kept until everything has been checked.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::protocol::{Capabilities, Username};
use crate::server::delivery::WriterContext;
use crate::server::delivery::batch::Batch;
use crate::server::delivery::budget::Budget;
use crate::server::id::ConnectionId;
use crate::server::observe::event::EventSink;
use crate::server::registry::*;
use crate::transport::Transport;
use loom::thread;

/// The state with which each execution of a model begins.
struct Scene {
    registry: Registry,
    writers: Arc<WriterContext>,
    socket: Arc<TcpStream>,
}

fn explore(model: impl Fn(Scene) + Send + Sync + 'static) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
    loom::model(move || {
        let writers = WriterContext::new(EventSink::default(), Budget::new(1000, 1000), Duration::ZERO);
        model(Scene { registry: Registry::new(9, None), writers, socket: socket.clone() });
    });
}

impl Scene {
    fn client(&self, id: u64, name: &str) -> Arc<Client> {
        self.client_with(id, name, Capabilities::default())
    }

    fn client_with(&self, id: u64, name: &str, capabilities: Capabilities) -> Arc<Client> {
        let name = Username::parse(name).unwrap();
        let addr = self.socket.local_addr().unwrap();
        Arc::new(Client::new(ConnectionId(id), name, capabilities, addr, Transport::plain(self.socket.clone())))
    }

    /// Spawns a thread that works on the registry. Its pending writes are returned, so that they are not dropped before the
    /// end.
    fn spawn<T: 'static>(
        &self,
        work: impl FnOnce(&Registry, &mut PendingWrites) -> T + 'static,
    ) -> thread::JoinHandle<(T, PendingWrites)> {
        let (registry, mut writes) = (self.registry.clone(), PendingWrites::new(&self.writers));
        thread::spawn(move || (work(&registry, &mut writes), writes))
    }
}

/// Lets two connections ask for the same name while the server stops in the given way.
fn join_during(stop: fn(&Registry, &mut PendingWrites)) {
    explore(move |scene| {
        let clients = [scene.client(1, "ann"), scene.client(2, "ANN")];
        let joins =
            clients.clone().map(|client| scene.spawn(move |registry, writes| registry.join(&client, writes).is_ok()));
        let _stopped = scene.spawn(stop).join().unwrap();
        let (joined, _writes): (Vec<_>, Vec<_>) = joins.into_iter().map(|join| join.join().unwrap()).unzip();
        assert!(joined != [true, true], "one name, two clients");
        for (client, joined) in clients.iter().zip(joined) {
            assert!(!joined || client.outbox.is_closing(), "a client joined and was not told that the server stops");
        }
    });
}

#[test]
fn loom_a_client_that_joins_while_the_server_stops_is_disconnected() {
    join_during(|registry, writes| registry.close(ErrorCode::ShuttingDown, "", writes));
}

#[test]
#[should_panic(expected = "was not told")]
fn loom_notices_a_stop_that_lets_clients_join() {
    join_during(|registry, writes| {
        for occupant in lock(&registry.room).occupants.values() {
            writes.disconnect(&occupant.client, ErrorCode::ShuttingDown, "", OnClose::Flush);
        }
    });
}

#[test]
fn loom_a_late_cleanup_does_not_evict_the_returned_user() {
    explore(|scene| {
        let (old, new) = (scene.client(1, "ann"), scene.client(2, "ann"));
        let mut writes = PendingWrites::new(&scene.writers);
        scene.registry.join(&old, &mut writes).unwrap();
        let leaving = [old.clone(), old].map(|old| scene.spawn(move |registry, writes| registry.leave(&old, writes)));
        let returned = {
            let new = new.clone();
            scene.spawn(move |registry, writes| registry.join(&new, writes).is_ok())
        };
        let (returned, _writes) = returned.join().unwrap();
        for leaving in leaving {
            leaving.join().unwrap();
        }
        let room = lock(&scene.registry.room);
        let here: Vec<_> = room.occupants.values().map(|occupant| occupant.client.id).collect();
        assert_eq!(here, if returned { vec![new.id] } else { vec![] });
    });
}

#[test]
fn loom_stamps_rise_in_the_order_of_the_lines() {
    explore(|scene| {
        let reader = scene.client_with(1, "ann", Capabilities { stamp: true, ..Capabilities::default() });
        let mut writes = PendingWrites::new(&scene.writers);
        scene.registry.join(&reader, &mut writes).unwrap();
        let speakers = [(2, "ben"), (3, "carl")].map(|(id, name)| {
            let speaker = scene.client(id, name);
            scene.spawn(move |registry, writes| {
                let mut lines = Batch::of(&ServerLine::Msg { from: name, text: "hi" });
                registry.broadcast(&speaker, &mut lines, &mut [], writes);
            })
        });
        let _writes = speakers.map(|speaker| speaker.join().unwrap());
        let mut chunks = Vec::new();
        let _ = reader.outbox.take(0, &mut chunks, &scene.writers.budget);
        let text = String::from_utf8(chunks.concat()).unwrap();
        let stamps: Vec<Stamp> = text
            .lines()
            .filter_map(|line| line.strip_prefix('@')?.split_once(" MSG "))
            .map(|(stamp, _)| stamp.parse().unwrap())
            .collect();
        assert!(stamps.len() == 2 && stamps.is_sorted(), "{text}");
    });
}

/// Lets two clients join at the same time, each in a thread that then flushes the updates in the given way. Checks that no
/// update is left in the end.
fn flush_during_joins(flush: fn(&Registry, &mut PendingWrites)) {
    explore(move |scene| {
        let joins = ["ann", "ben"].into_iter().zip(1..).map(|(name, id)| {
            let client = scene.client(id, name);
            scene.spawn(move |registry, writes| {
                registry.join(&client, writes).unwrap();
                flush(registry, writes);
            })
        });
        let _writes: Vec<_> = joins.collect::<Vec<_>>().into_iter().map(|join| join.join().unwrap()).collect();
        assert!(lock(&scene.registry.room).updates.is_empty(), "no thread flushes the updates");
    });
}

#[test]
fn loom_all_updates_are_flushed_even_if_clients_join_meanwhile() {
    flush_during_joins(|registry, writes| {
        let mut flushing = lock(&registry.room).begin_flush(writes);
        while let Some(flusher) = flushing {
            flushing = lock(&registry.room).continue_flush(flusher, writes);
        }
    });
}

#[test]
#[should_panic(expected = "no thread flushes the updates")]
fn loom_notices_a_duty_that_ends_after_the_lock_is_released() {
    flush_during_joins(|registry, writes| {
        let flusher = lock(&registry.room).begin_flush(writes);
        while flusher.is_some() && !lock(&registry.room).updates.is_empty() {
            lock(&registry.room).push_updates(writes);
        }
        thread::yield_now();
        drop(flusher);
    });
}
