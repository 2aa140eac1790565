//! The looks of the members' names. They are stored with each name and indexed, so that a clashing name is found without a
//! scan of the table.

use rusqlite::{Connection, Result, params};

use crate::protocol::NameKey;

/// SQL that selects the members whose names clash with a name. The name's three looks are the parameters 1 to 3.
pub(super) const CLASHES: &str = "FROM members WHERE key = ?1 OR small = ?2 OR written = ?3";

/// Updates the looks that an earlier version of this program computed otherwise, or not at all.
pub(super) fn refresh(connection: &mut Connection) -> Result<()> {
    let stale: Vec<(String, NameKey)> = {
        let mut query = connection.prepare("SELECT name, small, written FROM members")?;
        let rows = query.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let mut stale = Vec::new();
        for row in rows {
            let (name, small, written): (String, Option<String>, Option<String>) = row?;
            let key = NameKey::of(&name);
            if [small.as_deref(), written.as_deref()] != [Some(&*key.looks()[1]), Some(&*key.looks()[2])] {
                stale.push((name, key));
            }
        }
        stale
    };
    if stale.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for (name, key) in &stale {
        let [_, small, written] = key.looks();
        transaction.execute(
            "UPDATE members SET small = ?2, written = ?3 WHERE name = ?1",
            params![name, &**small, &**written],
        )?;
    }
    transaction.commit()
}
