//! The exercises of rung 3: a message with its length in front, among lines, and the place of a wrong byte.

use crate::check::{Check, Trouble, quoted};
use crate::peer::Peer;
use crate::rungs::Exercise;
use crate::stage::Stage;

const DATA: &str = "Exercise 1: a length in front";
const PLACE: &str = "Exercise 2: the place of the fault";

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        title: "a length in front",
        checks: &[
            Check { name: "DATA comes back with bytes that are no text", heading: DATA, run: comes_back },
            Check { name: "DATA and lines that come together are told apart", heading: DATA, run: together },
            Check { name: "DATA that comes in pieces is put together", heading: DATA, run: pieces },
            Check { name: "DATA has a maximum, and that is the end of the connection", heading: DATA, run: maximum },
        ],
    },
    Exercise {
        title: "the place of the fault",
        checks: &[
            Check { name: "NOT_UTF8 tells how many bytes before it are right", heading: PLACE, run: place },
            Check { name: "a line with the sign for an unknown letter is a line", heading: PLACE, run: unknown_letter },
        ],
    },
];

/// The most bytes of a DATA.
const DATA_MAX: usize = 65_536;

/// A DATA as it is sent, and as it comes back.
fn data(bytes: &[u8]) -> Vec<u8> {
    [format!("DATA {}\n", bytes.len()).as_bytes(), bytes].concat()
}

/// Expects a DATA with these bytes, and behind them the next line.
fn expect_data(peer: &mut Peer, bytes: &[u8], next: &str) -> Result<(), Trouble> {
    peer.expect(&format!("DATA {}", bytes.len()))?;
    let came = peer.bytes(bytes.len())?;
    if came != bytes {
        return Err(Trouble::new(format!("the bytes {}", quoted(bytes)), quoted(&came).to_string()));
    }
    peer.send(format!("{next}\n"))?;
    peer.expect(next)
}

fn comes_back(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    for bytes in [&b"hello"[..], b"two\nlines\n", b"\r\n\xff\x00", b""] {
        ann.send(data(bytes))?;
        expect_data(&mut ann, bytes, "and a line")?;
    }
    Ok(())
}

fn together(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send([b"before\n", &data(b"DATA 3\n")[..], &data(b"xyz"), b"behind\nand mo"].concat())?;
    ann.expect("before")?;
    for bytes in [&b"DATA 3\n"[..], b"xyz"] {
        ann.expect(&format!("DATA {}", bytes.len()))?;
        let came = ann.bytes(bytes.len())?;
        if came != bytes {
            return Err(Trouble::new(format!("the bytes {}", quoted(bytes)), quoted(&came).to_string()));
        }
    }
    ann.expect("behind")?;
    ann.send("re\n")?;
    ann.expect("and more")
}

fn pieces(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    for byte in data(b"a\n\xe9b") {
        ann.send([byte])?;
    }
    expect_data(&mut ann, b"a\n\xe9b", "and a line")?;
    // Longer than a line may be.
    let much: Vec<u8> = (0..=255).cycle().take(DATA_MAX).collect();
    for piece in data(&much).chunks(10_000) {
        ann.send(piece)?;
    }
    expect_data(&mut ann, &much, "and another")
}

fn maximum(stage: &mut Stage) -> Result<(), Trouble> {
    for length in ["65537", "9000000000", "99999999999999999999999", "-1", "five", ""] {
        let mut ann = stage.connect("ann")?;
        ann.send(format!("DATA {length}\n"))?;
        ann.expect_start("ERR BAD_LENGTH")?;
        ann.expect_end()?;
    }
    let mut ann = stage.connect("ann")?;
    ann.send("DATA\nDATABASE 5\n")?;
    ann.expect("DATA")?;
    ann.expect("DATABASE 5")
}

fn place(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    for (line, place) in [(&b"caf\xe9"[..], 3), (b"\xff", 0), (b"zo\xc3\xab\xff\xff", 4), (b"ab\xc3\r", 2)] {
        ann.send([line, b"\n"].concat())?;
        ann.expect(&format!("ERR NOT_UTF8 {place}"))?;
    }
    ann.send("café\n")?;
    ann.expect("café")
}

fn unknown_letter(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = stage.connect("ann")?;
    ann.send("what is \u{fffd}?\n")?;
    ann.expect("what is \u{fffd}?")
}
