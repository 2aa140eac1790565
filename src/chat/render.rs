//! Rendering: a log as it is read, with columns, links, mentions, blocks and search hits; rows, and the part in sight.
//! Knows nothing of the toolkit. Of the state it reads only the log, the messages without an answer, and who is ignored.
//!
//! | file | does |
//! | --- | --- |
//! | `page.rs` | follows a log: the entries, and what is shown beside and above each |
//! | `blocks.rs` | entries that are shown as one: joins, code |
//! | `lines.rs`, `styled.rs`, `links.rs`, `mentions.rs` | one line as styled text |
//! | `wrap.rs`, `text_runs.rs`, `direction.rs` | a line as rows, a row as runs from left to right |
//! | `viewport.rs` | which lines stand where on the screen |
//! | `selection.rs`, `find.rs` | what is selected, and what is found |
//! | `plain.rs` | a log as plain text |

pub mod blocks;
mod direction;
pub mod find;
pub mod lines;
pub mod links;
pub mod mentions;
pub mod page;
pub mod plain;
pub mod selection;
pub mod styled;
pub mod text_runs;
pub mod viewport;
pub mod wrap;
