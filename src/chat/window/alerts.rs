//! Alerts on the desktop: an urgent window, a notification, a sound, and the menu that chooses among them. The model says
//! what is due. Runs on the UI thread; the threads of `desktop` do what may have to wait.

use std::time::Instant;

use fltk::app;
use fltk::dialog::{self, BeepType};
use fltk::prelude::WidgetExt as _;
use fltk::window::Window;

use super::Windows;
use super::menu::Item;
use super::messages::Msg;
use crate::chat::state::{Alert, AlertOn, AlertSettings, TalkId};
use crate::desktop::{Attention, Notification, Notifier, Report};
use crate::ui::{self, Settings};

/// A part of an alert: its key in the settings, its name in the menu, and its place in the choices.
type Part = (&'static str, &'static str, fn(&mut AlertSettings) -> &mut AlertOn);
const PARTS: [Part; 3] = [
    ("alert_window", "Mark the window in the taskbar", |alerts| &mut alerts.urgency),
    ("alert_notification", "Show a notification", |alerts| &mut alerts.notification),
    ("alert_sound", "Make a sound", |alerts| &mut alerts.sound),
];
const TEXT: &str = "alert_text";

/// The ways to alert the user.
#[derive(Default)]
pub(super) struct Alerter {
    notifier: Notifier,
    attention: Attention,
}

/// Returns the remembered choices.
pub(super) fn remembered(settings: &Settings) -> AlertSettings {
    let mut alerts = AlertSettings::default();
    for (key, _, part) in PARTS {
        if let Some(on) = settings.get(key).and_then(|word| AlertOn::from_word(&word)) {
            *part(&mut alerts) = on;
        }
    }
    alerts.shows_text = settings.get(TEXT).is_some_and(|word| word == "yes");
    alerts
}

impl Windows {
    /// Returns the items of the menu.
    pub(super) fn alert_items(&self) -> Vec<Item> {
        let mut alerts = self.chat.alerts.settings();
        let mut items = Vec::new();
        for (_, label, part) in PARTS {
            for on in AlertOn::ALL {
                let words = match on {
                    AlertOn::Mentions => "For private messages and mentions",
                    AlertOn::All => "For all messages",
                    AlertOn::Nothing => "Never",
                };
                let path = format!("Notifications/{label}/{words}");
                items.push(Item::new(&path, Msg::AlertOn(part, on)).chosen(*part(&mut alerts) == on));
            }
        }
        let text = Item::new("Notifications/Show the text in notifications", Msg::ShowAlertText);
        items.push(text.checked(alerts.shows_text));
        items
    }

    pub(super) fn change_alerts(&mut self, change: impl FnOnce(&mut AlertSettings)) {
        let mut alerts = self.chat.alerts.settings();
        change(&mut alerts);
        self.chat.alerts.set_settings(alerts);
        for (key, _, part) in PARTS {
            self.settings.set(key, part(&mut alerts).word());
        }
        self.settings.set(TEXT, if alerts.shows_text { "yes" } else { "no" });
    }

    /// Alerts the user to what has come since the last tick and is not in front, and acts on clicks on notifications.
    pub(super) fn alert(&mut self, now: Instant) {
        let privates = self.privates.iter().filter_map(|private| Some((private.talk()?, &private.conversation)));
        let views = privates.chain([(self.room.talk, &self.room)]);
        self.chat.alerts.look_at(views.filter(|(_, view)| view.has_focus()).map(|(talk, _)| talk).collect());
        for talk in self.chat.alerts.take_outdated() {
            self.alerter.notifier.withdraw(talk.number());
        }
        for alert in self.chat.alerts.due(now) {
            self.show_alert(alert);
        }
        self.clear_urgency();
        let mut beeps = false;
        while let Some(report) = self.alerter.notifier.try_report() {
            match report {
                Report::Clicked(number) => self.go_to_alert(TalkId::from_number(number)),
                Report::NotShown(notification) => beeps |= notification.sound,
            }
        }
        beep(beeps);
    }

    fn show_alert(&mut self, alert: Alert) {
        let Alert { talk, urgent, notification, sound } = alert;
        if urgent && let Some(id) = ui::window_id(self.desktop_window(talk)) {
            self.alerter.attention.demand(id);
        }
        let shown = notification.map(|(summary, body)| {
            self.alerter.notifier.show(Notification { subject: talk.number(), summary, body, sound })
        });
        // The desktop makes the sound together with the notification.
        beep(sound && !matches!(shown, Some(Ok(()))));
    }

    /// Removes the mark from the window that has the keyboard.
    fn clear_urgency(&mut self) {
        let Some(focus) = app::focus() else { return };
        let windows = self.privates.iter().map(|private| &private.window).chain([&self.widgets.window]);
        for id in windows.filter(|window| focus.inside(*window)).filter_map(ui::window_id) {
            self.alerter.attention.clear(id);
        }
    }

    /// Returns the window that shows a conversation, or would show it.
    fn desktop_window(&self, talk: TalkId) -> &Window {
        self.window_of(talk).map_or(&self.widgets.window, |at| &self.privates[at].window)
    }

    /// Shows a conversation to the user, who has clicked on its notification.
    fn go_to_alert(&mut self, talk: TalkId) {
        self.sender.send(Msg::ShowTalk(talk));
        let mut window = self.desktop_window(talk).clone();
        // It may be an icon.
        window.show();
        if let Some(id) = ui::window_id(&window) {
            self.alerter.attention.raise(id);
        }
    }
}

fn beep(wanted: bool) {
    if wanted {
        dialog::beep(BeepType::Notification);
    }
}
