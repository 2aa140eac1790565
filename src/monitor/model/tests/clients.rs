//! Tests of the list of clients: its cells, its order, the marks, the filter, and the columns.

use super::*;

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
    assert_eq!(model.clients.marked_rows(), [0]);
    // Somebody else under the same name is somebody else.
    model.apply_snapshot(snapshot(vec![client(3, "carl"), client(4, "ben")]));
    assert_eq!(model.clients.marked_rows(), []);
    model.clients.mark(99);
    assert_eq!(model.clients.marked_rows(), [1], "beyond the last row is the last");
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
    assert_eq!((names(&model)[0].as_str(), model.clients.marked_rows()), ("ben", vec![0]));
    model.apply_reply(&Reply::Stopped);
    model.apply_reply(&listening().1);
    model.apply_snapshot(snapshot(five()));
    assert_eq!(names(&model)[0], "Ann");
    assert_eq!(model.clients.marked_rows(), [], "connections are counted from 1 again");
}

/// Number of comparisons of [`Counted`] rows on this thread.
mod counted {
    use std::cell::Cell;

    use crate::monitor::model::list::{Column, Listed, Look};

    thread_local!(pub(super) static COMPARED: Cell<usize> = const { Cell::new(0) });

    #[derive(Debug)]
    pub(super) struct Counted(pub(super) u64, pub(super) u64);

    impl Listed for Counted {
        type Key = u64;

        const COLUMNS: &'static [Column<Counted>] =
            &[Column::<Self>::number("Value", (10, 1), |row, _| (row.1.to_string(), Look::Plain)).sorted(
                |one, other| {
                    COMPARED.set(COMPARED.get() + 1);
                    one.1.cmp(&other.1)
                },
            )];

        fn key(&self) -> u64 {
            self.0
        }
    }
}

#[test]
fn ten_thousand_rows_of_which_few_have_changed_are_sorted_with_few_comparisons() {
    use counted::{COMPARED, Counted};
    let rows = |changed: u64| (0..10_000).map(move |n| Counted(n, if n < changed { 0 } else { n * 7919 % 10_000 }));
    let mut list = List::default();
    let compared = |act: &mut dyn FnMut()| {
        COMPARED.set(0);
        act();
        COMPARED.get()
    };
    list.set(rows(0).collect());
    let first = compared(&mut || list.sort(Sorting { column: Some(0), descending: true }));
    let [same, few, turned] = [
        compared(&mut || list.set(rows(0).collect())),
        compared(&mut || list.set(rows(5).collect())),
        compared(&mut || list.sort(Sorting { column: Some(0), descending: false })),
    ];
    assert!(list.iter().is_sorted_by_key(|row| row.1));
    assert!(first > 60_000 && same < 10_000 && turned < 20_000 && few < 30_000, "{first} {same} {few} {turned}");
}

#[test]
fn several_are_marked_by_connection_and_stay_so_when_rows_move_and_others_leave() {
    let mut model = running(five());
    model.clients.set_marks([1, 3], Some((1, 3)));
    model.clients.sort(by("Name", false));
    let marked = |model: &Model| model.clients.subjects().iter().map(Subject::shown).collect::<Vec<_>>();
    assert_eq!((marked(&model), model.clients.marked_rows()), (vec!["Ann".into(), "Änne".into()], vec![0, 4]));
    assert_eq!((model.clients.ends(), model.clients.subject()), (Some((4, 0)), None));
    model.apply_snapshot(snapshot(five().split_off(1)));
    assert_eq!(marked(&model), ["Ann", "Änne"]);
    model.apply_snapshot(snapshot(five().split_off(2)));
    assert_eq!((marked(&model), model.clients.ends()), (vec!["Ann".into()], None));
    assert_eq!(model.clients.subject().unwrap().shown(), "Ann");
    let mut again = five();
    again[1].id = ConnectionId(9);
    model.apply_snapshot(snapshot(again));
    assert_eq!(marked(&model), ["Ann"], "somebody who comes back is somebody else");
}

#[test]
fn the_filter_is_of_names_and_addresses_and_unmarks_whom_it_hides() {
    let mut model = running(five());
    model.clients.set_marks(0..5, None);
    assert_eq!(model.clients.summary(), "5 selected");
    for (words, shown) in [(" AN ", vec!["Ann"]), ("än", vec!["Änne"]), ("10.0.0.10", vec!["dora", "ben"])] {
        model.clients.set_filter(words);
        assert_eq!(names(&model), shown, "{words}");
    }
    assert_eq!(model.clients.summary(), "2 of 5");
    assert_eq!((model.clients.len(), model.clients.all().len()), (2, 5));
    assert_eq!(model.clients.marked_rows(), [], "hidden by the first words");
    model.clients.mark(0);
    model.clients.set_filter("");
    assert_eq!((model.clients.marked_rows(), model.clients.summary()), (vec![0], String::new()));
    model.clients.set_filter("zo");
    model.apply_snapshot(snapshot([five(), vec![client(9, "Zora")]].concat()));
    assert_eq!(names(&model), ["zoe", "Zora"], "it stays for those who come");
    model.apply_reply(&Reply::Stopped);
    assert_eq!(model.clients.summary(), "0 of 0");
}

#[test]
fn columns_are_chosen_and_remembered_by_their_titles_and_the_name_stays() {
    let mut list = List::<ClientInfo>::default();
    list.toggle_column(0);
    list.toggle_column(2);
    list.toggle_column(7);
    assert_eq!(
        (list.columns().collect::<Vec<_>>(), list.hidden_columns()),
        (vec![0, 1, 3, 4, 5, 6], "TLS,Waiting".into())
    );
    list.toggle_column(7);
    assert_eq!(list.hidden_columns(), "TLS");
    list.hide_columns("In, Out,Name,no such column");
    assert_eq!(list.hidden_columns(), "In,Out");
    assert_eq!(list.sorting(), ClientInfo::SORTING);
    list.toggle_column(3);
    assert_eq!(list.sorting(), by("Name", false), "an order that is not seen");
    list.hide_columns("");
    assert_eq!(list.columns().count(), ClientInfo::COLUMNS.len());
}
