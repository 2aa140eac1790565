//! Tests of the settings: what is read, what is written and when, and what becomes of a damaged file.

use crate::ui::settings::*;

#[test]
fn what_was_set_is_read_again() {
    let mut settings = Settings::default();
    settings.set("name", "小明");
    settings.set("server", " a=b\nport = 1 ");
    settings.set("port", "5555");
    settings.set("port", "");
    let (values, damaged) = read(written(&settings.values).as_bytes());
    assert!(damaged.is_empty());
    let pairs: Vec<_> = values.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("name", "小明"), ("server", "a=b port = 1")]);
}

#[test]
fn only_a_change_is_written() {
    let mut settings = Settings::default();
    settings.set("name", "");
    assert!(!settings.is_unsaved());
    settings.set("name", "ann");
    assert!(settings.is_unsaved());
    settings.changed.clear();
    settings.set("name", "ann");
    assert!(!settings.is_unsaved());
}

#[test]
fn a_change_is_on_the_disk_soon_and_the_last_one_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/client.conf");
    let mut settings = Settings::default();
    settings.file = Some(file.clone());
    let now = Instant::now();
    settings.save_if_changed(now, |settings| settings.set("name", "ann"));
    settings.wait();
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("\nname = ann\n"));
    settings.save_if_changed(now, |_| panic!("so soon again"));
    settings.set("name", "ben");
    drop(settings);
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("\nname = ben\n"));
}

#[test]
fn two_programs_keep_what_the_other_one_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("client.conf");
    std::fs::write(&file, "name = ann\nport = 1\nwire = yes\n").unwrap();
    let [mut one, mut other] = [(); 2].map(|()| Settings::in_file(file.clone()));
    one.set("name", "ben");
    one.set("wire", "");
    other.set("theme", "dark");
    drop(one);
    drop(other);
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("\nname = ben\nport = 1\ntheme = dark\n"));
}

#[test]
fn the_place_of_a_window_is_that_of_the_first_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/client.conf");
    let open = || {
        let mut settings = Settings::in_file(file.clone());
        settings.instance = Instance::claim(&file);
        settings
    };
    let (mut first, mut second, third) = (open(), open(), open());
    assert_eq!([&first, &second, &third].map(Settings::instance), [0, 1, 2]);
    first.set_place("window", "960x640+1+1");
    second.set_place("window", "960x640+2+2");
    assert_eq!((first.get("window").as_deref(), second.get("window")), (Some("960x640+1+1"), None));
    // The number of a program that has ended is free.
    drop(second);
    assert_eq!(open().instance(), 1);
}

#[test]
fn a_line_that_cannot_be_read_costs_no_other_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("client.conf");
    let damaged = b"# na\xffme\nencryption = always\nname = b\xffb\nno such line\ntheme = dark\n";
    std::fs::write(&file, damaged).unwrap();
    for aside in ["client.conf.damaged", "client.conf.damaged-2"] {
        let mut settings = Settings::in_file(file.clone());
        let warning = settings.take_warning().unwrap();
        assert!(warning.contains("(3, 4)") && warning.contains(aside), "{warning}");
        assert_eq!(settings.get("encryption").as_deref(), Some("always"));
        assert_eq!(settings.get("theme").as_deref(), Some("dark"));
        assert_eq!(settings.get("name"), None);
        drop(settings);
        assert_eq!(std::fs::read(folder.path().join(aside)).unwrap(), damaged, "{aside}");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.ends_with("\nencryption = always\ntheme = dark\n"), "{text}");
        std::fs::write(&file, damaged).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_opened_is_left_alone() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let [closed, circle] = ["closed.conf", "circle.conf"].map(|name| folder.path().join(name));
    std::fs::write(&closed, "name = ann\n").unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Not even the superuser can open this one.
    symlink("circle.conf", &circle).unwrap();
    for file in [&closed, &circle] {
        let is_open = std::fs::read(file).is_ok();
        let mut settings = Settings::in_file(file.clone());
        assert_eq!(settings.file.is_some(), is_open, "{}", file.display());
        settings.set("name", "ben");
    }
    assert!(circle.is_symlink());
}

#[test]
fn what_could_not_be_written_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/client.conf");
    let mut settings = Settings::default();
    settings.file = Some(file.clone());
    // A file in place of the directory.
    std::fs::write(folder.path().join("new"), "").unwrap();
    let now = Instant::now();
    settings.save_if_changed(now, |settings| settings.set("name", "ann"));
    settings.wait();
    std::fs::remove_file(folder.path().join("new")).unwrap();
    settings.save_if_changed(now + CHECK_INTERVAL, |_| ());
    assert!(settings.writing.is_none(), "so soon");
    settings.save_if_changed(now + RETRY_DELAY, |_| ());
    settings.wait();
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("\nname = ann\n"));
    settings.save_if_changed(now + RETRY_DELAY + CHECK_INTERVAL, |_| ());
    assert!(settings.writing.is_none(), "once is enough");
    drop(settings);
}
