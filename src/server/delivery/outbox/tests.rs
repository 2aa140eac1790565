//! Tests of the outbox, one call after the other in one thread.

use crate::server::delivery::outbox::*;

/// Returns a budget that no test exhausts.
fn ample() -> Budget {
    Budget::new(9999, 9999)
}

fn chunk(text: &str) -> Chunk {
    text.as_bytes().into()
}

fn text(chunks: &mut Vec<Chunk>) -> String {
    chunks.drain(..).map(|chunk| String::from_utf8_lossy(&chunk).into_owned()).collect()
}

#[test]
fn the_first_to_push_becomes_the_writer_and_the_others_queue_their_bytes() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    assert_eq!(outbox.push(&chunk("one "), &budget), Pushed::Claimed);
    assert_eq!(outbox.push(&chunk("two"), &budget), Pushed::Queued);
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 0 });
    assert_eq!(text(&mut taken), "one two");
    assert_eq!(outbox.push(&chunk("three"), &budget), Pushed::Queued, "the writer is not done");
    assert_eq!(outbox.take(7, &mut taken, &budget), Taken::Chunks { offset: 0 });
    assert_eq!(text(&mut taken), "three");
    assert_eq!(outbox.take(5, &mut taken, &budget), Taken::Empty);
    assert_eq!((outbox.backlog(), outbox.written()), (0, 12));
    assert_eq!(outbox.push(&chunk("four"), &budget), Pushed::Claimed, "the claim was over");
}

#[test]
fn what_a_full_socket_did_not_take_comes_first_again() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    for text in ["one ", "two ", "three "] {
        let _ = outbox.push(&chunk(text), &budget);
    }
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 0 });
    let _ = outbox.push(&chunk("four"), &budget);
    // The socket accepted "one t".
    taken.remove(0);
    outbox.put_back(5, &mut taken, 1, &budget);
    assert_eq!(outbox.backlog(), 13);
    assert!(budget.reserved() >= 13, "a reader that is behind is counted");
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 1 });
    assert_eq!(text(&mut taken), "two three four");
    assert_eq!(outbox.take(13, &mut taken, &budget), Taken::Empty);
    assert_eq!((outbox.backlog(), outbox.written()), (0, 18));
    assert_eq!(budget.reserved(), 0, "it has caught up");
}

#[test]
fn too_much_is_refused_but_one_large_chunk_passes_an_empty_outbox() {
    let (outbox, budget) = (Outbox::default(), Budget::new(5, 5));
    assert_eq!(outbox.push(&chunk("0123456789"), &budget), Pushed::Claimed);
    assert_eq!(outbox.push(&chunk("x"), &budget), Pushed::Overflow);
    assert_eq!(outbox.backlog(), 10);
}

#[test]
fn the_limit_counts_the_chunk_that_is_pushed_and_a_slot_for_each_that_waits() {
    let slot = size_of::<Chunk>();
    for (second, pushed) in [(20, Pushed::Queued), (21, Pushed::Overflow)] {
        let (outbox, budget) = (Outbox::default(), Budget::new(10 + 20 + 2 * slot, 9999));
        assert_eq!(outbox.push(&chunk(&"x".repeat(10)), &budget), Pushed::Claimed);
        assert_eq!(outbox.push(&chunk(&"x".repeat(second)), &budget), pushed, "{second} more bytes");
    }
    let (outbox, budget) = (Outbox::default(), Budget::new(10 * (1 + slot), 9999));
    assert_eq!(outbox.push(&chunk("x"), &budget), Pushed::Claimed);
    let accepted = (1..99).take_while(|_| outbox.push(&chunk("x"), &budget) == Pushed::Queued).count();
    assert_eq!(accepted, 9, "tiny chunks");
}

#[test]
fn after_the_end_nothing_is_accepted_and_the_last_line_is_the_last() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    assert_eq!(outbox.push(&chunk("waits "), &budget), Pushed::Claimed);
    // A drain thread waits less long for a client that is being disconnected, and for no other.
    assert!(!outbox.is_closing());
    assert_eq!(outbox.finish(Some(chunk("last")), OnClose::Flush, &budget), Pushed::Queued);
    assert_eq!(outbox.finish(Some(chunk("again")), OnClose::Flush, &budget), Pushed::Closed);
    assert_eq!(outbox.push(&chunk("late"), &budget), Pushed::Closed);
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 0 });
    assert_eq!(text(&mut taken), "waits last");
    assert!(outbox.is_closing());
    assert_eq!(outbox.take(10, &mut taken, &budget), Taken::Finished);
}

#[test]
fn a_backlog_that_is_dropped_leaves_a_line_that_is_half_out_whole() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    for text in ["begun ", "waits ", "waits too "] {
        let _ = outbox.push(&chunk(text), &budget);
    }
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 0 });
    // During the write the client is disconnected, and then the socket accepts two bytes.
    assert_eq!(outbox.finish(Some(chunk("last")), OnClose::Discard, &budget), Pushed::Queued);
    outbox.put_back(2, &mut taken, 2, &budget);
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 2 });
    assert_eq!(text(&mut taken), "begun last");
    assert_eq!(outbox.take(8, &mut taken, &budget), Taken::Finished);
    assert_eq!(outbox.backlog(), 0);
}

#[test]
fn the_last_line_is_kept_while_the_socket_takes_nothing() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    let _ = outbox.push(&chunk("begun "), &budget);
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 0 });
    outbox.put_back(2, &mut taken, 2, &budget);
    assert_eq!(outbox.finish(Some(chunk("last")), OnClose::Discard, &budget), Pushed::Queued);
    for _ in 0..3 {
        assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 2 });
        outbox.put_back(0, &mut taken, 2, &budget);
    }
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Chunks { offset: 2 });
    assert_eq!(text(&mut taken), "begun last");
    assert_eq!(outbox.take(8, &mut taken, &budget), Taken::Finished);
}

#[test]
fn the_memory_of_a_burst_is_given_back() {
    let (outbox, budget, mut taken) = (Outbox::default(), Budget::new(1 << 20, 1 << 20), Vec::new());
    for _ in 0..1000 {
        let _ = outbox.push(&chunk("x"), &budget);
    }
    let mut written = 0;
    while outbox.take(written, &mut taken, &budget) != Taken::Empty {
        written = text(&mut taken).len();
    }
    assert_eq!((outbox.written(), lock(&outbox.state).queue.capacity()), (1000, KEPT_CAPACITY));
}

#[test]
fn a_writer_that_gives_up_leaves_nothing_behind() {
    let (outbox, budget) = (Outbox::default(), ample());
    let _ = outbox.push(&chunk("waits"), &budget);
    outbox.abandon(&budget);
    assert_eq!(outbox.push(&chunk("late"), &budget), Pushed::Closed);
    assert_eq!(outbox.backlog(), 0);
}
