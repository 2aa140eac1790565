//! The number of this program among the running ones of its user: the second one places its window beside that of the
//! first.
//!
//! A program has a number as long as it holds the lock of a file with that number, so the number of one that has crashed
//! is free. Taking a lock never waits.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::files::{open_lock_file, sibling};

/// Maximum number of programs with different numbers; more have the last one.
const INSTANCES_MAX: u8 = 10;

/// A number, until it is dropped.
#[derive(Debug, Default)]
pub(super) struct Instance {
    number: u8,
    /// Holds the lock.
    _lock: Option<File>,
}

impl Instance {
    /// Takes the lowest free number among the programs with this settings file. Without locks there is one program.
    pub(super) fn claim(settings: &Path) -> Instance {
        for number in 0..INSTANCES_MAX {
            let Ok(file) = open_lock_file(&sibling(settings, &format!(".window{}", number + 1))) else { break };
            match file.try_lock() {
                Ok(()) => return Instance { number, _lock: Some(file) },
                Err(TryLockError::WouldBlock) if number + 1 == INSTANCES_MAX => {
                    return Instance { number, _lock: None };
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(_)) => break,
            }
        }
        Instance::default()
    }

    /// Returns the number, from 0.
    pub(super) fn number(&self) -> u8 {
        self.number
    }
}
