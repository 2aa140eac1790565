//! The command line of `server members`.

use std::path::PathBuf;

use crate::protocol::Username;

/// The database, and the action on it.
#[derive(Debug, clap::Args)]
pub struct MembersCommand {
    /// Database of registered names [default: that of the config file, or members.db in the user's data directory]
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// The action.
    #[command(subcommand)]
    pub action: Action,
}

/// An action on the database of registered names.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Register a name; the password is read from standard input
    Add {
        /// Name
        #[arg(value_parser = Username::parse)]
        name: Username,
        /// Source of the password
        #[command(flatten)]
        source: PasswordSource,
    },
    /// Replace the password of a registered name; the new one is read from standard input
    Reset {
        /// Registered name
        #[arg(value_parser = Username::stored)]
        name: Username,
        /// Source of the password
        #[command(flatten)]
        source: PasswordSource,
    },
    /// Remove the registration of a name
    Remove {
        /// Registered name
        #[arg(value_parser = Username::stored)]
        name: Username,
    },
    /// List all registered names and the times of their registration
    List,
}

/// The source of a password.
#[derive(Debug, clap::Args)]
pub struct PasswordSource {
    /// Generate a password and print it, instead of reading one
    #[arg(long)]
    pub generate: bool,
}
