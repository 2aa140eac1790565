//! Microbenchmarks of the room: pushing, contention for the registry's lock, joining and leaving. They use a real server in this
//! process over real sockets, so they measure what a client sees, the kernel's part included.
//!
//! ```text
//! cargo bench --no-default-features --bench room
//! ```

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot start has to stop")]

#[path = "support/clients.rs"]
mod clients;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clients::{Audience, Visitor, server};
use divan::Bencher;
use divan::counter::ItemsCount;

/// Lines in one packet, so that many lines share the system calls.
const BATCH: usize = 50;

fn main() {
    divan::main();
}

/// Messages to a number of recipients. A PING follows each message, so that each is pushed on its own. The chunks that are queued
/// for one recipient are written together at the end.
#[divan::bench(args = [1, 10, 100, 500])]
fn push(bencher: Bencher, recipients: usize) {
    let server = server();
    let audience = Audience::new(server.addr(), recipients);
    let mut ann = Visitor::join(server.addr(), "ann");
    let packet = "MSG ann 0123456789 0123456789 0123456789\nPING\n".repeat(BATCH);
    bencher.counter(ItemsCount::new(BATCH * recipients)).bench_local(|| {
        ann.send(&packet);
        ann.wait_for("PONG", BATCH);
    });
    drop(audience);
}

/// Private messages to oneself, in a number of the server's threads at the same time. Each message takes the registry's lock and
/// pushes once under it.
#[divan::bench(threads = [1, 2, 4, 8])]
fn registry_under_contention(bencher: Bencher) {
    let server = server();
    let ready: Mutex<Vec<Visitor>> = Mutex::default();
    let joined = AtomicUsize::new(0);
    bencher
        .counter(ItemsCount::new(BATCH))
        .with_inputs(|| {
            ready.lock().unwrap().pop().unwrap_or_else(|| {
                let number = joined.fetch_add(1, Ordering::Relaxed);
                Visitor::join(server.addr(), &format!("p{number}"))
            })
        })
        .bench_values(|mut visitor| {
            visitor.send(&visitor.own_tells);
            visitor.wait_for("TELL", BATCH);
            ready.lock().unwrap().push(visitor);
        });
}

/// One client connects, joins, sends BYE and is disconnected, while a number of others are connected.
#[divan::bench(args = [0, 100, 500])]
fn visit(bencher: Bencher, others: usize) {
    let server = server();
    let audience = Audience::new(server.addr(), others);
    bencher.bench_local(|| {
        let mut visitor = Visitor::join(server.addr(), "visitor");
        visitor.send("BYE\n");
        visitor.wait_for_end();
    });
    drop(audience);
}
