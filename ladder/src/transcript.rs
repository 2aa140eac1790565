//! Plays the conversations that the READMEs show: so what they answer is true.
//!
//! A transcript is a block of code with the word `transcript` and the name of a program: ```` ```transcript rung01_echo_solution ````.
//! Each of its lines begins with the name of a client, who connects when it is named first, or with the word `server`. Two
//! spaces begin a remark.
//!
//! ```text
//! ann > hello               ann sends a line
//! ann < hello               ann receives a line
//! ann < ERR BAD_LINE ...    ann receives a line that begins so
//! ann < (nothing)           nothing comes for a moment
//! ann > (Ctrl-D)            ann sends no more, and still reads
//! ann > (Ctrl-C)            ann hangs up
//! ann < (end)               the server has closed the connection
//! server: listening         the server prints a line that contains this
//! server < stop             a line is typed on the server's standard input
//! ```

use std::collections::HashMap;
use std::time::Duration;

use crate::check::{Trouble, quoted};
use crate::peer::Peer;
use crate::stage::Stage;

/// How long nothing has to come where a transcript says so.
const MOMENT: Duration = Duration::from_millis(300);

/// A conversation that a README shows.
#[derive(Debug)]
pub struct Transcript {
    /// The name of the program that it is held with.
    pub program: String,
    /// Where it begins in the README.
    pub line: usize,
    lines: Vec<String>,
}

/// Returns the transcripts of a README.
pub fn transcripts(readme: &str) -> Vec<Transcript> {
    let mut found: Vec<Transcript> = Vec::new();
    let mut is_open = false;
    for (number, line) in readme.lines().enumerate() {
        let line = line.trim();
        if let Some(program) = line.strip_prefix("```transcript ") {
            found.push(Transcript { program: program.trim().into(), line: number + 1, lines: Vec::new() });
            is_open = true;
        } else if line.starts_with("```") {
            is_open = false;
        } else if let Some(transcript) = found.last_mut().filter(|_| is_open) {
            transcript.lines.push(line.into());
        }
    }
    found
}

impl Transcript {
    /// Plays it. The stage has the program that it names.
    pub fn play(&self, stage: &mut Stage) -> Result<(), Trouble> {
        let mut peers = HashMap::new();
        for line in self.lines.iter().filter(|line| !line.is_empty()) {
            // Behind two spaces is a remark.
            let told = line.split("  ").next().unwrap_or_default();
            if let Some(text) = told.strip_prefix("server: ") {
                stage.program().expect_output(text)?;
                continue;
            }
            if let Some(text) = told.strip_prefix("server < ") {
                stage.program().type_line(text)?;
                continue;
            }
            let mut words = told.splitn(3, ' ');
            let (Some(who), Some(way @ (">" | "<")), Some(what)) = (words.next(), words.next(), words.next()) else {
                return Err(Trouble::new("a line such as: ann > hello", quoted(line.as_bytes()).to_string()));
            };
            let mut peer = match peers.remove(who) {
                Some(peer) => peer,
                None => stage.connect(who)?,
            };
            if (way, what) == (">", "(Ctrl-C)") {
                peer.hang_up();
            } else {
                say(&mut peer, way, what)?;
                peers.insert(who.to_owned(), peer);
            }
        }
        Ok(())
    }
}

fn say(peer: &mut Peer, way: &str, what: &str) -> Result<(), Trouble> {
    match (way, what) {
        (">", "(Ctrl-D)") => {
            peer.end_sending();
            Ok(())
        }
        (">", line) => peer.send(format!("{line}\n")),
        (_, "(nothing)") => peer.expect_nothing(MOMENT),
        (_, "(end)") => peer.expect_end(),
        (_, line) => match line.strip_suffix("...") {
            Some(start) => peer.expect_start(start.trim_end()).map(drop),
            None => peer.expect(line),
        },
    }
}
