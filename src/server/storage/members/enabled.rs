//! The members: registered names, each with its own password.
//!
//! The list is an SQLite file of its own, which other programs may change at the same time; `server members` does. So none of
//! it is cached in memory, and SQLite's own locks order the changes.
//!
//! A client's thread looks its name up here, under a lock for which only the threads of other joining clients wait. Passwords
//! are hashed and verified with no lock held (`members/hashing.rs`). Every call may wait for a disk. It is made by clients'
//! threads, the operator's thread and the command line, never by a window's UI thread.

pub(crate) mod error;
mod hashing;
mod looks;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, Row, params};

use super::sqlite::{self, Database, OpenError, Schema};
use crate::password::Password;
use crate::protocol::Username;
use crate::server::network::Network;
use crate::server::proof::Proof;
use crate::sync::{Mutex, lock};
use error::MembersError;
use hashing::Hashing;

/// The schema of the list.
const SCHEMA: Schema = Schema {
    // "mcMb", which no other known program uses.
    application_id: 0x6d63_4d62,
    migrations: &[
        "CREATE TABLE members (
        key TEXT PRIMARY KEY,     -- the name's look in capitals: see NameKey
        name TEXT NOT NULL,       -- as its owner writes it
        password TEXT NOT NULL,   -- argon2id, in the form of the Password Hashing Competition
        since INTEGER NOT NULL    -- when it was registered, in seconds since 1970
    ) STRICT, WITHOUT ROWID;",
        // The name's looks in small letters and as it is written. `looks::refresh` fills them in.
        "ALTER TABLE members ADD COLUMN small TEXT;
        ALTER TABLE members ADD COLUMN written TEXT;
        CREATE INDEX members_small ON members (small);
        CREATE INDEX members_written ON members (written);",
    ],
};

/// A handle to the list of members in its file.
///
/// ```
/// use multichat::protocol::Username;
/// use multichat::server::{Members, Password};
///
/// # let folder = tempfile::tempdir()?;
/// let members = Members::open(folder.path().join("members.db"))?;
/// members.add(&Username::parse("ann")?, &Password::parse("correct horse")?)?;
/// assert_eq!(members.list()?[0].name.as_str(), "ann");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Members {
    /// Locked for one statement at a time, never while a password is hashed.
    database: Mutex<Database>,
    hashing: Hashing,
}

/// A registered name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name in its owner's spelling.
    pub name: String,
    /// Time of the registration.
    pub since: SystemTime,
    /// The hash of the password, in PHC string format.
    pub(crate) hash: String,
}

impl Members {
    /// Opens the list, or creates an empty one. Other programs may have it open, too.
    ///
    /// # Errors
    /// The file cannot be used, or is damaged, or does not exist while a quarantined one does. No file is changed then, and the
    /// server does not start: with an empty list anyone could take any member's name.
    pub fn open(file: PathBuf) -> Result<Members, MembersError> {
        if let Some(quarantined) = sqlite::find_quarantined(&file) {
            return Err(MembersError::Quarantined { file, quarantined });
        }
        match Database::open_shared(&file, &SCHEMA) {
            Ok(mut database) => {
                looks::refresh(&mut database.connection).map_err(|error| failed(&error))?;
                Ok(Members { database: Mutex::new(database), hashing: Hashing::default() })
            }
            Err(OpenError::Damaged) => Err(MembersError::Damaged { file }),
            Err(error) => Err(MembersError::Unusable { file, why: error.to_string() }),
        }
    }

    /// Generates a password for a member who has none yet: 80 random bits, in letters and digits that are not mistaken for each
    /// other when they are read aloud or copied by hand.
    pub fn generate_password() -> Result<Password, MembersError> {
        const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| MembersError::Failed(error.to_string()))?;
        let symbols: Vec<char> = random.iter().map(|byte| char::from(SYMBOLS[usize::from(byte % 32)])).collect();
        let text: Vec<String> = symbols.chunks(4).map(String::from_iter).collect();
        Password::parse(&text.join("-")).map_err(|error| MembersError::Failed(error.to_string()))
    }

    /// Registers a name on behalf of the operator.
    pub fn add(&self, name: &Username, password: &Password) -> Result<(), MembersError> {
        self.register(name, password, operator()).map(drop)
    }

    /// Replaces the password of a registered name.
    pub fn reset(&self, name: &Username, password: &Password) -> Result<(), MembersError> {
        let member = self.find_own(name)?;
        let hash = self.hashing.hash(password, operator())?;
        self.alter(&member, "UPDATE members SET password = ?2 WHERE key = ?1", params![&*name.key().looks()[0], hash])
    }

    /// Removes the registration of a name.
    pub fn remove(&self, name: &Username) -> Result<(), MembersError> {
        let member = self.find_own(name)?;
        self.alter(&member, "DELETE FROM members WHERE key = ?1", params![&*name.key().looks()[0]])
    }

    /// Returns all members, sorted by name.
    pub fn list(&self) -> Result<Vec<Member>, MembersError> {
        self.run(|database| {
            database.prepare("SELECT name, since, password FROM members ORDER BY key")?.query_map((), member)?.collect()
        })
    }

    /// Returns the member of this name, or else one with a name that this could be mistaken for.
    pub(crate) fn find(&self, name: &Username) -> Result<Option<Member>, MembersError> {
        let looks = name.key().looks().each_ref().map(|look| &**look);
        let sql = format!("SELECT name, since, password {}", looks::CLASHES);
        let mut clashing: Vec<Member> =
            self.run(|database| database.prepare(&sql)?.query_map(looks, member)?.collect())?;
        // Two names that clash by today's rules may both be registered, since an earlier version did not see that they do. Each
        // stays its owner's.
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
        // One statement checks and inserts: another program may add a clashing name at the same time.
        let sql = format!(
            "INSERT INTO members (key, small, written, name, password, since)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 {})",
            looks::CLASHES
        );
        let since = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        let parameters = params![capitals, small, written, name.as_str(), hash, since];
        if self.run(|database| database.execute(&sql, parameters))? == 0 {
            // Not inserted. A second query finds out which name clashes, for the error.
            return self.find_own(name).and_then(|member| Err(MembersError::Registered(member.name)));
        }
        Ok(Proof(hash))
    }

    /// Replaces the password in the entry that `proof` is for, and in no other: since then the name may have been removed, or
    /// registered again.
    ///
    /// # Errors
    /// [`MembersError::Disowned`] if that entry has been changed or removed.
    pub(crate) fn change(
        &self,
        name: &Username,
        proof: &Proof,
        password: &Password,
        network: Network,
    ) -> Result<Proof, MembersError> {
        let hash = self.hashing.hash(password, network)?;
        let sql = "UPDATE members SET password = ?3 WHERE key = ?1 AND password = ?2";
        let parameters = params![&*name.key().looks()[0], proof.0, hash];
        match self.run(|database| database.execute(sql, parameters))? {
            0 => Err(MembersError::Disowned(name.to_string())),
            _ => Ok(Proof(hash)),
        }
    }

    /// Returns whether the entry that `proof` is for still exists.
    pub(crate) fn is_current(&self, name: &Username, proof: &Proof) -> Result<bool, MembersError> {
        Ok(self.find(name)?.is_some_and(|member| member.hash == proof.0))
    }

    /// Verifies a password; returns the proof if it is the member's.
    pub(crate) fn verify(
        &self,
        member: &Member,
        password: &Password,
        network: Network,
    ) -> Result<Option<Proof>, MembersError> {
        let is_right = self.hashing.verify(&member.hash, password, network)?;
        Ok(is_right.then(|| Proof(member.hash.clone())))
    }

    /// Computes a hash and discards it, for a name that is not registered: without that, the time until the answer would reveal
    /// which names are.
    pub(crate) fn verify_dummy(&self, password: &Password, network: Network) -> Result<(), MembersError> {
        self.hashing.verify_dummy(password, network)
    }

    /// Wakes the threads that wait for a hash, with an error. Called when the server stops.
    pub(crate) fn close(&self) {
        self.hashing.close();
    }

    /// Returns the member of exactly this name.
    ///
    /// # Errors
    /// The name is not registered, or only a lookalike of it is.
    fn find_own(&self, name: &Username) -> Result<Member, MembersError> {
        match self.find(name)? {
            None => Err(MembersError::NotRegistered(name.to_string())),
            Some(member) if !name.is_written(&member.name) => Err(MembersError::Lookalike(member.name)),
            Some(member) => Ok(member),
        }
    }

    fn alter(&self, member: &Member, sql: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<(), MembersError> {
        match self.run(|database| database.execute(sql, parameters))? {
            // Another program has removed the name since it was looked up.
            0 => Err(MembersError::NotRegistered(member.name.clone())),
            _ => Ok(()),
        }
    }

    /// Runs a statement under the lock. An error is logged, too.
    fn run<T>(&self, statement: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, MembersError> {
        statement(&lock(&self.database).connection).map_err(|error| failed(&error))
    }
}

/// Returns the network under which the operator queues for a hash. No client has the unspecified address, so the operator has a
/// queue of its own.
fn operator() -> Network {
    Network::of(Ipv4Addr::UNSPECIFIED.into())
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    let since = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
    Ok(Member { name: row.get(0)?, since: SystemTime::UNIX_EPOCH + Duration::from_secs(since), hash: row.get(2)? })
}

fn failed(error: &rusqlite::Error) -> MembersError {
    log::error!("the list of members cannot be read or written: {error}");
    MembersError::Failed(error.to_string())
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
