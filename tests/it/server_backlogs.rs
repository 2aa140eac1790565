//! What waits for all slow readers together is bounded, and those who are furthest behind pay for it.

use std::time::Duration;

use crate::support::{Peer, Room, config};
use multichat::protocol::ErrorCode;
use multichat::server::{Config, DisconnectReason, EventKind};

/// Only the sum can end anybody here: each alone may be as slow as it likes.
const ALL: usize = 1 << 20;

#[test]
fn all_backlogs_together_are_bounded_and_nobody_else_pays() {
    let stall_timeout = Duration::from_mins(10);
    let room = Room::with(Config { backlog_max: 1 << 30, backlogs_max: ALL, stall_timeout, ..config() });
    let stalled = ["slow1", "slow2", "slow3"].map(|name| {
        let mut peer = Peer::connect_with_small_buffer(room.addr());
        peer.join(name);
        peer
    });
    let mut ann = room.join("ann echo");
    let text = "x".repeat(4000);
    let mut ended = 0;
    // What the kernel takes for a reader that has stalled is some megabytes; this is several times as much.
    for number in 0..20_000 {
        let line = format!("MSG ann {number} {text}");
        ann.send(format!("{line}\n"));
        loop {
            match ann.line() {
                left if left.starts_with("BYE slow") => ended += 1,
                echo => {
                    assert_eq!(echo, line, "a healthy client misses something");
                    break;
                }
            }
        }
        let waiting = room.snapshot().totals.waiting;
        assert!(waiting <= ALL + stalled.len() * 2 * line.len(), "{waiting} bytes wait");
        if ended == stalled.len() {
            break;
        }
    }
    assert!(ended > 0, "nobody was ended");
    for _ in 0..ended {
        let why = room.wait_for("a slow reader left", |happening| match happening {
            EventKind::Left { why, .. } => Some(why.clone()),
            _ => None,
        });
        assert!(matches!(why, DisconnectReason::Ended(ErrorCode::TooSlow, _)), "{why:?}");
    }
    ann.sync();
}
