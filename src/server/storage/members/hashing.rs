//! Hashing passwords: expensive in time and memory on purpose, so that a stolen list reveals few passwords.
//!
//! A hash takes 19 MiB of memory and some tens of milliseconds (argon2id with the parameters that OWASP recommends). So each
//! hash needs a [permit](Permits), and there are half as many permits as processors, two at most. A client's thread waits for
//! its permit with no lock held, and gives up after [`WAIT_MAX`]. Networks take turns, so a crowd in one network delays another
//! network by one hash at most.
//!
//! The memory is kept, and lent to one hash after another. If each thread allocated its own, the allocator would keep it in
//! an arena of that thread (glibc, mallopt(3)), which adds up to gigabytes with a thousand clients.

use std::fmt::Display;
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::error::MembersError;
use crate::password::{CHARACTERS_MIN, Password};
use crate::server::network::{Network, PASSWORD_CHECKS_MAX};
use crate::server::permits::{Permit, Permits};
use crate::sync::{Mutex, lock};

/// Maximum number of hashes that are computed at the same time.
const PERMITS_MAX: usize = 2;

/// Maximum time that a thread waits for a permit. Thirty clients that join at the same time need a few seconds. Our client
/// gives the server 20 s to answer, of which the delay for earlier failed logins may take 8.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Computes and verifies hashes. See the [module](self).
#[derive(Debug)]
pub(super) struct Hashing {
    permits: Permits,
    /// Buffers that are not lent. There are never more buffers than permits, and they are never freed.
    buffers: Mutex<Vec<Vec<Block>>>,
}

/// The permit for one hash, with the memory that it needs.
struct HashPermit<'a> {
    buffer: Vec<Block>,
    hashing: &'a Hashing,
    /// Declared last, so it is returned after `Drop` has returned the buffer: the next thread finds the buffer.
    _permit: Permit<'a>,
}

impl Default for Hashing {
    fn default() -> Hashing {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let permits = Permits::new((processors / 2).clamp(1, PERMITS_MAX), PASSWORD_CHECKS_MAX);
        Hashing { permits, buffers: Mutex::default() }
    }
}

impl Hashing {
    /// Returns the hash of a new password, with a fresh salt, in PHC string format.
    ///
    /// # Errors
    /// [`MembersError::Weak`] if the password is too short, [`MembersError::Busy`] if there is no permit in time.
    pub(super) fn hash(&self, password: &Password, network: Network) -> Result<String, MembersError> {
        if password.reveal().chars().count() < CHARACTERS_MIN {
            return Err(MembersError::Weak);
        }
        let (argon2, salt) = (Argon2::default(), Salt::generate());
        let hash = PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: ParamsString::try_from(argon2.params()).map_err(failed)?,
            salt: Some(salt),
            hash: Some(self.compute(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN, network)?),
        };
        Ok(hash.to_string())
    }

    /// Returns whether a password has this hash.
    pub(super) fn verify(&self, hash: &str, password: &Password, network: Network) -> Result<bool, MembersError> {
        let hash = PasswordHash::new(hash).map_err(failed)?;
        let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else {
            return Err(failed("a stored password has no salt or no hash"));
        };
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(failed)?;
        let version = hash.version.map_or(Ok(Version::default()), Version::try_from).map_err(failed)?;
        let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash).map_err(failed)?);
        // `Output` compares in constant time.
        Ok(self.compute(&argon2, password, &salt, expected.len(), network)? == expected)
    }

    /// Takes as long as [`verify`](Hashing::verify), for a name that has no password.
    pub(super) fn verify_dummy(&self, password: &Password, network: Network) -> Result<(), MembersError> {
        self.compute(&Argon2::default(), password, b"no such name ...", Params::DEFAULT_OUTPUT_LEN, network).map(drop)
    }

    /// Wakes all waiting threads with an error, and makes every later call fail. Called when the server stops.
    pub(super) fn close(&self) {
        self.permits.close();
    }

    /// Waits for a permit and computes a hash of `length` bytes.
    fn compute(
        &self,
        argon2: &Argon2<'_>,
        password: &Password,
        salt: &[u8],
        length: usize,
        network: Network,
    ) -> Result<Output, MembersError> {
        let mut permit = self.acquire(network)?;
        let blocks = argon2.params().block_count();
        if permit.buffer.len() < blocks {
            permit.buffer.try_reserve_exact(blocks - permit.buffer.len()).map_err(failed)?;
            permit.buffer.resize(blocks, Block::new());
        }
        let mut output = [0; Output::MAX_LENGTH];
        let output = output.get_mut(..length).ok_or_else(|| failed("a stored password is too long"))?;
        argon2
            .hash_password_into_with_memory(password.reveal().as_bytes(), salt, output, &mut permit.buffer)
            .map_err(failed)?;
        Output::new(output).map_err(failed)
    }

    fn acquire(&self, network: Network) -> Result<HashPermit<'_>, MembersError> {
        let permit = self.permits.acquire(network, WAIT_MAX).map_err(|_| MembersError::Busy)?;
        let buffer = lock(&self.buffers).pop().unwrap_or_default();
        Ok(HashPermit { buffer, hashing: self, _permit: permit })
    }
}

impl Drop for HashPermit<'_> {
    fn drop(&mut self) {
        lock(&self.hashing.buffers).push(std::mem::take(&mut self.buffer));
    }
}

fn failed(why: impl Display) -> MembersError {
    MembersError::Failed(why.to_string())
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::time::Instant;

    use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    fn here() -> Network {
        Network::of([127, 0, 0, 1].into())
    }

    #[test]
    fn it_is_argon2id_with_a_salt_of_its_own() {
        let (hashing, right) = (Hashing::default(), password("correct horse"));
        let hashes = [hashing.hash(&right, here()).unwrap(), hashing.hash(&right, here()).unwrap()];
        assert!(hashes[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hashes[0]);
        assert_ne!(hashes[0], hashes[1]);
        assert_eq!(hashing.verify(&hashes[0], &right, here()), Ok(true));
        assert_eq!(hashing.verify(&hashes[0], &password("correct horsE"), here()), Ok(false));
    }

    #[test]
    fn hashes_are_those_of_any_other_program_whatever_their_parameters() {
        let (hashing, right) = (Hashing::default(), password("correct horse"));
        let own = PasswordHash::new(&hashing.hash(&right, here()).unwrap()).unwrap();
        assert_eq!(Argon2::default().verify_password(b"correct horse", &own), Ok(()));
        for (algorithm, version, blocks, lanes, length) in [
            (Algorithm::Argon2id, Version::V0x13, 19 * 1024, 1, 32),
            (Algorithm::Argon2id, Version::V0x13, 32 * 1024, 4, 32),
            (Algorithm::Argon2id, Version::V0x13, 8 * 1024, 1, 64),
            (Algorithm::Argon2i, Version::V0x10, 1024, 2, 16),
        ] {
            let other = Argon2::new(algorithm, version, Params::new(blocks, 1, lanes, Some(length)).unwrap());
            let hash = other.hash_password(b"correct horse").unwrap().to_string();
            assert_eq!(hashing.verify(&hash, &right, here()), Ok(true), "{hash}");
            assert_eq!(hashing.verify(&hash, &password("correct horsE"), here()), Ok(false), "{hash}");
        }
    }

    #[test]
    fn one_buffer_for_each_permit_is_lent_to_all() {
        let hashing = Hashing { permits: Permits::new(2, 10), buffers: Mutex::default() };
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| hashing.verify_dummy(&password("correct horse"), here()).unwrap());
            }
        });
        assert!((1..=2).contains(&lock(&hashing.buffers).len()));
    }

    #[test]
    fn a_stop_ends_the_wait_for_a_permit() {
        let hashing = Hashing { permits: Permits::new(1, 10), buffers: Mutex::default() };
        let _permit = hashing.acquire(here()).unwrap();
        let begun = Instant::now();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| hashing.verify_dummy(&password("correct horse"), here()));
            hashing.close();
            assert_eq!(waiting.join().unwrap(), Err(MembersError::Busy));
        });
        assert!(begun.elapsed() < WAIT_MAX, "the time was up before");
    }

    #[test]
    fn seven_characters_are_weak_in_any_script() {
        for text in ["1234567", "пароль7"] {
            assert_eq!(Hashing::default().hash(&password(text), here()), Err(MembersError::Weak), "{text}");
        }
    }
}
