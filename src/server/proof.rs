//! The proof that a client owns its name.
//!
//! It is a leaf of its own because two rooms need it: storage makes it and compares it, and a client carries it
//! (`delivery/client.rs`). It is created by the client's own thread. It must never be logged: it holds a password hash.

use std::fmt;

/// One entry of the list of members, as it was when a client authenticated. Without the feature `storage` there is none.
///
/// The entry is identified by its password hash, whose salt is never used again. So an entry with another password, or
/// the same name registered anew by another owner, does not match an older proof.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proof(pub(crate) String);

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
#[cfg(feature = "storage")]
mod tests {
    #[test]
    fn it_is_not_shown() {
        assert_eq!(format!("{:?}", super::Proof("$argon2id$".into())), "***");
    }
}
