//! The user's own folders: where the settings and the data of both programs are.
//!
//! Used by the thread that starts a program. The folders are the usual ones of each system; nothing is created or read here.

use std::path::PathBuf;

use etcetera::app_strategy::{AppStrategy, AppStrategyArgs, choose_native_strategy};

/// Returns the path of a file in the user's data folder, if the user has a home: `~/.local/share/multichat/` on Linux (or that of
/// `XDG_DATA_HOME`), `~/Library/Application Support/multichat/` on macOS, `%APPDATA%\multichat\data\` on Windows.
pub fn data_file(name: &str) -> Option<PathBuf> {
    Some(choose_native_strategy(program()).ok()?.in_data_dir(name))
}

/// Returns the path of a file in the user's configuration folder, if the user has a home: `~/.config/multichat/` on Linux (or that
/// of `XDG_CONFIG_HOME`), the data folder on macOS, `%APPDATA%\multichat\config\` on Windows.
pub(crate) fn settings_file(name: &str) -> Option<PathBuf> {
    // Apple's guidelines reserve the folder Preferences, which `in_config_dir` is in there, for the system's own files.
    if cfg!(target_vendor = "apple") {
        return data_file(name);
    }
    Some(choose_native_strategy(program()).ok()?.in_config_dir(name))
}

/// The name that each system makes its folder from.
fn program() -> AppStrategyArgs {
    AppStrategyArgs { app_name: "multichat".into(), ..AppStrategyArgs::default() }
}

#[cfg(test)]
mod tests {
    use etcetera::app_strategy::{Apple, Windows, Xdg};

    use super::*;

    #[test]
    fn each_system_has_the_folders_that_earlier_versions_used() {
        let home = std::env::home_dir().unwrap();
        let base = |variable, otherwise| {
            let moved = std::env::var_os(variable).map(PathBuf::from).filter(|folder| folder.is_absolute());
            moved.unwrap_or_else(|| home.join(otherwise))
        };
        let linux = Xdg::new(program()).unwrap();
        assert_eq!(linux.config_dir(), base("XDG_CONFIG_HOME", ".config").join("multichat"));
        assert_eq!(linux.data_dir(), base("XDG_DATA_HOME", ".local/share").join("multichat"));
        let apple = Apple::new(program()).unwrap();
        assert_eq!(apple.data_dir(), home.join("Library/Application Support/multichat"));
        let windows = Windows::new(program()).unwrap();
        assert!(windows.config_dir().ends_with("AppData/Roaming/multichat/config"), "{:?}", windows.config_dir());
        assert!(windows.data_dir().ends_with("AppData/Roaming/multichat/data"), "{:?}", windows.data_dir());
    }
}
