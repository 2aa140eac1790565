//! The outbox, step by step.

use crate::server::delivery::outbox::*;

/// Enough for everybody.
fn ample() -> Budget {
    Budget::new(9999, 9999)
}

fn piece(text: &str) -> Chunk {
    text.as_bytes().into()
}

fn text(pieces: &mut Vec<Chunk>) -> String {
    pieces.drain(..).map(|piece| String::from_utf8_lossy(&piece).into_owned()).collect()
}

#[test]
fn the_first_to_push_becomes_the_writer_and_the_others_leave_their_bytes() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    assert_eq!(outbox.push(&piece("one "), &budget), Pushed::Claimed);
    assert_eq!(outbox.push(&piece("two"), &budget), Pushed::Left);
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 0 });
    assert_eq!(text(&mut taken), "one two");
    assert_eq!(outbox.push(&piece("three"), &budget), Pushed::Left, "the writer is not done");
    assert_eq!(outbox.take(7, &mut taken, &budget), Taken::Pieces { begun: 0 });
    assert_eq!(text(&mut taken), "three");
    assert_eq!(outbox.take(5, &mut taken, &budget), Taken::Empty);
    assert_eq!((outbox.backlog(), outbox.written()), (0, 12));
    assert_eq!(outbox.push(&piece("four"), &budget), Pushed::Claimed, "the claim was over");
}

#[test]
fn what_a_full_socket_did_not_take_comes_first_again() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    for text in ["one ", "two ", "three "] {
        let _ = outbox.push(&piece(text), &budget);
    }
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 0 });
    let _ = outbox.push(&piece("four"), &budget);
    // The socket took "one t".
    taken.remove(0);
    outbox.put_back(5, &mut taken, 1, &budget);
    assert_eq!(outbox.backlog(), 13);
    assert!(budget.drawn() >= 13, "a reader that is behind is counted");
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 1 });
    assert_eq!(text(&mut taken), "two three four");
    assert_eq!(outbox.take(13, &mut taken, &budget), Taken::Empty);
    assert_eq!((outbox.backlog(), outbox.written()), (0, 18));
    assert_eq!(budget.drawn(), 0, "it has caught up");
}

#[test]
fn too_much_is_refused_but_one_large_piece_passes_an_empty_outbox() {
    let (outbox, budget) = (Outbox::default(), Budget::new(5, 5));
    assert_eq!(outbox.push(&piece("0123456789"), &budget), Pushed::Claimed);
    assert_eq!(outbox.push(&piece("x"), &budget), Pushed::Overflow);
    assert_eq!(outbox.backlog(), 10);
}

#[test]
fn after_the_end_nothing_is_accepted_and_the_last_line_is_the_last() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    assert_eq!(outbox.push(&piece("waits "), &budget), Pushed::Claimed);
    assert_eq!(outbox.finish(Some(piece("last")), OnClose::Flush, &budget), Pushed::Left);
    assert_eq!(outbox.finish(Some(piece("again")), OnClose::Flush, &budget), Pushed::Closed);
    assert_eq!(outbox.push(&piece("late"), &budget), Pushed::Closed);
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 0 });
    assert_eq!(text(&mut taken), "waits last");
    assert_eq!(outbox.take(10, &mut taken, &budget), Taken::Finished);
}

#[test]
fn a_backlog_that_is_dropped_leaves_a_line_that_is_half_out_whole() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    for text in ["begun ", "waits ", "waits too "] {
        let _ = outbox.push(&piece(text), &budget);
    }
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 0 });
    // While the writer is at it, the client is ended, and then the socket takes two bytes.
    assert_eq!(outbox.finish(Some(piece("last")), OnClose::Discard, &budget), Pushed::Left);
    outbox.put_back(2, &mut taken, 2, &budget);
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 2 });
    assert_eq!(text(&mut taken), "begun last");
    assert_eq!(outbox.take(8, &mut taken, &budget), Taken::Finished);
    assert_eq!(outbox.backlog(), 0);
}

#[test]
fn the_last_line_is_kept_while_the_socket_takes_nothing() {
    let (outbox, budget, mut taken) = (Outbox::default(), ample(), Vec::new());
    let _ = outbox.push(&piece("begun "), &budget);
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 0 });
    outbox.put_back(2, &mut taken, 2, &budget);
    assert_eq!(outbox.finish(Some(piece("last")), OnClose::Discard, &budget), Pushed::Left);
    for _ in 0..3 {
        assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 2 });
        outbox.put_back(0, &mut taken, 2, &budget);
    }
    assert_eq!(outbox.take(0, &mut taken, &budget), Taken::Pieces { begun: 2 });
    assert_eq!(text(&mut taken), "begun last");
    assert_eq!(outbox.take(8, &mut taken, &budget), Taken::Finished);
}

#[test]
fn a_writer_that_gives_up_leaves_nothing_behind() {
    let (outbox, budget) = (Outbox::default(), ample());
    let _ = outbox.push(&piece("waits"), &budget);
    outbox.abandon(&budget);
    assert_eq!(outbox.push(&piece("late"), &budget), Pushed::Closed);
    assert_eq!(outbox.backlog(), 0);
}
