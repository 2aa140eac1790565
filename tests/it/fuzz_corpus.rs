//! The kept corpus of the fuzz targets, run through their checks by an ordinary test: `fuzz/README.md` says more.

#[path = "../../fuzz/checks.rs"]
#[allow(unreachable_pub, reason = "for the fuzz targets it is a crate of its own")]
mod checks;

use std::fs;
use std::io;
use std::path::Path;

/// Runs a check on each file of its corpus. A test that fails shows the name of the file last.
fn each_file_of(target: &str, check: fn(&[u8])) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files = fs::read_dir(&folder)?.collect::<io::Result<Vec<_>>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    assert!(!files.is_empty(), "{} is empty", folder.display());
    for file in files {
        println!("{}", file.path().display());
        check(&fs::read(file.path())?);
    }
    Ok(())
}

#[test]
fn client_lines() -> io::Result<()> {
    each_file_of("client_line", checks::client_line)
}

#[test]
fn server_lines() -> io::Result<()> {
    each_file_of("server_line", checks::server_line)
}

#[test]
fn framing() -> io::Result<()> {
    each_file_of("framing", checks::framing)
}

#[test]
fn usernames() -> io::Result<()> {
    each_file_of("username", checks::username)
}
