//! The members: names that belong to somebody, each with its own password.
//!
//! They are kept in an SQLite file of their own, which other programs may change at the same time: `server members`
//! does. So nothing of it is kept in memory, and SQLite's own locks see to the order. Whoever joins looks a name up
//! here, under a lock that only others who join wait for; passwords are hashed and checked with no lock held at all
//! (`members/hashing.rs`). Every call may wait for a disk: client threads, the operator's thread and the command line
//! call here, and no window's thread.

pub(crate) mod error;
mod hashing;
mod looks;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rusqlite::{Row, params};

use super::sqlite::{self, Database, NotShared, Schema};
use crate::password::Password;
use crate::protocol::Username;
use crate::server::network::Network;
use crate::server::proof::Proof;
use crate::sync::{Mutex, lock};
use error::MembersError;
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
    database: Mutex<Database>,
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
    pub(crate) hash: String,
}

impl Members {
    /// Opens the list, or begins one. Other programs may have it open too.
    ///
    /// # Errors
    /// It cannot be used, or is damaged, or is not there while a damaged one lies beside. It is left as it is then:
    /// better no server than one that lets anybody have anybody's name.
    pub fn open(file: PathBuf) -> Result<Members, MembersError> {
        if let Some(aside) = sqlite::set_aside_before(&file) {
            return Err(MembersError::SetAside { file, aside });
        }
        match Database::open_shared(&file, &SCHEMA) {
            Ok(mut database) => {
                looks::refresh(&mut database.connection).map_err(|error| failed(&error))?;
                Ok(Members { database: Mutex::new(database), hashing: Hashing::default() })
            }
            Err(NotShared::Damaged) => Err(MembersError::Damaged { file }),
            Err(NotShared::Unusable(why)) => Err(MembersError::Unusable { file, why }),
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
        self.register(name, password, operator()).map(drop)
    }

    /// Gives a registered name another password.
    pub fn reset(&self, name: &Username, password: &Password) -> Result<(), MembersError> {
        let member = self.find_own(name)?;
        let hash = self.hashing.hash(password, operator())?;
        self.alter(&member, "UPDATE members SET password = ?2 WHERE key = ?1", params![&*name.key().looks()[0], hash])
    }

    /// Gives a name free.
    pub fn remove(&self, name: &Username) -> Result<(), MembersError> {
        let member = self.find_own(name)?;
        self.alter(&member, "DELETE FROM members WHERE key = ?1", params![&*name.key().looks()[0]])
    }

    /// All of them, by name.
    pub fn list(&self) -> Result<Vec<Member>, MembersError> {
        let database = lock(&self.database);
        let mut query = database
            .connection
            .prepare("SELECT name, since, password FROM members ORDER BY key")
            .map_err(|error| failed(&error))?;
        let members = query.query_map((), member).and_then(Iterator::collect);
        members.map_err(|error| failed(&error))
    }

    /// Whose name that is, or one that this could be mistaken for.
    pub(crate) fn find(&self, name: &Username) -> Result<Option<Member>, MembersError> {
        let clashing = || {
            let database = lock(&self.database);
            let mut query = database.connection.prepare(&format!("SELECT name, since, password {}", looks::CLASHES))?;
            let looks = name.key().looks().each_ref().map(|look| &**look);
            query.query_map(looks, member)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut clashing = clashing().map_err(|error| failed(&error))?;
        // Names that were registered before these were found to clash stay their owners'.
        let own = clashing.iter().position(|member| name.is_written(&member.name)).unwrap_or(0);
        Ok((!clashing.is_empty()).then(|| clashing.swap_remove(own)))
    }

    /// Registers a name for a client of this network.
    pub(crate) fn register(
        &self,
        name: &Username,
        password: &Password,
        network: Network,
    ) -> Result<Proof, MembersError> {
        let hash = self.hashing.hash(password, network)?;
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let [capitals, small, written] = name.key().looks().each_ref().map(|look| &**look);
        // One statement, since another program may add a name that clashes at the same time.
        let added = lock(&self.database).connection.execute(
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
            Ok(_) => Ok(Proof(hash)),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Sets another password in the entry that a client has proved, and in no other: by now the name may have another
    /// entry, or none.
    pub(crate) fn change(
        &self,
        name: &Username,
        proof: &Proof,
        password: &Password,
        network: Network,
    ) -> Result<Proof, MembersError> {
        let hash = self.hashing.hash(password, network)?;
        let changed = lock(&self.database).connection.execute(
            "UPDATE members SET password = ?3 WHERE key = ?1 AND password = ?2",
            params![&*name.key().looks()[0], proof.0, hash],
        );
        match changed {
            Ok(0) => Err(MembersError::Disowned(name.to_string())),
            Ok(_) => Ok(Proof(hash)),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Returns whether the entry is still there that a client has proved.
    pub(crate) fn is_current(&self, name: &Username, proof: &Proof) -> Result<bool, MembersError> {
        Ok(self.find(name)?.is_some_and(|member| member.hash == proof.0))
    }

    /// Checks a password; returns what it proves, if it is the member's.
    pub(crate) fn prove(
        &self,
        member: &Member,
        password: &Password,
        network: Network,
    ) -> Result<Option<Proof>, MembersError> {
        let proves = self.hashing.proves(&member.hash, password, network)?;
        Ok(proves.then(|| Proof(member.hash.clone())))
    }

    /// Takes as long as [`prove`](Members::prove), for a name that is not registered.
    pub(crate) fn pretend(&self, password: &Password, network: Network) -> Result<(), MembersError> {
        self.hashing.pretend(password, network)
    }

    /// Wakes all that wait for a check: the server stops.
    pub(crate) fn close(&self) {
        self.hashing.close();
    }

    /// The member of that name, and not of one that looks like it.
    fn find_own(&self, name: &Username) -> Result<Member, MembersError> {
        match self.find(name)? {
            None => Err(MembersError::NotRegistered(name.to_string())),
            Some(member) if !name.is_written(&member.name) => Err(MembersError::Lookalike(member.name)),
            Some(member) => Ok(member),
        }
    }

    fn alter(&self, member: &Member, sql: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<(), MembersError> {
        match lock(&self.database).connection.execute(sql, parameters) {
            // It was removed in the meantime.
            Ok(0) => Err(MembersError::NotRegistered(member.name.clone())),
            Ok(_) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// The operator's own place in the queue for a hash: no client comes from this address.
fn operator() -> Network {
    Network::of(Ipv4Addr::UNSPECIFIED.into())
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
