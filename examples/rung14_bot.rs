//! Rung 14: a bot on the library's client. It answers when it is addressed.
//!
//! **You learn** to stand on what is there: `Connection` is rung 11 without the terminal. It connects, reads and writes
//! in threads of its own; your program gets an iterator of lines, and a `say` that never waits.
//!
//! **Run it** twice beside the real server, and talk to both from a fourth terminal or the chat window:
//!
//! ```text
//! 1$ cargo run --no-default-features --bin server -- --headless
//! 2$ cargo run --no-default-features --example rung14_bot -- 127.0.0.1:5555 dice
//! 3$ cargo run --no-default-features --example rung14_bot -- 127.0.0.1:5555 eve
//! 4$ nc 127.0.0.1 5555                          HELLO ann, then MSG ann dice: roll 20, and TELL dice roll 6
//! ```
//!
//! **Predict before you run.** (The answers are in `examples/README.md`.) Two bots are in the room, and `ask` lets one speak to
//! the other: `MSG ann eve: ask dice roll 6`. 1. What does dice answer, and what does eve say to that? 2. What ends it?
//!
//! **Try** to teach it another word, in `answer`. Ask for `echo` in its HELLO: now it hears itself, and why does it not
//! answer? Make it work for five seconds before each answer, and flood it: who waits?
//!
//! **What breaks:** a bot that answers whatever is said to it will one day meet another one. And this one gives up when the
//! connection ends, or when too many answers wait to be sent.
//!
//! **Mended in the real program:** `src/chat/state/link/retry.rs` says when to try again, and `src/client/connection.rs`
//! how each end of a connection comes about. This is the last rung: from here, read the tour (`cargo doc --no-deps
//! --open`).
//!
//! **Exercises.** 1. Let two bots stop by themselves, no matter who wrote the other one. Which of your answers were no answers to a
//! question? 2. Let the bot come back when the server was away, and let it say how long.

use std::env;
use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use multichat::client::{ConnectOptions, Connection, Said};
use multichat::protocol::Username;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(server), Some(name)) = (args.next(), args.next()) else {
        return Err("usage: rung14_bot ADDRESS:PORT NAME".into());
    };
    let bot = Connection::connect(ConnectOptions::new(server.parse()?, Username::parse(&name)?))?;
    println!("{name} is in");
    for line in bot.lines() {
        match line.map(|line| line.said) {
            Ok(Said::Tell { from, text }) => bot.tell(&from, &answer(&text))?,
            Ok(Said::Msg { from, text }) if from != name => {
                let Some(question) = text.strip_prefix(&format!("{name}: ")) else { continue };
                match question.strip_prefix("ask ").and_then(|rest| rest.split_once(' ')) {
                    Some((other, question)) => bot.say(&format!("{other}: {question}"))?,
                    None => bot.say(&format!("{from}: {}", answer(question)))?,
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
        _ => "I know: roll 6, time, ask NAME QUESTION".into(),
    }
}

/// Returns the low digits of the clock: random enough for a game.
fn dice() -> u32 {
    since_1970().subsec_nanos() / 100
}

fn since_1970() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
