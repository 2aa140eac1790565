//! The registered names as the window lists them, one of which may be marked; and a password that was thought up for
//! somebody, until the operator has told it.

use crate::monitor::worker::{Action, MemberAct};
use crate::protocol::Username;
use crate::server::{Member, Password};

/// The registered names, one of whom may be marked.
#[derive(Debug, Default)]
pub struct MemberList {
    members: Vec<Member>,
    /// By name and not by row: the rows move when somebody registers.
    marked: Option<String>,
    /// For whom, and which.
    password: Option<(String, Password)>,
}

impl MemberList {
    /// All of them, by name.
    pub fn all(&self) -> &[Member] {
        &self.members
    }

    /// Marks the one in a row of the list.
    pub fn mark(&mut self, row: usize) {
        self.marked = self.members.get(row).map(|member| member.name.clone());
    }

    /// The row of the one that is marked, if that is still there.
    pub fn marked(&self) -> Option<usize> {
        let marked = self.marked.as_ref()?;
        self.members.iter().position(|member| member.name == *marked)
    }

    /// What registers a name.
    ///
    /// # Errors
    /// It is none: why.
    pub fn add(name: &str) -> Result<Action, String> {
        let name = Username::parse(name.trim()).map_err(|why| format!("That cannot be registered: {why}"))?;
        Ok(Action::Member(MemberAct::Add, name))
    }

    /// The name that is marked.
    pub(super) fn marked_name(&self) -> Option<Username> {
        let member = &self.members[self.marked()?];
        // A name in the list was valid when it was registered.
        Username::parse(&member.name).ok()
    }

    /// What the operator is to tell to whom.
    pub fn password(&self) -> Option<(&str, &Password)> {
        self.password.as_ref().map(|(name, password)| (name.as_str(), password))
    }

    pub(super) fn set(&mut self, members: &[Member]) {
        self.members = members.to_vec();
    }

    pub(super) fn set_password(&mut self, name: &str, password: &Password) {
        self.password = Some((name.to_owned(), password.clone()));
    }

    /// Something else is done, or the server has stopped.
    pub(super) fn forget_password(&mut self) {
        self.password = None;
    }
}

#[cfg(test)]
#[cfg(all(feature = "storage", not(loom)))]
mod tests {
    use super::*;
    use crate::server::Members;

    #[test]
    fn the_mark_stays_with_its_name_and_a_name_that_is_none_is_told() {
        let folder = std::env::temp_dir().join(format!("multichat-member-list-{}", std::process::id()));
        let members = Members::open(folder.join("members.db")).unwrap();
        let password = Password::parse("correct horse").unwrap();
        let add = |name: &str| members.add(&Username::parse(name).unwrap(), &password).unwrap();
        let mut list = MemberList::default();
        add("ben");
        list.set(&members.list().unwrap());
        list.mark(0);
        add("ann");
        list.set(&members.list().unwrap());
        assert_eq!(list.marked(), Some(1));
        let ben = Username::parse("ben").unwrap();
        assert_eq!(list.marked_name(), Some(ben));
        list.mark(usize::MAX);
        assert_eq!(list.marked_name(), None);
        assert!(MemberList::add(" carl ").is_ok());
        let why = MemberList::add("a/b").unwrap_err();
        assert!(why.starts_with("That cannot be registered: a name has letters"), "{why}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
