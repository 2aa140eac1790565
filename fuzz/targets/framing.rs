//! A stream of bytes, cut into pieces: see `checks::framing` for how the input says so.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::framing(input));
