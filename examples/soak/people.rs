//! Ordinary clients: they join, send lines as a user of `nc` does, and leave or are kicked.

use std::time::Instant;

use multichat::protocol::{ServerLine, Stamp};

use crate::good;
use crate::numbered::Sequence;
use crate::peer::{DEADLINE, End, Heard, Peer, Wrong, parse};
use crate::rng::Rng;
use crate::room::Room;

/// A client without capabilities, such as `nc`: no stamp, echo, AWAY or TYPING may come. Every message of each sender must come,
/// from the first received one to the last.
pub(crate) fn plain(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let mut peer = Peer::connect(room.addr)?;
    peer.join(name, "")?;
    let mut sequence = Sequence::default();
    let until = Instant::now() + rng.millis(10, 3000);
    let mut asked = 0;
    while Instant::now() < until && !room.is_over() {
        match rng.below(7) {
            0 => peer.send(format!("msg {name} what is {asked}?\r\n"))?,
            1 => peer.send(format!("Tell {name} note {asked}\n"))?,
            2 => peer.send("\r\nwho\r\n")?,
            3 => peer.send(rng.pick(&["away at lunch\n", "AWAY\r\n"]))?,
            4 => peer.send("typing\n")?,
            5 => peer.send(format!("TYPING {}\n", good::name(0)))?,
            _ => peer.send(format!("ping {asked}\n"))?,
        }
        asked += 1;
        let pause = Instant::now() + rng.millis(10, 200);
        while let Heard::Line(line) = peer.hear(pause)? {
            let (stamp, line) = parse(&line)?;
            plain_line(name, stamp, line, &mut sequence)?;
        }
    }
    peer.send("bye\r\n")?;
    peer.expect_close(|stamp, line| plain_line(name, stamp, line, &mut sequence))?;
    Ok("said BYE")
}

fn plain_line(own: &str, stamp: Option<Stamp>, line: ServerLine<'_>, sequence: &mut Sequence) -> Result<(), Wrong> {
    match line {
        _ if stamp.is_some() => Err(format!("a stamp came that was not asked for, with {line:?}")),
        ServerLine::Msg { from, .. } if from == own => Err(format!("an echo came that was not asked for: {line:?}")),
        ServerLine::Msg { from, text } if good::senders().any(|sender| sender == from) => {
            sequence.hear(from, text).map(|_| ())
        }
        ServerLine::Err { .. } => Err(format!("refused: {line:?}")),
        ServerLine::Away { .. } | ServerLine::Typing { .. } => Err(format!("{line:?} came, which was not asked for")),
        _ => Ok(()),
    }
}

/// A client that the operator kicks, in the middle of a line or even before the acknowledgement. `ERR KICKED` must come, and no
/// line after it.
pub(crate) fn kicked(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let mut peer = Peer::connect(room.addr)?;
    peer.send(format!("HELLO {name}\n"))?;
    let until = Instant::now() + DEADLINE;
    let (mut told, mut talks, mut next) = (false, rng.one_in(2), Instant::now());
    loop {
        if talks && Instant::now() >= next {
            // The client may be kicked without having received the line yet.
            talks = peer.try_send(format!("MSG {name} and another thing\n")).is_ok();
            next += rng.millis(1, 10);
        }
        match peer.hear(if talks { next } else { until })? {
            Heard::Line(line) if told => return Err(format!("{line:?} came behind ERR KICKED")),
            Heard::Line(line) => told = line.starts_with("ERR KICKED "),
            Heard::Silence if Instant::now() > until => return Err("was not kicked".into()),
            Heard::Silence => {}
            // Bytes that the client sent while the server closed the connection make the end a reset.
            Heard::End(End::Closed | End::Reset) if told => return Ok("told KICKED"),
            Heard::End(end) => return Err(format!("{end:?} instead of ERR KICKED")),
        }
    }
}

/// A client that sends every byte on its own, at times too slowly for the HELLO timeout.
pub(crate) fn dribbler(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let mut peer = Peer::connect(room.addr)?;
    if rng.one_in(4) {
        // Single bytes must not extend the timeout.
        let until = Instant::now() + DEADLINE;
        while Instant::now() < until {
            let sent = peer.try_send("H");
            match peer.hear(Instant::now() + rng.millis(50, 100))? {
                Heard::Silence if sent.is_ok() => {}
                Heard::Line(line) if line.starts_with("ERR HELLO_TIMEOUT") => return Ok("HELLO too late"),
                other => return Err(format!("{other:?} instead of ERR HELLO_TIMEOUT")),
            }
        }
        return Err("ERR HELLO_TIMEOUT did not come".into());
    }
    for byte in format!("HELLO {name} echo\r\nMSG {name} grüße\r\n").bytes() {
        peer.send([byte])?;
        let pause = rng.millis(0, 5);
        std::thread::sleep(pause);
    }
    peer.wait_for("the echo", |_, line| {
        let echo = ServerLine::Msg { from: name, text: "grüße" };
        Ok((line == echo).then_some(()))
    })?;
    peer.send("BYE\n")?;
    peer.expect_close(|_, _| Ok(()))?;
    Ok("understood")
}

/// A client that sends everything, closes its sending direction, and expects all answers.
pub(crate) fn half_closer(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let mut peer = Peer::connect(room.addr)?;
    let count = rng.below(50);
    let lines: Vec<_> = (0..count).map(|number| format!("MSG {name} {number}\nPING {number}\n")).collect();
    peer.send(format!("HELLO {name} echo\n{}", lines.concat()))?;
    peer.close_sending()?;
    let (mut echoes, mut pongs) = (0, 0);
    peer.expect_close(|_, line| {
        match line {
            ServerLine::Msg { from, text } if from == name && text == echoes.to_string() => echoes += 1,
            ServerLine::Pong(token) if token == pongs.to_string() && echoes == pongs + 1 => pongs += 1,
            ServerLine::Pong(_) | ServerLine::Err { .. } => return Err(format!("{line:?} after {echoes} echoes")),
            _ => {}
        }
        Ok(())
    })?;
    if (echoes, pongs) == (count, count) {
        Ok("answered in full")
    } else {
        Err(format!("lost: of {count} each, {echoes} echoes and {pongs} PONG came"))
    }
}
