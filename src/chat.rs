//! The chat window: its state, the text that it shows, its input, and its widgets.
//!
//! | folder | owns |
//! | --- | --- |
//! | `window/` | the widgets; the only files here that name FLTK |
//! | `state/` | the model: the connection, the conversations, the roster, and the messages that were not sent |
//! | `render/` | a log as it is read: lines, rows, the part in sight, what is selected and found |
//! | `input/` | what the user types: commands, completion, the input history |
//! | `recent_servers.rs` | the servers that the user was connected to last |
//! | `found_servers.rs` | the servers that announce themselves on the network |
//! | `command_line.rs` | the options of the program |
//! | `background.rs` | work that may wait for a disk or another program, off the UI thread |
//!
//! The window is above all others. The state uses the parser in `input/`, and small pure functions of `render/` (mentions,
//! colours of names, text search); `render/` reads only the log, the messages without an answer, and who is ignored. No file imports one
//! that imports it.

pub mod background;
#[cfg(feature = "gui")]
pub mod command_line;
pub mod found_servers;
pub mod input;
pub mod recent_servers;
pub mod render;
pub mod state;
#[cfg(feature = "gui")]
pub mod window;
