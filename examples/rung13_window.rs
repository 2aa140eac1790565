//! Rung 13: a window with a worker thread, a channel and a timer, and nothing else.
//!
//! **You learn** how data from a thread gets to a screen. A window lives in one thread, which must never block: while it
//! does, the window neither draws nor answers. So another thread does the waiting (here: for a client that connects and
//! types) and puts its lines into a channel. The window looks there thirty times a second, takes a handful, and draws
//! once.
//!
//! **Run it** in terminal 1, on a desktop, and feed it from terminal 2:
//!
//! ```text
//! 1$ cargo run --example rung13_window          (an address may follow: -- 127.0.0.1:6000)
//! 2$ nc 127.0.0.1 5555                          type lines; then try: seq 100000000 | nc -N 127.0.0.1 5555
//! ```
//!
//! **Predict before you run.** (The answers are in `examples/README.md`.) 1. `seq` writes a million lines a second, the window
//! takes 64 thirty times a second. Where are the others? What does the memory do? 2. Can you still move the window and close it?
//!
//! **Try** to make `BATCH` endless, and run `seq` again. Take `repeat_timeout3` to the end of the closure, and let a
//! line that says `panic` panic before it: FLTK catches that, and then?
//!
//! **What breaks:** nothing here, which is the point: the channel is *bounded*. When it is full the worker waits in
//! `send`, reads no more, the kernel's buffers fill, and `seq` itself has to wait. That is back-pressure.
//!
//! **Rung 14** talks without a window. **The real program** does this in `src/ui/timer.rs`, `src/chat/window.rs` and
//! `src/client/connection.rs`, with a model between the channel and the widgets that can be tested without a screen.
//!
//! **Exercises.** 1. Show how many lines come each second, beside how many are shown. Who counts them? 2. Let the window say
//! something back to the client. Which thread writes, and what if the client does not read?

use std::collections::VecDeque;
use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, bounded};
use fltk::app;
use fltk::frame::Frame;
use fltk::prelude::*;
use fltk::text::{TextBuffer, TextDisplay};
use fltk::window::Window;

/// Capacity of the channel, in lines.
const WAITING_MAX: usize = 256;
/// Maximum number of lines that the window takes per tick.
const BATCH: usize = 64;
/// Interval of the timer, in seconds.
const TICK: f64 = 1.0 / 30.0;
/// Number of lines that are kept and shown.
const SHOWN: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    let (lines, inbox) = bounded(WAITING_MAX);
    thread::Builder::new().name("worker".into()).spawn(move || work(&listener, &lines))?;

    let app = app::App::default();
    let mut window = Window::new(200, 200, 640, 400, "rung 13");
    let mut status = Frame::new(10, 10, 620, 30, "");
    let mut text = TextDisplay::new(10, 50, 620, 340, "");
    let mut buffer = TextBuffer::default();
    text.set_buffer(buffer.clone());
    window.end();
    window.show();

    let (mut shown, mut count) = (VecDeque::new(), 0_u64);
    let (mut last, mut reported, mut pause) = (Instant::now(), Instant::now(), Duration::ZERO);
    app::add_timeout3(TICK, move |handle| {
        // First of all, so that the timer continues whatever happens below.
        app::repeat_timeout3(TICK, handle);
        pause = pause.max(last.elapsed());
        last = Instant::now();
        let before = count;
        for line in inbox.try_iter().take(BATCH) {
            count += 1;
            shown.push_back(line);
        }
        shown.drain(..shown.len().saturating_sub(SHOWN));
        if count > before {
            buffer.set_text(&shown.make_contiguous().join("\n"));
        }
        if reported.elapsed() > Duration::from_secs(1) {
            let alive =
                format!("{count} lines shown, {} wait, the longest pause was {} ms", inbox.len(), pause.as_millis());
            println!("{alive}");
            status.set_label(&alive);
            (reported, pause) = (Instant::now(), Duration::ZERO);
        }
    });
    // The one call that blocks. When the window is closed it returns, and the process ends, with the worker in it.
    Ok(app.run()?)
}

/// The worker: it may block as long as it likes, and touches no widget.
fn work(listener: &TcpListener, lines: &Sender<String>) {
    for socket in listener.incoming().flatten() {
        for line in BufReader::new(socket).lines().map_while(Result::ok) {
            // Blocks while the channel is full.
            if lines.send(line).is_err() {
                return;
            }
        }
    }
}
