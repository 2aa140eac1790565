//! A server that keeps to the protocol's letter and means no good: it may waste its own time, and not the user's.

use super::*;

#[test]
fn a_crowd_of_which_many_said_something_in_private_is_listed_quickly() {
    let mut stage = online();
    // Names that have to be folded to be compared, and senders who are not here.
    let crowd: Vec<_> = (0..10_000).map(|n| format!("HELLO {}{n}", "ﷺ".repeat(20))).collect();
    let told: Vec<_> = (0..50).map(|n| format!("TELL {}{n} psst", "Ｗ".repeat(20))).collect();
    stage.hear(&crowd.iter().map(String::as_str).collect::<Vec<_>>());
    stage.hear(&told.iter().map(String::as_str).collect::<Vec<_>>());
    let begun = Instant::now();
    let people = stage.chat.people(2000, &Clock::utc());
    let took = begun.elapsed();
    assert_eq!((people.len(), people.iter().filter(|row| row.is_gone).count()), (2050, 50));
    // Some milliseconds, and many seconds if each sender were compared with each name.
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn who_comes_back_with_a_name_written_otherwise_still_has_said_what_is_unread() {
    let mut stage = online();
    stage.hear(&["HELLO carl", "TELL carl psst", "BYE carl", "HELLO CARL"]);
    let people = stage.chat.people(100, &Clock::utc());
    let unread: Vec<_> = people.iter().map(|row| (row.name.as_str(), row.unread, row.is_gone)).collect();
    assert_eq!(unread, [("ann", 0, false), ("bob", 0, false), ("CARL", 1, false)]);
}
