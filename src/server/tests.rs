//! Tests that need a running server and look inside of it: what `tests/` cannot do from outside.

#[cfg(feature = "storage")]
mod panics;
mod session;
