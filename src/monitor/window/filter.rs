//! A field whose text narrows a list: the same for the people, the threads and the log. Main thread only.

use fltk::app;
use fltk::enums::{Event, Key};

use super::context::Context;
use crate::ui::Field;

/// Calls `changed` after each change of the text. Escape clears it. Escape in an empty field, Enter and Down call `go_to_list`;
/// while a question waits, Escape is no, as it is elsewhere.
pub(super) fn narrow(
    field: &mut Field,
    context: &Context,
    changed: impl Fn(String) + Clone + 'static,
    mut go_to_list: impl FnMut() + 'static,
) {
    let cleared = changed.clone();
    field.on_change(changed);
    let (model, mut typed) = (context.model.clone(), field.clone());
    field.on_event(move |event| {
        match (event, app::event_key()) {
            (Event::KeyDown, Key::Escape) if !typed.value().is_empty() => {
                typed.set_value("");
                cleared(String::new());
            }
            (Event::KeyDown, Key::Escape) if model.borrow().actions().pending().is_some() => return false,
            (Event::KeyDown, Key::Escape | Key::Enter | Key::KPEnter | Key::Down) => go_to_list(),
            _ => return false,
        }
        true
    });
}
