//! Every interleaving of joining, leaving, telling the news and stopping, by loom: `--cfg loom`, see `script/test`.
//!
//! The clients are real, sockets too; nothing is written to those. A claim that is dropped
//! ends its client, so the claims are kept until everything was looked at.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::protocol::{Capabilities, Username};
use crate::server::delivery::WriterContext;
use crate::server::delivery::budget::Budget;
use crate::server::id::ConnectionId;
use crate::server::observe::event::EventSink;
use crate::server::registry::*;
use crate::transport::Transport;
use loom::thread;

/// What each execution of a model begins with.
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
        let (name, capabilities) = (Username::parse(name).unwrap(), Capabilities::default());
        let addr = self.socket.local_addr().unwrap();
        Arc::new(Client::new(ConnectionId(id), name, capabilities, addr, Transport::plain(self.socket.clone())))
    }

    /// A thread that works on the registry. Its claims are returned, so that they are not dropped before the end.
    fn spawn<T: 'static>(
        &self,
        work: impl FnOnce(&Registry, &mut PendingWrites) -> T + 'static,
    ) -> thread::JoinHandle<(T, PendingWrites)> {
        let (registry, mut claims) = (self.registry.clone(), PendingWrites::new(&self.writers));
        thread::spawn(move || (work(&registry, &mut claims), claims))
    }
}

/// Two connections want one name while the server stops, in the way given.
fn join_during(stop: fn(&Registry, &mut PendingWrites)) {
    explore(move |scene| {
        let clients = [scene.client(1, "ann"), scene.client(2, "ANN")];
        let joins =
            clients.clone().map(|client| scene.spawn(move |registry, claims| registry.join(&client, claims).is_ok()));
        let _stopped = scene.spawn(stop).join().unwrap();
        let (joined, _claims): (Vec<_>, Vec<_>) = joins.into_iter().map(|join| join.join().unwrap()).unzip();
        assert!(joined != [true, true], "one name, two people");
        for (client, joined) in clients.iter().zip(joined) {
            assert!(!joined || client.outbox.is_closing(), "somebody joined and was not told that the server stops");
        }
    });
}

#[test]
fn loom_whoever_joins_while_the_server_stops_is_told() {
    join_during(|registry, claims| registry.close(ErrorCode::ShuttingDown, "", claims));
}

#[test]
#[should_panic(expected = "was not told")]
fn loom_notices_a_stop_that_leaves_the_door_open() {
    join_during(|registry, claims| {
        for here in lock(&registry.room).people.values() {
            claims.end(&here.client, ErrorCode::ShuttingDown, "", OnClose::Flush);
        }
    });
}

#[test]
fn loom_a_late_cleanup_does_not_evict_the_returned_user() {
    explore(|scene| {
        let (old, new) = (scene.client(1, "ann"), scene.client(2, "ann"));
        let mut claims = PendingWrites::new(&scene.writers);
        scene.registry.join(&old, &mut claims).unwrap();
        let leaving = [old.clone(), old].map(|old| scene.spawn(move |registry, claims| registry.leave(&old, claims)));
        let returned = {
            let new = new.clone();
            scene.spawn(move |registry, claims| registry.join(&new, claims).is_ok())
        };
        let (returned, _claims) = returned.join().unwrap();
        for leaving in leaving {
            leaving.join().unwrap();
        }
        let room = lock(&scene.registry.room);
        let here: Vec<_> = room.people.values().map(|here| here.client.id).collect();
        assert_eq!(here, if returned { vec![new.id] } else { vec![] });
    });
}

/// Two people join at once, and each sees to it in the way given that the news of that is told. What is still untold in
/// the end?
fn tell_during_joins(tell: fn(&Registry, &mut PendingWrites)) {
    explore(move |scene| {
        let joins = ["ann", "ben"].into_iter().zip(1..).map(|(name, id)| {
            let client = scene.client(id, name);
            scene.spawn(move |registry, claims| {
                registry.join(&client, claims).unwrap();
                tell(registry, claims);
            })
        });
        let _claims: Vec<_> = joins.collect::<Vec<_>>().into_iter().map(|join| join.join().unwrap()).collect();
        assert!(lock(&scene.registry.room).news.is_empty(), "nobody tells the news");
    });
}

#[test]
fn loom_all_news_is_told_whoever_comes_while_it_is() {
    tell_during_joins(|registry, claims| {
        let mut telling = lock(&registry.room).begin_to_tell(claims);
        while let Some(teller) = telling {
            telling = lock(&registry.room).go_on_telling(teller, claims);
        }
    });
}

#[test]
#[should_panic(expected = "nobody tells the news")]
fn loom_notices_a_duty_that_ends_after_the_lock_is_released() {
    tell_during_joins(|registry, claims| {
        let teller = lock(&registry.room).begin_to_tell(claims);
        while teller.is_some() && !lock(&registry.room).news.is_empty() {
            lock(&registry.room).flush_updates(claims);
        }
        thread::yield_now();
        drop(teller);
    });
}
