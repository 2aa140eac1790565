//! Rendering: a log as styled text, with links, mentions and search hits, and the edits that bring a view up to date.
//! Knows nothing of the toolkit. Of the state it reads only the log and the messages without an answer.

pub mod find;
pub mod lines;
pub mod links;
pub mod mentions;
pub mod plain;
pub mod rendered_log;
pub mod styled;
