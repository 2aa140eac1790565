//! Bytes that a server might send as one line.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::server_line(input));
