//! What a chat does, from rung 5 on: checks that several rungs share, and what they need for them.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::check::{CLOSED, Trouble, quoted};
use crate::peer::Peer;
use crate::stage::Stage;

/// The length of a long line in bytes: a little below the limit of rung 3.
pub(super) const LONG: usize = 4000;

/// Joins, and returns the names of those who were there before.
pub(super) fn join_and_see(stage: &mut Stage, who: &str) -> Result<(Peer, Vec<String>), Trouble> {
    let mut peer = stage.connect(who)?;
    peer.send(format!("HELLO {who}\n"))?;
    let mut here = Vec::new();
    loop {
        let line = peer.expect_start("HELLO ")?;
        let name = &line["HELLO ".len()..];
        if name == who {
            here.sort();
            return Ok((peer, here));
        }
        here.push(name.to_owned());
    }
}

/// Joins.
pub(super) fn join(stage: &mut Stage, who: &str) -> Result<Peer, Trouble> {
    join_and_see(stage, who).map(|(peer, _)| peer)
}

/// A long line with a number, so that it shows which one is missing, and with a letter, so that it shows whose it is.
pub(super) fn long_line(who: &str, number: usize) -> String {
    let letter = who.chars().last().unwrap_or('?').to_string();
    let head = format!("MSG {who} {number:05} ");
    let rest = LONG - head.len() - 1;
    head + &letter.repeat(rest)
}

/// Newcomers are announced, and see who is there.
pub(super) fn joining(stage: &mut Stage) -> Result<(), Trouble> {
    let (mut ann, here) = join_and_see(stage, "ann")?;
    expect_names(&[], &here)?;
    let (mut ben, here) = join_and_see(stage, "ben")?;
    expect_names(&["ann"], &here)?;
    ann.expect("HELLO ben")?;
    let (_carl, here) = join_and_see(stage, "carl")?;
    expect_names(&["ann", "ben"], &here)?;
    ann.expect("HELLO carl")?;
    ben.expect("HELLO carl")?;
    let mut twin = stage.connect("twin")?;
    twin.send("HELLO ann\n")?;
    twin.expect_start("ERR USERNAME_TAKEN")?;
    twin.expect_end()
}

fn expect_names(wanted: &[&str], came: &[String]) -> Result<(), Trouble> {
    let wanted: Vec<_> = wanted.iter().map(|name| (*name).to_owned()).collect();
    if wanted == came {
        return Ok(());
    }
    Err(Trouble::new(
        format!("a HELLO for each of those who are here: {wanted:?}, and then one's own"),
        format!("{came:?}"),
    ))
}

/// What one says all others hear, and nobody else can say it in that name.
pub(super) fn talking(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = join(stage, "ann")?;
    let mut ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    let mut carl = join(stage, "carl")?;
    ann.expect("HELLO carl")?;
    ben.expect("HELLO carl")?;
    ann.send("MSG ann good morning, all of you\n")?;
    ben.expect("MSG ann good morning, all of you")?;
    carl.expect("MSG ann good morning, all of you")?;
    ben.send("MSG ann I owe ben money\n")?;
    ben.expect_start("ERR NOT_YOUR_NAME")?;
    ben.send("SING\n")?;
    ben.expect_start("ERR BAD_LINE")?;
    ben.send("MSG ben hello\n")?;
    // Were Ann's own line sent back to her, it would come first.
    ann.expect("MSG ben hello")?;
    carl.expect("MSG ben hello")
}

/// A client that leaves is announced, in whichever way it happens, and the name is free again.
pub(super) fn leaving(stage: &mut Stage) -> Result<(), Trouble> {
    let mut ann = join(stage, "ann")?;
    let mut ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    ben.send("BYE\n")?;
    ann.expect("BYE ben")?;
    ben.expect_end()?;
    let ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    ben.hang_up();
    ann.expect("BYE ben")?;
    let ben = join(stage, "ben")?;
    ann.expect("HELLO ben")?;
    ann.send("MSG ann this is never read\n")?;
    ben.break_off()?;
    ann.expect("BYE ben")?;
    join(stage, "ben")?;
    ann.expect("HELLO ben")
}

/// How many speak at once, where lines could mix or overtake each other.
const SPEAKERS: usize = 8;

/// Eight speak at once, and two listen: both hear the same order. Each speaker says so many lines.
pub(super) fn one_order(stage: &mut Stage, lines: usize) -> Result<(), Trouble> {
    let (mut carl, mut dora) = (join(stage, "carl")?, join(stage, "dora")?);
    carl.expect("HELLO dora")?;
    let names: Vec<_> = (0..SPEAKERS).map(|number| format!("speaker-{number}")).collect();
    let mut speakers = Vec::new();
    for name in &names {
        speakers.push(join(stage, name)?);
        carl.expect(&format!("HELLO {name}"))?;
        dora.expect(&format!("HELLO {name}"))?;
    }
    thread::scope(|scope| {
        for (speaker, name) in speakers.iter_mut().zip(&names) {
            scope.spawn(move || {
                // A failed send shows in what the others hear.
                (0..lines).try_for_each(|number| speaker.send(format!("MSG {name} {number}\n")))
            });
        }
    });
    let heard = |peer: &mut Peer| (0..SPEAKERS * lines).map(|_| peer.line()).collect::<Result<Vec<_>, _>>();
    let (carl, dora) = (heard(&mut carl)?, heard(&mut dora)?);
    for name in &names {
        let own = carl.iter().filter(|line| line.starts_with(&format!("MSG {name} ")));
        for (number, came) in own.enumerate() {
            let wanted = format!("MSG {name} {number}");
            if *came != wanted {
                return Err(Trouble::new(format!("carl hears {wanted:?} next of {name}"), format!("{came:?}")));
            }
        }
    }
    match carl.iter().zip(&dora).position(|(one, other)| one != other) {
        None => Ok(()),
        Some(at) => Err(Trouble::new(
            "all hear all lines in the same order",
            format!("line {} is {:?} for carl and {:?} for dora", at + 1, carl[at], dora[at]),
        )),
    }
}

/// How many bytes of the speakers may be under way to them: less than the outbox of rung 8 takes, for a program may be slow and
/// have a reader who is not.
const UNDER_WAY: usize = 1 << 18;

/// Eight speak at once, and one reads only when his socket is full: each of his lines is one that somebody sent.
/// `more` is how many bytes they say beyond those that a kernel keeps for him. If that is more than a mebibyte, he may be sent away.
pub(super) fn whole_lines(stage: &mut Stage, more: usize) -> Result<(), Trouble> {
    let mut carl = join(stage, "carl")?;
    let names: Vec<_> = ('a'..).take(SPEAKERS).map(|letter| format!("speaker-{letter}")).collect();
    let mut speakers = Vec::new();
    for name in &names {
        speakers.push(join(stage, name)?);
        carl.expect(&format!("HELLO {name}"))?;
    }
    let lines = (kernel_takes().map_err(no_measure)? + more) / LONG / SPEAKERS;
    stage.tell(format!("{SPEAKERS} speakers: {lines} numbered lines of {LONG} bytes each; carl waits, then reads"));
    let (said, heard, is_over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let may_speak = || {
        let expected = said.load(Ordering::Relaxed) * (SPEAKERS - 1);
        expected < heard.load(Ordering::Relaxed) + UNDER_WAY * (SPEAKERS - 1) || is_over.load(Ordering::Relaxed)
    };
    thread::scope(|scope| {
        for (speaker, name) in speakers.iter().zip(&names) {
            let (mut socket, said) = (speaker.socket(), &said);
            // A speaker has to listen, too.
            scope.spawn(|| count(socket, &heard));
            scope.spawn(move || {
                let _ = socket.set_write_timeout(None);
                for number in 0..lines {
                    while !may_speak() {
                        thread::sleep(Duration::from_millis(1));
                    }
                    said.fetch_add(LONG, Ordering::Relaxed);
                    if socket.write_all(format!("{}\n", long_line(name, number)).as_bytes()).is_err() {
                        // It shows in what Carl gets.
                        break;
                    }
                }
            });
        }
        let result = match carl_reads(&mut carl, &names, lines, &heard) {
            Err(trouble) if more > 1 << 20 && trouble.is_end() => Ok(()),
            result => result,
        };
        is_over.store(true, Ordering::Relaxed);
        for speaker in &speakers {
            let _ = speaker.socket().shutdown(Shutdown::Both);
        }
        result
    })
}

/// Waits until the speakers get nothing more themselves: Carl's socket is full, or all has been said. Then reads all lines.
fn carl_reads(carl: &mut Peer, names: &[String], lines: usize, heard: &AtomicUsize) -> Result<(), Trouble> {
    while_changing(|| heard.load(Ordering::Relaxed));
    let mut next = vec![0; names.len()];
    for _ in 0..lines * names.len() {
        let came = carl.line()?;
        if came.starts_with("ERR TOO_SLOW") {
            return Err(Trouble::new("carl gets a line", format!("{}, and {CLOSED}", quoted(came.as_bytes()))));
        }
        let speaker = names.iter().position(|name| came.starts_with(&format!("MSG {name} ")));
        let wanted = speaker.map(|speaker| long_line(&names[speaker], next[speaker]));
        match (speaker, wanted) {
            (Some(speaker), Some(wanted)) if came == wanted => next[speaker] += 1,
            (_, wanted) => return Err(torn(&came, wanted.as_deref())),
        }
    }
    Ok(())
}

/// Shows the place at which a line is not what was sent.
fn torn(came: &str, wanted: Option<&str>) -> Trouble {
    let Some(wanted) = wanted else {
        return Trouble::new(
            "carl gets lines as they were sent",
            format!("one that nobody sent: {}", quoted(came.as_bytes())),
        );
    };
    let at =
        came.bytes().zip(wanted.bytes()).position(|(one, other)| one != other).unwrap_or(came.len().min(wanted.len()));
    let head = quoted(&wanted.as_bytes()[..24]);
    Trouble::new(
        format!("carl gets the line that begins with {head} as it was sent, {} bytes", wanted.len()),
        format!(
            "{} bytes; after {at} of them it goes on with {}",
            came.len(),
            quoted(&came.as_bytes()[at..came.len().min(at + 40)])
        ),
    )
}

/// Counts what comes, until the connection ends.
fn count(mut socket: &TcpStream, heard: &AtomicUsize) {
    let mut bytes = vec![0; 1 << 16];
    let _ = socket.set_read_timeout(None);
    while let Ok(count @ 1..) = socket.read(&mut bytes) {
        heard.fetch_add(count, Ordering::Relaxed);
    }
}

/// Waits while a number changes.
pub(super) fn while_changing<T: PartialEq>(number: impl Fn() -> T) {
    loop {
        let before = number();
        thread::sleep(Duration::from_millis(150));
        if number() == before {
            return;
        }
    }
}

/// Returns how many bytes a kernel takes for a connection whose other end reads nothing: the most of them wait in the sender's
/// buffer.
pub(super) fn kernel_takes() -> io::Result<usize> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let _reads_nothing = TcpStream::connect(listener.local_addr()?)?;
    let (mut full, _) = listener.accept()?;
    full.set_nodelay(true)?;
    full.set_nonblocking(true)?;
    let (line, mut taken, mut refused) = ([b'x'; LONG], 0, 0);
    // Its buffer grows while it is written to: so a refusal is no end until there were some in a row.
    while refused < 20 {
        match full.write(&line) {
            Ok(count) => (taken, refused) = (taken + count, 0),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refused += 1;
                thread::sleep(Duration::from_millis(4));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}

/// A measurement of this machine has failed.
pub(super) fn no_measure(error: io::Error) -> Trouble {
    Trouble::new("a connection of this program with itself", format!("an error: {error}"))
}
