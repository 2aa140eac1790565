//! Rung 11: a bot on the library's client. It answers when it is addressed.
//!
//! **You learn** to stand on what is there: `Connection` is rung 10 without the terminal. It connects, reads and writes
//! in threads of its own; your program gets an iterator of lines, and a `say` that never waits.
//!
//! **Run it** beside the real server, and talk to it from a third terminal or the chat window:
//!
//! ```text
//! 1$ cargo run --bin server -- --no-history
//! 2$ cargo run --example rung11_bot -- 127.0.0.1:5555 dice
//! 3$ nc 127.0.0.1 5555                          HELLO ann, then MSG ann dice: roll 20, and TELL dice roll 6
//! ```
//!
//! **Predict before you run.** Two bots are in the room, and one of them says the other's name. What happens, and what
//! ends it?
//!
//! **Try** to teach it another word, in `answer`. Ask for `echo` in its HELLO: now it hears itself, and why does it not
//! answer? Make it work for five seconds before each answer, and flood it: who waits?
//!
//! **What breaks:** this bot gives up when the connection ends, or when too many answers wait to be sent. A bot that
//! answers everything, without being asked by its name, will one day meet another one.
//!
//! **Mended in the real program:** `src/chat/state/link/retry.rs` says when to try again, and `src/client/connection.rs`
//! how each end of a connection comes about. This is the last rung: from here, read the tour (`cargo doc --no-deps
//! --open`).

use std::env;
use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use multichat::client::{ConnectOptions, Connection, Said};
use multichat::protocol::Username;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(server), Some(name)) = (args.next(), args.next()) else {
        return Err("usage: rung11_bot ADDRESS:PORT NAME".into());
    };
    let bot = Connection::connect(ConnectOptions::new(server.parse()?, Username::parse(&name)?))?;
    println!("{name} is in");
    for line in bot.lines() {
        match line.map(|line| line.said) {
            Ok(Said::Tell { from, text }) => bot.tell(&from, &answer(&text))?,
            Ok(Said::Msg { from, text }) if from != name => {
                if let Some(question) = text.strip_prefix(&format!("{name}: ")) {
                    bot.say(&format!("{from}: {}", answer(question)))?;
                }
            }
            Ok(Said::Err { code, detail }) => println!("{code} {detail}"),
            Ok(_) => {}
            Err(why) => println!("the end: {why}"),
        }
    }
    Ok(())
}

fn answer(question: &str) -> String {
    match question.split_whitespace().collect::<Vec<_>>()[..] {
        ["roll", sides] => match sides.parse::<u32>() {
            Ok(sides) if sides > 0 => format!("{} of {sides}", 1 + dice() % sides),
            _ => "a die has a number of sides: roll 6".into(),
        },
        ["time"] => format!("{} seconds since 1970", since_1970().as_secs()),
        _ => "I know: roll 6, time".into(),
    }
}

/// Returns the low digits of the clock: random enough for a game.
fn dice() -> u32 {
    since_1970().subsec_nanos() / 100
}

fn since_1970() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
