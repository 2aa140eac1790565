//! The lines for the board of a classroom: what people need to connect, to be projected. Pure; the window is in `window/board.rs`.

use super::{Model, State, reach};
use crate::protocol::escape::escape;

/// Maximum number of addresses: more are of no help.
const ADDRESSES_MAX: usize = 3;
/// Number of groups of the fingerprint's bytes: enough to tell servers apart, and few enough to be read from the last row.
const GROUPS: usize = 2;

/// A line, and how large it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardLine {
    /// The text.
    pub text: String,
    /// Its importance.
    pub kind: LineKind,
}

/// The importance of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Says what the next line is.
    Caption,
    /// The address as people type it: the largest.
    Main,
    /// Another form of it.
    Also,
    /// Bytes to be compared.
    Key,
}

/// Returns the lines for the server as it is.
pub fn lines(model: &Model) -> Vec<BoardLine> {
    let mut lines = Vec::new();
    let mut add = |kind, text: String| lines.push(BoardLine { text, kind });
    let State::Listening(listening) = model.state() else {
        add(LineKind::Main, "Not running".into());
        return lines;
    };
    let addresses = model.addresses();
    if let Some((first, others)) = addresses.split_first() {
        add(LineKind::Caption, "Connect to".into());
        add(LineKind::Main, first.to_string());
        add(LineKind::Also, reach::url(*first));
        others.iter().take(ADDRESSES_MAX - 1).for_each(|other| add(LineKind::Also, format!("or {other}")));
    } else {
        add(LineKind::Caption, "Only this computer can connect".into());
        listening.iter().for_each(|address| add(LineKind::Main, address.to_string()));
        listening.iter().for_each(|address| add(LineKind::Also, reach::url(*address)));
    }
    if let Some(password) = model.room_password() {
        add(LineKind::Caption, "Password".into());
        add(LineKind::Main, escape(password.reveal()).into_owned());
    }
    if let Some(fingerprint) = model.fingerprint() {
        add(LineKind::Caption, "The server's key begins with".into());
        add(LineKind::Key, reach::beginning(fingerprint, GROUPS));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::messages::{Interface, Reply};
    use crate::server::Password;

    fn texts(model: &Model) -> Vec<String> {
        lines(model).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_board_tells_what_people_need_to_connect_and_nothing_once_the_server_has_stopped() {
        let mut model = Model::default();
        assert_eq!(texts(&model), ["Not running"]);
        model.apply_reply(&Reply::Listening {
            addresses: vec!["0.0.0.0:5555".parse().unwrap()],
            fingerprint: Some("SHA256:00:01:02:03:04:05:06:07:08".into()),
            updates: crossbeam_channel::never(),
        });
        assert_eq!(texts(&model)[..2], ["Only this computer can connect", "0.0.0.0:5555"], "there is no network");
        let interface = |ip: &str| Interface { name: "eth0".into(), ip: ip.parse().unwrap(), is_tunnel: false };
        let all = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "192.168.1.20"].map(interface);
        model.apply_reply(&Reply::Interfaces(all.to_vec()));
        model.apply_reply(&Reply::RoomPassword(Some(Password::parse("open sesame").unwrap())));
        let expected = [
            "Connect to",
            "192.168.1.20:5555",
            "multichat://192.168.1.20:5555",
            "or 203.0.113.1:5555",
            "or 203.0.113.2:5555",
            "Password",
            "open sesame",
            "The server's key begins with",
            "00:01:02:03  04:05:06:07",
        ];
        assert_eq!(texts(&model), expected);
        model.apply_reply(&Reply::Stopped);
        assert_eq!(texts(&model), ["Not running"]);
        assert!(model.room_password().is_none(), "the next one may have another");
    }
}
