//! The question for the name of a file in which something is to be saved. Main thread; the server worker writes the file.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::SystemTime;

use super::context::Context;
use crate::files::{name_at, typed_path};
use crate::monitor::messages::Command;
use crate::monitor::model::{About, Confirmation, Input, Model};

/// Returns a question whose yes is the command for the entered file. The suggested one is in the user's home, with the time in
/// its name, so that it most likely does not exist.
pub(super) fn question(
    title: &str,
    consequence: &str,
    about: About,
    context: &Context,
    command: impl Fn(&Model, PathBuf) -> Command + 'static,
) -> Confirmation {
    let (name, home) = (name_at(&context.clock, SystemTime::now()), context.home.clone());
    let suggestion = home.as_ref().map_or_else(|| name.clone(), |home| home.join(&name).display().to_string());
    let action = move |model: &Model, typed: &str| match typed_path(typed, home.as_deref()) {
        Ok(file) => Ok(command(model, file)),
        Err(why) => Err(format!("Not saved: {why}")),
    };
    Confirmation {
        title: title.into(),
        consequence: consequence.into(),
        is_grave: false,
        yes: "Save",
        input: Input::File(suggestion),
        about,
        action: Rc::new(action),
    }
}
