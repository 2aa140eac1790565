//! The results of a run: as a table for the user, and as one line of JSON for `load report`.

use std::fmt::Write as _;

use hdrhistogram::Histogram;

use crate::Common;
use crate::receiver::Faults;

/// The results of a run. See the [module](self).
#[derive(Debug)]
pub(crate) struct Outcome {
    fields: Vec<(String, Value)>,
    good: bool,
}

#[derive(Debug)]
enum Value {
    Text(String),
    Number(f64),
    Count(u64),
}

impl Outcome {
    pub(crate) fn new(workload: &str, common: &Common) -> Outcome {
        let mut outcome = Outcome { fields: Vec::new(), good: true };
        let case = if common.case.is_empty() { format!("{workload} {}", common.clients) } else { common.case.clone() };
        outcome.text("case", &case);
        outcome.text("work", workload);
        outcome.text("server", &common.server);
        outcome.count("run", common.run);
        outcome.count("clients", common.clients as u64);
        outcome
    }

    fn text(&mut self, name: &str, value: &str) {
        self.fields.push((name.into(), Value::Text(value.into())));
    }

    pub(crate) fn count(&mut self, name: &str, value: u64) {
        self.fields.push((name.into(), Value::Count(value)));
    }

    /// Adds a number, unless it is not finite (0 divided by 0).
    pub(crate) fn number(&mut self, name: &str, value: f64) {
        if value.is_finite() {
            self.fields.push((name.into(), Value::Number(value)));
        }
    }

    /// Adds quantiles, in microseconds, of times in nanoseconds.
    pub(crate) fn quantiles(&mut self, of: &str, times: &Histogram<u64>) {
        for (name, quantile) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999), ("max", 1.0)] {
            self.number(&format!("{of}_{name}_us"), times.value_at_quantile(quantile) as f64 / 1000.0);
        }
    }

    /// Adds the faults. Any fault fails the run.
    pub(crate) fn faults(&mut self, faults: Faults) {
        self.count("lost", faults.lost);
        self.count("repeated", faults.repeated);
        self.count("disordered", faults.disordered);
        self.count("strange", faults.strange);
        self.expect(faults.total() == 0, "every receiver got every line once, in one order");
    }

    /// Checks a condition. If it does not hold, prints it and fails the run.
    pub(crate) fn expect(&mut self, is_so: bool, what: &str) {
        if !is_so {
            eprintln!("does not hold: {what}");
            self.good = false;
        }
    }

    /// Moves some figures of another outcome into this one.
    pub(crate) fn take(&mut self, other: Outcome, names: &[&str]) {
        self.fields.extend(other.fields.into_iter().filter(|(name, _)| names.contains(&name.as_str())));
    }

    pub(crate) fn is_good(&self) -> bool {
        self.good
    }

    /// Prints the table on standard error, and the JSON on standard output.
    pub(crate) fn print(&self) {
        let width = self.fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &self.fields {
            match value {
                Value::Text(text) => eprintln!("  {name:width$}  {text}"),
                Value::Number(number) => eprintln!("  {name:width$}  {number:.4}"),
                Value::Count(count) => eprintln!("  {name:width$}  {count}"),
            }
        }
        println!("{}", self.json());
    }

    fn json(&self) -> String {
        let mut json = String::from("{");
        for (name, value) in &self.fields {
            let comma = if json.len() > 1 { "," } else { "" };
            // Writing to a String cannot fail.
            let _ = match value {
                // Names of cases and servers are plain words, for which Rust's quoting is the same as JSON's.
                Value::Text(text) => write!(json, "{comma}{name:?}:{text:?}"),
                Value::Number(number) => write!(json, "{comma}{name:?}:{number:.4}"),
                Value::Count(count) => write!(json, "{comma}{name:?}:{count}"),
            };
        }
        let _ = write!(json, ",\"good\":{}}}", self.good);
        json
    }
}
