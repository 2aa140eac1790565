//! Microbenchmarks of the room: pushing, the registry's lock under contention, coming and going. They talk to a real server,
//! in this process, over real sockets: what is measured is what a client would see, with the kernel's part in it.
//!
//! ```text
//! cargo bench --no-default-features --bench room
//! ```

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot begin is to stop")]

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use divan::Bencher;
use divan::counter::ItemsCount;
use support::{Audience, Visitor, server};

/// Lines that are sent at once, so that the system calls are shared by many.
const BATCH: usize = 50;

fn main() {
    divan::main();
}

/// A message to so many. Each is followed by a PING, so that each is pushed for itself; what waits for one recipient in
/// the end is one write.
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

/// Private messages to oneself, in so many threads of the server at once: each takes the lock of the registry, and pushes
/// once under it.
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

/// Somebody connects, joins, says BYE and is let go, while so many are here.
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
