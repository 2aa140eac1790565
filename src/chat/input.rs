//! Input of the user: commands, completion, the input history, and the table of keys. Nothing here
//! knows the state of the chat.

pub mod commands;
pub mod complete;
pub mod input_history;
pub mod keys_page;
pub mod shortcuts;
