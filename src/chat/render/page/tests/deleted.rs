//! A page from which texts were deleted is as if it had been read anew, and nothing that is selected or counted has them.

use super::*;

fn delete(stage: &mut Stage, stamps: &[u64]) {
    stage.log.forget_texts(&stamps.iter().copied().collect());
}

#[test]
fn a_deleted_message_is_a_grey_line_in_its_place() {
    let mut stage = stage();
    for (minute, text) in ["one", "two", "three"].into_iter().enumerate() {
        stage.hear("ann", minute as u64, text);
    }
    stage.update(None);
    delete(&mut stage, &[AT + MINUTE]);
    let text = stage.update(None);
    assert_eq!(text, read_anew(&stage, None));
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(lines, ["22:13  ann  one", "22:14  ann  (deleted by the operator)", "22:15  ann  three"]);
    assert_eq!(stage.page.author(1), None);
    assert_eq!((stage.page.messages(0, 3), stage.page.start_of_newest(2)), (2, 0));
}

#[test]
fn a_line_of_code_that_is_deleted_is_gone_from_its_block_and_a_fence_ends_it() {
    let mut stage = stage();
    for (minute, text) in ["```", "fn main", "insult", "```"].into_iter().enumerate() {
        stage.hear("ann", minute as u64, text);
    }
    assert!(stage.update(None).contains("insult"));
    delete(&mut stage, &[AT + 2 * MINUTE]);
    let text = stage.update(None);
    assert_eq!(text, read_anew(&stage, None));
    assert!(stage.page.is_code(0) && text.contains("fn main") && !text.contains("insult"), "{text}");
    assert!(text.ends_with("22:15  ann  (deleted by the operator)"), "{text}");
    delete(&mut stage, &[AT]);
    assert!(!stage.update(None).is_empty() && !stage.page.is_code(0), "half a block is none");
}

#[test]
fn what_was_selected_of_a_deleted_message_cannot_be_copied_and_other_selections_stay() {
    let mut stage = stage();
    for (minute, text) in ["insult", "hello there"].into_iter().enumerate() {
        stage.hear("ann", minute as u64, text);
    }
    stage.update(None);
    let of = |entry| Selection { from: Point { entry, byte: 5 }, to: Point { entry, byte: 9 } };
    delete(&mut stage, &[AT]);
    let (splices, settled) = (stage.log.take_splices(), stage.page.settled_end());
    stage.page.splice(&stage.log, reader(&stage.ignored), &splices);
    assert_eq!(stage.page.select_still(of(0), &splices, settled), None);
    assert_eq!(stage.page.select_still(of(1), &splices, settled), Some(of(1)));
    let across = Selection { from: Point { entry: 0, byte: 0 }, to: Point { entry: 1, byte: 5 } };
    assert!(!stage.page.copy(across).contains("insult"));
}
