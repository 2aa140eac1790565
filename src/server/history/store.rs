//! The database of what was said: its schema, and every statement that is ever sent to it.
//!
//! A table of messages by their stamp, and an index of their words. The index keeps no text of its own (`content=''`), so
//! to take something out of it, it has to be told what went in.

use rusqlite::{Connection, Result, Row, Transaction};

use super::fold::{self, fold};
use crate::protocol::Stamp;
use crate::server::database::Schema;
use crate::server::message::Message;

/// "mcht", for whoever asks `file` what it is.
const APPLICATION_ID: i32 = 0x6d63_6874;

/// See `Schema`.
pub(super) const SCHEMA: Schema = Schema {
    application_id: APPLICATION_ID,
    migrations: &[concat!(
        "CREATE TABLE message (stamp INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL);",
        "CREATE VIRTUAL TABLE word USING fts5 (text, content='', detail=full, tokenize='",
        fold::tokenizer!(),
        "');",
        // Deleted words are taken out of the index at once, not merely marked.
        "INSERT INTO word (word, rank) VALUES ('secure-delete', 1);",
    )],
};

/// SQLite's numbers have a sign; no stamp is so large in the next 290,000 years.
fn key(stamp: Stamp) -> i64 {
    i64::try_from(stamp).unwrap_or(i64::MAX)
}

fn message(row: &Row<'_>) -> Result<Message> {
    let (name, text) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
    Ok(Message::at(row.get::<_, i64>(0)?.unsigned_abs(), name, text))
}

/// Stores messages; returns how many. What is there already stays as it is: if a commit fails, part of it may be on
/// the disk when it is tried again.
pub(super) fn insert(transaction: &Transaction<'_>, messages: &[Message]) -> Result<u64> {
    let mut insert = transaction.prepare("INSERT INTO message VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    let mut index = transaction.prepare("INSERT INTO word (rowid, text) VALUES (?1, ?2)")?;
    let mut count = 0;
    for message in messages {
        if insert.execute((key(message.stamp), message.from(), message.text()))? > 0 {
            index.execute((key(message.stamp), fold(message.text())))?;
            count += 1;
        }
    }
    Ok(count)
}

/// The newest messages before a stamp and not before another, the newest first.
pub(super) fn before(connection: &Connection, before: Stamp, oldest: Stamp, count: usize) -> Result<Vec<Message>> {
    let sql = "SELECT stamp, name, text FROM message WHERE stamp < ?1 AND stamp >= ?2 ORDER BY stamp DESC LIMIT ?3";
    connection.prepare(sql)?.query_map((key(before), key(oldest), key(count as u64)), message)?.collect()
}

/// The newest messages that match a query of the index, the newest first.
pub(super) fn find(connection: &Connection, query: &str, oldest: Stamp, count: usize) -> Result<Vec<Message>> {
    let sql = "SELECT stamp, name, message.text FROM word JOIN message ON stamp = word.rowid \
               WHERE word MATCH ?1 AND word.rowid >= ?2 ORDER BY word.rowid DESC LIMIT ?3";
    connection.prepare(sql)?.query_map((query, key(oldest), key(count as u64)), message)?.collect()
}
