//! Which event does what: buttons, keys, the cross in the title bar, and the tick. Runs on the UI thread.

use std::rc::Rc;
use std::time::Instant;

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::ChatWindow;
use crate::ui;

impl ChatWindow {
    /// Gives every widget its callback.
    pub(super) fn wire(&self) {
        let call = |action: fn(&mut ChatWindow)| {
            let mut window = self.clone();
            move || action(&mut window)
        };
        let mut widgets = self.widgets.clone();
        for field in [&mut widgets.server, &mut widgets.port, &mut widgets.name] {
            field.on_enter(call(ChatWindow::connect));
        }
        let on_click = |button: &mut fltk::button::Button, action| {
            let mut action = call(action);
            button.set_callback(move |_| action());
        };
        on_click(&mut widgets.connect, ChatWindow::connect);
        on_click(&mut widgets.leave, ChatWindow::leave);
        on_click(&mut widgets.theme, ChatWindow::change_theme);
        on_click(&mut widgets.send, ChatWindow::send);
        on_click(&mut widgets.newer, ChatWindow::show_newest);
        on_click(&mut widgets.find, |window| window.reading.open_find());
        on_click(&mut widgets.save, |window| window.reading.open_save());
        widgets.entry.on_enter(call(ChatWindow::send));

        on_click(&mut widgets.question.send, ChatWindow::send_pasted);
        on_click(&mut widgets.question.join, ChatWindow::join_pasted);
        on_click(&mut widgets.question.cancel, ChatWindow::forget_pasted);

        // The keys that scroll the conversation work while the keyboard is with the entry, where they mean nothing.
        let mut conversation = widgets.conversation.clone();
        let (mut with_paste, mut pressed) = (self.clone(), self.clone());
        let typed = Rc::clone(&self.typed);
        let mut to_end = call(ChatWindow::show_newest);
        widgets.entry.on_event(move |event| match (event, app::event_key()) {
            (Event::KeyDown, Key::PageUp | Key::PageDown) => conversation.handle_event(event),
            (Event::KeyDown, Key::End) if app::is_event_ctrl() => {
                to_end();
                true
            }
            (Event::KeyDown, key) => {
                // Enter is what ends typing.
                typed.set((key != Key::Enter).then(Instant::now));
                pressed.press(event)
            }
            (Event::Paste, _) => with_paste.take_pasted(&app::event_text()),
            _ => false,
        });

        widgets.window.set_callback(|window| {
            // Escape calls this too, and nobody means to leave with that.
            if app::event() == Event::Close {
                window.hide();
            }
        });

        // What nobody in the window wanted.
        let mut keys = self.clone();
        widgets.window.handle(move |_, event| {
            if event == Event::KeyDown && app::is_event_command() && app::event_key() == Key::from_char('t') {
                keys.change_theme();
                return true;
            }
            keys.reading.shortcut(event)
        });

        ui::every_tick(call(ChatWindow::tick));
    }
}
