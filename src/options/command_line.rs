//! The command line of the server, made from the table. Pure.

use clap::builder::{
    PathBufValueParser, PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser as _,
};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args as _, Command};

use super::info::{Info, Place};
use super::key::Key;
use super::kind::{Kind, Value};
use super::layer::Layer;
use super::members_line::MembersCommand;
use super::table::info;

const ABOUT: &str =
    "Runs a chat server for a classroom, a lab or a LAN, with a window that shows its clients and its events";
const ABOUT_MEMBERS: &str = "List, add, change or remove registered names; a running server applies the change at once";

/// Returns the command line: the options, in the order of the table, and the subcommand `members`.
pub fn command() -> Command {
    let members = MembersCommand::augment_args(Command::new("members")).about(ABOUT_MEMBERS);
    let command = Command::new("multichat-server").version(env!("CARGO_PKG_VERSION")).about(ABOUT);
    let command = command.args_conflicts_with_subcommands(true).subcommand(members);
    command.args(Key::ALL.map(info).iter().filter(|info| info.place != Place::FileOnly).map(|info| arg(info)))
}

fn arg(info: &Info) -> Arg {
    let name = info.key.name();
    let help = if info.default.is_empty() {
        info.help.to_owned()
    } else {
        format!("{} [default: {}]", info.help, info.default)
    };
    let arg = Arg::new(name).long(name).help(help).hide(info.is_missing().is_some());
    let excluded =
        info.conflicts.iter().filter(|key| super::info(**key).place != Place::FileOnly).map(|key| key.name());
    let arg = arg.conflicts_with_all(excluded);
    let arg = if let Some(needed) = info.requires { arg.requires(needed.name()) } else { arg };
    let arg = match info.kind {
        Kind::Switch => return arg.action(ArgAction::SetTrue),
        // A path need not be text.
        Kind::File => arg.value_parser(PathBufValueParser::new().map(Value::File)),
        Kind::Choice(words) => {
            let words = words.iter().map(|(word, about)| PossibleValue::new(*word).help(*about));
            arg.value_parser(PossibleValuesParser::new(words).map(Value::Text))
        }
        // A negative number is no flag, but a value that is out of its limits.
        Kind::Number { .. } => arg.value_parser(parser(info.kind)).allow_negative_numbers(true),
        Kind::Addresses => arg.value_parser(parser(info.kind)).action(ArgAction::Append),
        Kind::Name | Kind::Secret => arg.value_parser(parser(info.kind)),
    };
    let arg = arg.value_name(info.value_name);
    // Only shown: `given` takes what was typed.
    if let Some(value) = info.default_value() { arg.default_value(value.to_string()) } else { arg }
}

fn parser(kind: Kind) -> impl clap::builder::TypedValueParser<Value = Value> {
    StringValueParser::new().try_map(move |text| kind.parse(&text))
}

/// Returns the options that were typed.
///
/// # Errors
/// This build has not the feature of one of them, or two values of one exclude each other.
pub fn given(matches: &ArgMatches) -> Result<Layer, String> {
    let mut layer = Layer::default();
    for info in Key::ALL.map(info) {
        let name = info.key.name();
        if info.place == Place::FileOnly || matches.value_source(name) != Some(ValueSource::CommandLine) {
            continue;
        }
        if let Some(why) = info.is_missing() {
            return Err(format!("--{name} has no effect, since {why}"));
        }
        let value = match info.kind {
            Kind::Switch => Some(Value::Switch(true)),
            Kind::Addresses => {
                let all = matches.get_many::<Value>(name).into_iter().flatten().map(Value::to_string);
                let all = info.kind.parse(&all.collect::<Vec<_>>().join(" "));
                Some(all.map_err(|why| format!("--{name}: {why}"))?)
            }
            _ => matches.get_one::<Value>(name).cloned(),
        };
        layer.set(info.key, value);
    }
    Ok(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Layer, String> {
        let args = ["server"].iter().chain(args);
        let matches = command().try_get_matches_from(args);
        given(&matches.map_err(|error| error.to_string())?)
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn only_what_was_typed_is_given() {
        assert!(parse(&[]).unwrap().is_empty());
        let layer = parse(&["--rate", "10", "--members-only", "--bans", "b.txt", "--listen", "[::1]:0"]).unwrap();
        assert_eq!(layer.get(Key::Rate), Some(&Value::Number(10)));
        assert_eq!(layer.get(Key::MembersOnly), Some(&Value::Switch(true)));
        assert_eq!(layer.get(Key::Bans), Some(&Value::File("b.txt".into())));
        assert_eq!(layer.get(Key::Listen), Some(&Value::Text("[::1]:0".into())));
        assert_eq!(layer.get(Key::Burst), None);
        let layer = parse(&["--listen", "0.0.0.0:1", "--listen", "[::1]:2"]).unwrap();
        assert_eq!(layer.get(Key::Listen), Some(&Value::Text("0.0.0.0:1, [::1]:2".into())));
    }

    #[test]
    fn what_cannot_work_is_refused_with_what_would() {
        for (args, hint) in [
            (&["--max-clients", "0"][..], "a whole number from 1 to 100000"),
            (&["--rate", "-1"], "from 0 to 4294967295"),
            (&["--listen", "5555"], "ADDRESS:PORT"),
            (&["--listen", "0.0.0.0:1", "--listen", "127.0.0.1:1"], "--listen: 0.0.0.0:1 includes 127.0.0.1:1"),
            (&["--password", "sesame"], "--password-file"),
        ] {
            let why = parse(args).unwrap_err();
            assert!(why.contains(hint), "{args:?}: {why}");
        }
    }

    #[cfg(all(feature = "storage", feature = "tls"))]
    #[test]
    fn options_that_exclude_each_other_are_refused_together() {
        for args in [
            &["--tls", "--tls-cert", "c", "--tls-key", "k"][..],
            &["--tls-cert", "c"],
            &["--tls-key", "k"],
            &["--no-history", "--keep", "3"],
            &["--no-history", "--history", "h"],
        ] {
            assert!(parse(args).is_err(), "{args:?}");
        }
    }

    #[cfg(not(feature = "storage"))]
    #[test]
    fn an_option_without_its_feature_says_so() {
        let why = parse(&["--keep", "3"]).unwrap_err();
        assert!(why.contains("--keep") && why.contains("feature `storage`"), "{why}");
        assert!(!command().render_long_help().to_string().contains("--keep"));
    }
}
