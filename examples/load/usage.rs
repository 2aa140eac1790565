//! The resources that a process uses, as the kernel counts them. Linux only; elsewhere they are unknown.

use std::time::Duration;

/// The resources of one process at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Processor time in user space and in the kernel, of all threads, ended ones included.
    pub(crate) cpu: Duration,
    /// Resident memory, in KiB.
    pub(crate) resident: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
    /// Number of context switches of its current threads, voluntary and involuntary.
    pub(crate) switches: u64,
}

impl Usage {
    /// Returns the resources of the process with this id, if they are known.
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

/// Returns the processor time, in nanoseconds.
#[cfg(target_os = "linux")]
pub(crate) fn cpu(pid: u32) -> Option<Duration> {
    use nix::time::{clock_getcpuclockid, clock_gettime};
    let clock = clock_getcpuclockid(nix::unistd::Pid::from_raw(i32::try_from(pid).ok()?)).ok()?;
    clock_gettime(clock).ok().map(Duration::from)
}

/// Returns no processor time: it is known on Linux only.
#[cfg(not(target_os = "linux"))]
pub(crate) fn cpu(_: u32) -> Option<Duration> {
    None
}

/// Returns the processor time of this process.
pub(crate) fn own_cpu() -> Duration {
    cpu(std::process::id()).unwrap_or_default()
}

/// Returns the sum of some fields of a `status` file: see proc(5).
fn status(path: &str, fields: &[&str]) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let values = text.lines().filter_map(|line| {
        let field = fields.iter().find(|field| line.starts_with(**field))?;
        line[field.len()..].split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(values.sum())
}
