//! Binds events to actions: buttons, keys, the close button of the title bar, and the tick. Runs on the UI thread.

use std::rc::Rc;

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::ChatWindow;
use crate::ui;

impl ChatWindow {
    /// Gives every widget its callback.
    pub(super) fn bind(&self) {
        let call = |action: fn(&mut ChatWindow)| {
            let mut window = self.clone();
            move || action(&mut window)
        };
        let mut widgets = self.widgets.clone();
        for field in [&mut widgets.server, &mut widgets.port, &mut widgets.name, &mut widgets.password] {
            field.on_enter(call(ChatWindow::connect));
            let handover = self.handover.clone();
            field.on_event(move |event| {
                handover.watch(event);
                false
            });
        }
        let on_click = |button: &mut fltk::button::Button, action| {
            let mut action = call(action);
            button.set_callback(move |_| action());
        };
        on_click(&mut widgets.connect, ChatWindow::connect);
        on_click(&mut widgets.leave, ChatWindow::leave);
        on_click(&mut widgets.theme, ChatWindow::change_theme);
        on_click(&mut widgets.find, |window| window.room.reading.open_find());
        on_click(&mut widgets.save, |window| window.room.reading.open_save());
        let mut opening = self.clone();
        widgets.people.on_open(move |name| opening.open_private(name));
        self.fill_menu();
        self.bind_register();
        self.bind_fault_injection();
        self.bind_trust_prompt();

        let mut closing = self.clone();
        widgets.window.set_callback(move |_| {
            // FLTK calls this on Escape too, which must not close the window.
            if app::event() == Event::Close {
                closing.hide();
            }
        });
        let requests = Rc::clone(&self.requests);
        let mut keys = self.clone();
        widgets.window.handle(move |window, event| {
            requests.watch(event);
            // A key that the buttons at the top did not take. When the user returns from another program, FLTK may have
            // given the focus to them, because the fields do not take it while there is a connection.
            keys.handover.watch(event);
            if event == Event::Focus {
                // By now FLTK has given the focus to the widget that had it before.
                keys.hand_over_focus_now();
                return false;
            }
            if event == Event::KeyDown && app::is_event_command() && app::event_key() == Key::from_char('t') {
                keys.change_theme();
                return true;
            }
            if event == Event::KeyDown && app::event_key() == Key::F12 {
                keys.toggle_wire();
                return true;
            }
            if event == Event::KeyDown && app::event_key() == Key::Escape && keys.close_register() {
                return true;
            }
            if keys.trust_prompt_shortcut(event) {
                return true;
            }
            // Events that no widget of the window has handled.
            keys.room.shortcut(event) || keys.trust_prompt_escape(event) || ui::wrap_focus(window, event)
        });

        ui::every_tick(call(ChatWindow::tick));
    }
}
