//! Fuzzes the parser of servers' lines with arbitrary bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::server_line(input));
