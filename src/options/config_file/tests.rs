use super::*;
use crate::server::Password;

fn file(text: &str) -> (tempfile::TempDir, ConfigFile) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.toml");
    fs::write(&path, text).unwrap();
    (folder, ConfigFile::named(path))
}

fn text(file: &ConfigFile) -> String {
    fs::read_to_string(file.path()).unwrap()
}

#[test]
fn it_has_values_of_all_kinds() {
    let (_folder, file) = file(
        "# for room 12\nlisten = \"0.0.0.0:5555\"\nrate=20 # lines\nmembers-only = true\nmax-clients = 1_000\n\n\
         password = 'open sesame'\nbans = \"bans.txt\"",
    );
    let layer = file.read().unwrap();
    assert_eq!(layer.get(Key::Listen), Some(&Value::Text("0.0.0.0:5555".into())));
    assert_eq!(layer.get(Key::Rate), Some(&Value::Number(20)));
    assert_eq!(layer.get(Key::MaxClients), Some(&Value::Number(1000)));
    assert_eq!(layer.get(Key::MembersOnly), Some(&Value::Switch(true)));
    assert_eq!(layer.get(Key::Bans), Some(&Value::File("bans.txt".into())));
    let password = Value::Secret(Password::parse("open sesame").unwrap());
    assert_eq!(layer.get(Key::Password), Some(&password));
    assert_eq!(layer.get(Key::Burst), None);
}

#[test]
fn several_addresses_are_a_list_and_stay_one() {
    let (_folder, file) = file("listen = [\"0.0.0.0:5555\", \"[::1]:7000\"] # both\nrate = 20\n");
    let address = |text: &str| Value::Text(text.into());
    assert_eq!(file.read().unwrap().get(Key::Listen), Some(&address("0.0.0.0:5555, [::1]:7000")));
    file.change(&[(Key::Listen, Some(address("[::1]:1, 127.0.0.1:1")))]).unwrap();
    assert_eq!(text(&file), "listen = [\"[::1]:1\", \"127.0.0.1:1\"] # both\nrate = 20\n");
    file.change(&[(Key::Listen, Some(address("[::]:1")))]).unwrap();
    assert_eq!(text(&file), "listen = \"[::]:1\" # both\nrate = 20\n");
}

#[test]
fn a_fault_is_told_with_its_line_and_with_what_would_work() {
    for (text, line, parts) in [
        ("\nrate = \"20\"", 2, &["rate: ", "a whole number from 0 to 4294967295, without quotes"][..]),
        ("rate = -1", 1, &["rate: ", "from 0"]),
        ("rate = 1.5", 1, &["rate: ", "whole number"]),
        ("max-clients = 0", 1, &["max-clients: ", "from 1 to 100000"]),
        ("# a\n# b\nmembers-only = 1", 3, &["members-only: ", "true or false, without quotes"]),
        ("listen = 5555", 1, &["listen: ", "ADDRESS:PORT", "in quotes"]),
        ("listen = \"5555\"", 1, &["listen: ", "ADDRESS:PORT"]),
        ("listen = []", 1, &["listen: ", "ADDRESS:PORT"]),
        ("listen = [\"[::1]:1\", 2]", 1, &["listen: ", "ADDRESS:PORT", "in quotes"]),
        ("listen = [\"[::1]:1\", \"[::]:1\"]", 1, &["listen: ", "[::]:1 includes [::1]:1"]),
        ("bans = true", 1, &["bans: ", "path", "in quotes"]),
        ("password = \"\"", 1, &["password: ", "at least one character"]),
        ("max_clients = 5", 1, &["there is no option max_clients", "is it max-clients?"]),
        ("zzz = 5", 1, &["there is no option zzz", "--help"]),
        ("rate = 5\n\n[server]\nburst = 5", 3, &["no section server", "without"]),
        ("headless = true", 1, &["headless", "command line only"]),
        ("rate = 5\nrate = 6", 2, &["duplicate key"]),
        ("rate = 5\nlisten = 0.0.0.0:5555", 2, &["`listen = \"0.0.0.0:5555\"`"]),
        ("rate 5", 1, &["`rate = 20`"]),
        ("password = \"a\"\npassword-file = \"b\"", 1, &["password excludes password-file", "leave out"]),
    ] {
        let (_folder, file) = file(text);
        let error = file.read().unwrap_err();
        assert_eq!(error.line, Some(line), "{text:?}: {error}");
        let error = error.to_string();
        assert!(error.contains(&format!("server.toml, line {line}: ")) && !error.contains('\n'), "{error}");
        for part in parts {
            assert!(error.contains(part), "{text:?}: {error}");
        }
        // It is never overwritten.
        assert!(file.change(&[(Key::Rate, Some(Value::Number(7)))]).is_err(), "{text:?}");
        assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
    }
    let (_folder, file) = file("");
    fs::write(file.path(), b"# \xfc\n").unwrap();
    assert!(file.read().unwrap_err().to_string().contains("line 1: it is not UTF-8"));
}

#[test]
fn a_file_that_was_named_must_exist_and_the_usual_one_need_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.toml");
    let why = ConfigFile::named(path.clone()).read().unwrap_err().to_string();
    assert!(why.contains("none.toml") && why.contains("--config"), "{why}");
    assert!(ConfigFile { path, must_exist: false }.read().unwrap().is_empty());
}

#[test]
fn a_change_leaves_the_other_lines_and_all_comments() {
    let before = "# Room 12\n\n# They type fast.\nrate = 20   # since May\n# The end of the list\nburst = 40\n# Bye\n";
    let (_folder, file) = file(before);
    let layer = file.change(&[(Key::Rate, Some(Value::Number(30)))]).unwrap();
    assert_eq!(layer.get(Key::Rate), Some(&Value::Number(30)));
    assert_eq!(text(&file), before.replace("20", "30"));
    file.change(&[(Key::Rate, None), (Key::MembersOnly, Some(Value::Switch(true)))]).unwrap();
    assert_eq!(
        text(&file),
        "# Room 12\n\n# They type fast.\n# since May\n# The end of the list\nburst = 40\n# Bye\nmembers-only = true\n"
    );
    file.change(&[(Key::Burst, None), (Key::MembersOnly, None)]).unwrap();
    assert_eq!(text(&file), "# Room 12\n\n# They type fast.\n# since May\n# The end of the list\n# Bye\n");
}

#[test]
fn a_file_of_windows_keeps_its_line_ends_and_its_mark() {
    let before = "\u{feff}# Room 12\r\nrate = 20 # since May\r\n\r\nburst = 40\r\n";
    let (_folder, file) = file(before);
    assert_eq!(file.read().unwrap().get(Key::Rate), Some(&Value::Number(20)));
    file.change(&[(Key::Rate, Some(Value::Number(30)))]).unwrap();
    assert_eq!(text(&file), before.replace("20", "30"));
    file.change(&[(Key::Burst, None), (Key::MembersOnly, Some(Value::Switch(true)))]).unwrap();
    assert_eq!(text(&file), "\u{feff}# Room 12\r\nrate = 30 # since May\r\n\r\nmembers-only = true\r\n");
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_its_target_is_changed() {
    let (folder, file) = file("# Room 12\n");
    let link = ConfigFile::named(folder.path().join("link.toml"));
    std::os::unix::fs::symlink("server.toml", link.path()).unwrap();
    link.change(&[(Key::Rate, Some(Value::Number(30)))]).unwrap();
    assert!(link.path().is_symlink());
    assert_eq!(text(&file), "# Room 12\nrate = 30\n");
}

#[test]
fn a_new_file_has_what_differs_from_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let file = ConfigFile { path: folder.path().join("new/server.toml"), must_exist: false };
    let password = Value::Secret(Password::parse("\"quoted\" \\ 'ü'").unwrap());
    let changes = [
        (Key::Password, Some(password.clone())),
        (Key::Rate, Some(Value::Number(10))),
        (Key::Tls, Some(Value::Switch(false))),
    ];
    file.change(&changes).unwrap();
    assert_eq!(file.read().unwrap().get(Key::Password), Some(&password));
    assert!(text(&file).starts_with("# Options") && text(&file).lines().count() == 2, "{}", text(&file));
    // A value that is there stays there, so that the line keeps its place.
    file.change(&[(Key::Rate, Some(Value::Number(11)))]).unwrap();
    file.change(&[(Key::Rate, Some(Value::Number(10)))]).unwrap();
    assert!(text(&file).ends_with("rate = 10\n"));
}

#[test]
fn a_change_that_would_be_a_fault_changes_nothing() {
    let (_folder, file) = file("password = \"a\"\n");
    let error = file.change(&[(Key::PasswordFile, Some(Value::File("b".into())))]).unwrap_err();
    assert!(error.to_string().contains("password excludes password-file"), "{error}");
    assert_eq!(text(&file), "password = \"a\"\n");
}

#[cfg(unix)]
#[test]
fn a_password_that_others_can_read_is_warned_of_and_a_written_file_is_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let (_folder, file) = file("password = \"a\"\n");
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let warning = file.warning(&file.read().unwrap()).unwrap();
    assert!(warning.contains("chmod 600") && warning.contains("server.toml"), "{warning}");
    assert_eq!(file.warning(&Layer::default()), None, "there is no password in it");
    let layer = file.change(&[(Key::Rate, Some(Value::Number(7)))]).unwrap();
    assert_eq!(file.warning(&layer), None);
    assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
}
