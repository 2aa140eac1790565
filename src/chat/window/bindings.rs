//! Binds events to messages: keys, the close button of the title bar, and the tick. Runs on the UI thread.

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::Windows;
use super::messages::{Msg, Pane};
use crate::ui;

impl Windows {
    /// Gives every widget its callback.
    pub(super) fn bind(&mut self) {
        let send = self.sender.messages();
        self.build_menus();
        self.bind_wire();
        let widgets = &mut self.widgets;
        for field in widgets.card.fields() {
            let entered = send.clone();
            field.on_enter(move || entered(Msg::Connect));
            let pressed = send.clone();
            field.on_event(move |event| {
                send_key(event, &pressed);
                false
            });
        }
        let (pressed, mut card) = (send.clone(), widgets.card.clone());
        widgets.card.server.on_event(move |event| {
            send_key(event, &pressed);
            event == Event::KeyDown && app::event_key() == Key::Down && card.focus_list()
        });
        let closed = send.clone();
        widgets.window.set_callback(move |_| {
            // FLTK calls this on Escape too, which must not close the window.
            if app::event() == Event::Close {
                closed(Msg::Quit);
            }
        });
        let keys = send.clone();
        let mut shortcuts = self.room.shortcuts(Pane::Room, send.clone());
        widgets.window.handle(move |window, event| {
            send_activity(event, &keys);
            // A key that no field has taken, such as one that is pressed on a button of the card.
            send_key(event, &keys);
            if event == Event::Focus {
                // By now FLTK has given the focus to the widget that had it before.
                keys(Msg::Arrived);
                return false;
            }
            // Events that no widget of the window has handled.
            shortcuts(event) || ui::wrap_focus(window, event)
        });
        let sender = self.sender.clone();
        ui::every_tick(move || sender.has_news(), move || send(Msg::Tick));
    }
}

/// Informs the state of a key that is pressed in the card.
fn send_key(event: Event, send: &impl Fn(Msg)) {
    if event == Event::KeyDown {
        let types = app::event_text().chars().any(|character| !character.is_control());
        send(Msg::KeyInCard { types: types && app::event_key() != Key::Enter });
    }
}

/// Informs the state that the user is active, if the event is a key, a click or the wheel.
pub(super) fn send_activity(event: Event, send: &impl Fn(Msg)) {
    if matches!(event, Event::KeyDown | Event::Push | Event::MouseWheel) {
        send(Msg::Active);
    }
}
