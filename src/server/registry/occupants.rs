//! The joined clients, indexed by name: by the name as it is written, to find a client, and by its looks, to reject a name
//! that could be mistaken for another's.
//!
//! Plain data behind the registry's lock. It never locks or blocks.

use std::collections::HashMap;
use std::collections::hash_map::Values;
use std::sync::Arc;

use super::Occupant;
use crate::protocol::{NameKey, Username};

/// The joined clients: see the [module](self). No two of them have names that clash.
#[derive(Debug, Default)]
pub(super) struct Occupants {
    /// By [`Username::folded`].
    by_name: HashMap<Arc<str>, Occupant>,
    /// For each of the three looks of a name ([`NameKey::looks`]), the folded name of the client that has it. Three maps, so
    /// that a look in capitals matches only another look in capitals.
    by_look: [HashMap<Arc<str>, Arc<str>>; 3],
}

impl Occupants {
    /// Adds a client. The caller has checked, under the same lock, that its name [clashes](Occupants::clash) with none.
    pub(super) fn insert(&mut self, occupant: Occupant) {
        let name = occupant.client.name.clone();
        for (look, names) in name.key().looks().iter().zip(&mut self.by_look) {
            names.insert(look.clone(), name.folded().clone());
        }
        self.by_name.insert(name.folded().clone(), occupant);
    }

    /// Removes and returns the client with this name, in any spelling that folds to the same.
    pub(super) fn remove(&mut self, name: &Username) -> Option<Occupant> {
        let occupant = self.by_name.remove(name.folded())?;
        // By the looks of the name with which it joined, which `name` need not share.
        for (look, names) in occupant.client.name.key().looks().iter().zip(&mut self.by_look) {
            names.remove(look);
        }
        Some(occupant)
    }

    /// Returns the client with this [folded](Username::folded) name.
    pub(super) fn get(&self, folded: &str) -> Option<&Occupant> {
        self.by_name.get(folded)
    }

    /// Returns a client whose name clashes with this one. There can be up to one for each look.
    pub(super) fn clash(&self, key: &NameKey) -> Option<&Occupant> {
        let mut same = key.looks().iter().zip(&self.by_look).filter_map(|(look, names)| names.get(look));
        same.find_map(|folded| self.by_name.get(folded))
    }

    pub(super) fn values(&self) -> Values<'_, Arc<str>, Occupant> {
        self.by_name.values()
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }
}
