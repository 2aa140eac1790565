//! The database of messages: its schema, and every SQL statement that is run on it.
//!
//! It has a table of messages by stamp, a full-text index of their words, one row with the number of messages and the newest
//! stamp ever, and one row with the [trusted time](TrustedTime). The index stores no text of its own (`content=''`), so
//! removing a message from it takes the text that was added.

use std::collections::HashMap;
use std::io;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Result, Row, ToSql, Transaction};

use super::normalize::{self, normalize};
use super::trusted_time::TrustedTime;
use crate::protocol::{NameKey, Stamp};
use crate::server::storage::message::Message;
use crate::server::storage::sqlite::Schema;

/// "mcht" in ASCII.
const APPLICATION_ID: i32 = 0x6d63_6874;

/// The schema of the history.
pub(super) const SCHEMA: Schema = Schema {
    application_id: APPLICATION_ID,
    migrations: &[
        concat!(
            "CREATE TABLE message (stamp INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL);",
            "CREATE TABLE total (messages INTEGER NOT NULL, newest INTEGER NOT NULL);",
            "INSERT INTO total VALUES (0, 0);",
            "CREATE VIRTUAL TABLE word USING fts5 (text, content='', tokenize='",
            normalize::tokenizer!(),
            "');",
            // Deleted words are removed from the index at once, and not only marked as deleted.
            "INSERT INTO word (word, rank) VALUES ('secure-delete', 1);",
        ),
        // The trusted time (0: not known yet), and for how long the clock has been doubted.
        "CREATE TABLE clock (trusted INTEGER NOT NULL, doubted INTEGER NOT NULL); INSERT INTO clock VALUES (0, 0);",
    ],
};

/// A stamp as an SQLite integer, which is signed. No stamp needs the sign bit for the next 290,000 years.
struct Key(Stamp);

impl ToSql for Key {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

/// The result of a deletion.
pub(super) struct Deleted {
    pub(super) count: u64,
    /// Stamp of the newest deleted message.
    pub(super) last: Option<Stamp>,
}

/// The number of messages, and the stamp of the newest message ever, which may have been deleted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Total {
    pub(super) messages: u64,
    pub(super) newest: Stamp,
}

fn stamp(row: &Row<'_>, column: usize) -> Result<Stamp> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

fn message(row: &Row<'_>) -> Result<Message> {
    let (name, text) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
    Ok(Message::at(stamp(row, 0)?, name, text))
}

/// Stores messages. A message that exists already stays unchanged: a failed commit may have reached the disk all the same when it
/// is retried.
pub(super) fn insert<'m>(transaction: &Transaction<'_>, messages: impl IntoIterator<Item = &'m Message>) -> Result<()> {
    let mut insert = transaction.prepare("INSERT INTO message VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    let mut index = transaction.prepare("INSERT INTO word (rowid, text) VALUES (?1, ?2)")?;
    let (mut count, mut newest) = (0, 0);
    for message in messages {
        if insert.execute((Key(message.stamp), message.from(), message.text()))? > 0 {
            index.execute((Key(message.stamp), normalize(message.text())))?;
            count += 1;
            newest = newest.max(message.stamp);
        }
    }
    let sql = "UPDATE total SET messages = messages + ?1, newest = max(newest, ?2)";
    transaction.execute(sql, (count, Key(newest)))?;
    Ok(())
}

/// Selects the names whose messages [`delete`] deletes, in a temporary table of this connection. One statement takes at most
/// 32,766 parameters, and one name can have many more spellings.
pub(super) fn select_names(connection: &mut Connection, names: impl Iterator<Item = String>) -> Result<()> {
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY; CREATE TEMP TABLE IF NOT EXISTS selected_name (name TEXT PRIMARY KEY) WITHOUT ROWID;",
    )?;
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM temp.selected_name", ())?;
    let mut insert = transaction.prepare("INSERT INTO temp.selected_name VALUES (?1)")?;
    for name in names {
        insert.execute([name])?;
    }
    drop(insert);
    transaction.commit()
}

/// Deletes at most `count` messages with `from` <= stamp < `to`, the oldest first: all of them, or only those of the
/// [selected](select_names) names.
pub(super) fn delete(
    transaction: &Transaction<'_>,
    only_selected: bool,
    from: Stamp,
    to: Stamp,
    count: usize,
) -> Result<Deleted> {
    let names = if only_selected { "AND name IN (SELECT name FROM temp.selected_name)" } else { "" };
    let sql = format!(
        "SELECT stamp, name, text FROM message WHERE stamp >= ?1 AND stamp < ?2 {names} ORDER BY stamp LIMIT {count}"
    );
    let mut select = transaction.prepare(&sql)?;
    let messages: Vec<Message> = select.query_map([Key(from), Key(to)], message)?.collect::<Result<_>>()?;
    let mut delete = transaction.prepare("DELETE FROM message WHERE stamp = ?1")?;
    let mut index = transaction.prepare("INSERT INTO word (word, rowid, text) VALUES ('delete', ?1, ?2)")?;
    for message in &messages {
        delete.execute([Key(message.stamp)])?;
        index.execute((Key(message.stamp), normalize(message.text())))?;
    }
    let count = messages.len() as u64;
    transaction.execute("UPDATE total SET messages = messages - ?1", [Key(count)])?;
    Ok(Deleted { count, last: messages.last().map(|message| message.stamp) })
}

/// Removes deleted content from the write-ahead log, and returns free pages to the file system.
pub(super) fn wipe(connection: &Connection) -> Result<()> {
    connection.execute_batch("PRAGMA incremental_vacuum")?;
    // The pragma returns a row. A reader that is active may keep a part of the log from being truncated; the next call does it.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
}

/// Returns all names that have sent a stored message.
pub(super) fn names(connection: &Connection) -> Result<Vec<String>> {
    connection.prepare("SELECT DISTINCT name FROM message")?.query_map((), |row| row.get(0))?.collect()
}

/// Returns the number of messages and the newest stamp ever.
pub(super) fn total(connection: &Connection) -> Result<Total> {
    connection.query_row("SELECT messages, newest FROM total", (), |row| {
        Ok(Total { messages: stamp(row, 0)?, newest: stamp(row, 1)? })
    })
}

/// Returns the trusted time. A database that has none yet starts with the stamp of its newest message, or with `now` if that is
/// earlier.
pub(super) fn trusted_time(connection: &Connection, now: Stamp) -> Result<TrustedTime> {
    let mut trusted = connection.query_row("SELECT trusted, doubted FROM clock", (), |row| {
        Ok(TrustedTime { time: stamp(row, 0)?, doubted: stamp(row, 1)? })
    })?;
    if trusted.time == 0 {
        let newest = total(connection)?.newest;
        trusted.time = if newest == 0 { now } else { newest.min(now) };
    }
    Ok(trusted)
}

/// Stores the trusted time.
pub(super) fn set_trusted_time(connection: &Connection, trusted: TrustedTime) -> Result<()> {
    let sql = "UPDATE clock SET trusted = ?1, doubted = ?2";
    connection.execute(sql, (Key(trusted.time), Key(trusted.doubted))).map(drop)
}

/// Returns the newest messages with `oldest` <= stamp < `before`, the newest first.
pub(super) fn before(connection: &Connection, before: Stamp, oldest: Stamp, count: usize) -> Result<Vec<Message>> {
    let sql = "SELECT stamp, name, text FROM message WHERE stamp < ?1 AND stamp >= ?2 ORDER BY stamp DESC LIMIT ?3";
    connection.prepare(sql)?.query_map((Key(before), Key(oldest), Key(count as u64)), message)?.collect()
}

/// Calls `visit` with the stamp and the name of each message up to a stamp, the newest first, until it returns false.
pub(super) fn visit_back(
    connection: &Connection,
    newest: Stamp,
    mut visit: impl FnMut(Stamp, &str) -> bool,
) -> Result<()> {
    let mut select = connection.prepare("SELECT stamp, name FROM message WHERE stamp <= ?1 ORDER BY stamp DESC")?;
    let mut rows = select.query([Key(newest)])?;
    while let Some(row) = rows.next()? {
        if !visit(stamp(row, 0)?, row.get_ref(1)?.as_str()?) {
            break;
        }
    }
    Ok(())
}

/// Returns the newest messages that match a full-text query, the newest first.
pub(super) fn find(connection: &Connection, query: &str, oldest: Stamp, count: usize) -> Result<Vec<Message>> {
    let sql = "SELECT stamp, name, message.text FROM word JOIN message ON stamp = word.rowid \
               WHERE word MATCH ?1 AND word.rowid >= ?2 ORDER BY word.rowid DESC LIMIT ?3";
    connection.prepare(sql)?.query_map((query, Key(oldest), Key(count as u64)), message)?.collect()
}

/// Returns the newest messages of these names, and of names that could be mistaken for them; with a full-text query, only those
/// that match it, too. The newest come first.
pub(super) fn by(
    connection: &Connection,
    names: &[NameKey],
    query: Option<&str>,
    oldest: Stamp,
    count: usize,
) -> Result<Vec<Message>> {
    let matching = query.map_or("?1 IS NULL", |_| "stamp IN (SELECT rowid FROM word WHERE word MATCH ?1)");
    let sql = format!("SELECT stamp, name, text FROM message WHERE stamp >= ?2 AND {matching} ORDER BY stamp DESC");
    let mut select = connection.prepare(&sql)?;
    // A key is costly to compute, and few names have written most messages.
    let mut known = HashMap::<String, bool>::new();
    let mut is_of_names = |message: &Message| {
        let of = |name: &str| names.iter().any(|key| NameKey::of(name).clashes_with(key));
        *known.entry(message.from().to_owned()).or_insert_with_key(|name| of(name))
    };
    let messages = select.query_map((query, Key(oldest)), message)?;
    messages.filter(|found| found.as_ref().map_or(true, &mut is_of_names)).take(count).collect()
}

/// Calls `visit` with each message from the stamp `oldest` on, the oldest first.
pub(super) fn for_each(
    connection: &Connection,
    oldest: Stamp,
    mut visit: impl FnMut(Message) -> io::Result<()>,
) -> io::Result<()> {
    let mut select = connection
        .prepare("SELECT stamp, name, text FROM message WHERE stamp >= ?1 ORDER BY stamp")
        .map_err(io::Error::other)?;
    let messages = select.query_map([Key(oldest)], message).map_err(io::Error::other)?;
    for message in messages {
        visit(message.map_err(io::Error::other)?)?;
    }
    Ok(())
}
