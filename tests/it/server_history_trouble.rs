//! The history on a bad day: a wrong clock, a database that is locked, removed or full of one person's names. What was
//! said is never lost in silence, an answer is never a wrong one, and a stop does not wait.

#![cfg(feature = "storage")]
// In what the tests share, too.
#![allow(clippy::unwrap_used)]

#[cfg(unix)]
use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::support::history::{all, ask, file, lines_of, room, say, with_history};
use crate::support::program::Home;
use crate::support::{DEADLINE, Peer, Room, eventually, stamped, unstamped};
use multichat::server::{Config, Deletion, EventKind};
use rusqlite::Connection;

const DAY: Duration = Duration::from_hours(24);

fn keeping(home: &Home, days: u32) -> Config {
    Config { keep: Some(DAY * days), ..with_history(home) }
}

/// Moves all that the database knows about time, as if the clock had been so many days behind until now.
fn shift(home: &Home, days: i64) {
    let by = days * 86_400_000_000;
    // The stamps move so far that none meets another.
    let sql = format!(
        "UPDATE message SET stamp = stamp + ({by});
         UPDATE total SET newest = newest + ({by});
         UPDATE clock SET trusted = trusted + ({by});"
    );
    Connection::open(file(home)).unwrap().execute_batch(&sql).unwrap();
}

fn count(home: &Home) -> i64 {
    Connection::open(file(home)).unwrap().query_row("SELECT count(*) FROM message", (), |row| row.get(0)).unwrap()
}

/// Waits for an event, and returns it in words.
fn told_of(room: &Room, what: &str, is_it: impl Fn(&EventKind) -> bool) -> String {
    room.wait_for(what, |happening| is_it(happening).then(|| happening.to_string()))
}

/// Asks until the answer is an error; returns it.
fn refused(peer: &mut Peer, question: &str) -> String {
    peer.send(format!("{question}\n"));
    loop {
        let line = peer.line();
        if !["PAST ", "FOUND ", "MSG ", "HELLO ", "BYE "].iter().any(|verb| unstamped(&line).starts_with(verb)) {
            return line;
        }
    }
}

fn stop_in_time(room: Room) {
    let begun = Instant::now();
    room.stop();
    assert!(begun.elapsed() < DEADLINE, "the stop took {:?}", begun.elapsed());
}

#[test]
fn a_clock_that_jumps_ahead_deletes_nothing_and_is_told() {
    let home = Home::new();
    let first = Room::with(keeping(&home, 30));
    say(&mut first.join("ann"), "ann", 0..20);
    first.stop();
    // For the next server, the clock has jumped by more than a year.
    shift(&home, -400);
    for _ in 0..2 {
        let room = Room::with(keeping(&home, 30));
        let told = told_of(&room, "the clock is ahead", |what| matches!(what, EventKind::ClockAhead { .. }));
        assert!(told.contains("400 days"), "{told}");
        // The thread has looked at the clock by the time it has stored this.
        let mut ann = room.join("ann");
        say(&mut ann, "ann", 0..1);
        ask(&mut ann, "FIND number");
        room.stop();
        assert!(count(&home) > 20, "{} are left", count(&home));
    }
}

#[test]
fn after_a_pause_of_a_week_what_is_too_old_is_deleted_as_ever() {
    let home = Home::new();
    let first = Room::with(keeping(&home, 30));
    say(&mut first.join("ann"), "ann", 0..20);
    first.stop();
    // They are 31 days old, and the server ran until a week ago.
    shift(&home, -31);
    Connection::open(file(&home)).unwrap().execute("UPDATE clock SET trusted = trusted + 2073600000000", ()).unwrap();
    let _room = Room::with(keeping(&home, 30));
    eventually("the file is empty", || if count(&home) == 0 { Ok(()) } else { Err(count(&home)) });
}

#[test]
fn messages_from_the_future_are_told_and_kept() {
    let home = Home::new();
    let first = Room::with(keeping(&home, 30));
    say(&mut first.join("ann"), "ann", 0..20);
    first.stop();
    shift(&home, 400);
    let second = Room::with(keeping(&home, 30));
    let told = told_of(&second, "the future", |what| matches!(what, EventKind::FromTheFuture { .. }));
    assert!(told.contains("399 days") || told.contains("400 days"), "{told}");
    let mut ann = second.join("ann");
    say(&mut ann, "ann", 20..21);
    assert_eq!(all(&mut ann).0.len(), 21);
}

#[test]
fn a_locked_database_is_no_empty_one() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann stamp echo");
    ann.send("MSG ann before\n");
    let before = stamped(&ann.line()).0;
    assert_eq!(ask(&mut ann, "FIND before").0.len(), 1);
    let other = Connection::open(file(&home)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    ann.send("MSG ann during\n");
    let during = stamped(&ann.line()).0;
    for question in [format!("PAST {} 10", u64::MAX), "FIND during".into(), "FIND before".into()] {
        let answer = refused(&mut ann, &question);
        assert!(answer.starts_with("ERR UNAVAILABLE "), "{question}: {answer}");
    }
    assert!(room.server.archive("", 10).unwrap_err().to_string().contains("cannot be stored"));
    let export = home.path().join("export.txt");
    assert!(room.server.export(&export).unwrap_err().to_string().contains("cannot be stored"));
    assert!(!export.exists());
    // What was said before all that waits is there, and is all that there is.
    assert_eq!(lines_of(&ask(&mut ann, &format!("PAST {during} 10")).0), ["PAST ann before"]);
    assert_eq!(lines_of(&ask(&mut ann, &format!("PAST {before} 10")).0), [""; 0]);
    other.execute_batch("COMMIT").unwrap();
    told_of(&room, "stored again", |what| matches!(what, EventKind::HistoryWorks { lost: 0 }));
    assert_eq!(lines_of(&all(&mut ann).0), ["PAST ann before", "PAST ann during"]);
    assert_eq!(room.server.export(&export).unwrap(), 2);
}

#[test]
fn a_stop_does_not_wait_for_a_database_that_is_locked_nor_for_those_who_ask() {
    let home = Home::new();
    let room = room(&home);
    let mut peers: Vec<Peer> = (0..8).map(|number| room.join(&format!("ann{number}"))).collect();
    let other = Connection::open(file(&home)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.send(format!("MSG ann{number} hello\n{}", "FIND hello\nPAST 1 1\n".repeat(20)));
    }
    told_of(&room, "it cannot be stored", |what| matches!(what, EventKind::HistoryFails { .. }));
    stop_in_time(room);
}

#[test]
fn a_stop_does_not_wait_for_searches_that_are_queued() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    // An `a` follows no `a`, which is found out message by message.
    ann.send(format!("MSG ann {}\n", "a b ".repeat(1000)).repeat(500));
    ann.sync();
    let mut peers: Vec<Peer> = (0..8).map(|number| room.join(&format!("ben{number}"))).collect();
    for peer in &mut peers {
        peer.send(format!("FIND {}\n", "a-".repeat(60)).repeat(20));
    }
    eventually("two search", || {
        let threads = room.server.threads(&[]);
        let searching = threads.iter().filter(|thread| thread.doing.contains("looking up")).count();
        if searching >= 2 { Ok(()) } else { Err(threads) }
    });
    stop_in_time(room);
}

#[test]
fn everything_of_a_name_is_deleted_however_many_spellings_it_has() {
    const SPELLINGS: i64 = 33_000;
    let home = Home::new();
    room(&home).stop();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap();
    let mut other = Connection::open(file(&home)).unwrap();
    let transaction = other.transaction().unwrap();
    let mut message = transaction.prepare("INSERT INTO message VALUES (?1, ?2, 'hello')").unwrap();
    let mut word = transaction.prepare("INSERT INTO word (rowid, text) VALUES (?1, 'hello')").unwrap();
    for number in 0..SPELLINGS {
        let name: String = "abcdefghijklmnop"
            .char_indices()
            .map(|(at, c)| if number >> at & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect();
        let stamp = now - SPELLINGS + number;
        message.execute((stamp, name)).unwrap();
        word.execute([stamp]).unwrap();
    }
    drop((message, word));
    transaction.execute("UPDATE total SET messages = ?1, newest = ?2", [SPELLINGS, now - 1]).unwrap();
    transaction.commit().unwrap();
    drop(other);
    let room = room(&home);
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 0..3);
    room.server.forget(&Deletion::AllOf("abcdefghijklmnop".into())).unwrap();
    let mut left = u64::MAX;
    while left > 3 {
        left = eventually("fewer are left", || match room.server.archive("", 1).map(|archive| archive.messages) {
            Ok(messages) if messages < left => Ok(messages),
            other => Err(other),
        });
    }
    assert_eq!(all(&mut ann).0.len(), 3);
}

/// What becomes of messages when something happens to the files of a server that runs.
#[cfg(unix)]
fn nothing_is_lost_when(what: &str, happens: impl FnOnce(&Home)) {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 0..3);
    assert_eq!(all(&mut ann).0.len(), 3, "{what}");
    happens(&home);
    say(&mut ann, "ann", 3..6);
    let told = told_of(&room, what, |happening| matches!(happening, EventKind::HistoryGone { .. }));
    assert!(told.contains("history.db") && told.contains("removed or replaced"), "{what}: {told}");
    assert_eq!(told_texts(&mut ann)[..3], ["number 3", "number 4", "number 5"], "{what}");
    say(&mut ann, "ann", 6..8);
    room.stop();
    let second = crate::support::history::room(&home);
    assert_eq!(
        told_texts(&mut second.join("ben")),
        ["number 3", "number 4", "number 5", "number 6", "number 7"],
        "{what}"
    );
}

#[cfg(unix)]
fn told_texts(peer: &mut Peer) -> Vec<String> {
    all(peer).0.iter().map(|(_, line)| line.replacen("PAST ann ", "", 1)).collect()
}

#[cfg(unix)]
#[test]
fn what_is_said_after_the_file_was_removed_is_kept_in_a_new_one() {
    let files = |home: &Home| ["", "-wal", "-shm"].map(|suffix| home.path().join(format!("history.db{suffix}")));
    nothing_is_lost_when("the database is removed", |home| fs::remove_file(file(home)).unwrap());
    nothing_is_lost_when("all its files are removed", |home| {
        files(home).iter().for_each(|file| fs::remove_file(file).unwrap());
    });
    nothing_is_lost_when("it is moved elsewhere", |home| fs::rename(file(home), home.path().join("mine.db")).unwrap());
    nothing_is_lost_when("a new one is laid there", |home| {
        files(home).iter().for_each(|file| fs::remove_file(file).unwrap());
        fs::write(file(home), "").unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_log_that_is_removed_takes_nothing_with_it() {
    let home = Home::new();
    let first = room(&home);
    let mut ann = first.join("ann");
    say(&mut ann, "ann", 0..3);
    assert_eq!(all(&mut ann).0.len(), 3);
    fs::remove_file(home.path().join("history.db-wal")).unwrap();
    say(&mut ann, "ann", 3..6);
    assert_eq!(all(&mut ann).0.len(), 6);
    first.stop();
    assert_eq!(all(&mut room(&home).join("ben")).0.len(), 6);
}

#[test]
fn nothing_is_told_of_files_that_stay_where_they_are() {
    let home = Home::new();
    for number in 0..3 {
        let room = room(&home);
        let mut ann = room.join("ann");
        say(&mut ann, "ann", 0..3);
        assert_eq!(all(&mut ann).0.len(), 2 * number + 3);
        assert_eq!(room.server.forget(&Deletion::One(all(&mut ann).0[0].0)), Ok(Some(1)));
        let events = room.events.clone();
        room.stop();
        let trouble: Vec<_> = events.try_iter().filter(|event| event.kind.level() < log::Level::Info).collect();
        assert!(trouble.is_empty(), "{trouble:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_said_in_the_last_moment_before_a_stop_goes_into_the_new_file_too() {
    let home = Home::new();
    let first = room(&home);
    let mut ann = first.join("ann");
    say(&mut ann, "ann", 0..3);
    assert_eq!(all(&mut ann).0.len(), 3);
    fs::remove_file(file(&home)).unwrap();
    say(&mut ann, "ann", 3..6);
    first.stop();
    assert_eq!(told_texts(&mut room(&home).join("ben")), ["number 3", "number 4", "number 5"]);
}
