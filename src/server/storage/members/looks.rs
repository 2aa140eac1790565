//! The looks of the members' names. They are stored with each name and indexed, so that a clashing name is found without a
//! scan of the table.

use rusqlite::{Connection, Result, params};

use crate::protocol::NameKey;

/// SQL that selects the members whose names clash with a name. The name's three looks are the parameters 1 to 3.
pub(super) const CLASHES: &str = "FROM members WHERE key = ?1 OR small = ?2 OR written = ?3";

/// Updates the looks that an earlier version of this program computed otherwise, or not at all.
pub(super) fn refresh(connection: &mut Connection) -> Result<()> {
    let stored: Vec<(String, Option<String>, Option<String>)> = connection
        .prepare("SELECT name, small, written FROM members")?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_>>()?;
    let transaction = connection.transaction()?;
    for (name, small, written) in stored {
        let key = NameKey::of(&name);
        let looks = [&*key.looks()[1], &*key.looks()[2]];
        if [small.as_deref(), written.as_deref()] != looks.map(Some) {
            let sql = "UPDATE members SET small = ?2, written = ?3 WHERE name = ?1";
            transaction.execute(sql, params![name, looks[0], looks[1]])?;
        }
    }
    transaction.commit()
}
