//! The registered names as the window lists them, the marked one, and a newly generated password until the operator has passed
//! it on. Main thread.

use crate::monitor::messages::{Action, MemberAction};
use crate::protocol::Username;
use crate::server::{Member, Password};

/// The registered names, at most one mark, and the last generated password.
#[derive(Debug, Default)]
pub struct MemberList {
    members: Vec<Member>,
    /// A name and not a row, because rows move when another name is registered.
    marked: Option<String>,
    /// The last generated password and the name it belongs to.
    password: Option<(String, Password)>,
}

impl MemberList {
    /// Returns all members, in the order of their names.
    pub fn all(&self) -> &[Member] {
        &self.members
    }

    /// Marks the member in `row`.
    pub fn mark(&mut self, row: usize) {
        self.marked = self.members.get(row).map(|member| member.name.clone());
    }

    /// Returns the row of the marked member, if it is still registered.
    pub fn marked(&self) -> Option<usize> {
        let marked = self.marked.as_ref()?;
        self.members.iter().position(|member| member.name == *marked)
    }

    /// Returns the action that registers a name.
    ///
    /// # Errors
    /// The name is not valid: the reason.
    pub fn add(name: &str) -> Result<Action, String> {
        let name = Username::parse(name.trim()).map_err(|why| format!("That cannot be registered: {why}"))?;
        Ok(Action::Member(MemberAction::Add, name))
    }

    /// Returns the marked name.
    pub(super) fn marked_name(&self) -> Option<Username> {
        let member = &self.members[self.marked()?];
        // Valid when it was registered, though maybe not any more.
        Username::stored(&member.name).ok()
    }

    /// Returns the last generated password and the name it belongs to.
    pub fn password(&self) -> Option<(&str, &Password)> {
        self.password.as_ref().map(|(name, password)| (name.as_str(), password))
    }

    pub(super) fn set(&mut self, members: &[Member]) {
        self.members = members.to_vec();
    }

    pub(super) fn set_password(&mut self, name: &str, password: &Password) {
        self.password = Some((name.to_owned(), password.clone()));
    }

    /// Removes the password from the window, because another action is performed or the server has stopped.
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
    fn the_mark_stays_with_its_name_and_an_invalid_name_is_rejected_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let members = Members::open(folder.path().join("members.db")).unwrap();
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
        // An earlier version registered a name of Latin and Greek.
        let old = Member { name: "i\u{3bd}an".into(), ..list.all()[0].clone() };
        list.set(std::slice::from_ref(&old));
        list.mark(0);
        assert_eq!(list.marked_name().map(|name| name.to_string()), Some(old.name));
        assert!(MemberList::add(" carl ").is_ok());
        let why = MemberList::add("a/b").unwrap_err();
        assert!(why.starts_with("That cannot be registered: a name has letters"), "{why}");
    }
}
