//! Rung 3: an echo of lines that have a maximum length.

mod exercises;

use std::iter;

use super::Rung;
use crate::check::{Check, Trouble};
use crate::peer::Peer;
use crate::stage::Stage;

/// Maximum length of a line in bytes, with its line feed.
const LINE_MAX: usize = 4096;
/// How much is sent without a line feed in bytes.
const MUCH: usize = 16 << 20;
/// How much memory that may cost in bytes. Right programs in languages with a collector need some, too.
const LITTLE: u64 = 8 << 20;

pub(super) const RUNG: Rung = Rung {
    number: 3,
    name: "rung03_framing",
    title: "framing: a line has a maximum length",
    readme: include_str!("../../rung03_framing/README.md"),
    checks: &[
        Check { name: "a line comes back, and the next", heading: "Collect, then cut", run: lines_come_back },
        Check { name: "lines that come together are cut apart", heading: "Collect, then cut", run: together },
        Check {
            name: "a line that comes byte by byte is put together",
            heading: "Collect, then cut",
            run: byte_by_byte,
        },
        Check {
            name: "a last line without a line feed is dropped",
            heading: "Half a line is no line",
            run: half_a_line,
        },
        Check { name: "a line of 4096 bytes with its line feed comes back", heading: "A maximum", run: longest },
        Check { name: "a line may end with CR LF, which is not part of it", heading: "The line end", run: cr_lf },
        Check {
            name: "a longer line gets an error, and the next line comes back",
            heading: "A maximum",
            run: too_long,
        },
        Check { name: "the error comes once, before the end of that line", heading: "Skipping", run: without_end },
        Check { name: "a line without end takes no memory", heading: "Skipping", run: takes_no_memory },
        Check {
            name: "a line that is not UTF-8 gets an error, and the next line comes back",
            heading: "Text",
            run: not_utf8,
        },
    ],
    exercises: exercises::EXERCISES,
};

fn lines_come_back(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    for line in ["good morning", "", "  two spaces before, and one behind "] {
        ann.send(format!("{line}\n"))?;
        ann.expect(line)?;
    }
    Ok(())
}

fn together(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("one\ntwo\nthree\nfo")?;
    for line in ["one", "two", "three"] {
        ann.expect(line)?;
    }
    ann.send("ur\n")?;
    ann.expect("four")
}

fn byte_by_byte(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    for byte in "zoë\n".bytes() {
        ann.send([byte])?;
    }
    ann.expect("zoë")
}

fn cr_lf(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("from Windows\r\na \r within\r\nlast\n")?;
    for line in ["from Windows", "a \r within", "last"] {
        ann.expect(line)?;
    }
    Ok(())
}

fn half_a_line(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("a whole line\nand ha")?;
    ann.end_sending();
    ann.expect("a whole line")?;
    ann.expect_end()
}

fn longest(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    let line = "x".repeat(LINE_MAX - 1);
    ann.send(format!("{line}\n"))?;
    ann.expect(&line)
}

fn too_long(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    for length in [LINE_MAX, LINE_MAX + 1, 3 * LINE_MAX] {
        ann.send(format!("{}\nthe next\n", "x".repeat(length)))?;
        ann.expect_start("ERR LINE_TOO_LONG")?;
        ann.expect("the next")?;
    }
    Ok(())
}

fn without_end(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("x".repeat(LINE_MAX))?;
    ann.expect_start("ERR LINE_TOO_LONG")?;
    // More of it, and its end.
    for _ in 0..3 {
        ann.send("x".repeat(LINE_MAX))?;
    }
    ann.send("the end of it\nthe next\n")?;
    ann.expect("the next")
}

fn takes_no_memory(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("hello\n")?;
    ann.expect("hello")?;
    let before = stage.program().memory();
    let megabyte = vec![b'x'; 1 << 20];
    iter::repeat_with(|| ann.send(&megabyte)).take(MUCH >> 20).collect::<Result<(), _>>()?;
    ann.expect_start("ERR LINE_TOO_LONG")?;
    next_comes_back(&mut ann)?;
    // Only Linux tells the memory of another process.
    let grown = before.zip(stage.program().memory()).map(|(before, after)| after.saturating_sub(before));
    let Some(grown) = grown else { return Ok(()) };
    stage.note(format!("{} MiB sent, and its memory grew by {} KiB", MUCH >> 20, grown >> 10));
    if grown < LITTLE {
        return Ok(());
    }
    Err(Trouble::new(format!("less than {} MiB of memory", LITTLE >> 20), format!("{} MiB", grown >> 20)))
}

fn next_comes_back(ann: &mut Peer) -> Result<(), Trouble> {
    ann.send("\nthe next\n")?;
    ann.expect("the next")
}

fn not_utf8(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send(b"caf\xe9\n")?;
    ann.expect_start("ERR NOT_UTF8")?;
    ann.send("café\n")?;
    ann.expect("café")
}
