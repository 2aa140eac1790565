//! Ctrl and AltGr. Runs on the UI thread.
//!
//! Windows reports AltGr as Ctrl and Alt together, and FLTK passes on the Ctrl of a key that types a character. AltGr types `@`
//! with Q (German), `ą` with A and `ż` with Z (Polish): none of these may quit, select all or undo.

use fltk::app;
use fltk::enums::Key;

/// Returns whether Ctrl, or Command on a Mac, belongs to the key that is being pressed.
pub fn is_ctrl() -> bool {
    (app::is_event_ctrl() || app::is_event_command()) && !is_altgr()
}

/// Returns whether the Ctrl of the key that is being pressed is that of AltGr, the right one of both keys Alt.
pub(super) fn is_altgr() -> bool {
    cfg!(windows) && app::is_event_ctrl() && app::event_key_down(Key::AltR)
}
