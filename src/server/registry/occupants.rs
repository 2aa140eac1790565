//! The people in the room, by name: as it is written, to find somebody, and as it looks, so that nobody comes whose name
//! could pass for another's. Protected by the registry's lock.

use std::collections::HashMap;
use std::collections::hash_map::Values;
use std::sync::Arc;

use super::Occupant;
use crate::protocol::{NameKey, Username};

/// See the [module](self). No two of them have names that clash.
#[derive(Debug, Default)]
pub(super) struct People {
    /// By [`Username::folded`].
    here: HashMap<Arc<str>, Occupant>,
    /// For each of the looks of a name: whose it is, by the same.
    looks: [HashMap<Arc<str>, Arc<str>>; 3],
}

impl People {
    /// Adds somebody whose name clashes with nobody's.
    pub(super) fn insert(&mut self, here: Occupant) {
        let name = here.client.name.clone();
        for (look, looks) in name.key().looks().iter().zip(&mut self.looks) {
            looks.insert(look.clone(), name.folded().clone());
        }
        self.here.insert(name.folded().clone(), here);
    }

    /// Removes whoever has this name, in whatever way it is written.
    pub(super) fn remove(&mut self, name: &Username) -> Option<Occupant> {
        let here = self.here.remove(name.folded())?;
        for (look, looks) in here.client.name.key().looks().iter().zip(&mut self.looks) {
            looks.remove(look);
        }
        Some(here)
    }

    /// Whoever has a name, by [`Username::folded`].
    pub(super) fn get(&self, folded: &str) -> Option<&Occupant> {
        self.here.get(folded)
    }

    /// Somebody whose name clashes with this one. There can be one for each look.
    pub(super) fn clash(&self, key: &NameKey) -> Option<&Occupant> {
        let mut same = key.looks().iter().zip(&self.looks).filter_map(|(look, looks)| looks.get(look));
        same.find_map(|folded| self.here.get(folded))
    }

    pub(super) fn values(&self) -> Values<'_, Arc<str>, Occupant> {
        self.here.values()
    }

    pub(super) fn len(&self) -> usize {
        self.here.len()
    }
}
