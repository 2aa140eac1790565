//! Hashing passwords: slow and large on purpose, so that a stolen list tells little.
//!
//! A hash takes 19 MiB of memory and some tens of milliseconds (argon2id with what OWASP asks for). Whoever could make
//! a server compute many at once could exhaust it. So there are only so many turns: half of the processors', and no
//! more than two. Who has to wait for one waits in its own thread, holds no lock, and gives up after a while; and when
//! too many wait already, at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use crossbeam_channel::{Receiver, Sender, bounded};

use crate::password::{CHARACTERS_MIN, Password};
use crate::server::members_error::MembersError;

/// Hashes that are computed at once, at most.
const TURNS_MAX: usize = 2;

/// Threads that may wait for a turn.
const WAITING_MAX: usize = 32;

/// How long they wait. A server that stops waits for them.
const TURN_LIMIT: Duration = Duration::from_secs(2);

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Hashing {
    /// As many places as there are turns; who has put something in has one.
    turns: (Sender<()>, Receiver<()>),
    /// Who waits or hashes; guards no other data, so `Relaxed`.
    busy: AtomicUsize,
}

/// The right to compute one hash.
struct Turn<'a>(&'a Hashing);

impl Default for Hashing {
    fn default() -> Hashing {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Hashing { turns: bounded((processors / 2).clamp(1, TURNS_MAX)), busy: AtomicUsize::new(0) }
    }
}

impl Hashing {
    /// The hash of a password that is to protect a name, with a salt of its own.
    pub(super) fn hash(&self, password: &Password) -> Result<String, MembersError> {
        if password.reveal().chars().count() < CHARACTERS_MIN {
            return Err(MembersError::Weak);
        }
        let _turn = self.turn()?;
        Argon2::default()
            .hash_password(password.reveal().as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| MembersError::Failed(error.to_string()))
    }

    /// Does the password have this hash?
    pub(super) fn proves(&self, hash: &str, password: &Password) -> Result<bool, MembersError> {
        let _turn = self.turn()?;
        let hash = PasswordHash::new(hash).map_err(|error| MembersError::Failed(error.to_string()))?;
        Ok(Argon2::default().verify_password(password.reveal().as_bytes(), &hash).is_ok())
    }

    fn turn(&self) -> Result<Turn<'_>, MembersError> {
        let (turns, _) = &self.turns;
        let busy = self.busy.fetch_add(1, Ordering::Relaxed);
        let room = busy < WAITING_MAX + TURNS_MAX;
        let turn = room && turns.send_timeout((), TURN_LIMIT).is_ok();
        if turn {
            Ok(Turn(self))
        } else {
            self.busy.fetch_sub(1, Ordering::Relaxed);
            Err(MembersError::Busy)
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Ours is in there, so there is one to take out.
        let _ = self.0.turns.1.try_recv();
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn at_most_two_hash_at_once_and_a_crowd_is_sent_away() {
        let hashing = Hashing { turns: bounded(2), busy: AtomicUsize::new(0) };
        let turns = [hashing.turn().unwrap(), hashing.turn().unwrap()];
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..WAITING_MAX).map(|_| scope.spawn(|| hashing.turn().map(drop))).collect();
            while hashing.busy.load(Ordering::Relaxed) < WAITING_MAX + 2 {
                thread::yield_now();
            }
            assert_eq!(hashing.turn().map(drop), Err(MembersError::Busy), "one too many, told at once");
            drop(turns);
            for turn in waiting {
                assert_eq!(turn.join().unwrap(), Ok(()));
            }
        });
        assert_eq!(hashing.busy.load(Ordering::Relaxed), 0);
        assert!(hashing.turns.1.is_empty());
    }

    #[test]
    fn who_gets_no_turn_in_time_is_told() {
        let hashing = Hashing { turns: bounded(1), busy: AtomicUsize::new(0) };
        let _turn = hashing.turn().unwrap();
        assert_eq!(hashing.turn().map(drop), Err(MembersError::Busy));
    }

    #[test]
    fn it_is_argon2id_with_a_salt_of_its_own() {
        let (hashing, password) = (Hashing::default(), Password::parse("correct horse").unwrap());
        let hashes = [hashing.hash(&password).unwrap(), hashing.hash(&password).unwrap()];
        assert!(hashes[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hashes[0]);
        assert_ne!(hashes[0], hashes[1]);
        assert_eq!(hashing.proves(&hashes[0], &password), Ok(true));
        assert_eq!(hashing.proves(&hashes[0], &Password::parse("correct horsE").unwrap()), Ok(false));
    }

    #[test]
    fn seven_characters_are_weak_in_any_script() {
        for text in ["1234567", "пароль7"] {
            let hash = Hashing::default().hash(&Password::parse(text).unwrap());
            assert_eq!(hash, Err(MembersError::Weak), "{text}");
        }
    }
}
