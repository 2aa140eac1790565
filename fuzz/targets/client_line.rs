//! Fuzzes the parser of clients' lines with arbitrary bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::client_line(input));
