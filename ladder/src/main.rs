//! `cargo climb`: the checks of a rung. See `ladder/README.md`.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    ladder::climb::main(env::args_os().skip(1).collect())
}
