//! Rung 7: nothing is written under the room's lock, and one thread at a time writes to a socket.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use super::{Rung, chat};
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 7,
    name: "rung07_two_writers",
    title: "written outside of the room's lock, by one writer at a time",
    readme: include_str!("../../rung07_two_writers/README.md"),
    checks: &[
        Check { name: "newcomers see who is here, and are announced", heading: "Still a chat", run: chat::joining },
        Check { name: "what one says all others hear", heading: "Still a chat", run: chat::talking },
        Check {
            name: "whoever leaves is announced, and the name is free",
            heading: "Still a chat",
            run: chat::leaving,
        },
        Check {
            name: "every line comes whole",
            heading: "One writer at a time",
            run: |stage| chat::whole_lines(stage, 12 << 20),
        },
        Check {
            name: "one who reads nothing keeps nobody from joining",
            heading: "Take the list, and let go",
            run: newcomers_come_in,
        },
    ],
};

fn newcomers_come_in(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let _carl = chat::join(stage, "carl")?;
    ann.expect("HELLO carl")?;
    stage.tell("carl reads nothing, and ann speaks until the server takes no more");
    speak_until_stuck(&ann);
    let (_dora, here) = chat::join_and_see(stage, "dora")?;
    if here != ["ann", "carl"] {
        return Err(Trouble::new("dora sees ann and carl", format!("{here:?}")));
    }
    Ok(())
}

/// Speaks until the server reads no more of it, or has read more than a kernel keeps.
fn speak_until_stuck(ann: &Peer) {
    let mut socket: &TcpStream = ann.socket();
    let _ = socket.set_write_timeout(Some(Duration::from_secs(1)));
    let _ = (0..16_000).try_for_each(|number| {
        let line = chat::long_line("ann", number) + "\n";
        socket.write_all(line.as_bytes())
    });
}
