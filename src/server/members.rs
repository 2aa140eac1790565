//! The members: names that belong to somebody, each with its own password.
//!
//! They are kept in an SQLite file of their own, which other programs may change at the same time: `server members`
//! does. So nothing of it is kept in memory, and SQLite's own locks see to the order. Whoever joins looks a name up
//! here, under a lock that only others who join wait for; passwords are hashed and checked with no lock held at all
//! (`members/hashing.rs`). Every call may wait for a disk: client threads, the operator's thread and the command line
//! call here, and no window's thread.

mod hashing;
mod looks;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, Row, params};

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
    migrations: &[
        "CREATE TABLE members (
        key TEXT PRIMARY KEY,     -- the name's look in capitals, see NameKey
        name TEXT NOT NULL,       -- as its owner writes it
        password TEXT NOT NULL,   -- argon2id, in the form of the Password Hashing Competition
        since INTEGER NOT NULL    -- when it was registered, in seconds since 1970
    ) STRICT, WITHOUT ROWID;",
        // Its looks in small letters and as it is written: `looks::refresh` fills them in.
        "ALTER TABLE members ADD COLUMN small TEXT;
        ALTER TABLE members ADD COLUMN written TEXT;
        CREATE INDEX members_small ON members (small);
        CREATE INDEX members_written ON members (written);",
    ],
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
                let mut connection = database.share();
                looks::refresh(&mut connection).map_err(|error| failed(&error))?;
                Ok(Members { connection: Mutex::new(connection), hashing: Hashing::default() })
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
        let [capitals, small, written] = name.key().looks().each_ref().map(|look| &**look);
        // One statement, since another program may add a name that clashes at the same time.
        let added = lock(&self.connection).execute(
            &format!(
                "INSERT INTO members (key, small, written, name, password, since)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 {})",
                looks::CLASHES
            ),
            params![capitals, small, written, name.as_str(), hash, i64::try_from(since.as_secs()).unwrap_or(i64::MAX)],
        );
        match added {
            // Whose it is, is worth another look.
            Ok(0) => self.find_own(name).and_then(|member| Err(MembersError::Registered(member.name))),
            Ok(_) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Gives a registered name another password.
    pub fn reset(&self, name: &Username, password: &Password) -> Result<(), MembersError> {
        let member = self.find_own(name)?;
        let hash = self.hashing.hash(password)?;
        self.change(&member, "UPDATE members SET password = ?2 WHERE key = ?1", params![&*name.key().looks()[0], hash])
    }

    /// Gives a name free.
    pub fn remove(&self, name: &Username) -> Result<(), MembersError> {
        let member = self.find_own(name)?;
        self.change(&member, "DELETE FROM members WHERE key = ?1", params![&*name.key().looks()[0]])
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
        let clashing = || {
            let connection = lock(&self.connection);
            let mut query = connection.prepare(&format!("SELECT name, since, password {}", looks::CLASHES))?;
            let looks = name.key().looks().each_ref().map(|look| &**look);
            query.query_map(looks, member)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut clashing = clashing().map_err(|error| failed(&error))?;
        // Names that were registered before these were found to clash stay their owners'.
        let own = clashing.iter().position(|member| name.is_written(&member.name)).unwrap_or(0);
        Ok((!clashing.is_empty()).then(|| clashing.swap_remove(own)))
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
