//! multichat

pub mod clock;
pub mod protocol;
pub mod server;
mod sync;
#[cfg(feature = "gui")]
pub mod ui;
