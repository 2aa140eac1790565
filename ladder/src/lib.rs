//! The checks of the ladder: they start a rung's program, speak to it as its clients do, and say what was wrong.
//!
//! A check sees a program from outside: its socket, its standard streams, its exit code. So the program may be written in any
//! language. One file for one idea:
//!
//! - `check`: what a check is, and what it says when it fails;
//! - `program`: starts the program on a free port, captures what it prints, ends it;
//! - `peer`: a socket to it, on which nothing waits for ever;
//! - `stage`: what a check works with: the program and its peers;
//! - `transcript`: plays the conversations that the READMEs show;
//! - `rungs`: the rungs, the checks of each, and those of its exercises;
//! - `climb`: does the checks of a rung and reports; `watch`: does so again at each save.
//!
//! A rung is a folder with a `README.md`, a `start.rs` and a `solution.rs`, two programs in `Cargo.toml`, a file in `rungs/`, and a
//! line in `rungs::ALL`. `tests/climb.rs` demands the rest of it.

#![warn(missing_docs)]

pub mod check;
pub mod climb;
pub mod peer;
pub mod program;
pub mod rungs;
pub mod stage;
pub mod transcript;
mod watch;
