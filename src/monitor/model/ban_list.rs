//! The columns of the list of bans in force. Main thread.

use super::list::{Column, List, Listed, Look};
use crate::monitor::messages::Action;
use crate::server::network::Network;
use crate::server::{Ban, BanTarget};

impl Listed for Ban {
    type Key = String;

    const COLUMNS: &'static [Column<Ban>] = &[
        Column::<Self>::text("Banned", (280, 1), |ban, _| (who(ban), Look::Plain))
            .sorted(|one, other| who(one).cmp(&who(other))),
        Column::<Self>::text("Until", (240, 2), |ban, clock| {
            let until = ban.until.map(|until| clock.day_and_time(until));
            (until.unwrap_or_else(|| "Permanent".to_owned()), Look::Muted)
        })
        .sorted(|one, other| (one.until.is_none(), one.until).cmp(&(other.until.is_none(), other.until))),
    ];

    /// Returns the target as the file has it.
    fn key(&self) -> String {
        self.target.to_string()
    }
}

impl List<Ban> {
    /// Returns the action that lifts the marked bans.
    pub fn unban(&self) -> Option<Action> {
        let targets: Vec<_> = self.all_marked().map(|ban| ban.target.clone()).collect();
        (!targets.is_empty()).then_some(Action::Unban(targets))
    }
}

fn who(ban: &Ban) -> String {
    match &ban.target {
        BanTarget::Name(name) => name.to_string(),
        BanTarget::Address(address) => format!("everyone from {}", Network::of(*address)),
        BanTarget::Network(network) => format!("everyone from {network}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::protocol::Username;
    use crate::sorting::Sorting;

    fn ban(name: &str, minutes: Option<u64>) -> Ban {
        let until = minutes.map(|minutes| SystemTime::UNIX_EPOCH + Duration::from_mins(minutes));
        Ban { target: BanTarget::Name(Username::parse(name).unwrap()), until }
    }

    #[test]
    fn the_marked_bans_are_lifted_as_long_as_they_are_in_force() {
        let mut list = List::default();
        list.set(vec![ban("ann", None), ban("ben", None)]);
        list.mark(1);
        assert_eq!(list.unban(), Some(Action::Unban(vec![ban("ben", None).target])));
        list.set_marks([0, 1], Some((0, 1)));
        assert_eq!(list.unban(), Some(Action::Unban(vec![ban("ann", None).target, ban("ben", None).target])));
        list.set(Vec::new());
        assert_eq!(list.unban(), None);
    }

    #[test]
    fn the_mark_and_the_order_stay_with_every_update() {
        let mut list = List::default();
        let names = |list: &List<Ban>| list.iter().map(who).collect::<Vec<_>>();
        list.set(vec![ban("carl", None), ban("ann", Some(9)), ban("ben", Some(3))]);
        assert_eq!(names(&list), ["carl", "ann", "ben"], "as they came");
        list.mark(1);
        list.sort(Sorting { column: Some(1), descending: false });
        assert_eq!((names(&list), list.marked_rows()), (vec!["ben".into(), "ann".into(), "carl".into()], vec![1]));
        list.set(vec![ban("ann", Some(9)), ban("dora", Some(1)), ban("eve", Some(2))]);
        assert_eq!((names(&list), list.marked_rows()), (vec!["dora".into(), "eve".into(), "ann".into()], vec![2]));
    }
}
