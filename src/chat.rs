//! The chat window: its state, the text that it shows, its input, and its widgets.
//!
//! Each layer knows only those below it:
//!
//! | folder | owns |
//! | --- | --- |
//! | `window/` | the widgets; the only files here that name fltk |
//! | `state/` | what is known: the connection, the conversations, who is here, what was not sent |
//! | `render/` | a conversation as styled text, as it stands on the screen |
//! | `input/` | what a person types: commands, completion, earlier input |
//! | `background.rs` | work that may wait for a disk or another program, off the UI thread |

pub mod background;
pub mod input;
pub mod render;
pub mod state;
#[cfg(feature = "gui")]
pub mod window;
