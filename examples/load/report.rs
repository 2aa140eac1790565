//! The table of many runs: the median of each figure, and how it compares with the floor of the same round.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

/// The server that the others are compared with.
const FLOOR: &str = "floor";

/// The columns: a field of the JSON, what is written above it, and how many decimals it has.
const COLUMNS: [(&str, &str, usize); 0] = [];

/// One line of JSON, as far as it is numbers.
#[derive(Debug)]
struct Run {
    server: String,
    number: u64,
    fields: BTreeMap<String, f64>,
    good: bool,
}

/// Reads the files, and makes a table in Markdown.
pub(crate) fn table(files: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let _ = (files, COLUMNS, FLOOR);
    Ok(String::new())
}
