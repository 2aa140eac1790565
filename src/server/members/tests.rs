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

#[test]
fn a_name_that_looks_like_a_registered_one_only_in_small_letters_is_not_registered() {
    let (folder, members) = list("looks");
    let secret = password("first secret");
    // Greek: as it is written it looks like `lv`, in small letters like `iv`.
    members.add(&name("\u{399}\u{3bd}"), &secret).unwrap();
    for lookalike in ["lv", "iv", "Iv"] {
        let greek = MembersError::Lookalike("\u{399}\u{3bd}".into());
        assert_eq!(members.add(&name(lookalike), &secret), Err(greek), "{lookalike}");
    }
    members.remove(&name("\u{3b9}\u{3bd}")).unwrap();
    members.add(&name("iv"), &secret).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn names_that_an_earlier_version_registered_are_protected_and_stay_their_owners() {
    let (folder, members) = list("migrated");
    drop(members);
    let file = folder.join("members.db");
    let old = Connection::open(&file).unwrap();
    // As the first version left it, with two names that clash now.
    old.execute_batch(
        "DROP INDEX members_small; DROP INDEX members_written;
        ALTER TABLE members DROP COLUMN small; ALTER TABLE members DROP COLUMN written; PRAGMA user_version = 1;
        INSERT INTO members VALUES ('ln', '\u{399}\u{3bd}', 'x', 1), ('lv', 'iv', 'x', 2);",
    )
    .unwrap();
    drop(old);
    let members = Members::open(file).unwrap();
    assert_eq!(members.list().unwrap().len(), 2);
    for own in ["\u{399}\u{3bd}", "iv"] {
        assert_eq!(members.find(&name(own)).unwrap().unwrap().name, own);
    }
    assert!(members.find(&name("lv")).unwrap().is_some(), "a lookalike of both");
    std::fs::remove_dir_all(folder).unwrap();
}
