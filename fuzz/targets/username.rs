//! Words that somebody might want to be called.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::username(input));
