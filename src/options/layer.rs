//! The values of the options from one source. Pure.

use std::collections::BTreeMap;

use thiserror::Error;

use super::key::Key;
use super::kind::Value;
use super::table::info;

/// Values, each of the kind of its option.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer(BTreeMap<Key, Value>);

/// Two options of one layer that do not go together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{why}")]
pub struct Contradiction {
    /// The option at fault.
    pub key: Key,
    /// The rule, and what would work.
    pub why: String,
}

impl Layer {
    /// Returns the value of an option.
    pub fn get(&self, key: Key) -> Option<&Value> {
        self.0.get(&key)
    }

    /// Sets the value of an option; `None` removes it.
    pub fn set(&mut self, key: Key, value: Option<Value>) {
        match value {
            Some(value) => _ = self.0.insert(key, value),
            None => _ = self.0.remove(&key),
        }
    }

    /// Returns true if no option has a value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the option that is on here and does not go together with this one.
    pub fn excluding(&self, key: Key) -> Option<Key> {
        let conflict = |other: Key| info(other).conflicts.contains(&key) || info(key).conflicts.contains(&other);
        self.0.keys().copied().find(|other| self.is_on(*other) && conflict(*other))
    }

    /// Returns true if an option has a value, other than that of a switch that is off.
    fn is_on(&self, key: Key) -> bool {
        self.get(key).is_some_and(|value| *value != Value::Switch(false))
    }

    /// Checks the options against each other.
    ///
    /// # Errors
    /// One excludes another one, or needs another one that is missing.
    pub fn check(&self) -> Result<(), Contradiction> {
        for key in self.0.keys().copied().filter(|key| self.is_on(*key)) {
            let name = key.name();
            if let Some(other) = self.excluding(key) {
                return Err(Contradiction {
                    key,
                    why: format!("{name} excludes {}: leave out one of them", other.name()),
                });
            }
            if let Some(needed) = info(key).requires.filter(|needed| !self.is_on(*needed)) {
                return Err(Contradiction { key, why: format!("{name} needs {}: add it", needed.name()) });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_do_not_go_together_are_found() {
        let file = || Value::File("x".into());
        let on = || Value::Switch(true);
        let check = |values: &[(Key, Value)]| {
            let mut layer = Layer::default();
            values.iter().cloned().for_each(|(key, value)| layer.set(key, Some(value)));
            layer.check().map_err(|error| error.to_string())
        };
        assert_eq!(check(&[(Key::TlsCert, file()), (Key::TlsKey, file())]), Ok(()));
        assert_eq!(check(&[(Key::TlsCert, file())]), Err("tls-cert needs tls-key: add it".into()));
        let three = [(Key::TlsCert, file()), (Key::TlsKey, file()), (Key::Tls, on())];
        assert_eq!(check(&three), Err("tls excludes tls-cert: leave out one of them".into()));
        assert_eq!(
            check(&[(Key::NoHistory, on()), (Key::Keep, Value::Number(1))]).unwrap_err().split(' ').nth(1),
            Some("excludes")
        );
        assert_eq!(check(&[(Key::NoHistory, Value::Switch(false)), (Key::Keep, Value::Number(1))]), Ok(()));
    }
}
