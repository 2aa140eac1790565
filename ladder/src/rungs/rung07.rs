//! Rung 7: nothing is written under the room's lock, and one thread at a time writes to a socket.

mod exercises;

use std::io::Write as _;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::{Rung, chat};
use crate::check::{Check, Trouble};
use crate::stage::Stage;

pub(super) const RUNG: Rung = Rung {
    number: 7,
    name: "rung07_two_writers",
    title: "written outside of the room's lock, by one writer at a time",
    readme: include_str!("../../rung07_two_writers/README.md"),
    checks: &[
        Check { name: "newcomers see who is here, and are announced", heading: "Still a chat", run: chat::joining },
        Check { name: "what one says all others hear", heading: "Still a chat", run: chat::talking },
        Check { name: "who leaves is announced, and the name is free", heading: "Still a chat", run: chat::leaving },
        Check {
            name: "every line comes whole",
            heading: "One writer at a time",
            run: |stage| chat::whole_lines(stage, 24 << 20),
        },
        Check {
            name: "one who reads nothing keeps nobody from joining",
            heading: "Take the list, and let go",
            run: newcomers_come_in,
        },
    ],
    exercises: exercises::EXERCISES,
};

fn newcomers_come_in(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = chat::join(stage, "ann")?;
    let _carl = chat::join(stage, "carl")?;
    ann.expect("HELLO carl")?;
    let lines = (chat::kernel_takes().map_err(chat::no_measure)? + (2 << 20)) / chat::LONG;
    stage.tell(format!("carl reads nothing; ann > {lines} numbered lines of {} bytes", chat::LONG));
    let mut socket: &TcpStream = ann.socket();
    for number in 0..lines {
        // A failed write is the server's right: it may read no more of this.
        if socket.write_all(format!("{}\n", chat::long_line("ann", number)).as_bytes()).is_err() {
            break;
        }
    }
    // Half a second of newcomers: some of them come when the server is stuck with Carl.
    let mut crowd = Vec::new();
    for number in 0..10 {
        let (newcomer, mut here) = chat::join_and_see(stage, &format!("newcomer-{number}"))?;
        // Carl may have been sent away.
        here.retain(|name| name != "carl");
        crowd.push(newcomer);
        if here.len() != crowd.len() {
            return Err(Trouble::new(format!("a list of ann and {} newcomers", crowd.len() - 1), format!("{here:?}")));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
