//! `server members`: the registered names, from the command line. It works on the file, whether a server has it open
//! or not.

use std::error::Error;
use std::path::PathBuf;

use jiff::Timestamp;
use multichat::protocol::Username;
use multichat::server::{Members, Password};

use super::{passwords, usual_members};

/// What is to be done, and where.
#[derive(Debug, clap::Args)]
pub(super) struct Command {
    /// The database of registered names [default: members.db in the user's data directory]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Register a name: its password is read from standard input
    Add(Choice),
    /// Give a registered name another password, which is read from standard input
    Reset(Choice),
    /// Let anybody have a name again
    Remove {
        /// The name
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
    /// Show who is registered, and since when
    List,
}

#[derive(Debug, clap::Args)]
struct Choice {
    /// The name
    #[arg(value_parser = Username::parse)]
    name: Username,

    /// Think up a password, and show it
    #[arg(long)]
    generate: bool,
}

impl Command {
    pub(super) fn run(self) -> Result<(), Box<dyn Error>> {
        let file = self.file.or_else(usual_members);
        let file = file.ok_or("this user has no home for the list of members: name its file with --file FILE")?;
        let members = Members::open(file)?;
        match self.action {
            Action::Add(choice) => {
                let password = choice.password()?;
                members.add(&choice.name, &password)?;
                choice.tell("registered", &password);
            }
            Action::Reset(choice) => {
                let password = choice.password()?;
                members.reset(&choice.name, &password)?;
                choice.tell("given another password", &password);
            }
            Action::Remove { name } => {
                members.remove(&name)?;
                println!("{name} is not registered any more");
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

impl Choice {
    fn password(&self) -> Result<Password, Box<dyn Error>> {
        if self.generate {
            Ok(Members::generate_password()?)
        } else {
            Ok(passwords::from_standard_input(self.name.as_str())?)
        }
    }

    fn tell(&self, what: &str, password: &Password) {
        println!("{} is {what}", self.name);
        if self.generate {
            println!("password: {}", password.reveal());
        }
    }
}
