//! The page `docs/options.md`, made from the table and compared with the file. Compiled for the tests only.

use std::fs;

use crate::options::{Info, Key, Kind, Needs, Place, info};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/options.md");

const BEGINNING: &str = "# Options of the server\n
Each option is a flag of the program `server` and a line of [the config file](operating.md#the-config-file): `--rate 20` is
`rate = 20`, and `--members-only` is `members-only = true`. The command line takes precedence over the file. The page is made
from the table in `src/options/table.rs`. After a change there, `WRITE_OPTIONS=1 cargo test --lib options_page` writes it anew.\n
| option | value | default | a change applies | effect |
| --- | --- | --- | --- | --- |\n";

const END: &str = "| `--help` | | | | Prints all options. |\n| `--version` | | | | Prints the version. |\n";

fn row(info: &Info) -> String {
    let name = info.key.name();
    let option =
        if info.place == Place::FileOnly { format!("`{name}`, in the file only") } else { format!("`--{name}`") };
    let value = match info.kind {
        Kind::Switch => String::new(),
        Kind::Number { min, max } => format!("{min} to {max}, {}", info.value_name),
        Kind::Addresses => "ADDRESS:PORT, one or several; port 0 to 65535".to_owned(),
        Kind::Name => "NAME, at most 50 bytes".to_owned(),
        Kind::File => "FILE".to_owned(),
        Kind::Secret => "in quotes".to_owned(),
        Kind::Choice(words) => words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", "),
    };
    let default = match info.default_value() {
        _ if info.kind == Kind::Switch => "off".to_owned(),
        Some(value) => value.to_string(),
        None => info.default.to_owned(),
    };
    let applies = match (info.place, info.needs) {
        (Place::LineOnly, _) => "",
        (_, Needs::Nothing) => "at once",
        (_, Needs::Start) => "at the next start",
    };
    let feature = info.feature.map_or(String::new(), |feature| format!(" Needs the feature `{}`.", feature.name()));
    let others = info.conflicts.iter().map(|key| format!("`{}`", key.name())).collect::<Vec<_>>().join(" and ");
    let excluding = if others.is_empty() { String::new() } else { format!(" Excludes {others}.") };
    let needs = info.requires.map_or(String::new(), |key| format!(" Needs `{}`.", key.name()));
    let more = if info.more.is_empty() { String::new() } else { format!(" {}", info.more) };
    let help = info.help;
    format!("| {option} | {value} | {default} | {applies} | {help}.{more}{excluding}{needs}{feature} |\n")
}

#[test]
fn the_options_page_is_what_the_table_says() {
    let mut page = BEGINNING.to_owned();
    Key::ALL.into_iter().for_each(|key| page += &row(info(key)));
    page += END;
    if std::env::var_os("WRITE_OPTIONS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    let written = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page, "docs/options.md is out of date: run WRITE_OPTIONS=1 cargo test --lib options_page");
}
