//! Tests of the table of clients: its cells, its order, and the mark.

use super::*;

#[test]
fn every_cell_of_a_client_is_in_words_and_units() {
    let mut ann = client(1, "ann");
    (ann.messages, ann.bytes_in, ann.bytes_out, ann.backlog) = (12_345, 2048, 3 << 20, 100);
    let model = running(vec![ann]);
    let row: Vec<Option<Cell>> = Column::ALL.map(|column| model.table().cell(0, column)).into();
    let text = |text: &str| Some(Cell::Text(text.into()));
    assert_eq!(
        row,
        [
            text("ann"),
            text("192.168.1.7:40000"),
            text("no"),
            Some(Cell::Moment(NOW)),
            text("12,345"),
            text("2.0 KiB"),
            text("3.0 MiB"),
            text("100 B"),
        ]
    );
    assert_eq!(model.table().cell(1, Column::Name), None);
}

#[test]
fn clients_that_do_not_keep_up_are_told_apart_in_words() {
    let (mut behind, mut blinked, mut stalled) = (client(2, "ben"), client(3, "carl"), client(4, "dora"));
    behind.backlog = 200 << 10;
    (blinked.backlog, blinked.stalled) = (10, Some(Duration::from_millis(300)));
    (stalled.backlog, stalled.stalled) = (5 << 20, Some(Duration::from_secs(4)));
    let model = running(vec![client(1, "ann"), behind, blinked, stalled]);
    let waiting: Vec<String> = (0..4).map(|row| shown(&model, row, Column::Waiting)).collect();
    assert_eq!(waiting, ["0 B", "behind 200 KiB", "10 B", "stalled 4 s, 5.0 MiB"]);
    let health: Vec<Health> = (0..4).map(|row| model.table().health(row)).collect();
    assert_eq!(health, [Health::Fine, Health::Behind, Health::Fine, Health::Stalled]);
    assert_eq!(model.table().not_keeping_up(), 2);
}

#[test]
fn the_mark_stays_with_the_client_when_rows_move_and_goes_when_they_leave() {
    let mut model = running(vec![client(1, "ann"), client(2, "ben"), client(3, "carl")]);
    model.mark(1);
    model.apply_snapshot(snapshot(vec![client(2, "ben"), client(3, "carl")]));
    assert_eq!(model.table().marked(), Some(0));
    // Somebody else under the same name is somebody else.
    model.apply_snapshot(snapshot(vec![client(3, "carl"), client(4, "ben")]));
    assert_eq!(model.table().marked(), None);
    model.mark(99);
    assert_eq!(model.table().marked(), Some(1), "beyond the last row is the last");
    assert_eq!([0, 1, 2].map(|row| model.table().is_marked(row)), [false, true, false]);
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
    (0..model.table().len()).map(|row| shown(model, row, Column::Name)).collect()
}

#[test]
fn the_table_is_sorted_by_any_column_and_either_way() {
    let mut model = running(five());
    assert_eq!(names(&model), ["dora", "Änne", "ben", "Ann", "zoe"], "in the order of joining");
    for (column, descending, order) in [
        (Column::Name, false, ["Ann", "ben", "dora", "zoe", "Änne"]),
        (Column::Address, false, ["Ann", "zoe", "Änne", "dora", "ben"]),
        (Column::Since, false, ["dora", "Änne", "ben", "Ann", "zoe"]),
        (Column::Messages, true, ["Ann", "zoe", "dora", "ben", "Änne"]),
        (Column::In, true, ["Änne", "ben", "zoe", "Ann", "dora"]),
        (Column::Out, true, ["dora", "Ann", "ben", "zoe", "Änne"]),
        (Column::Waiting, true, ["dora", "Änne", "ben", "Ann", "zoe"]),
    ] {
        model.sort(Sorting { column, descending });
        assert_eq!(names(&model), order, "{column:?}");
    }
    let sorting = model.table().sorting();
    model.sort(sorting.reversed());
    assert_eq!(names(&model), ["zoe", "Ann", "ben", "Änne", "dora"]);
}

#[test]
fn a_column_that_is_asked_for_twice_is_turned_round_and_numbers_begin_with_the_largest() {
    let sorting = Sorting::default().by_column(Column::Messages);
    assert_eq!(sorting, Sorting { column: Column::Messages, descending: true });
    assert_eq!(sorting.by_column(Column::Messages), Sorting { column: Column::Messages, descending: false });
    assert_eq!(sorting.by_column(Column::Name), Sorting { column: Column::Name, descending: false });
    assert_eq!((sorting.shifted(1).column, sorting.shifted(-1).column), (Column::In, Column::Since));
    let first = Sorting { column: Column::Name, descending: true };
    assert_eq!(first.shifted(-1), first, "there is none before it");
}

#[test]
fn the_order_holds_for_every_snapshot_and_for_the_next_run_and_the_mark_follows_its_client() {
    let mut model = running(five());
    model.sort(Sorting { column: Column::Messages, descending: true });
    model.mark(3);
    assert_eq!(shown(&model, 3, Column::Name), "ben");
    let mut people = five();
    people[2].messages = 100;
    model.apply_snapshot(snapshot(people));
    assert_eq!((names(&model)[0].as_str(), model.table().marked()), ("ben", Some(0)));
    model.apply_reply(&Reply::Stopped);
    model.apply_reply(&listening().1);
    model.apply_snapshot(snapshot(five()));
    assert_eq!(names(&model)[0], "Ann");
    assert_eq!(model.table().marked(), None, "connections are counted from 1 again");
}

#[test]
fn ten_thousand_rows_are_sorted_within_a_tick() {
    let people: Vec<ClientInfo> = (0..10_000_u64)
        .map(|n| {
            let mut person = client(n, &format!("user{}", n * 7919 % 10_000));
            person.messages = n * 31 % 1000;
            person
        })
        .collect();
    let mut model = running(people);
    let start = Instant::now();
    for column in Column::ALL {
        model.sort(Sorting::default().by_column(column));
    }
    // Four times a second is how often it has to be done once; this is without optimisation, on a busy machine.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?} for seven times", start.elapsed());
}
