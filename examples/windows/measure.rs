//! The measurements, in their order, and the table of results.

use std::error::Error;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Parser;
use hdrhistogram::Histogram;
use x11rb::protocol::xproto::Window;

use crate::crowd::Crowd;
use crate::desktop::{Area, Desktop, until};
use crate::programs::{Home, Program};

/// Measures the response times of both windows.
#[derive(Parser)]
struct Args {
    /// Rate of the flood to the chat window, in messages per second
    #[arg(long, default_value_t = 5000.0)]
    rate: f64,
    /// Number of clients that the monitor shows
    #[arg(long, default_value_t = 10_000)]
    clients: usize,
    /// Number of key presses under the flood
    #[arg(long, default_value_t = 200)]
    keys: usize,
    /// Number of starts of each program
    #[arg(long, default_value_t = 10)]
    starts: usize,
    /// Duration of each measurement of processor time, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// The windows' size. The positions below are those in a window of this size.
const SIZE: (u16, u16) = (960, 620);
/// The left end of the chat window's input field, where a short text is drawn.
const ENTRY: Area = Area { x: 20, y: 550, w: 300, h: 30 };
/// The first names of the monitor's table, and the column title above them.
const NAMES: Area = Area { x: 20, y: 216, w: 150, h: 80 };
const NAME_TITLE: (i16, i16) = (60, 200);

const LETTER: u32 = 'x' as u32;
const BACKSPACE: u32 = 0xff08;

pub(crate) fn main() -> ExitCode {
    match measure(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("not measured: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> Result<(), Box<dyn Error>> {
    let desktop = Desktop::open()?;
    let home = Home::new()?;
    println!("| | measured | target |\n| --- | --- | --- |");
    starting(&desktop, &home, args)?;
    idle(&desktop, &home, args)?;
    flood(&desktop, &home, args)?;
    monitor(&desktop, &home, args)
}

/// Prints one row of the table.
fn row(what: &str, measured: &str, target: &str) {
    println!("| {what} | {measured} | {target} |");
}

/// Formats median, 99th percentile and maximum of times in microseconds.
fn quantiles(times: &Histogram<u64>) -> String {
    let ms = |micros: u64| micros as f64 / 1000.0;
    let (median, p99, most) = (ms(times.value_at_quantile(0.5)), ms(times.value_at_quantile(0.99)), ms(times.max()));
    format!("median {median:.1} ms, p99 {p99:.1} ms, maximum {most:.1} ms")
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Starts a server with its window.
fn watched_server(home: &Home) -> Result<Program, Box<dyn Error>> {
    Program::start("server", home, &["--listen", "127.0.0.1:0", "--rate", "0", "--max-clients", "20000"])
}

/// Starts a client that has joined, with its window in the top left corner and the keyboard focus in its input field.
fn chat(desktop: &Desktop, home: &Home, addr: &str) -> Result<(Program, Window), Box<dyn Error>> {
    let client = Program::start("client", home, &[addr, "--name", "ann", "--connect"])?;
    let window = desktop.window_of(client.id())?;
    desktop.place(window, SIZE.0, SIZE.1)?;
    // The input field shows a letter only after the client has joined, and the layout is final then.
    until("the entry", || {
        let before = desktop.look(window, ENTRY)?;
        desktop.press(LETTER)?;
        thread::sleep(Duration::from_millis(200));
        let after = desktop.look(window, ENTRY)?;
        desktop.press(BACKSPACE)?;
        thread::sleep(Duration::from_millis(200));
        Ok((before != after && desktop.look(window, ENTRY)? == before).then_some(()))
    })?;
    Ok((client, window))
}

fn starting(desktop: &Desktop, home: &Home, args: &Args) -> Result<(), Box<dyn Error>> {
    for (name, options) in [("client", [].as_slice()), ("server", &["--listen", "127.0.0.1:0"])] {
        let mut times = Histogram::new(3)?;
        for _ in 0..args.starts {
            let program = Program::start(name, home, options)?;
            desktop.window_of(program.id())?;
            times.record(micros(program.began.elapsed()))?;
        }
        row(&format!("from the start of the {name} to its window"), &quantiles(&times), "300 ms");
    }
    Ok(())
}

fn idle(desktop: &Desktop, home: &Home, args: &Args) -> Result<(), Box<dyn Error>> {
    let mut server = watched_server(home)?;
    let addr = server.listening()?.to_string();
    desktop.window_of(server.id())?;
    let (client, _) = chat(desktop, home, &addr)?;
    let over = Duration::from_secs(args.seconds);
    let (client, server) = (client.load(over)?, server.load(over)?);
    let both = client + server;
    row("both windows while idle", &format!("{both:.2} % ({client:.2} and {server:.2})"), "1 % of a processor");
    Ok(())
}

fn flood(desktop: &Desktop, home: &Home, args: &Args) -> Result<(), Box<dyn Error>> {
    let mut server = Program::start("server", home, &["--listen", "127.0.0.1:0", "--rate", "0", "--headless"])?;
    let addr = server.listening()?;
    let (client, window) = chat(desktop, home, &addr.to_string())?;
    let flood = Crowd::flooding(addr, args.rate)?;
    // Until the log is full, and old lines are dropped as new ones come.
    until("a full conversation", || Ok((flood.count() > 12_000).then_some(())))?;
    thread::sleep(Duration::from_secs(1));
    let (resident, said) = (client.resident()?, flood.count());
    client.take_ticks();

    let mut times = Histogram::new(3)?;
    for at in 0..args.keys {
        let key = if at % 2 == 0 { LETTER } else { BACKSPACE };
        times.record(micros(desktop.until_changed(window, ENTRY, || desktop.press(key))?))?;
        // Varying pauses, so that the key presses are not in step with the ticks.
        thread::sleep(Duration::from_millis(31 + (at as u64 * 17) % 40));
    }
    let rate = args.rate;
    row(&format!("{rate} messages/s: key press to letter"), &quantiles(&times), "p99 16 ms");
    row(&format!("{rate} messages/s: one tick"), &quantiles(&client.take_ticks()), "8 ms");

    let over = Duration::from_secs(args.seconds);
    let shown = client.load(over)?;
    desktop.minimise(window)?;
    thread::sleep(Duration::from_millis(500));
    let hidden = client.load(over)?;
    row(
        &format!("{rate} messages/s: processor of the chat window"),
        &format!("{shown:.0} % shown, {hidden:.0} % minimised"),
        "minimised draws nothing",
    );
    let (grown, said) = (client.resident()? - resident, flood.count() - said);
    row(
        &format!("{rate} messages/s: memory"),
        &format!("{resident:.0} MiB with 10,000 lines, {grown:+.1} MiB after {said} more"),
        "bounded",
    );
    Ok(())
}

fn monitor(desktop: &Desktop, home: &Home, args: &Args) -> Result<(), Box<dyn Error>> {
    let mut server = watched_server(home)?;
    let addr = server.listening()?;
    let window = desktop.window_of(server.id())?;
    desktop.place(window, SIZE.0, SIZE.1)?;
    let crowd = Crowd::reading(addr, args.clients)?;
    // Until the HELLO lines of all joins are processed.
    until("an idle monitor", || Ok((server.load(Duration::from_secs(1))? < 20.0).then_some(())))?;
    desktop.until_still(window, NAMES)?;
    server.take_ticks();

    let (mut scrolling, mut sorting) = (Histogram::new(3)?, Histogram::new(3)?);
    for _ in 0..args.keys / 2 {
        desktop.point(NAMES.x + 30, NAMES.y + 30)?;
        scrolling.record(micros(desktop.until_changed(window, NAMES, || desktop.click(5))?))?;
        thread::sleep(Duration::from_millis(41));
    }
    for _ in 0..args.keys / 4 {
        desktop.point(NAME_TITLE.0, NAME_TITLE.1)?;
        sorting.record(micros(desktop.until_changed(window, NAMES, || desktop.click(1))?))?;
        thread::sleep(Duration::from_millis(71));
    }
    let clients = crowd.count();
    row(&format!("{clients} clients: wheel to redrawn table"), &quantiles(&scrolling), "no pause");
    row(&format!("{clients} clients: click on a title to sorted table"), &quantiles(&sorting), "no pause");
    row(&format!("{clients} clients: one tick of the monitor"), &quantiles(&server.take_ticks()), "8 ms");
    Ok(())
}
