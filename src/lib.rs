//! multichat

pub mod protocol;
pub mod server;
mod sync;
