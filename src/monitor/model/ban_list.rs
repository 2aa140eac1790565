//! The bans in force as the window lists them, and the marked one. Main thread.

use crate::monitor::messages::Action;
use crate::server::{Ban, BanTarget};

/// The bans in force, and at most one mark.
#[derive(Debug, Default)]
pub struct BanList {
    bans: Vec<Ban>,
    /// A target and not a row, because rows move when a ban expires.
    marked: Option<BanTarget>,
}

impl BanList {
    /// Returns all bans, in the order of the rows.
    pub fn all(&self) -> &[Ban] {
        &self.bans
    }

    /// Marks the ban in `row`.
    pub(super) fn mark(&mut self, row: usize) {
        self.marked = self.bans.get(row).map(|ban| ban.target.clone());
    }

    /// Returns the row of the marked ban, if it is still in force.
    pub fn marked(&self) -> Option<usize> {
        let marked = self.marked.as_ref()?;
        self.bans.iter().position(|ban| ban.target == *marked)
    }

    /// Returns the action that lifts the marked ban.
    pub fn unban(&self) -> Option<Action> {
        self.marked().map(|row| Action::Unban(self.bans[row].target.clone()))
    }

    pub(super) fn set(&mut self, bans: &[Ban]) {
        self.bans = bans.to_vec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Username;

    #[test]
    fn the_mark_stays_with_the_ban_when_another_is_over() {
        let mut list = BanList::default();
        let ban = |name: &str| Ban { target: BanTarget::Name(Username::parse(name).unwrap()), until: None };
        list.set(&[ban("ann"), ban("ben")]);
        list.mark(1);
        list.set(&[ban("ben")]);
        assert_eq!(list.marked(), Some(0));
        assert_eq!(list.unban(), Some(Action::Unban(ban("ben").target)));
        list.set(&[]);
        assert_eq!((list.marked(), list.unban()), (None, None));
    }
}
