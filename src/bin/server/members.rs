//! `server members`: changes the registered names from the command line. It works on the database directly, even while a
//! server has it open.

use std::error::Error;
use std::path::PathBuf;

use jiff::Timestamp;
use multichat::internal::files::folders::data_file;
use multichat::internal::options::members_line::{Action, PasswordSource};
use multichat::internal::options::{Key, Layer, MembersCommand, Options};
use multichat::protocol::Username;
use multichat::server::{Members, Password};

use super::passwords;

/// Performs the action of the command line.
pub(super) fn run(command: MembersCommand) -> Result<(), Box<dyn Error>> {
    let members = Members::open(command.file.map_or_else(usual_file, Ok)?)?;
    match command.action {
        Action::Add { name, source } => {
            let password = password(&source, &name)?;
            members.add(&name, &password)?;
            print(&source, &name, "registered", &password);
        }
        Action::Reset { name, source } => {
            let password = password(&source, &name)?;
            members.reset(&name, &password)?;
            print(&source, &name, "given a new password", &password);
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

/// Returns the database that a server without further options uses.
fn usual_file() -> Result<PathBuf, Box<dyn Error>> {
    let mut options = Options::new(Layer::default(), None);
    options.read()?;
    let file = options.path(Key::Members).or_else(|| data_file("members.db"));
    Ok(file.ok_or("this user has no home directory for the list of members: name its file with --file FILE")?)
}

fn password(source: &PasswordSource, name: &Username) -> Result<Password, Box<dyn Error>> {
    if source.generate { Ok(Members::generate_password()?) } else { Ok(passwords::from_standard_input(name.as_str())?) }
}

fn print(source: &PasswordSource, name: &Username, what: &str, password: &Password) {
    println!("{name} is {what}");
    if source.generate {
        println!("password: {}", password.reveal());
    }
}
