//! Measures the cost of the history. A server without a history and one with it do the same work, one after the other in this
//! process; the difference is the cost of storing. Then it measures joining, PAST, FIND and a start with many stored messages.
//!
//! ```text
//! cargo run --release --no-default-features --features storage --example history -- [MESSAGES [FILE]]
//! ```
//!
//! The default is a million messages of ten words each, in a temporary file. Four clients send them as fast as the server
//! accepts them, while ten others read.

// A failure has to end the run, with its reason.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use multichat::server::{Config, Server};

/// Names of the sending clients, and the number of reading ones.
const SENDERS: [&str; 4] = ["ann", "ben", "carl", "dora"];
const READERS: usize = 10;

/// The paced run: messages per second, and its duration.
const PACE: u32 = 200;
const PACED: Duration = Duration::from_secs(10);

/// Number of repetitions of each timed query.
const ASKED: usize = 21;

fn main() {
    let mut args = std::env::args().skip(1);
    let messages: usize = args.next().map_or(1_000_000, |count| count.parse().unwrap());
    let file = args.next().map_or_else(|| std::env::temp_dir().join("multichat-history.db"), PathBuf::from);
    remove(&file);

    // Enough for a stable figure: without a history each message costs the same.
    let plain_messages = messages.min(200_000);
    let (_, plain) = flow(&start(None), plain_messages);
    let server = start(Some(&file));
    let (took, stored) = flow(&server, messages);
    let each = |cpu: Duration, count: usize| cpu.as_secs_f64() * 1e6 / count as f64;
    println!("{messages} messages stored in {took:.1?}: {:.0} a second", messages as f64 / took.as_secs_f64());
    println!(
        "processor time per message, in a flow: {:.1} us, and {:.1} us more with the history",
        each(plain, plain_messages),
        each(stored, messages) - each(plain, plain_messages)
    );
    let count = usize::try_from(PACED.as_secs() * u64::from(PACE)).unwrap();
    let plain = each(paced(&start(None)), count);
    let stored = each(paced(&server), count);
    println!("at {PACE} a second: {plain:.1} us, and {:.1} us more", stored - plain);
    println!("{} bytes a message on the disk", size(&file) / messages as u64);

    let mut eve = join(&server, "eve");
    println!(
        "joining, with the last 100 messages: {:.2?}",
        median(|number| drop(join(&server, &format!("guest{number}"))))
    );
    println!("joining a server without a history: {:.2?}", {
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
    println!("starting with {messages} stored messages: {:.2?}", began.elapsed());
    server.stop();
    remove(&file);
}

fn start(history: Option<&Path>) -> Server {
    let history = history.map(Path::to_owned);
    let config = Config { listen: "127.0.0.1:0".into(), rate: 0, history, ..Config::default() };
    Server::start(config).unwrap().0
}

fn remove(file: &Path) {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |found| found.len())
}

/// Sends messages as fast as the server accepts them; returns the elapsed time and the processor time of this process.
fn flow(server: &Server, messages: usize) -> (Duration, Duration) {
    run(server, messages / SENDERS.len(), None)
}

/// Sends messages at the fixed rate; returns the processor time.
fn paced(server: &Server) -> Duration {
    let senders = u32::try_from(SENDERS.len()).unwrap();
    let each = usize::try_from(PACE / senders).unwrap() * usize::try_from(PACED.as_secs()).unwrap();
    run(server, each, Some(Duration::from_secs(1) * senders / PACE)).1
}

fn run(server: &Server, each: usize, pause: Option<Duration>) -> (Duration, Duration) {
    let readers: Vec<_> = (0..READERS).map(|number| join(server, &format!("reader{number}"))).collect();
    let senders: Vec<_> = SENDERS.iter().map(|name| join(server, name)).collect();
    let hang_up: Vec<TcpStream> = readers.iter().map(|reader| reader.get_ref().try_clone().unwrap()).collect();
    let readers: Vec<_> = readers
        .into_iter()
        .map(|mut reader| thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink())))
        .collect();
    let (began, cpu) = (Instant::now(), cpu());
    let senders: Vec<_> = senders
        .into_iter()
        .zip(SENDERS)
        .enumerate()
        .map(|(seed, (peer, name))| thread::spawn(move || send_all(peer, name, seed as u64, each, pause)))
        .collect();
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    let spent = (began.elapsed(), self::cpu() - cpu);
    hang_up.iter().for_each(|reader| drop(reader.shutdown(Shutdown::Both)));
    readers.into_iter().for_each(|reader| drop(reader.join().unwrap()));
    spent
}

fn send_all(mut peer: BufReader<TcpStream>, name: &str, seed: u64, messages: usize, pause: Option<Duration>) {
    // The other clients' messages have to be read, too.
    let reading = peer.get_ref().try_clone().unwrap();
    let mut received = BufReader::new(reading);
    let reader = thread::spawn(move || {
        let mut line = String::new();
        while !line.starts_with("PONG") {
            line.clear();
            if received.read_line(&mut line).unwrap_or(0) == 0 {
                break;
            }
        }
    });
    let mut rng = Rng(seed + 1);
    let mut lines = String::new();
    for number in 0..messages {
        lines.push_str(&format!("MSG {name} message number"));
        for _ in 0..7 {
            lines.push_str(&rng.word());
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
    // Answered after all messages before it are committed.
    peer.get_mut().write_all(b"PAST 1 1\nPING\n").unwrap();
    reader.join().unwrap();
}

/// Generates words of two or three syllables, some more frequent than others, and the same in each run.
struct Rng(u64);

impl Rng {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn word(&mut self) -> String {
        let syllables =
            ["ka", "bo", "li", "ru", "te", "mon", "sa", "ve", "di", "nor", "pel", "shu", "gra", "wi", "zo", "fe"];
        let common = self.below(3) > 0;
        let mut word = String::from(" ");
        for _ in 0..if common { 2 } else { 3 } {
            let syllable = usize::try_from(self.below(16)).unwrap();
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

/// Sends a query; returns the lines of the answer.
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

/// Returns a stamp halfway between the first and the last message.
fn middle_stamp(peer: &mut BufReader<TcpStream>) -> u64 {
    let stamp = |answer: Vec<String>| -> u64 {
        let line = answer.into_iter().find(|line| line.starts_with('@')).unwrap();
        line[1..].split(' ').next().unwrap().parse().unwrap()
    };
    let (first, last) = (stamp(ask(peer, "FIND needle")), stamp(ask(peer, &format!("PAST {} 1", u64::MAX))));
    u64::midpoint(first, last)
}

/// Returns the median duration of repeated calls.
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

/// Returns the processor time of this process; zero where it is not known (Linux only).
fn cpu() -> Duration {
    #[cfg(target_os = "linux")]
    {
        nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
    }
    #[cfg(not(target_os = "linux"))]
    Duration::ZERO
}
