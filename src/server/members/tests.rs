//! The list of members: what is kept, and what is not done to whom.

use super::*;

/// A list in a folder of its own.
fn list(name: &str) -> (PathBuf, Members) {
    let folder = std::env::temp_dir().join(format!("multichat-members-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let members = Members::open(folder.join("members.db")).unwrap();
    (folder, members)
}

fn name(name: &str) -> Username {
    Username::parse(name).unwrap()
}

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

#[test]
fn a_name_is_added_proved_reset_and_removed() {
    let (folder, members) = list("life");
    members.add(&name("ann"), &password("first secret")).unwrap();
    let proves = |text: &str| members.proves(&members.find(&name("ANN")).unwrap().unwrap(), &password(text)).unwrap();
    assert!(proves("first secret") && !proves("second secret"));
    members.reset(&name("Ann"), &password("second secret")).unwrap();
    assert!(!proves("first secret") && proves("second secret"));
    assert_eq!(members.list().unwrap().iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["ann"]);
    members.remove(&name("ann")).unwrap();
    assert_eq!(members.list().unwrap(), []);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn two_programs_may_have_the_list_open_and_see_what_the_other_does() {
    let (folder, server) = list("shared");
    let command_line = Members::open(folder.join("members.db")).unwrap();
    command_line.add(&name("ann"), &password("first secret")).unwrap();
    assert!(server.find(&name("ann")).unwrap().is_some());
    server.remove(&name("ann")).unwrap();
    assert_eq!(command_line.list().unwrap(), []);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_cannot_be_done_is_said_and_nothing_is_done() {
    let (folder, members) = list("not");
    members.add(&name("Neil"), &password("first secret")).unwrap();
    let before = members.list().unwrap();
    let secret = password("other secret");
    let lookalike = Err(MembersError::Lookalike("Neil".into()));
    assert_eq!(members.add(&name("neil"), &secret), Err(MembersError::Registered("Neil".into())));
    assert_eq!(members.add(&name("Nell"), &secret), lookalike);
    assert_eq!(members.reset(&name("Nell"), &secret), lookalike);
    assert_eq!(members.remove(&name("Nell")), lookalike);
    assert_eq!(members.remove(&name("ann")), Err(MembersError::NotRegistered("ann".into())));
    assert_eq!(members.add(&name("ann"), &password("short")), Err(MembersError::Weak));
    assert_eq!(members.reset(&name("neil"), &password("short")), Err(MembersError::Weak));
    assert_eq!(members.list().unwrap(), before);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_damaged_list_is_no_empty_list() {
    let (folder, members) = list("damaged");
    members.add(&name("ann"), &password("first secret")).unwrap();
    drop(members);
    let file = folder.join("members.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let half = bytes.len() / 2;
    bytes[100..half].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    let error = Members::open(file.clone()).unwrap_err();
    assert!(matches!(&error, MembersError::Damaged { aside, .. } if aside.exists()), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn passwords_that_are_thought_up_differ_and_are_strong() {
    let passwords = [Members::think_up_password().unwrap(), Members::think_up_password().unwrap()];
    assert_ne!(passwords[0].reveal(), passwords[1].reveal());
    assert_eq!(passwords[0].reveal().len(), 19, "{}", passwords[0].reveal());
}

#[test]
fn no_file_has_the_password_in_it() {
    let (folder, members) = list("secret");
    members.add(&name("ann"), &password("xyzzy plugh 12345")).unwrap();
    drop(members);
    for file in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(5).any(|window| window == b"xyzzy"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}
