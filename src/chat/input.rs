//! Input of the user: parsing of commands, name completion, the input history, type-ahead in lists, and the list of
//! keys. Nothing here knows the state of the chat.

pub mod commands;
pub mod complete;
pub mod input_history;
pub mod shortcuts;
pub mod type_ahead;
