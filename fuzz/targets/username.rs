//! Fuzzes the parser of usernames with arbitrary bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::username(input));
