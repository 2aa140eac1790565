//! The exercises of rung 5: a line for one person, and the last lines for a newcomer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::chat::{join, join_and_see};
use crate::check::{Check, Trouble};
use crate::rungs::Exercise;
use crate::stage::Stage;

const TELL: &str = "Exercise 1: a word to one";
const LAST: &str = "Exercise 2: what was said before";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "a word to one",
        checks: &[
            Check { name: "TELL reaches one person, and nobody else", heading: TELL, run: tell },
            Check {
                name: "TELL to somebody who is not here is answered, and all goes on",
                heading: "The trap: how long a guard lives",
                run: nobody,
            },
            Check { name: "a TELL without a name or a text is a wrong line", heading: TELL, run: wrong },
        ],
    },
    Exercise {
        title: "what was said before",
        checks: &[
            Check { name: "a newcomer gets the last ten messages, the oldest first", heading: LAST, run: last_ten },
            Check { name: "only what was said is kept", heading: LAST, run: only_messages },
            Check {
                name: "who joins while others speak misses nothing, and gets nothing twice",
                heading: "The list is a fold",
                run: no_gap,
            },
        ],
    },
];

fn tell(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = join(stage, "ann")?;
    let mut ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let mut carl = join(stage, "carl")?;
    ann.expect("HELLO carl")?;
    ben.expect("HELLO carl")?;
    ann.send("MSG ann good morning\nTELL ben shall we, at  six?\nMSG ann good night\n")?;
    ben.expect("MSG ann good morning")?;
    ben.expect("TELL ann shall we, at  six?")?;
    ben.expect("MSG ann good night")?;
    carl.expect("MSG ann good morning")?;
    carl.expect("MSG ann good night")?;
    // To oneself is to somebody who is here.
    ben.send("TELL ben milk\nMSG ben yes\n")?;
    ben.expect("TELL ben milk")?;
    ann.expect("MSG ben yes")?;
    carl.expect("MSG ben yes")
}

fn nobody(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = join(stage, "ann")?;
    let mut ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    ann.send("TELL carl are you there?\n")?;
    ann.expect("ERR NO_SUCH_USER carl")?;
    ann.send("MSG ann carl is not here\n")?;
    ben.expect("MSG ann carl is not here")?;
    ben.send("BYE\n")?;
    ann.expect("BYE ben")?;
    ann.send("TELL ben are you there?\n")?;
    ann.expect("ERR NO_SUCH_USER ben")
}

fn wrong(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = join(stage, "ann")?;
    let mut ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    for line in ["TELL", "TELL ben", "TELLER ben hello"] {
        ann.send(format!("{line}\n"))?;
        ann.expect_start("ERR BAD_LINE")?;
    }
    ann.send("MSG ann hello\n")?;
    ben.expect("MSG ann hello")
}

/// How many messages a newcomer gets.
const KEPT: usize = 10;

fn last_ten(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = join(stage, "ann")?;
    let mut ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    for number in 0..12 {
        ann.send(format!("MSG ann {number}\n"))?;
        ben.expect(&format!("MSG ann {number}"))?;
    }
    // Who has gone has spoken all the same.
    ann.send("BYE\n")?;
    ben.expect("BYE ann")?;
    let mut carl = join(stage, "carl")?;
    for number in 12 - KEPT..12 {
        carl.expect(&format!("MSG ann {number}"))?;
    }
    ben.expect("HELLO carl")?;
    ben.send("MSG ben hello, carl\n")?;
    carl.expect("MSG ben hello, carl")
}

fn only_messages(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = join(stage, "ann")?;
    let mut ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    ben.send("MSG ann I owe ben money\nSING\nMSG ben the one message\nBYE\n")?;
    ben.expect_start("ERR NOT_YOUR_NAME")?;
    ben.expect_start("ERR BAD_LINE")?;
    ann.expect("MSG ben the one message")?;
    ann.expect("BYE ben")?;
    let mut carl = join(stage, "carl")?;
    carl.expect("MSG ben the one message")?;
    ann.expect("HELLO carl")?;
    ann.send("MSG ann behind it\n")?;
    carl.expect("MSG ann behind it")
}

fn no_gap(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = join(stage, "ann")?;
    let mut ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    stage.tell("ann > numbered messages, one after the other, while newcomers join");
    let (mark, is_over) = (stage.story().mark(), AtomicBool::new(false));
    let (socket, is_over) = (ann.socket(), &is_over);
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut numbers = 0..;
            while !is_over.load(Ordering::Relaxed) {
                let Some(number) = numbers.next() else { return };
                if std::io::Write::write_all(&mut { socket }, format!("MSG ann {number}\n").as_bytes()).is_err() {
                    return;
                }
                // Ben's echo would be a rhythm: the newcomers shall come at any moment.
                thread::yield_now();
            }
        });
        let joined = (0..150).try_for_each(|round| {
            // Ben reads, so that nothing piles up for him.
            ben.expect_start("MSG ann ").or_else(|_| ben.line())?;
            let name = format!("newcomer-{round}");
            let (mut newcomer, _) = join_and_see(stage, &name)?;
            let mut before: Option<usize> = None;
            for _ in 0..3 * KEPT {
                let line = newcomer.expect_start("MSG ann ")?;
                let number = line["MSG ann ".len()..].parse().ok();
                if let Some(before) = before
                    && number != Some(before + 1)
                {
                    return Err(Trouble::new(format!("MSG ann {} next", before + 1), format!("{line:?}")));
                }
                before = number;
            }
            ben.read_until(&format!("HELLO {name}"))?;
            newcomer.send("BYE\n")?;
            ben.read_until(&format!("BYE {name}"))?;
            stage.story().forget(mark);
            Ok(())
        });
        is_over.store(true, Ordering::Relaxed);
        joined
    })
}
