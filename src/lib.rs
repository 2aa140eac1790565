//! multichat

pub mod protocol;
pub mod server;
#[cfg(feature = "gui")]
pub mod ui;
