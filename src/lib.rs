//! multichat

pub mod client;
pub mod protocol;
pub mod server;
mod sync;
#[cfg(feature = "gui")]
pub mod ui;
