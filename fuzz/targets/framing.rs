//! Fuzzes the framing with a stream that arrives in pieces. `checks::framing` defines how the input encodes the pieces.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::framing(input));
