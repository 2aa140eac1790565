//! The members: names that belong to somebody, each with its own password.
//!
//! They are kept in an SQLite file of their own, which other programs may change at the same time: `server members`
//! does. So nothing of it is kept in memory, and SQLite's own locks see to the order. Whoever joins looks a name up
//! here, under a lock that only others who join wait for; passwords are hashed and checked with no lock held at all
//! (`members/hashing.rs`). Every call may wait for a disk: client threads, the operator's thread and the command line
//! call here, and no window's thread.

mod hashing;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, params};

use super::database::{Database, Schema};
use super::members_error::MembersError;
use crate::password::Password;
use crate::protocol::Username;
use crate::sync::{Mutex, lock};
use hashing::Hashing;

/// What such a file is, and how it came to be that.
const SCHEMA: Schema = Schema {
    // "mcMb", which no other program that is known has.
    application_id: 0x6d63_4d62,
    migrations: &["CREATE TABLE members (
        key TEXT PRIMARY KEY,     -- what all names have in common that could pass for this one
        name TEXT NOT NULL,       -- as its owner writes it
        password TEXT NOT NULL,   -- argon2id, in the form of the Password Hashing Competition
        since INTEGER NOT NULL    -- when it was registered, in seconds since 1970
    ) STRICT, WITHOUT ROWID;"],
};

/// The list of members: a handle to its file.
#[derive(Debug)]
pub struct Members {
    connection: Mutex<Connection>,
    hashing: Hashing,
}

/// A registered name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As its owner writes it.
    pub name: String,
    /// When it was registered.
    pub since: SystemTime,
    /// The hash of its password.
    pub(super) hash: String,
}

impl Members {
    /// Opens the list, or begins one.
    ///
    /// # Errors
    /// It cannot be used; or it was damaged, and then the next attempt begins a new one. Better no server than one
    /// that lets anybody have anybody's name.
    pub fn open(file: PathBuf) -> Result<Members, MembersError> {
        match Database::open(&file, &SCHEMA) {
            Ok((database, None)) => {
                Ok(Members { connection: Mutex::new(database.share()), hashing: Hashing::default() })
            }
            Ok((_, Some(aside))) => Err(MembersError::Damaged { file, aside }),
            Err(why) => Err(MembersError::Unusable { file, why: why.to_string() }),
        }
    }

    /// A password for somebody who has none yet: 80 bits of chance, in letters and digits that nobody mistakes.
    pub fn think_up_password() -> Result<Password, MembersError> {
        const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut chance = [0; 16];
        getrandom::fill(&mut chance).map_err(|error| MembersError::Failed(error.to_string()))?;
        let symbols: Vec<char> = chance.iter().map(|byte| char::from(SYMBOLS[usize::from(byte % 32)])).collect();
        let text: Vec<String> = symbols.chunks(4).map(String::from_iter).collect();
        Password::parse(&text.join("-")).map_err(MembersError::Failed)
    }

    /// Registers a name.
    pub fn add(&self, name: &Username, password: &Password) -> Result<(), MembersError> {
        let hash = self.hashing.hash(password)?;
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let added = lock(&self.connection).execute(
            "INSERT INTO members (key, name, password, since) VALUES (?, ?, ?, ?)",
            params![name.key().as_str(), name.as_str(), hash, i64::try_from(since.as_secs()).unwrap_or(i64::MAX)],
        );
        match added {
            Ok(_) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                // Whose it is, is worth another look.
                self.find_own(name).and_then(|member| Err(MembersError::Registered(member.name)))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Gives a registered name another password.
    pub fn reset(&self, name: &Username, password: &Password) -> Result<(), MembersError> {
        let member = self.find_own(name)?;
        let hash = self.hashing.hash(password)?;
        self.change(&member, "UPDATE members SET password = ?2 WHERE key = ?1", params![name.key().as_str(), hash])
    }

    /// Gives a name free.
    pub fn remove(&self, name: &Username) -> Result<(), MembersError> {
        let member = self.find_own(name)?;
        self.change(&member, "DELETE FROM members WHERE key = ?1", params![name.key().as_str()])
    }

    /// All of them, by name.
    pub fn list(&self) -> Result<Vec<Member>, MembersError> {
        let connection = lock(&self.connection);
        let mut query = connection
            .prepare("SELECT name, since, password FROM members ORDER BY key")
            .map_err(|error| failed(&error))?;
        let members = query.query_map((), member).and_then(Iterator::collect);
        members.map_err(|error| failed(&error))
    }

    /// Whose name that is, or one that this could be mistaken for.
    pub(super) fn find(&self, name: &Username) -> Result<Option<Member>, MembersError> {
        lock(&self.connection)
            .query_row("SELECT name, since, password FROM members WHERE key = ?", [name.key().as_str()], member)
            .optional()
            .map_err(|error| failed(&error))
    }

    /// Is that the member's password?
    pub(super) fn proves(&self, member: &Member, password: &Password) -> Result<bool, MembersError> {
        self.hashing.proves(&member.hash, password)
    }

    /// The member of that name, and not of one that looks like it.
    fn find_own(&self, name: &Username) -> Result<Member, MembersError> {
        match self.find(name)? {
            None => Err(MembersError::NotRegistered(name.to_string())),
            Some(member) if !name.is_written(&member.name) => Err(MembersError::Lookalike(member.name)),
            Some(member) => Ok(member),
        }
    }

    fn change(&self, member: &Member, sql: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<(), MembersError> {
        match lock(&self.connection).execute(sql, parameters) {
            // It was removed in the meantime.
            Ok(0) => Err(MembersError::NotRegistered(member.name.clone())),
            Ok(_) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    let since = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
    Ok(Member { name: row.get(0)?, since: SystemTime::UNIX_EPOCH + Duration::from_secs(since), hash: row.get(2)? })
}

fn failed(error: &rusqlite::Error) -> MembersError {
    log::error!("the list of members: {error}");
    MembersError::Failed(error.to_string())
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
