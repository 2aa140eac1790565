//! Bytes that a client might send as one line.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::client_line(input));
