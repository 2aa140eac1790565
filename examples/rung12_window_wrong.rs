//! Rung 12: a window done wrong, twice: a queue without a bound, and work on the UI thread.
//!
//! **You learn** to recognise both on sight. They work on every developer's desk: the network is quick there, and
//! no client floods. The two mistakes are two lines, each marked `Wrong`; rung 13 has them right.
//!
//! **Run it** in terminal 1, on a desktop, and feed it from terminal 2 with lines that have numbers:
//!
//! ```text
//! 1$ cargo run --example rung12_window_wrong    (an address may follow: -- 127.0.0.1:6000)
//! 2$ seq 100000000 | nc -N 127.0.0.1 5555
//! ```
//!
//! **Predict before you run.** (The answers are in `examples/README.md`.) 1. How many lines wait after five seconds? How long
//! after `seq` has ended does the window show the last of them? 2. Then press "Save": what happens to the numbers, to the
//! button, and to a click on the window's cross?
//!
//! **Try** `top` beside it. Put `bounded(256)` in the place of `unbounded()`. Then mend the button: let it start a
//! thread that saves, and sends a word into the channel when it is done.
//!
//! **What breaks:** the queue takes what the window cannot show, without end (this program stops at three million
//! lines, before your machine does), and what you see is older by the minute. And while the button's callback works,
//! nothing else happens in this window: three seconds here; with a name server that is gone, thirty.
//!
//! **Rung 13 mends it**: a bound, and a worker. **The real program** saves files and opens links in threads of their own
//! (`src/chat/background.rs`), looks names up in one (`src/client/dial.rs`), and has a bound on every channel.
//!
//! **Exercises.** 1. Keep the queue without a bound, and let the window drop the oldest lines when too many wait. What does the
//! user see, and is it better? 2. Let "Save" show how far it is, in a window that can be moved meanwhile.

use std::collections::VecDeque;
use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, unbounded};
use fltk::app;
use fltk::button::Button;
use fltk::frame::Frame;
use fltk::prelude::*;
use fltk::text::{TextBuffer, TextDisplay};
use fltk::window::Window;

const BATCH: usize = 64;
const TICK: f64 = 1.0 / 30.0;
const SHOWN: usize = 15;
/// Where this program stops. A real mistake has no such bound.
const ENOUGH: usize = 3_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    // Wrong: the sender never blocks, so nothing bounds the queue.
    let (lines, inbox) = unbounded();
    thread::Builder::new().name("worker".into()).spawn(move || work(&listener, &lines))?;

    let app = app::App::default();
    let mut window = Window::new(200, 200, 640, 400, "rung 12");
    let mut save = Button::new(10, 10, 100, 30, "Save");
    let mut status = Frame::new(120, 10, 510, 30, "");
    let mut text = TextDisplay::new(10, 50, 620, 340, "");
    let mut buffer = TextBuffer::default();
    text.set_buffer(buffer.clone());
    window.end();
    window.show();
    // Wrong: a slow disk, say, or a name to look up. A callback runs in the UI thread, like the timer and the drawing.
    save.set_callback(|_| thread::sleep(Duration::from_secs(3)));

    let (mut shown, mut count) = (VecDeque::new(), 0_u64);
    let (mut last, mut reported, mut pause) = (Instant::now(), Instant::now(), Duration::ZERO);
    app::add_timeout3(TICK, move |handle| {
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
    Ok(app.run()?)
}

fn work(listener: &TcpListener, lines: &Sender<String>) {
    for socket in listener.incoming().flatten() {
        for line in BufReader::new(socket).lines().map_while(Result::ok) {
            if lines.len() > ENOUGH || lines.send(line).is_err() {
                println!("the worker gives up, with {} lines that the window has not taken", lines.len());
                return;
            }
        }
    }
}
