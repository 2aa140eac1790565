//! A conversation as text: styles, links, mentions, and the log as it stands on the screen. Pure.

pub mod find;
pub mod lines;
pub mod links;
pub mod mentions;
pub mod plain;
pub mod rendered_log;
pub mod styled;
