//! The desktop around the windows: notifications, windows that ask for attention, and the colours that the system asks
//! for.
//!
//! Each part has a thread of its own, because a service of the desktop may be missing or may not answer. A window passes
//! it orders over a bounded channel, without waiting, and takes what it reports with its tick. Nothing here names the
//! toolkit: windows are numbers, and texts are texts.
//!
//! | thread | lives | does |
//! | --- | --- | --- |
//! | `notify` | from the first notification until the end | shows notifications, and waits for clicks on them |
//! | `attention` | from the first urgent window until the end | talks to the X server about windows |
//! | `color scheme` | from the start until the end | asks for the colours of the system, and waits for other ones |
//!
//! Linux and the BSDs have all of it, through D-Bus and X11. On Windows and macOS there are the system's colours only.

pub mod attention;
pub mod color_scheme;
pub mod notifier;

#[cfg(all(unix, not(target_os = "macos")))]
mod bus;

pub use attention::{Attention, WindowId};
pub use color_scheme::{ColorScheme, SchemeWatch};
pub use notifier::{Notification, Notifier, Report};
