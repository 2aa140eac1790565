//! The colours that the system asks for, light or dark, and changes of that.
//!
//! The thread `color scheme` asks the desktop portal (Linux, BSDs), looks into the registry every other second (Windows),
//! or asks once (macOS). Until it has an answer, nothing is known.

use crossbeam_channel::{Receiver, Sender, bounded};

/// Light or dark colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorScheme {
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

/// The way from the thread to the window.
#[derive(Debug)]
pub struct SchemeWatch(Option<Receiver<ColorScheme>>);

impl SchemeWatch {
    /// Starts the thread.
    pub fn start() -> SchemeWatch {
        let (sender, schemes) = bounded(1);
        let thread = std::thread::Builder::new().name("color scheme".into());
        let started = thread.spawn(move || {
            if let Err(why) = system::watch(&sender) {
                log::debug!("the colours of the system are not known: {why}");
            }
        });
        SchemeWatch(started.is_ok().then_some(schemes))
    }

    /// Takes the scheme that the system asks for, if it is another one than before.
    pub fn take(&self) -> Option<ColorScheme> {
        self.0.as_ref()?.try_iter().last()
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod system {
    use std::time::Duration;

    use dbus::Error;
    use dbus::arg::{RefArg, Variant};
    use dbus::blocking::Proxy;

    use super::{ColorScheme, Sender};
    use crate::desktop::bus;

    /// The settings of the desktop, as its portal tells them.
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const INTERFACE: &str = "org.freedesktop.portal.Settings";
    const NAMESPACE: &str = "org.freedesktop.appearance";
    const KEY: &str = "color-scheme";

    /// Maximum time for an answer. The bus may have to start the portal first, while the user logs in.
    const ANSWER: Duration = Duration::from_secs(30);

    /// A value of a setting, of any type.
    type Value = Variant<Box<dyn RefArg>>;

    /// Reports the scheme and its changes until the window or the bus is gone.
    pub(super) fn watch(schemes: &Sender<ColorScheme>) -> Result<(), Error> {
        // Before the question, so that no change is missed.
        let rule = format!("type='signal',sender='{PORTAL}',interface='{INTERFACE}',member='SettingChanged'");
        let bus = bus::connect(&format!("{rule},arg0='{NAMESPACE}',arg1='{KEY}'"))?;
        let settings = Proxy::new(PORTAL, PATH, ANSWER, &bus);
        let answer = settings.method_call(INTERFACE, "Read", (NAMESPACE, KEY));
        let mut value = answer.map(|(value,): (Value,)| value).inspect_err(|error| {
            log::debug!("the portal does not tell the colours of the system: {error}");
        });
        loop {
            if let Some(number) = value.ok().and_then(|value| value.as_u64()) {
                // 0 is no preference, 2 is light.
                let scheme = if number == 1 { ColorScheme::Dark } else { ColorScheme::Light };
                if schemes.send(scheme).is_err() {
                    return Ok(());
                }
            }
            let signal = loop {
                match bus.pop_message() {
                    Some(signal) => break signal,
                    None => bus.read_write(None).map_err(|()| Error::new_failed("the bus is gone"))?,
                }
            };
            value = signal.read3().map(|(_, _, value): (&str, &str, Value)| value).map_err(Error::from);
        }
    }
}

#[cfg(windows)]
mod system {
    use std::thread;
    use std::time::Duration;

    use winsafe::{HKEY, RegistryValue, SysResult, co};

    use super::{ColorScheme, Sender};

    const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize";

    /// Time between two looks. The registry can tell of a change, by `RegNotifyChangeKeyValue`: `winsafe` does not wrap that
    /// function, and a call to the system itself is `unsafe`, which this program has none of. A look costs a few microseconds.
    const PAUSE: Duration = Duration::from_secs(2);

    /// Reports the scheme and its changes until the window is gone.
    pub(super) fn watch(schemes: &Sender<ColorScheme>) -> SysResult<()> {
        let mut before = None;
        loop {
            let value = HKEY::CURRENT_USER.RegGetValue(Some(KEY), Some("AppsUseLightTheme"), co::RRF::RT_REG_DWORD)?;
            let is_dark = matches!(value, RegistryValue::Dword(0));
            let scheme = if is_dark { ColorScheme::Dark } else { ColorScheme::Light };
            if before.replace(scheme) != Some(scheme) && schemes.send(scheme).is_err() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
    }
}

#[cfg(target_os = "macos")]
mod system {
    use std::io;
    use std::process::Command;

    use super::{ColorScheme, Sender};

    /// Reports the scheme, once.
    pub(super) fn watch(schemes: &Sender<ColorScheme>) -> io::Result<()> {
        // The setting exists only while it is dark.
        let answer = Command::new("defaults").args(["read", "-g", "AppleInterfaceStyle"]).output()?;
        let is_dark = answer.stdout.starts_with(b"Dark");
        let _ = schemes.send(if is_dark { ColorScheme::Dark } else { ColorScheme::Light });
        Ok(())
    }
}
