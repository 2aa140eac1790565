//! How quick are the windows? Types into both real programs on an X display, and measures until something comes of it.
//!
//! ```text
//! script/bench-windows
//! ```
//!
//! builds everything in release and runs this on an invisible screen. It prints a table, and fails if a program does. What
//! it measures, each against its target in the issue that asked for it:
//!
//! - from the start of a program to a window with something in it;
//! - the processor time of both windows while nothing happens, and of a minimised one under a flood;
//! - under 5,000 messages a second, from a key press to the letter on the screen, the length of ticks, and the memory;
//! - with 10,000 clients, from the wheel or a click on a title to another picture of the monitor's table.
//!
//! What to try: `--rate 50000`, which no window can show, and see that it stays live all the same; or run it while the
//! machine does other work, and see which of the figures that changes.
//!
//! How it is made: `desktop` presses keys and looks at pixels, `programs` runs our two programs and hears how long their
//! ticks were, `crowd` is everybody else, over plain sockets. X11 only, so Linux only.

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
    eprintln!("this presses keys and looks at pixels through X11, so it runs on Linux only");
}
