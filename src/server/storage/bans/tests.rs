//! The list of bans: what a ban matches, and what becomes of the file.

use std::fs;
use std::time::Duration;

use super::*;

fn name(name: &str) -> BanTarget {
    BanTarget::Name(Username::parse(name).unwrap())
}

fn address(address: &str) -> BanTarget {
    BanTarget::Address(address.parse().unwrap())
}

#[test]
fn a_ban_holds_for_every_name_that_could_pass_for_it_and_for_every_way_to_write_an_address() {
    let bans = Bans::default();
    bans.add([Ban { target: name("mallory"), until: None }]).unwrap();
    bans.add([Ban { target: address("192.0.2.7"), until: None }]).unwrap();
    assert!(bans.find(&name("MALL0RY")).is_some());
    assert!(bans.find(&address("::ffff:192.0.2.7")).is_some());
    assert!(bans.find(&address("192.0.2.8")).is_none());
    assert!(bans.find(&name("ann")).is_none());
    bans.remove(&[name("Mallory")]).unwrap();
    assert!(bans.find(&name("mallory")).is_none());
}

#[test]
fn a_ban_of_an_ipv6_address_holds_for_its_network_and_is_lifted_for_it() {
    let bans = Bans::default();
    bans.add([Ban { target: address("2001:db8::1"), until: None }]).unwrap();
    assert!(bans.find(&address("2001:db8::ffff:1")).is_some());
    assert!(bans.find(&address("2001:db8:0:1::1")).is_none());
    assert!(bans.find(&address("::1")).is_none());
    bans.remove(&[address("2001:db8::2")]).unwrap();
    assert!(bans.all().is_empty());
}

#[test]
fn a_ban_of_a_network_holds_for_its_addresses_and_is_another_than_theirs() {
    let bans = Bans::default();
    let network = BanTarget::Network("192.0.2.0/24".parse().unwrap());
    let ban = |target| Ban { target, until: None };
    bans.add([ban(address("192.0.2.7")), ban(network.clone()), ban(network.clone())]).unwrap();
    assert_eq!(bans.all().len(), 2);
    assert!(bans.find(&address("192.0.2.8")).is_some());
    assert!(bans.find(&address("192.0.3.7")).is_none());
    bans.remove(&[address("192.0.2.7")]).unwrap();
    assert!(bans.find(&address("192.0.2.7")).is_some(), "its network is still banned");
    bans.remove(&[network]).unwrap();
    assert_eq!(bans.all(), []);
}

#[test]
fn a_ban_of_a_name_holds_for_what_looks_like_it_in_small_letters_or_as_it_is_written() {
    let bans = Bans::default();
    // Greek.
    bans.add([Ban { target: name("\u{399}\u{3bd}"), until: None }]).unwrap();
    assert!(bans.find(&name("lv")).is_some() && bans.find(&name("iv")).is_some());
    bans.add([Ban { target: name("lv"), until: None }]).unwrap();
    assert!(bans.find(&name("\u{3b9}\u{3bd}")).is_some(), "the ban of the other name is lost");
    bans.remove(&[name("lv")]).unwrap();
    assert_eq!(bans.all(), []);
}

#[test]
fn a_ban_for_a_time_ends_by_itself() {
    let bans = Bans::default();
    let (past, future) = (SystemTime::now() - Duration::from_secs(1), SystemTime::now() + Duration::from_mins(1));
    bans.add([Ban { target: name("ann"), until: Some(past) }]).unwrap();
    bans.add([Ban { target: name("ben"), until: Some(future) }]).unwrap();
    assert!(bans.find(&name("ann")).is_none());
    assert!(bans.find(&name("ben")).is_some());
    assert_eq!(bans.all().len(), 1);
}

#[test]
fn the_list_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/bans.txt");
    let bans = Bans::load(Some(file.clone())).unwrap();
    bans.add([Ban { target: name("ann"), until: None }]).unwrap();
    let until = Timestamp::new(4_000_000_000, 0).unwrap().into();
    let network = BanTarget::Network("192.0.2.0/24".parse().unwrap());
    bans.add([Ban { target: network, until: None }, Ban { target: address("2001:db8::1"), until: Some(until) }])
        .unwrap();
    assert_eq!(Bans::load(Some(file.clone())).unwrap().all(), bans.all());
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.ends_with(
            "name ann forever\nnetwork 192.0.2.0/24 forever\naddress 2001:db8::1 until 2096-10-02T07:06:40Z\n"
        ),
        "{text}"
    );
    fs::write(&file, "# mine\n\nname ann for ever\n").unwrap();
    let error = Bans::load(Some(file)).unwrap_err().to_string();
    assert!(error.starts_with("line 3: write «name"), "{error}");
}

#[test]
fn a_ban_of_a_name_that_only_an_earlier_version_accepted_is_in_force_and_can_be_lifted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bans.txt");
    // Latin and Greek.
    fs::write(&file, "name i\u{3bd}an forever\n").unwrap();
    let bans = Bans::load(Some(file.clone())).unwrap();
    assert!(bans.find(&name("ivan")).is_some());
    bans.remove(&[bans.all()[0].target.clone()]).unwrap();
    assert_eq!(Bans::load(Some(file)).unwrap().all(), []);
}

#[test]
fn two_servers_with_one_file_keep_each_others_bans() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bans.txt");
    let [one, other] = [(); 2].map(|()| Bans::load(Some(file.clone())).unwrap());
    let ban = |text| Ban { target: name(text), until: None };
    one.add([ban("ann")]).unwrap();
    other.add([ban("ben")]).unwrap();
    one.add([ban("carl")]).unwrap();
    assert!(one.find(&name("ben")).is_some(), "it has read what the other one wrote");
    other.remove(&[name("ann")]).unwrap();
    let kept = Bans::load(Some(file)).unwrap().all();
    assert_eq!(kept, [ban("ben"), ban("carl")]);
}

#[test]
fn a_ban_that_could_not_be_written_is_written_later_and_by_no_other_undone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/bans.txt");
    let bans = Bans::load(Some(file.clone())).unwrap();
    // A file where a folder would have to be.
    fs::write(folder.path().join("data"), "").unwrap();
    let ban = |text| Ban { target: name(text), until: None };
    assert!(bans.add([ban("ann")]).is_err() && bans.retry().is_err());
    assert!(bans.find(&name("ann")).is_some(), "it is in force all the same");
    fs::remove_file(folder.path().join("data")).unwrap();
    bans.add([ban("ben")]).unwrap();
    assert_eq!(Bans::load(Some(file.clone())).unwrap().all(), [ban("ann"), ban("ben")]);
    assert_eq!(bans.all().len(), 2);
}
