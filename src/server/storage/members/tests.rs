//! Tests of the list of members: what it stores, and which changes it rejects.

use rusqlite::Connection;
use tempfile::TempDir;

use crate::server::storage::members::*;

/// Opens a list in a folder of its own.
fn list() -> (TempDir, Members) {
    let folder = tempfile::tempdir().unwrap();
    let members = Members::open(folder.path().join("members.db")).unwrap();
    (folder, members)
}

fn name(name: &str) -> Username {
    Username::parse(name).unwrap()
}

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

#[test]
fn a_name_is_added_verified_reset_and_removed() {
    let (_folder, members) = list();
    members.add(&name("ann"), &password("first secret")).unwrap();
    let verifies = |text: &str| {
        let member = members.find(&name("ANN")).unwrap().unwrap();
        members.verify(&member, &password(text), operator()).unwrap().is_some()
    };
    assert!(verifies("first secret") && !verifies("second secret"));
    members.reset(&name("Ann"), &password("second secret")).unwrap();
    assert!(!verifies("first secret") && verifies("second secret"));
    assert_eq!(members.list().unwrap().iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["ann"]);
    members.remove(&name("ann")).unwrap();
    assert_eq!(members.list().unwrap(), []);
}

#[test]
fn two_programs_may_have_the_list_open_and_see_what_the_other_does() {
    let (folder, server) = list();
    let command_line = Members::open(folder.path().join("members.db")).unwrap();
    command_line.add(&name("ann"), &password("first secret")).unwrap();
    assert!(server.find(&name("ann")).unwrap().is_some());
    server.remove(&name("ann")).unwrap();
    assert_eq!(command_line.list().unwrap(), []);
}

#[test]
fn what_cannot_be_done_is_said_and_nothing_is_done() {
    let (_folder, members) = list();
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
}

#[test]
fn a_proof_changes_the_entry_that_was_proved_and_no_other() {
    let (_folder, members) = list();
    let (ann, secret, network) = (name("ann"), password("first secret"), operator());
    let first = members.register(&ann, &secret, network).unwrap();
    assert_eq!(members.is_current(&ann, &first), Ok(true));
    let second = members.change(&ann, &first, &secret, network).unwrap();
    assert!(first != second, "the same password is another entry");
    let disowned = Err(MembersError::Disowned("ann".into()));
    assert_eq!(members.change(&ann, &first, &secret, network), disowned);

    members.reset(&ann, &secret).unwrap();
    let before = members.list().unwrap();
    assert_eq!(members.change(&ann, &second, &secret, network), disowned);
    assert_eq!(members.is_current(&ann, &second), Ok(false));
    assert_eq!(members.list().unwrap(), before);
    members.remove(&ann).unwrap();
    assert_eq!(members.change(&ann, &second, &secret, network), disowned);
    assert_eq!(members.list().unwrap(), []);
    assert_eq!(format!("{second:?}"), "***");
}

/// A way to damage the content of a file.
type Damage = fn(&mut Vec<u8>);

#[test]
fn a_damaged_list_is_no_empty_list_however_often_it_is_opened() {
    let damages: [(&str, Damage); 5] = [
        ("start", |bytes| bytes[..100].fill(0xa5)),
        ("middle", |bytes| bytes[100..8000].fill(0xff)),
        ("zeros", |bytes| bytes.fill(0)),
        ("half", |bytes| bytes.truncate(bytes.len() / 2)),
        ("empty", Vec::clear),
    ];
    for (what, damage) in damages {
        let (folder, members) = list();
        members.add(&name("ann"), &password("first secret")).unwrap();
        drop(members);
        let file = folder.path().join("members.db");
        let whole = std::fs::read(&file).unwrap();
        let mut bytes = whole.clone();
        damage(&mut bytes);
        std::fs::write(&file, &bytes).unwrap();
        for attempt in 1..=3 {
            let opened = Members::open(file.clone()).map(drop);
            assert_eq!(opened, Err(MembersError::Damaged { file: file.clone() }), "{what}, attempt {attempt}");
            assert!(std::fs::read(&file).unwrap() == bytes, "{what}: it was left as it was");
        }
        // As the error says: a copy in its place, or none.
        std::fs::rename(&file, folder.path().join("elsewhere")).unwrap();
        std::fs::write(&file, &whole).unwrap();
        assert_eq!(Members::open(file.clone()).unwrap().list().unwrap().len(), 1, "{what}");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(Members::open(file).unwrap().list().unwrap(), [], "{what}");
    }
}

#[test]
fn while_a_quarantined_list_lies_beside_none_is_created() {
    let (folder, members) = list();
    drop(members);
    let file = folder.path().join("members.db");
    let quarantined = folder.path().join("members.db.damaged 2024-05-01 120000");
    std::fs::rename(&file, &quarantined).unwrap();
    std::fs::write(folder.path().join("members.db.damaged 2024-05-01 120000-wal"), "").unwrap();
    for _ in 0..2 {
        let error = Members::open(file.clone()).unwrap_err();
        assert_eq!(error, MembersError::Quarantined { file: file.clone(), quarantined: quarantined.clone() });
        assert!(error.to_string().contains("begin anew with nobody registered") && !file.exists(), "{error}");
    }
    std::fs::rename(&quarantined, folder.path().join("elsewhere")).unwrap();
    assert_eq!(Members::open(file).unwrap().list().unwrap(), []);
}

#[test]
#[cfg(unix)]
fn a_list_that_others_could_read_is_made_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, members) = list();
    drop(members);
    let file = folder.path().join("members.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let members = Members::open(file.clone()).unwrap();
    members.add(&name("ann"), &password("first secret")).unwrap();
    for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.path().display());
    }
}

#[test]
fn generated_passwords_differ_and_are_strong() {
    let passwords = [Members::generate_password().unwrap(), Members::generate_password().unwrap()];
    assert_ne!(passwords[0].reveal(), passwords[1].reveal());
    assert_eq!(passwords[0].reveal().len(), 19, "{}", passwords[0].reveal());
}

#[test]
fn no_file_has_the_password_in_it() {
    let (folder, members) = list();
    members.add(&name("ann"), &password("xyzzy plugh 12345")).unwrap();
    drop(members);
    for file in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(5).any(|window| window == b"xyzzy"));
    }
}

#[test]
fn a_name_that_looks_like_a_registered_one_only_in_small_letters_is_not_registered() {
    let (_folder, members) = list();
    let secret = password("first secret");
    // Greek: as it is written it looks like `lv`, in small letters like `iv`.
    members.add(&name("\u{399}\u{3bd}"), &secret).unwrap();
    for lookalike in ["lv", "iv", "Iv"] {
        let greek = MembersError::Lookalike("\u{399}\u{3bd}".into());
        assert_eq!(members.add(&name(lookalike), &secret), Err(greek), "{lookalike}");
    }
    members.remove(&name("\u{3b9}\u{3bd}")).unwrap();
    members.add(&name("iv"), &secret).unwrap();
}

#[test]
fn names_that_an_earlier_version_registered_are_protected_and_stay_their_owners() {
    let (folder, members) = list();
    drop(members);
    let file = folder.path().join("members.db");
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
}
