//! The tests of the windows: each in a process of its own, with a screen (Xvfb) and a home of its own, some at the same time.
//!
//! `cargo test --test windows -- flood: wire:` runs the tests whose names contain one of these words. There is no test
//! harness, because the toolkit belongs to the main thread.

// Without the harness, clippy does not see that these are tests.
#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("skipped: the window tests press keys through X11");
}

#[cfg(target_os = "linux")]
fn main() {
    files::run::run();
}

/// One file for each part of the windows.
#[cfg(target_os = "linux")]
#[path = "."]
mod files {
    mod alerts;
    mod client;
    mod connect;
    mod context_menu;
    mod deleted;
    mod desk;
    mod drawer;
    mod ends;
    mod entry;
    mod flood;
    mod focus;
    #[cfg(feature = "discovery")]
    mod found;
    mod frame;
    mod history;
    mod ignore;
    mod kept;
    mod keyboard;
    mod keys;
    mod laboratory;
    mod ladder;
    mod layout;
    mod monitor;
    mod monitor_people;
    mod operator;
    mod overlaps;
    mod people;
    mod place;
    mod private;
    mod quit;
    mod reading;
    mod room;
    pub(crate) mod run;
    mod session;
    mod settings;
    mod talks;
    mod threads;
    mod transcript;
    mod trust;
    mod whom;
    mod wire;
}
