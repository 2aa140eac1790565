//! Measures the response times of both windows: sends key and mouse events to the real programs on an X display, and waits for
//! the pixels to change.
//!
//! ```text
//! script/bench-windows
//! ```
//!
//! builds everything in release mode and runs this on a virtual screen. It prints a table, and fails if a program does. It
//! measures, each against its target:
//!
//! - the time from the start of a program to a window with content;
//! - the processor time of both idle windows, and of a minimised one under a flood;
//! - under 5,000 messages per second, the time from a key press to the letter on the screen, the length of ticks, and the memory;
//! - with 10,000 clients, the time from the wheel or a click on a column title to the redrawn table of the monitor.
//!
//! What to try: `--rate 50000`, which no window can show, and see that it stays responsive all the same; or run it while the
//! machine does other work, and see which of the figures change.
//!
//! How it is made: `desktop` sends events and reads pixels, `programs` runs our two programs and collects the lengths of their
//! ticks, `crowd` is all other clients, over plain sockets. It needs X11, so it runs on Linux only.

#[cfg(target_os = "linux")]
mod crowd;
#[cfg(target_os = "linux")]
mod desktop;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod programs;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    measure::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("this program needs X11, so it runs on Linux only");
}
