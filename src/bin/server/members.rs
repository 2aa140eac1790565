//! `server members`: changes the registered names from the command line. It works on the database directly, even while a
//! server has it open.

use std::error::Error;
use std::path::PathBuf;

use jiff::Timestamp;
use multichat::internal::files::folders::data_file;
use multichat::internal::options::{Key, Layer, Options};
use multichat::protocol::Username;
use multichat::server::{Members, Password};

use super::passwords;

/// The database, and the action on it.
#[derive(Debug, clap::Args)]
pub(super) struct Command {
    /// Database of registered names [default: that of the config file, or members.db in the user's data directory]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Register a name; the password is read from standard input
    Add {
        /// Name
        #[arg(value_parser = Username::parse)]
        name: Username,
        #[command(flatten)]
        source: PasswordSource,
    },
    /// Replace the password of a registered name; the new one is read from standard input
    Reset {
        /// Registered name
        #[arg(value_parser = Username::stored)]
        name: Username,
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

#[derive(Debug, clap::Args)]
struct PasswordSource {
    /// Generate a password and print it, instead of reading one
    #[arg(long)]
    generate: bool,
}

impl Command {
    pub(super) fn run(self) -> Result<(), Box<dyn Error>> {
        let members = Members::open(self.file.map_or_else(usual_file, Ok)?)?;
        match self.action {
            Action::Add { name, source } => {
                let password = source.password(&name)?;
                members.add(&name, &password)?;
                source.print(&name, "registered", &password);
            }
            Action::Reset { name, source } => {
                let password = source.password(&name)?;
                members.reset(&name, &password)?;
                source.print(&name, "given a new password", &password);
            }
            Action::Remove { name } => {
                members.remove(&name)?;
                println!("{name} is no longer registered");
            }
            Action::List => {
                for member in members.list()? {
                    let since = Timestamp::try_from(member.since)?;
                    println!("{since:.0} {}", member.name);
                }
            }
        }
        Ok(())
    }
}

/// Returns the database that a server without further options uses.
fn usual_file() -> Result<PathBuf, Box<dyn Error>> {
    let mut options = Options::new(Layer::default(), None);
    options.read()?;
    let file = options.path(Key::Members).or_else(|| data_file("members.db"));
    Ok(file.ok_or("this user has no home directory for the list of members: name its file with --file FILE")?)
}

impl PasswordSource {
    fn password(&self, name: &Username) -> Result<Password, Box<dyn Error>> {
        if self.generate {
            Ok(Members::generate_password()?)
        } else {
            Ok(passwords::from_standard_input(name.as_str())?)
        }
    }

    fn print(&self, name: &Username, what: &str, password: &Password) {
        println!("{name} is {what}");
        if self.generate {
            println!("password: {}", password.reveal());
        }
    }
}
