//! Parts that both windows share: colours and themes, widgets in a common look, the recurring timer that drains a
//! channel, and the remembered settings.
//!
//! Everything here belongs to the UI thread, and nothing here may block: not on the network, not on a lock, not on a
//! worker. It knows neither the client nor the server.
//!
//! | file | owns |
//! | --- | --- |
//! | `ui/theme.rs` | the palette, light and dark, and switching between them |
//! | `ui/appearance.rs` | the choice of a theme, or that of the system |
//! | `ui/program.rs` | which of the two programs a window belongs to, and its icon |
//! | `ui/widgets.rs` | constructors for the widgets that both windows use |
//! | `ui/check_box.rs` | a check box with its label |
//! | `ui/context_menu.rs` | a menu at the mouse |
//! | `ui/field.rs` | a text field with its label and its focus ring |
//! | `ui/entry.rs` | a text field that grows with its text; `entry/keys.rs` has its keys |
//! | `ui/modifiers.rs` | whether Ctrl is held, and not AltGr |
//! | `ui/long_text.rs` | drawing of text that is longer than FLTK draws |
//! | `ui/rows.rs` | a table that draws only its visible rows |
//! | `ui/type_ahead.rs` | letters that lead to a row |
//! | `ui/scrollbar.rs` | the thumb of a scrollbar |
//! | `ui/segments.rs` | a row of segments of which one is chosen |
//! | `ui/status.rs` | the status line at the bottom of a window |
//! | `ui/wire_pane.rs` | the trace of the protocol's lines |
//! | `ui/timer.rs` | the tick, and draining a channel within it |
//! | `ui/placement.rs` | position and size of a window, and the zoom |
//! | `ui/splitter.rs` | a border that the user drags |
//! | `ui/settings.rs` | settings that are remembered between runs |
//! | `ui/instance.rs` | the number of this program among those with the same settings |

mod appearance;
mod check_box;
mod context_menu;
mod entry;
mod field;
mod instance;
mod long_text;
mod modifiers;
mod placement;
mod program;
mod rows;
mod scrollbar;
mod segments;
mod settings;
mod splitter;
mod status;
pub mod theme;
mod timer;
mod type_ahead;
mod widgets;
mod wire_pane;

pub use appearance::{Appearance, ThemeChoice};
pub use check_box::CheckBox;
pub use context_menu::ContextMenu;
pub use entry::Entry;
pub use field::{Field, add_focus_ring, add_outline, draw_ring};
pub use modifiers::is_ctrl;
pub use placement::{Placement, WindowSize, Zoom, ZoomWatch};
pub use program::Program;
pub use rows::{CellText, Density, Marking, ROW_HEIGHT, RowColumn, RowEvent, Rows, destination};
pub use scrollbar::{draw_scrollbars, style_scrollbar, style_scrollbars};
pub use segments::Segments;
pub use settings::Settings;
pub use splitter::{Drag, splitter};
pub use status::{StatusLine, elide, from_left, text_width};
pub use theme::Theme;
pub use timer::{drain, every_tick};
pub use type_ahead::TypeAhead;
pub use widgets::{
    CAPTION_HEIGHT, CONTROL_HEIGHT, EnterPresses, GAP, MARGIN, NoDisplay, TEXT_SIZE, button, card, close_menu,
    confirm_on_enter, escape_label, find_display, heading, hide_window, is_held, menu_button, note, place,
    primary_button, redraw_window, row, set_primary, set_shown, set_tip, start_app, window, window_id, wrap_focus,
};
pub use wire_pane::{WirePane, WireTools};
