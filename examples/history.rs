//! How much does it cost to remember? A server that keeps nothing and one that keeps everything do the same work, one
//! after the other in this process: the difference is what remembering takes. Then: how long do joining, PAST, FIND and
//! a start take when much is kept?
//!
//! cargo run --release --no-default-features --features storage --example history -- [MESSAGES [FILE]]
//!
//! A million messages if nothing is said, of ten words each, in a file that is gone afterwards. Messages are stored in
//! one flow by four who speak as fast as they can, while ten others read.

// What fails here is to end the run, with its reason.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use multichat::server::{Config, EventSink, Server};

/// Who speaks, and how many read.
const SPEAKERS: [&str; 4] = ["ann", "ben", "carl", "dora"];
const READERS: usize = 10;

/// At a pace: so many messages a second, for so long.
const PACE: u32 = 200;
const PACED: Duration = Duration::from_secs(10);

/// How often something is asked that is timed.
const ASKED: usize = 21;

fn main() {
    let mut args = std::env::args().skip(1);
    let messages: usize = args.next().map_or(1_000_000, |count| count.parse().unwrap());
    let file = args.next().map_or_else(|| std::env::temp_dir().join("multichat-history.db"), PathBuf::from);
    remove(&file);

    // Enough for a figure, and not more: what is not kept costs the same from the first to the last.
    let forgotten = messages.min(200_000);
    let (_, plain) = flow(&start(None), forgotten);
    let server = start(Some(&file));
    let (took, kept) = flow(&server, messages);
    let each = |cpu: Duration, count: usize| cpu.as_secs_f64() * 1e6 / count as f64;
    println!("{messages} messages stored in {took:.1?}: {:.0} a second", messages as f64 / took.as_secs_f64());
    println!(
        "processor time per message, in a flow: {:.1} us, and {:.1} us more to remember it",
        each(plain, forgotten),
        each(kept, messages) - each(plain, forgotten)
    );
    let count = usize::try_from(PACED.as_secs() * u64::from(PACE)).unwrap();
    let plain = each(paced(&start(None)), count);
    let kept = each(paced(&server), count);
    println!("at {PACE} a second: {plain:.1} us, and {:.1} us more", kept - plain);
    println!("{} bytes a message on the disk", size(&file) / messages as u64);

    let mut eve = join(&server, "eve");
    println!(
        "joining, with the last 100 messages: {:.2?}",
        median(|number| drop(join(&server, &format!("guest{number}"))))
    );
    println!("joining a server that keeps nothing: {:.2?}", {
        let server = start(None);
        median(|number| drop(join(&server, &format!("guest{number}"))))
    });
    let middle = middle_stamp(&mut eve);
    for (what, question) in [
        ("PAST of 200, the newest", format!("PAST {} 200", u64::MAX)),
        ("PAST of 200, in the middle", format!("PAST {middle} 200")),
        ("FIND of a word that is there once", "FIND needle".into()),
        ("FIND of a word in every 1,000th", "FIND thousandth".into()),
        ("FIND of a word in every message", "FIND message".into()),
        ("FIND of two words in every message", "FIND message number".into()),
        ("FIND of a beginning of many words", "FIND kab".into()),
        ("FIND of Chinese", "FIND 图书馆".into()),
        ("FIND of a word that is not there", "FIND zzzzzz".into()),
    ] {
        println!("{what}: {:.2?}", median(|_| drop(ask(&mut eve, &question))));
    }
    drop(eve);
    server.stop();
    let began = Instant::now();
    let server = start(Some(&file));
    println!("starting with {messages} messages kept: {:.2?}", began.elapsed());
    server.stop();
    remove(&file);
}

fn start(history: Option<&Path>) -> Server {
    let history = history.map(Path::to_owned);
    let config = Config { listen: "127.0.0.1:0".into(), rate: 0, history, ..Config::default() };
    Server::start(config, EventSink::default()).unwrap()
}

fn remove(file: &Path) {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |found| found.len())
}

/// So many messages, as fast as they are taken; how long that took, and the processor time of this process.
fn flow(server: &Server, messages: usize) -> (Duration, Duration) {
    spoken(server, messages / SPEAKERS.len(), None)
}

/// The processor time of messages at a pace.
fn paced(server: &Server) -> Duration {
    let speakers = u32::try_from(SPEAKERS.len()).unwrap();
    let each = usize::try_from(PACE / speakers).unwrap() * usize::try_from(PACED.as_secs()).unwrap();
    spoken(server, each, Some(Duration::from_secs(1) * speakers / PACE)).1
}

fn spoken(server: &Server, each: usize, pause: Option<Duration>) -> (Duration, Duration) {
    let readers: Vec<_> = (0..READERS).map(|number| join(server, &format!("reader{number}"))).collect();
    let speakers: Vec<_> = SPEAKERS.iter().map(|name| join(server, name)).collect();
    let hang_up: Vec<TcpStream> = readers.iter().map(|reader| reader.get_ref().try_clone().unwrap()).collect();
    let readers: Vec<_> = readers
        .into_iter()
        .map(|mut reader| thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink())))
        .collect();
    let (began, cpu) = (Instant::now(), cpu());
    let speakers: Vec<_> = speakers
        .into_iter()
        .zip(SPEAKERS)
        .enumerate()
        .map(|(seed, (peer, name))| thread::spawn(move || speak(peer, name, seed as u64, each, pause)))
        .collect();
    speakers.into_iter().for_each(|speaker| speaker.join().unwrap());
    let spent = (began.elapsed(), self::cpu() - cpu);
    hang_up.iter().for_each(|reader| drop(reader.shutdown(Shutdown::Both)));
    readers.into_iter().for_each(|reader| drop(reader.join().unwrap()));
    spent
}

fn speak(mut peer: BufReader<TcpStream>, name: &str, seed: u64, messages: usize, pause: Option<Duration>) {
    // What the others say is to be read too.
    let reading = peer.get_ref().try_clone().unwrap();
    let mut heard = BufReader::new(reading);
    let reader = thread::spawn(move || {
        let mut line = String::new();
        while !line.starts_with("PONG") {
            line.clear();
            if heard.read_line(&mut line).unwrap_or(0) == 0 {
                break;
            }
        }
    });
    let mut dice = Dice(seed + 1);
    let mut lines = String::new();
    for number in 0..messages {
        lines.push_str(&format!("MSG {name} message number"));
        for _ in 0..7 {
            lines.push_str(&dice.word());
        }
        match number {
            77 if seed == 0 => lines.push_str(" needle"),
            _ if number % 1000 == 0 => lines.push_str(" thousandth 我们明天在图书馆见面"),
            _ => {}
        }
        lines.push('\n');
        if pause.is_some() || lines.len() > 8000 || number + 1 == messages {
            peer.get_mut().write_all(lines.as_bytes()).unwrap();
            lines.clear();
        }
        if let Some(pause) = pause {
            thread::sleep(pause);
        }
    }
    // It is answered when everything before it is on its way to the disk.
    peer.get_mut().write_all(b"PAST 1 1\nPING\n").unwrap();
    reader.join().unwrap();
}

/// Words of two or three syllables, some more frequent than others, the same ones in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn word(&mut self) -> String {
        let syllables =
            ["ka", "bo", "li", "ru", "te", "mon", "sa", "ve", "di", "nor", "pel", "shu", "gra", "wi", "zo", "fe"];
        let common = self.roll(3) > 0;
        let mut word = String::from(" ");
        for _ in 0..if common { 2 } else { 3 } {
            let syllable = usize::try_from(self.roll(16)).unwrap();
            word.push_str(syllables[syllable]);
        }
        word
    }
}

fn join(server: &Server, name: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(server.addr()).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut peer = BufReader::new(stream);
    writeln!(peer.get_mut(), "HELLO {name}").unwrap();
    let (mut line, own) = (String::new(), format!("HELLO {name}\n"));
    while line != own {
        line.clear();
        assert!(peer.read_line(&mut line).unwrap() > 0, "{name} cannot join");
    }
    peer
}

/// The lines in answer to a question.
fn ask(peer: &mut BufReader<TcpStream>, question: &str) -> Vec<String> {
    writeln!(peer.get_mut(), "{question}").unwrap();
    let mut answer = Vec::new();
    loop {
        let mut line = String::new();
        assert!(peer.read_line(&mut line).unwrap() > 0, "{question}: no answer");
        assert!(!line.starts_with("ERR"), "{question}: {line}");
        if line.starts_with("END") {
            return answer;
        }
        answer.push(line);
    }
}

/// The stamp of a message from between the first and the last.
fn middle_stamp(peer: &mut BufReader<TcpStream>) -> u64 {
    let stamp = |answer: Vec<String>| -> u64 {
        let line = answer.into_iter().find(|line| line.starts_with('@')).unwrap();
        line[1..].split(' ').next().unwrap().parse().unwrap()
    };
    let (first, last) = (stamp(ask(peer, "FIND needle")), stamp(ask(peer, &format!("PAST {} 1", u64::MAX))));
    u64::midpoint(first, last)
}

/// How long something takes: the median of some times.
fn median(mut act: impl FnMut(usize)) -> Duration {
    let mut times: Vec<_> = (0..ASKED)
        .map(|number| {
            let began = Instant::now();
            act(number);
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ASKED / 2]
}

/// The processor time of this process, where that can be known.
fn cpu() -> Duration {
    #[cfg(target_os = "linux")]
    {
        nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
    }
    #[cfg(not(target_os = "linux"))]
    Duration::ZERO
}
