//! Files in temporary directories, written by several threads and through symbolic links.

use crate::files::*;

/// Parses an entry of a list of numbers.
fn parse(line: &str) -> Result<u32, String> {
    line.parse().map_err(|error: std::num::ParseIntError| error.to_string())
}

fn written(list: &[u32]) -> String {
    list.iter().fold(String::new(), |text, number| text + &format!("{number}\n"))
}

#[cfg(unix)]
#[test]
fn what_is_written_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let [new, over, old, list] = ["new", "over", "old", "list"].map(|name| folder.path().join(name));
    write_new(&new, "one\n").unwrap();
    write_atomic(&over, "one\n").unwrap();
    fs::write(&old, "zero\n").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
    write_atomic(&old, "one\n").unwrap();
    change_list(
        &list,
        parse,
        |list| {
            list.push(1);
            true
        },
        written,
    )
    .unwrap();
    for entry in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_left_where_it_is_and_what_it_leads_to_is_written() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let [first, second, file, nowhere, there] =
        ["first", "second", "file", "nowhere", "deep/there"].map(|name| folder.path().join(name));
    fs::write(&file, "old\n").unwrap();
    symlink("second", &first).unwrap();
    symlink(&file, &second).unwrap();
    symlink("deep/there", &nowhere).unwrap();
    write_atomic(&first, "new\n").unwrap();
    write_atomic(&nowhere, "made\n").unwrap();
    assert!([&first, &second, &nowhere].iter().all(|link| link.is_symlink()));
    assert_eq!(fs::read_to_string(&file).unwrap(), "new\n");
    assert_eq!(fs::read_to_string(&there).unwrap(), "made\n");
    let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
    symlink(&one, &other).unwrap();
    symlink(&other, &one).unwrap();
    assert!(write_atomic(&one, "round\n").is_err() && one.is_symlink(), "no endless way");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_links_that_were_laid_at_names_that_can_be_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let [list, victim] = ["list", "victim"].map(|name| folder.path().join(name));
    fs::write(&victim, "precious\n").unwrap();
    for number in 0..200 {
        let name = format!("list.new-{}-{number}", std::process::id());
        std::os::unix::fs::symlink(&victim, folder.path().join(name)).unwrap();
    }
    write_atomic(&list, "new\n").unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious\n");
    assert_eq!(fs::read_to_string(&list).unwrap(), "new\n");
}

#[test]
fn those_who_change_a_list_at_once_do_not_lose_each_others_entries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    thread::scope(|scope| {
        for start in [0, 100, 200] {
            let path = &path;
            scope.spawn(move || {
                (start..start + 8).for_each(|number| {
                    let add = |list: &mut Vec<u32>| {
                        list.push(number);
                        true
                    };
                    change_list(path, parse, add, written).unwrap();
                });
            });
        }
    });
    assert_eq!(read_list(&path, parse).unwrap().len(), 24);
}

#[test]
fn a_line_that_is_not_utf_8_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    fs::write(&path, b"# \xff in a remark\nfine\nna\xffme\n").unwrap();
    let error = read_list(&path, |line| Ok(line.to_owned())).unwrap_err().to_string();
    assert!(error.starts_with("line 3: it is not UTF-8"), "{error}");
}

#[test]
fn nothing_is_left_of_a_text_that_could_not_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text");
    write_new(&path, "one\n").unwrap();
    assert_eq!(write_new(&path, "two\n").unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&path).unwrap(), "one\n", "somebody's file");
    fs::remove_file(&path).unwrap();
    let full = |file: &mut File| file.write_all(b"tw").and(Err(ErrorKind::StorageFull.into()));
    assert_eq!(write_new_with(&path, full).unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn an_error_names_no_file_that_only_this_program_knows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text");
    write_new(&path, "one\n").unwrap();
    let error = write_new(&path.join("below a file"), "two\n").unwrap_err();
    assert!(!error.to_string().contains(".multichat-") && error.raw_os_error().is_some(), "{error}");
}

#[test]
fn threads_that_write_over_a_file_at_once_do_not_take_each_others_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let texts = ["one\n", "two\n", "three\n"];
    std::thread::scope(|scope| {
        for text in texts {
            scope.spawn(|| (0..10).for_each(|_| write_atomic(&path, text).unwrap()));
        }
    });
    assert!(texts.contains(&fs::read_to_string(&path).unwrap().as_str()));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "only the file itself is left");
}

#[test]
fn a_file_that_is_being_read_is_replaced_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    write_atomic(&path, "old\n").unwrap();
    let reader = File::open(&path).unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| write_atomic(&path, "new\n"));
        // It has begun when its temporary file is there. Where an open file can be replaced, it may have ended.
        while !writer.is_finished() && fs::read_dir(&folder).unwrap().count() < 2 {
            thread::yield_now();
        }
        drop(reader);
        writer.join().unwrap().unwrap();
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
}

#[test]
fn a_name_has_the_year() {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    assert_eq!(name_at(&Clock::utc(), at), "multichat 2023-11-14 22.13.20.txt");
}

#[test]
fn a_typed_path_begins_at_home_and_what_is_none_is_told() {
    let home = Some(Path::new("/home/ann"));
    let path = |typed: &str| typed_path(typed, home);
    assert_eq!(path(" chat.txt\n").unwrap(), Path::new("/home/ann/chat.txt"));
    assert_eq!(path("~/a/chat.txt").unwrap(), Path::new("/home/ann/a/chat.txt"));
    assert_eq!(path("~draft").unwrap(), Path::new("/home/ann/~draft"));
    assert_eq!(path("/tmp/chat.txt").unwrap(), Path::new("/tmp/chat.txt"));
    assert_eq!(typed_path("chat.txt", None).unwrap(), Path::new("chat.txt"));
    for (typed, why) in [
        ("a\nb", "<U+000A>"),
        ("a\tb", "<U+0009>"),
        (" ", "enter a file name"),
        ("~", "is a folder"),
        ("~/", "is a folder"),
        ("~ben/chat.txt", "write the full path"),
    ] {
        let error = path(typed).unwrap_err();
        assert!(error.contains(why), "{typed:?}: {error}");
    }
    assert!(typed_path("~/chat.txt", None).is_err());
}
