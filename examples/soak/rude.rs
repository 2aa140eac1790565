//! Faulty clients: they break off, send garbage, flood, and compete for a name.

use std::time::Instant;

use multichat::protocol::{ErrorCode, ServerLine};

use crate::good;
use crate::peer::{DEADLINE, MANY_ADDRESSES, Peer, Wrong};
use crate::rng::Rng;
use crate::room::{BURST, RATE, Room};

/// Disconnects in the middle of an exchange, mostly by a reset.
pub(crate) fn dropper(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let stage = rng.below(7);
    let mut peer = if stage == 5 { Peer::connect_with_small_buffer(room.addr)? } else { Peer::connect(room.addr)? };
    let outcome = match stage {
        0 => "before HELLO",
        1 => {
            peer.send("HEL")?;
            "in HELLO"
        }
        2 => {
            peer.send(format!("HELLO {name}\n"))?;
            "before the answer"
        }
        _ => {
            peer.join(name, "echo stamp")?;
            match stage {
                3 => "here",
                4 => {
                    peer.send(format!("MSG {name} half a li"))?;
                    "in a line"
                }
                5 => {
                    for _ in 0..100 {
                        peer.send(format!("TELL {name} {}\n", "z".repeat(4000)))?;
                    }
                    "while written to"
                }
                _ => {
                    peer.send(format!("MSG {name} one\nMSG {name} two\nWHO\n"))?;
                    "with answers on the way"
                }
            }
        }
    };
    if rng.one_in(4) {
        drop(peer);
    } else {
        peer.reset();
    }
    Ok(outcome)
}

/// Sends invalid lines, and lines that it may not send. Each must be answered with an error, none may be relayed (the well-behaved
/// clients check that), and the connection must be usable afterwards.
pub(crate) fn garbage(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let mut peer = Peer::connect(room.addr)?;
    if rng.one_in(3) {
        let length = rng.below(20_000);
        peer.send([b"x", rng.bytes(length).as_slice(), b"\n"].concat())?;
        peer.expect_refusal(ErrorCode::HelloExpected.word())?;
        return Ok("refused");
    }
    peer.join(name, "")?;
    let count = rng.between(1, 50);
    for _ in 0..count {
        let victim = good::name(0);
        let length = rng.below(300);
        let mut line = match rng.below(9) {
            0 => [b"MSG ", name.as_bytes(), b" \xff", &rng.bytes(length)].concat(),
            1 => format!("MSG {name} {}", "x".repeat(rng.between(4096, 100_000))).into(),
            2 => format!("MSG {name} \u{1b}[2J{}", "\0".repeat(length)).into(),
            3 => format!("MSG {victim} 0 0 I am somebody else").into(),
            4 => format!("TELL nobody-{length} are you there?").into(),
            5 => format!("HELLO {victim}").into(),
            6 => format!("@{length} MSG {name} from the future").into(),
            7 => format!("MSG {name} \u{9b}2J\u{85}").into(),
            _ => [b"\x16\x03\x01", rng.bytes(length).as_slice()].concat(),
        };
        // No line feed inside, so that each line has one answer.
        line.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b'?');
        line.push(b'\n');
        peer.send(line)?;
    }
    let mut errors = 0;
    peer.send("PING usable\n")?;
    peer.wait_for("the PONG behind the garbage", |_, line| match line {
        ServerLine::Err { code, .. } => match ErrorCode::from_word(code) {
            Some(code) if !code.ends_connection() && code != ErrorCode::SlowDown => {
                errors += 1;
                Ok(None)
            }
            _ => Err(format!("{line:?} as the answer to garbage")),
        },
        ServerLine::Pong("usable") => Ok(Some(())),
        _ => Ok(None),
    })?;
    if errors == count { Ok("answered") } else { Err(format!("{count} bad lines had {errors} answers")) }
}

/// Sends far more than the rate limit allows. Each line must be relayed or answered with `SLOW_DOWN`, and no more lines may be
/// relayed than the limit allows.
pub(crate) fn flood(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let mut peer = Peer::connect(room.addr)?;
    peer.join(name, "echo")?;
    let began = Instant::now();
    let count = rng.between(100, 4000);
    let lines: Vec<_> = (0..count).map(|number| format!("MSG {name} {number}\n")).collect();
    peer.send(lines.concat())?;
    peer.close_sending()?;
    let (mut relayed, mut refused, mut last) = (0, 0, None);
    peer.expect_close(|_, line| {
        match line {
            ServerLine::Msg { from, text } if from == name => {
                let number = text.parse::<usize>().ok();
                if number <= last {
                    return Err(format!("repeated or reordered: {number:?} came after {last:?}"));
                }
                last = number;
                relayed += 1;
            }
            ServerLine::Err { code: "SLOW_DOWN", detail } if detail.parse::<u32>().is_ok() => refused += 1,
            ServerLine::Err { .. } => return Err(format!("{line:?} as the answer to a flood")),
            _ => {}
        }
        Ok(())
    })?;
    let allowed = f64::from(BURST) + f64::from(RATE) * began.elapsed().as_secs_f64() + 1.0;
    if relayed + refused != count {
        Err(format!("of {count} lines, {relayed} were relayed and {refused} refused"))
    } else if MANY_ADDRESSES && relayed as f64 > allowed {
        Err(format!("{relayed} lines were relayed where {allowed} are allowed"))
    } else {
        Ok(if refused > 0 { "held back" } else { "within its burst" })
    }
}

/// Asks for one name on six connections at the same time, in spellings that could be mistaken for each other. Exactly one must get
/// it, and the name must be free again after that one is disconnected, in any way.
pub(crate) fn grabber(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    // All lives of a thread ask for the same name: `grabber-0-17` wants `grabber-0`.
    let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
    let writings = [
        name.to_owned(),
        name.to_uppercase(),
        name.replace('a', "\u{ff21}"),
        name.replace('g', "\u{ff47}"),
        name.replace('0', "O"),
        name.replace('e', "\u{1d41e}"),
    ];
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        let mut peers = Vec::new();
        for _ in &writings {
            peers.push(Peer::connect(room.addr)?);
        }
        for (peer, writing) in peers.iter_mut().zip(&writings) {
            peer.send(format!("HELLO {writing}\n"))?;
        }
        let mut winner = None;
        for (mut peer, writing) in peers.into_iter().zip(&writings) {
            let won = peer.wait_for("HELLO or ERR USERNAME_TAKEN", |_, line| match line {
                ServerLine::Hello(own) if own == writing => Ok(Some(true)),
                ServerLine::Hello(_) => Ok(None),
                ServerLine::Err { code: "USERNAME_TAKEN", .. } => Ok(Some(false)),
                other => Err(format!("{other:?} as the answer to HELLO {writing}")),
            })?;
            if !won {
                peer.expect_close(|_, line| Err(format!("{line:?} came behind the refusal")))?;
            } else if winner.replace(peer).is_some() {
                return Err(format!("{name} was given to two"));
            }
        }
        // None: the connection of the last life has not left yet.
        let Some(mut winner) = winner else { continue };
        if rng.one_in(2) {
            winner.reset();
            return Ok("one of six, then reset");
        }
        winner.send("BYE\n")?;
        winner.expect_close(|_, _| Ok(()))?;
        return Ok("one of six, then BYE");
    }
    Err(format!("no connection got the name {name}"))
}
