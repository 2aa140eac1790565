//! The name of this computer, as its system has it. Any thread.

/// Returns the name of this computer without control characters; `None` if the system does not know it.
pub(crate) fn name() -> Option<String> {
    #[cfg(unix)]
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").ok();
    let name: String = name?.chars().filter(|c| !c.is_control()).collect();
    Some(name).filter(|name| !name.is_empty())
}
