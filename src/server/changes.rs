//! Differences between the settings in force and those that are wanted: which apply at once, which wait for the next start.
//!
//! Pure comparison of two [`Config`]s. A setting is named by its option on the command line.

use std::time::Duration;

use super::config::Config;

/// The result of [`Server::reconfigure`](super::Server::reconfigure).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The changes that hold from now on, each in words, such as `max-clients 40 (was 1000)`. No password is among them.
    pub applied: Vec<String>,
    /// Options whose other value needs another start of the server, without the dashes.
    pub waiting: Vec<&'static str>,
}

impl Changes {
    /// Returns the differences between two configurations, except for their passwords.
    pub(crate) fn between(old: &Config, new: &Config) -> Changes {
        let values = |config| (at_once(config).into_iter(), at_next_start(config).into_iter());
        let ((old, old_fixed), (new, new_fixed)) = (values(old), values(new));
        let applied = old.zip(new).filter(|(old, new)| old != new);
        let waiting = old_fixed.zip(new_fixed).filter(|(old, new)| old != new);
        Changes {
            applied: applied.map(|((name, old), (_, new))| format!("{name} {new} (was {old})")).collect(),
            waiting: waiting.map(|((name, _), _)| name).collect(),
        }
    }
}

/// Returns the settings that can change while the server runs, with their values in words.
fn at_once(config: &Config) -> [(&'static str, String); 11] {
    [
        ("members-only", on_or_off(config.members_only)),
        ("require-tls", on_or_off(config.require_tls)),
        ("max-clients", config.max_clients.to_string()),
        ("max-per-address", config.max_per_address.to_string()),
        ("max-unauthenticated", config.max_unauthenticated.to_string()),
        ("loopback-is-remote", on_or_off(config.loopback_is_remote)),
        ("rate", config.rate.to_string()),
        ("burst", config.burst.to_string()),
        ("hello-timeout", format!("{} s", config.hello_timeout.as_secs_f32())),
        ("announce", config.announce.clone().unwrap_or_else(|| "off".into())),
        ("keep", config.keep.map_or_else(|| "for good".into(), days)),
    ]
}

/// Returns the settings that need another start of the server, with their values.
fn at_next_start(config: &Config) -> Vec<(&'static str, String)> {
    // Taken apart, so that a new field cannot be forgotten here.
    let Config {
        listen,
        bans,
        history,
        tls,
        handshake_timeout,
        wrong_password_delay,
        members,
        stall_timeout,
        backlog_max,
        backlogs_max,
        announce: _,
        keep: _,
        require_tls: _,
        password: _,
        password_file: _,
        members_only: _,
        max_clients: _,
        max_unauthenticated: _,
        max_per_address: _,
        loopback_is_remote: _,
        rate: _,
        burst: _,
        hello_timeout: _,
    } = config;
    vec![
        ("listen", listen.to_string()),
        ("bans", format!("{bans:?}")),
        ("history", format!("{history:?}")),
        ("tls", format!("{tls:?}")),
        ("members", format!("{members:?}")),
        ("handshake timeout", format!("{handshake_timeout:?}")),
        ("wrong password delay", format!("{wrong_password_delay:?}")),
        ("stall timeout", format!("{stall_timeout:?}")),
        ("queue limits", format!("{backlog_max} {backlogs_max}")),
    ]
}

fn days(keep: Duration) -> String {
    format!("{} days", keep.as_secs_f32() / 86400.0)
}

fn on_or_off(value: bool) -> String {
    if value { "on" } else { "off" }.into()
}
