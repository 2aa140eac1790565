//! The options of the server program: one table, from which come the command line, the config file, the page Settings of the
//! monitor, and `docs/options.md`.
//!
//! ```text
//!   table ---> command_line ---> Layer --+
//!     |                                  +--- Options ---> server::Config
//!     +------> config_file ----> Layer --+        |
//!                                                 +------> the command line that does the same (shell)
//! ```
//!
//! An option is a [`Key`], and the [table](table::info) says what there is to know of it. A [`Layer`] has the values from one
//! source, which are valid. [`Options`] puts the layers on each other: the command line over the environment over the config file
//! over the defaults; and every value knows its [`Source`].
//!
//! Runs on the thread that starts the program, and on the server worker, which reads and writes the config file.

pub mod command_line;
pub mod config_file;
pub mod info;
pub mod key;
pub mod kind;
pub mod layer;
pub mod layers;
pub mod members_line;
pub mod overview;
#[cfg(test)]
mod page;
pub mod shell;
pub mod table;

pub use config_file::FileError;
pub use info::{Group, Info, Needs, Place};
pub use key::Key;
pub use kind::{Kind, Value};
pub use layer::{Contradiction, Layer};
pub use layers::{Options, OptionsError, Source};
pub use members_line::MembersCommand;
pub use overview::Overview;
pub use table::info;
