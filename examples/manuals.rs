//! Makes the pages of the manual and the completions of bash, zsh and fish, from the command lines of both programs.
//!
//! ```text
//! cargo run --example manuals -- FOLDER 2026-11-29
//! ```
//!
//! The date is at the foot of each page. Packages call the programs `multichat` and `multichat-server`, and so do these files. Each
//! subcommand has a page of its own.

use std::path::Path;
use std::{env, fs, io, process};

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use multichat::internal::chat::command_line::Arguments;
use multichat::internal::options::{Key, Place, command_line, info};

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [folder, date] = &arguments[..] else {
        eprintln!("usage: manuals FOLDER DATE");
        process::exit(2);
    };
    if let Err(error) = write(Path::new(folder), date) {
        eprintln!("cannot write into {folder}: {error}");
        process::exit(1);
    }
}

/// Returns the command lines, with the text of the documentation for each option.
fn programs() -> [Command; 2] {
    let documented = Key::ALL.map(info).into_iter().filter(|info| info.place != Place::FileOnly);
    let server = documented.fold(command_line::command(), |server, info| {
        server.mut_arg(info.key.name(), |arg| {
            let more = if info.more.is_empty() { String::new() } else { format!(". {}", info.more) };
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            arg.long_help(help + &more)
        })
    });
    [Arguments::command(), server]
}

fn write(folder: &Path, date: &str) -> io::Result<()> {
    let man = folder.join("man");
    fs::create_dir_all(&man)?;
    for mut program in programs() {
        let name = program.get_name().to_owned();
        let mut documented = program.clone().disable_help_subcommand(true);
        documented.build();
        let other = if name == "multichat" { "multichat-server" } else { "multichat" };
        write_pages(documented, other, date, &man)?;
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            clap_complete::generate_to(shell, &mut program, &name, folder)?;
        }
    }
    Ok(())
}

/// Writes the page of a command, which leads to the page `other`, and those of its subcommands.
fn write_pages(command: Command, other: &str, date: &str, folder: &Path) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        write_pages(subcommand.clone(), &name, date, folder)?;
    }
    let man = Man::new(command).title(name.to_uppercase()).date(date).manual("Multichat");
    let man = man.source(concat!("multichat ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    man.render(&mut page)?;
    // The mark of code in the documentation is an accent here.
    page.retain(|byte| *byte != b'`');
    page.extend_from_slice(format!(".SH \"SEE ALSO\"\n\\fB{}\\fR(1)\n", other.replace('-', "\\-")).as_bytes());
    fs::write(folder.join(man.get_filename()), page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manuals_have_every_option_and_subcommand() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "2026-11-29").unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let (page, bash) = (read("man/multichat-server.1"), read("multichat-server.bash"));
        for info in Key::ALL.map(info).into_iter().filter(|info| info.place != Place::FileOnly) {
            let flag = format!("--{}", info.key.name());
            assert!(page.contains(&flag.replace('-', "\\-")), "the page has no {flag}");
            assert!(bash.contains(&flag), "bash does not complete {flag}");
        }
        // What `--help` leaves out.
        assert!(page.contains("A file that is named must exist"));
        assert!(read("man/multichat.1").contains("\\-\\-connect") && read("multichat.fish").contains("-l connect"));
        for action in ["add", "list", "remove", "reset"] {
            let page = read(&format!("man/multichat-server-members-{action}.1"));
            assert!(page.contains("\\fBmultichat\\-server\\-members\\fR(1)"), "{page}");
        }
        assert_eq!(fs::read_dir(folder.path().join("man")).unwrap().count(), 7);
    }
}
