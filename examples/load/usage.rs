//! What a process has used of the machine, as the kernel counts it. On Linux only; elsewhere nothing is known.

use std::time::Duration;

/// Of one process at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Time on a processor, in the program and in the kernel, of all its threads that ever were.
    pub(crate) cpu: Duration,
    /// Memory that it has in RAM, in KiB.
    pub(crate) resident: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
    /// How often its threads that live now gave way: because they had to wait, or because their time was up.
    pub(crate) switches: u64,
}

impl Usage {
    /// Of the process with this id; `None` if it cannot be known.
    pub(crate) fn of(pid: u32) -> Option<Usage> {
        Some(Usage {
            cpu: cpu(pid)?,
            resident: status(&format!("/proc/{pid}/status"), &["VmRSS:"])?,
            threads: status(&format!("/proc/{pid}/status"), &["Threads:"])?,
            descriptors: std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64,
            switches: std::fs::read_dir(format!("/proc/{pid}/task"))
                .ok()?
                .flatten()
                .filter_map(|thread| {
                    let fields = ["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"];
                    status(thread.path().join("status").to_str()?, &fields)
                })
                .sum(),
        })
    }
}

/// Time on a processor, to the nanosecond.
#[cfg(target_os = "linux")]
pub(crate) fn cpu(pid: u32) -> Option<Duration> {
    use nix::time::{clock_getcpuclockid, clock_gettime};
    let clock = clock_getcpuclockid(nix::unistd::Pid::from_raw(i32::try_from(pid).ok()?)).ok()?;
    clock_gettime(clock).ok().map(Duration::from)
}

/// Time on a processor.
#[cfg(not(target_os = "linux"))]
pub(crate) fn cpu(_: u32) -> Option<Duration> {
    None
}

/// Of this process.
pub(crate) fn own_cpu() -> Duration {
    cpu(std::process::id()).unwrap_or_default()
}

/// The sum of some fields of a `status` file, see proc(5).
fn status(path: &str, fields: &[&str]) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let values = text.lines().filter_map(|line| {
        let field = fields.iter().find(|field| line.starts_with(**field))?;
        line[field.len()..].split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(values.sum())
}
