//! Tables of many runs: the median of each figure, and its ratio to the first server of each case.
//!
//! A ratio compares two runs of the same round, which found the machine in about the same state. The table shows the median of
//! these ratios.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

/// One table: its workloads and columns.
struct Table {
    works: &'static [&'static str],
    columns: &'static [Column],
}

/// A figure, and the title of its column.
struct Column {
    field: &'static str,
    title: &'static str,
    decimals: usize,
    /// Adds a column with the ratio to the first server.
    compared: bool,
}

const fn plain(field: &'static str, title: &'static str, decimals: usize) -> Column {
    Column { field, title, decimals, compared: false }
}

const fn compared(field: &'static str, title: &'static str, decimals: usize) -> Column {
    Column { field, title, decimals, compared: true }
}

const TABLES: [Table; 3] = [
    Table {
        works: &["flood", "lockstep", "paced", "stall"],
        columns: &[
            compared("cpu_us_per_delivery", "server CPU µs per delivery", 4),
            plain("latency_p50_us", "p50 µs", 0),
            compared("latency_p99_us", "p99 µs", 0),
            plain("deliveries_per_s", "deliveries/s", 0),
            plain("server_cpu_percent", "server CPU %", 0),
            plain("generator_cpu_percent", "generator CPU %", 0),
        ],
    },
    Table {
        works: &["idle"],
        columns: &[
            plain("join_seconds", "all in after s", 2),
            plain("joins_per_s_tenth_1", "joins/s, first tenth", 0),
            plain("joins_per_s_tenth_10", "last tenth", 0),
            plain("cpu_us_per_join_tenth_1", "server CPU µs per join, first tenth", 0),
            plain("cpu_us_per_join_tenth_2", "second", 0),
            plain("cpu_us_per_join_tenth_5", "fifth", 0),
            compared("cpu_us_per_join_tenth_10", "last", 0),
            plain("resident_kib_per_client", "KiB per client", 1),
            plain("server_threads", "threads", 0),
            plain("reached_all_p50_us", "a message reaches all, p50 µs", 0),
        ],
    },
    Table {
        works: &["churn"],
        columns: &[
            plain("visits_per_s", "visits/s", 0),
            compared("cpu_us_per_visit", "server CPU µs per visit", 0),
            compared("join_p99_us", "p99 of joining, µs", 0),
            plain("threads_left", "threads left", 0),
            plain("descriptors_left", "descriptors left", 0),
        ],
    },
];

/// One line of JSON: the values as text, by name.
#[derive(Debug)]
struct Run(BTreeMap<String, String>);

/// Reads the files, and returns tables in Markdown.
pub(crate) fn table(files: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let mut runs = Vec::new();
    for file in files {
        for line in std::fs::read_to_string(file)?.lines().filter(|line| !line.trim().is_empty()) {
            runs.push(Run::parse(line).ok_or_else(|| format!("{}: not a line of JSON: {line}", file.display()))?);
        }
    }
    let mut out = String::new();
    for table in &TABLES {
        let shown: Vec<&Run> = runs.iter().filter(|run| table.works.contains(&run.text("work"))).collect();
        if !shown.is_empty() {
            table.write(&shown, &mut out)?;
        }
    }
    Ok(out)
}

impl Table {
    fn write(&self, runs: &[&Run], out: &mut String) -> std::fmt::Result {
        write!(out, "\n| case | server | runs | faults |")?;
        let mut line = String::from("| --- | --- | ---: | ---: |");
        for column in self.columns {
            write!(out, " {} |", column.title)?;
            line.push_str(" ---: |");
            if column.compared {
                out.push_str(" ratio |");
                line.push_str(" ---: |");
            }
        }
        writeln!(out, "\n{line}")?;
        for case in in_order(runs.iter().map(|run| run.text("case"))) {
            let of_case: Vec<&Run> = runs.iter().copied().filter(|run| run.text("case") == case).collect();
            let servers = in_order(of_case.iter().map(|run| run.text("server")));
            let of_server = |server: &str| -> Vec<&Run> {
                of_case.iter().copied().filter(|run| run.text("server") == server).collect()
            };
            let first = of_server(servers[0]);
            for server in servers {
                self.write_row(&of_server(server), &first, out)?;
            }
        }
        Ok(())
    }

    fn write_row(&self, runs: &[&Run], first: &[&Run], out: &mut String) -> std::fmt::Result {
        let bad = runs.iter().filter(|run| run.text("good") != "true").count();
        write!(out, "| {} | {} | {} | {bad} |", runs[0].text("case"), runs[0].text("server"), runs.len())?;
        for Column { field, decimals, compared, .. } in self.columns {
            match median(runs.iter().filter_map(|run| run.number(field)).collect()) {
                Some(value) => write!(out, " {value:.decimals$} |")?,
                None => out.push_str(" |"),
            }
            if *compared {
                let ratios = runs.iter().filter_map(|run| {
                    let other = first.iter().find(|other| other.text("run") == run.text("run"))?;
                    Some(run.number(field)? / other.number(field)?)
                });
                match median(ratios.filter(|ratio| ratio.is_finite()).collect()) {
                    Some(ratio) => write!(out, " {ratio:.2} |")?,
                    None => out.push_str(" |"),
                }
            }
        }
        writeln!(out)
    }
}

impl Run {
    /// Parses an object without nested objects and without quotes in its strings, as this program writes it.
    fn parse(line: &str) -> Option<Run> {
        let mut rest = line.trim().strip_prefix('{')?.strip_suffix('}')?;
        let mut fields = BTreeMap::new();
        while !rest.is_empty() {
            let (name, after) = rest.strip_prefix('"')?.split_once("\":")?;
            let value;
            (value, rest) = match after.strip_prefix('"') {
                Some(text) => text.split_once('"')?,
                None => after.split_at(after.find(',').unwrap_or(after.len())),
            };
            fields.insert(name.to_owned(), value.to_owned());
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        Some(Run(fields))
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.text(name).parse().ok()
    }
}

/// Returns the distinct words, in the order of their first occurrence.
fn in_order<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen
}

/// Returns the median.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    Some(if values.len() % 2 == 1 { upper } else { f64::midpoint(values[values.len() / 2 - 1], upper) })
}
