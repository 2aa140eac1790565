//! The registered names: the columns of their list, and a newly generated password until the operator has passed it on. Main
//! thread.

use super::list::{Column, List, Listed, Look};
use crate::monitor::messages::{Action, MemberAction};
use crate::protocol::Username;
use crate::server::{Member, Password};

impl Listed for Member {
    type Key = String;

    const COLUMNS: &'static [Column<Member>] = &[
        Column::<Self>::text("Name", (280, 1), |member, _| (member.name.clone(), Look::Plain))
            .sorted(|one, other| one.name.to_lowercase().cmp(&other.name.to_lowercase())),
        Column::<Self>::text("Registered", (240, 2), |member, clock| (clock.day_and_time(member.since), Look::Muted))
            .sorted(|one, other| one.since.cmp(&other.since)),
    ];

    fn key(&self) -> String {
        self.name.clone()
    }
}

/// The registered names, and the last generated password.
#[derive(Debug, Default)]
pub struct MemberList {
    /// The names.
    pub list: List<Member>,
    /// The last generated password and the name it belongs to. Another action removes it from the window, and so does the
    /// server's stop.
    pub password: Option<(String, Password)>,
}

impl MemberList {
    /// Returns the action that registers a name.
    ///
    /// # Errors
    /// The name is not valid: the reason.
    pub fn add(name: &str) -> Result<Action, String> {
        let name = Username::parse(name.trim()).map_err(|why| format!("Not registered: {why}"))?;
        Ok(Action::Member(MemberAction::Add, name))
    }

    /// Returns the marked name.
    pub fn marked_name(&self) -> Option<Username> {
        // Valid when it was registered, though maybe not any more.
        Username::stored(&self.list.marked()?.name).ok()
    }
}

#[cfg(test)]
#[cfg(all(feature = "storage", not(loom)))]
mod tests {
    use super::*;
    use crate::server::Members;

    #[test]
    fn the_mark_stays_with_its_name_and_an_invalid_name_is_rejected_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let members = Members::open(folder.path().join("members.db")).unwrap();
        let password = Password::parse("correct horse").unwrap();
        let add = |name: &str| members.add(&Username::parse(name).unwrap(), &password).unwrap();
        let mut shown = MemberList::default();
        add("ben");
        shown.list.set(members.list().unwrap());
        shown.list.mark(0);
        add("ann");
        shown.list.set(members.list().unwrap());
        assert_eq!(shown.list.marked_rows(), [1]);
        assert_eq!(shown.marked_name(), Some(Username::parse("ben").unwrap()));
        // An earlier version registered a name of Latin and Greek.
        let old = Member { name: "i\u{3bd}an".into(), ..shown.list[0].clone() };
        shown.list.set(vec![old.clone()]);
        shown.list.mark(0);
        assert_eq!(shown.marked_name().map(|name| name.to_string()), Some(old.name));
        assert!(MemberList::add(" carl ").is_ok());
        let why = MemberList::add("a/b").unwrap_err();
        assert!(why.starts_with("Not registered: a name cannot contain /"), "{why}");
    }
}
