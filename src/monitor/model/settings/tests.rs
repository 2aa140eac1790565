use super::*;
use crate::options::{Layer, Options};
use crate::server::Config;

/// The options of a command line and a config file.
fn overview(line: &[(Key, Value)], file: &str, waiting: Vec<Key>) -> Overview {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.toml");
    std::fs::write(&path, file).unwrap();
    let mut given = Layer::default();
    given.set(Key::Config, Some(Value::File(path)));
    line.iter().cloned().for_each(|(key, value)| given.set(key, Some(value)));
    let mut options = Options::new(given, None);
    options.read().unwrap();
    Overview::of(&options, None, waiting)
}

fn settings(file: &str) -> Settings {
    let mut settings = Settings::default();
    settings.set(&overview(&[], file, Vec::new()));
    settings
}

fn changes(command: Option<Command>) -> Vec<(Key, Option<Value>)> {
    match command {
        Some(Command::SetOptions(changes)) => changes,
        None => Vec::new(),
        Some(_) => panic!("another command"),
    }
}

#[test]
fn what_is_entered_becomes_a_change_if_it_is_another_value() {
    let mut settings = settings("rate = 20");
    assert_eq!(settings.text(Key::Rate), "20");
    assert_eq!(changes(settings.enter(Key::Rate, "20")), []);
    assert_eq!(changes(settings.enter(Key::Rate, " 020 ")), []);
    assert_eq!(changes(settings.enter(Key::Rate, "30")), [(Key::Rate, Some(Value::Number(30)))]);
    assert_eq!(settings.text(Key::Rate), "30", "what was typed stays until it is in force");
    settings.set(&overview(&[], "rate = 30", Vec::new()));
    assert_eq!(settings.text(Key::Rate), "30");
    assert_eq!(changes(settings.enter(Key::MembersOnly, "true")), [(Key::MembersOnly, Some(Value::Switch(true)))]);
}

#[test]
fn an_empty_field_is_the_default_or_no_value() {
    let mut settings = settings("rate = 20\npassword = \"sesame\"");
    assert_eq!(changes(settings.enter(Key::Rate, "")), [(Key::Rate, Some(Value::Number(10)))]);
    assert_eq!(changes(settings.enter(Key::Password, "")), [(Key::Password, None)]);
    assert_eq!(changes(settings.enter(Key::Password, " ")).len(), 1, "spaces are part of a password");
}

#[test]
fn a_wrong_text_is_marked_and_stays() {
    let mut settings = settings("rate = 20");
    assert_eq!(changes(settings.enter(Key::Rate, "many")), []);
    let (mood, help) = settings.help(Key::Rate);
    assert_eq!(mood, Mood::Error);
    assert!(help.contains("a whole number from 0 to 4294967295"), "{help}");
    assert_eq!(settings.text(Key::Rate), "many");
    // News of another option takes nothing away.
    settings.set(&overview(&[], "rate = 20\nburst = 5", Vec::new()));
    assert_eq!((settings.text(Key::Rate), settings.help(Key::Rate).0), ("many".into(), Mood::Error));
    assert_eq!(changes(settings.enter(Key::Rate, "20")), []);
    assert_eq!(settings.help(Key::Rate).0, Mood::Idle);
}

#[cfg(feature = "tls")]
#[test]
fn a_refused_option_goes_with_its_partner() {
    let mut settings = settings("");
    let file = |name: &str| Some(Value::File(name.into()));
    assert_eq!(changes(settings.enter(Key::TlsCert, "c.pem")), [(Key::TlsCert, file("c.pem"))]);
    settings.refused(&[Key::TlsCert], "tls-cert needs tls-key: add it");
    assert!(settings.help(Key::TlsCert).1.contains("needs tls-key"));
    let both = [(Key::TlsKey, file("k.pem")), (Key::TlsCert, file("c.pem"))];
    assert_eq!(changes(settings.enter(Key::TlsKey, "k.pem")), both);
    settings.set(&overview(&[], "tls-cert = \"c.pem\"\ntls-key = \"k.pem\"", Vec::new()));
    assert_eq!(settings.help(Key::TlsCert).0, Mood::Idle);
    assert_eq!(changes(settings.enter(Key::Rate, "5")).len(), 1, "others go alone");
}

#[test]
fn the_page_says_where_a_value_comes_from_and_when_a_change_applies() {
    let mut settings = Settings::default();
    assert!(!settings.can_change(Key::Rate), "nothing is known yet");
    settings.set(&overview(&[(Key::Rate, Value::Number(20))], "rate = 5\nbans = \"b.txt\"", vec![Key::Bans]));
    assert_eq!(settings.text(Key::Rate), "20");
    assert!(!settings.can_change(Key::Rate) && settings.can_change(Key::Burst));
    assert_eq!(settings.remark(Key::Rate).1, "Set on the command line");
    assert!(settings.help(Key::Rate).1.ends_with("start the program without --rate 20."));
    assert_eq!(settings.remark(Key::Burst).1, "Applies at once");
    assert_eq!(settings.remark(Key::Listen).1, "Applies at the next start");
    assert_eq!(settings.remark(Key::Bans), (Mood::Busy, "Waits for a restart".into()));
    assert!(settings.summary(true).1.ends_with(": Bans") && settings.needs_restart());
    assert!(settings.summary(false).1.starts_with("Kept in "));
}

#[test]
fn a_damaged_file_is_told() {
    let mut settings = Settings::default();
    let mut damaged = overview(&[], "", Vec::new());
    damaged.problem = Some("server.toml, line 3: rate".into());
    settings.set(&damaged);
    assert_eq!(settings.summary(true), (Mood::Error, "server.toml, line 3: rate".into()));
}

#[test]
fn the_page_has_every_option_of_the_file_in_its_group() {
    let groups: Vec<_> = on_page().map(|info| info.group as usize).collect();
    assert!(groups.is_sorted() && groups.len() == 22, "{groups:?}");
    assert_eq!(on_page().next().unwrap().key, Key::Password, "what a teacher sets first");
    let defaults = Options::over(Config::default());
    assert!(on_page().all(|info| info.kind != Kind::Switch || defaults.get(info.key).0 == Some(Value::Switch(false))));
}

#[test]
fn a_change_in_force_is_confirmed_until_the_next_one() {
    let mut settings = settings("rate = 20");
    let remark = |settings: &Settings, key| settings.remark(key).1;
    settings.enter(Key::Rate, "30");
    assert_eq!(remark(&settings, Key::Rate), "Applies at once");
    settings.set(&overview(&[], "rate = 30", Vec::new()));
    assert_eq!(settings.remark(Key::Rate), (Mood::Good, "Applied".into()));
    settings.set(&overview(&[], "rate = 30", Vec::new()));
    assert_eq!(remark(&settings, Key::Rate), "Applied", "it is read again for another reason");
    settings.enter(Key::Bans, "/tmp/bans.toml");
    settings.set(&overview(&[], "rate = 30\nbans = '/tmp/bans.toml'", vec![Key::Bans]));
    assert_eq!(remark(&settings, Key::Rate), "Applies at once");
    assert_eq!(remark(&settings, Key::Bans), "Waits for a restart");
}

#[test]
fn the_words_for_those_who_write_a_command_line_are_left_out() {
    let (_, help) = settings("").help(Key::Tls);
    assert!(help.starts_with("Offer TLS on the same port") && !help.contains('['), "{help}");
    let (_, help) = settings("").help(Key::Listen);
    assert!(help.contains("[::] those of IPv6"), "{help}");
}
