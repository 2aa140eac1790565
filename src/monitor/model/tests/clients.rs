//! Tests of the list of clients: its cells, its order, and the mark.

use std::cell::Cell;

use super::*;
use crate::monitor::model::list::sort_by;

#[test]
fn every_cell_of_a_client_is_in_words_and_units() {
    let mut ann = client(1, "ann");
    (ann.messages, ann.bytes_in, ann.bytes_out, ann.backlog) = (12_345, 2048, 3 << 20, 100);
    let model = running(vec![ann]);
    let row = ["Name", "Address", "TLS", "Messages", "In", "Out", "Waiting"].map(|title| shown(&model, 0, title));
    assert_eq!(row, ["ann", "192.168.1.7:40000", "no", "12,345", "2.0 KiB", "3.0 MiB", "100 B"]);
    assert_eq!(model.clients.cell(1, 0, &Clock::utc()), None);
}

#[test]
fn clients_that_do_not_keep_up_are_told_apart_in_words() {
    let (mut behind, mut blinked, mut stalled) = (client(2, "ben"), client(3, "carl"), client(4, "dora"));
    behind.backlog = 200 << 10;
    (blinked.backlog, blinked.stalled) = (10, Some(Duration::from_millis(300)));
    (stalled.backlog, stalled.stalled) = (5 << 20, Some(Duration::from_secs(4)));
    let model = running(vec![client(1, "ann"), behind, blinked, stalled]);
    let waiting: Vec<String> = (0..4).map(|row| shown(&model, row, "Waiting")).collect();
    assert_eq!(waiting, ["0 B", "behind 200 KiB", "10 B", "stalled 4 s, 5.0 MiB"]);
    let looks = [0, 1, 2, 3].map(|row| model.clients.cell(row, 0, &Clock::utc()).unwrap().1);
    assert_eq!(looks, [Look::Plain, Look::Warn, Look::Plain, Look::Error]);
    assert_eq!(model.clients.not_keeping_up(), 2);
}

#[test]
fn the_mark_stays_with_the_client_when_rows_move_and_goes_when_they_leave() {
    let mut model = running(vec![client(1, "ann"), client(2, "ben"), client(3, "carl")]);
    model.clients.mark(1);
    model.apply_snapshot(snapshot(vec![client(2, "ben"), client(3, "carl")]));
    assert_eq!(model.clients.marked_row(), Some(0));
    // Somebody else under the same name is somebody else.
    model.apply_snapshot(snapshot(vec![client(3, "carl"), client(4, "ben")]));
    assert_eq!(model.clients.marked_row(), None);
    model.clients.mark(99);
    assert_eq!(model.clients.marked_row(), Some(1), "beyond the last row is the last");
}

/// Five clients whose order differs for each column.
fn five() -> Vec<ClientInfo> {
    let mut people = vec![client(1, "dora"), client(2, "Änne"), client(3, "ben"), client(4, "Ann"), client(5, "zoe")];
    for (at, person) in people.iter_mut().enumerate() {
        person.messages = [3, 1, 2, 5, 5][at];
        person.bytes_in = [1, 5, 4, 2, 3][at];
        person.bytes_out = [5, 1, 3, 4, 2][at];
        person.backlog = [0, 200 << 10, 10, 5, 0][at];
        person.addr = format!("10.0.0.{}:4000", [10, 9, 100, 2, 3][at]).parse().unwrap();
    }
    people[0].stalled = Some(Duration::from_secs(9));
    people
}

fn names(model: &Model) -> Vec<String> {
    (0..model.clients.len()).map(|row| shown(model, row, "Name")).collect()
}

#[test]
fn the_table_is_sorted_by_any_column_and_either_way() {
    let mut model = running(five());
    assert_eq!(names(&model), ["dora", "Änne", "ben", "Ann", "zoe"], "in the order of joining");
    for (title, descending, order) in [
        ("Name", false, ["Ann", "ben", "dora", "zoe", "Änne"]),
        ("Address", false, ["Ann", "zoe", "Änne", "dora", "ben"]),
        ("Since", false, ["dora", "Änne", "ben", "Ann", "zoe"]),
        ("Messages", true, ["Ann", "zoe", "dora", "ben", "Änne"]),
        ("In", true, ["Änne", "ben", "zoe", "Ann", "dora"]),
        ("Out", true, ["dora", "Ann", "ben", "zoe", "Änne"]),
        ("Waiting", true, ["dora", "Änne", "ben", "Ann", "zoe"]),
    ] {
        model.clients.sort(by(title, descending));
        assert_eq!(names(&model), order, "{title}");
    }
    let sorting = model.clients.sorting();
    model.clients.sort(sorting.reversed());
    assert_eq!(names(&model), ["zoe", "Ann", "ben", "Änne", "dora"]);
}

#[test]
fn the_order_holds_for_every_snapshot_and_for_the_next_run_and_the_mark_follows_its_client() {
    let mut model = running(five());
    model.clients.sort(by("Messages", true));
    model.clients.mark(3);
    assert_eq!(shown(&model, 3, "Name"), "ben");
    let mut people = five();
    people[2].messages = 100;
    model.apply_snapshot(snapshot(people));
    assert_eq!((names(&model)[0].as_str(), model.clients.marked_row()), ("ben", Some(0)));
    model.apply_reply(&Reply::Stopped);
    model.apply_reply(&listening().1);
    model.apply_snapshot(snapshot(five()));
    assert_eq!(names(&model)[0], "Ann");
    assert_eq!(model.clients.marked_row(), None, "connections are counted from 1 again");
}

#[test]
fn of_ten_thousand_rows_each_is_asked_once_for_what_it_is_sorted_by() {
    let asked = Cell::new(0);
    let mut rows: Vec<u64> = (0..10_000).map(|n| n * 7919 % 10_000).collect();
    sort_by(&mut rows, true, |row| {
        asked.set(asked.get() + 1);
        *row
    });
    assert!(rows.is_sorted_by(|one, next| one > next));
    assert_eq!(asked.get(), 10_000);
}
