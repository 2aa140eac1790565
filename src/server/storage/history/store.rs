//! The database of what was said: its schema, and every statement that is ever sent to it.
//!
//! A table of messages by their stamp, an index of their words, one row that says how many there are and which was the newest
//! ever, and one that says how late it is ([`Age`]). The index keeps no text of its own (`content=''`), so to take something out of it, it has to be
//! told what went in.

use std::io;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Result, Row, ToSql, Transaction};

use super::age::Age;
use super::normalize::{self, fold};
use crate::protocol::Stamp;
use crate::server::storage::message::Message;
use crate::server::storage::sqlite::Schema;

/// "mcht".
const APPLICATION_ID: i32 = 0x6d63_6874;

/// See `Schema`.
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
            // Deleted words are taken out of the index at once, not merely marked.
            "INSERT INTO word (word, rank) VALUES ('secure-delete', 1);",
        ),
        // Up to when time is known to have passed (0: not yet known), and for how long the clock has been doubted.
        "CREATE TABLE clock (trusted INTEGER NOT NULL, doubted INTEGER NOT NULL); INSERT INTO clock VALUES (0, 0);",
    ],
};

/// A stamp as SQLite has it: its numbers have a sign. No stamp needs that bit in the next 290,000 years.
struct Key(Stamp);

impl ToSql for Key {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

/// What was deleted.
pub(super) struct Deleted {
    pub(super) count: u64,
    /// The latest stamp of them.
    pub(super) last: Option<Stamp>,
}

/// How many messages there are, and which was the newest ever.
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

/// Stores messages. What is there already stays as it is: if a commit fails, it may be on the disk all the same when it
/// is tried again.
pub(super) fn insert<'m>(transaction: &Transaction<'_>, messages: impl IntoIterator<Item = &'m Message>) -> Result<()> {
    let mut insert = transaction.prepare("INSERT INTO message VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    let mut index = transaction.prepare("INSERT INTO word (rowid, text) VALUES (?1, ?2)")?;
    let (mut count, mut newest) = (0, 0);
    for message in messages {
        if insert.execute((Key(message.stamp), message.from(), message.text()))? > 0 {
            index.execute((Key(message.stamp), fold(message.text())))?;
            count += 1;
            newest = newest.max(message.stamp);
        }
    }
    let sql = "UPDATE total SET messages = messages + ?1, newest = max(newest, ?2)";
    transaction.execute(sql, (count, Key(newest)))?;
    Ok(())
}

/// Remembers the names whose messages [`delete`] is to delete, in a table of this connection alone: a statement takes 32,766
/// parameters at most, and one name can have many more spellings.
pub(super) fn doom(connection: &mut Connection, names: impl Iterator<Item = String>) -> Result<()> {
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY; CREATE TEMP TABLE IF NOT EXISTS doomed (name TEXT PRIMARY KEY) WITHOUT ROWID;",
    )?;
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM temp.doomed", ())?;
    let mut insert = transaction.prepare("INSERT INTO temp.doomed VALUES (?1)")?;
    for name in names {
        insert.execute([name])?;
    }
    drop(insert);
    transaction.commit()
}

/// Deletes at most so many messages from a stamp on, up to another, the oldest first; all, or only those of the
/// [doomed](doom) names.
pub(super) fn delete(
    transaction: &Transaction<'_>,
    only_doomed: bool,
    from: Stamp,
    to: Stamp,
    count: usize,
) -> Result<Deleted> {
    let names = if only_doomed { "AND name IN (SELECT name FROM temp.doomed)" } else { "" };
    let sql = format!(
        "SELECT stamp, name, text FROM message WHERE stamp >= ?1 AND stamp < ?2 {names} ORDER BY stamp LIMIT {count}"
    );
    let mut select = transaction.prepare(&sql)?;
    let doomed: Vec<Message> = select.query_map([Key(from), Key(to)], message)?.collect::<Result<_>>()?;
    let mut delete = transaction.prepare("DELETE FROM message WHERE stamp = ?1")?;
    let mut index = transaction.prepare("INSERT INTO word (word, rowid, text) VALUES ('delete', ?1, ?2)")?;
    for message in &doomed {
        delete.execute([Key(message.stamp)])?;
        index.execute((Key(message.stamp), fold(message.text())))?;
    }
    let count = doomed.len() as u64;
    transaction.execute("UPDATE total SET messages = messages - ?1", [Key(count)])?;
    Ok(Deleted { count, last: doomed.last().map(|message| message.stamp) })
}

/// After something was deleted: leaves nothing of it in the log of what was written, and gives room back to the disk.
pub(super) fn wipe(connection: &Connection) -> Result<()> {
    connection.execute_batch("PRAGMA incremental_vacuum")?;
    // It answers with a row. Whoever reads at this moment may keep it from all of it, and it is done with the next one.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
}

/// All names under which something was said.
pub(super) fn names(connection: &Connection) -> Result<Vec<String>> {
    connection.prepare("SELECT DISTINCT name FROM message")?.query_map((), |row| row.get(0))?.collect()
}

/// How many there are, and which was the newest.
pub(super) fn total(connection: &Connection) -> Result<Total> {
    connection.query_row("SELECT messages, newest FROM total", (), |row| {
        Ok(Total { messages: stamp(row, 0)?, newest: stamp(row, 1)? })
    })
}

/// Returns what is known of the time. A database that does not know it yet knows when the last message was said, if that is
/// not in the future.
pub(super) fn age(connection: &Connection, now: Stamp) -> Result<Age> {
    let mut age = connection.query_row("SELECT trusted, doubted FROM clock", (), |row| {
        Ok(Age { trusted: stamp(row, 0)?, doubted: stamp(row, 1)? })
    })?;
    if age.trusted == 0 {
        let newest = total(connection)?.newest;
        age.trusted = if newest == 0 { now } else { newest.min(now) };
    }
    Ok(age)
}

/// Stores what is known of the time.
pub(super) fn set_age(connection: &Connection, age: Age) -> Result<()> {
    connection.execute("UPDATE clock SET trusted = ?1, doubted = ?2", (Key(age.trusted), Key(age.doubted))).map(drop)
}

/// The newest messages before a stamp and not before another, the newest first.
pub(super) fn before(connection: &Connection, before: Stamp, oldest: Stamp, count: usize) -> Result<Vec<Message>> {
    let sql = "SELECT stamp, name, text FROM message WHERE stamp < ?1 AND stamp >= ?2 ORDER BY stamp DESC LIMIT ?3";
    connection.prepare(sql)?.query_map((Key(before), Key(oldest), Key(count as u64)), message)?.collect()
}

/// The newest messages that match a query of the index, the newest first.
pub(super) fn find(connection: &Connection, query: &str, oldest: Stamp, count: usize) -> Result<Vec<Message>> {
    let sql = "SELECT stamp, name, message.text FROM word JOIN message ON stamp = word.rowid \
               WHERE word MATCH ?1 AND word.rowid >= ?2 ORDER BY word.rowid DESC LIMIT ?3";
    connection.prepare(sql)?.query_map((query, Key(oldest), Key(count as u64)), message)?.collect()
}

/// Hands out all messages that are not older than this, the oldest first.
pub(super) fn each(
    connection: &Connection,
    oldest: Stamp,
    mut take: impl FnMut(Message) -> io::Result<()>,
) -> io::Result<()> {
    let mut select = connection
        .prepare("SELECT stamp, name, text FROM message WHERE stamp >= ?1 ORDER BY stamp")
        .map_err(io::Error::other)?;
    let messages = select.query_map([Key(oldest)], message).map_err(io::Error::other)?;
    for message in messages {
        take(message.map_err(io::Error::other)?)?;
    }
    Ok(())
}
