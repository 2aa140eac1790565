//! The columns of the list of bans in force. Main thread.

use super::list::{Column, List, Listed, Look, sort_by};
use crate::monitor::messages::Action;
use crate::server::network::Network;
use crate::server::{Ban, BanTarget};

impl Listed for Ban {
    type Key = BanTarget;

    const COLUMNS: &'static [Column<Ban>] = &[
        Column::<Self>::text("Banned", (280, 1), |ban, _| (who(ban), Look::Plain))
            .sorted(|bans, descending| sort_by(bans, descending, who)),
        Column::<Self>::text("Until", (240, 2), |ban, clock| {
            let until = ban.until.map(|until| clock.day_and_time(until));
            (until.unwrap_or_else(|| "Permanent".to_owned()), Look::Muted)
        })
        .sorted(|bans, descending| sort_by(bans, descending, |ban| (ban.until.is_none(), ban.until))),
    ];

    fn key(&self) -> BanTarget {
        self.target.clone()
    }
}

impl List<Ban> {
    /// Returns the action that lifts the marked ban.
    pub fn unban(&self) -> Option<Action> {
        self.marked().map(|ban| Action::Unban(ban.target.clone()))
    }
}

fn who(ban: &Ban) -> String {
    match &ban.target {
        BanTarget::Name(name) => name.to_string(),
        BanTarget::Address(address) => format!("everyone from {}", Network::of(*address)),
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
    fn the_marked_ban_is_lifted_as_long_as_it_is_in_force() {
        let mut list = List::default();
        list.set(vec![ban("ann", None), ban("ben", None)]);
        list.mark(1);
        assert_eq!(list.unban(), Some(Action::Unban(ban("ben", None).target)));
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
        assert_eq!((names(&list), list.marked_row()), (vec!["ben".into(), "ann".into(), "carl".into()], Some(1)));
        list.set(vec![ban("ann", Some(9)), ban("dora", Some(1)), ban("eve", Some(2))]);
        assert_eq!((names(&list), list.marked_row()), (vec!["dora".into(), "eve".into(), "ann".into()], Some(2)));
    }
}
