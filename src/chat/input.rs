//! What a person types: commands, completion, drafts, earlier input. Pure.

pub mod commands;
pub mod complete;
pub mod input_history;
pub mod shortcuts;
