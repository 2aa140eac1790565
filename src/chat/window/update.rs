//! The effect of each message on the windows and their model, and the drawing that follows. Runs on the UI thread.

use std::sync::atomic::Ordering;
use std::time::Instant;

use fltk::app;
use fltk::prelude::WidgetExt as _;

use super::conversation::{Action, ConversationView, Wish};
use super::messages::{Msg, Pane};
use super::private::PrivateWindow;
use super::widgets::{Middle, set_label};
use super::{Windows, note_settings};
use crate::chat::state::{Chat, Phase};
use crate::discovery::Listener;
use crate::ui;

impl Windows {
    /// Carries out a message. A user who had the keyboard on something that this hides can write on.
    pub(super) fn update(&mut self, msg: Msg) {
        let before = app::focus();
        self.carry_out(msg);
        if let Some(before) = before.filter(|before| !before.visible_r() || !before.active_r()) {
            self.focus_from_hidden(&before.as_base_widget());
        }
    }

    fn carry_out(&mut self, msg: Msg) {
        let now = Instant::now();
        match msg {
            Msg::Tick => return self.tick(),
            Msg::Active => return self.chat.record_activity(now),
            Msg::KeyInCard { types } => return self.handover.key_pressed(types),
            Msg::Arrived => return self.hand_over_focus_now(),
            Msg::Connect => self.connect(),
            Msg::ShowPassword => self.widgets.card.show_password(),
            Msg::ChooseRecent(at) => self.choose_recent(at),
            Msg::ForgetRecent(at) => self.forget_recent(at),
            Msg::ChooseFound(at) => self.choose_found(at),
            Msg::PressAtTop => self.press_at_top(now),
            Msg::ConnectNow => self.chat.connect_now(now),
            Msg::ShowTalkInRow(row) => self.show_talk_in_row(row),
            Msg::CloseCard => self.close_card(),
            Msg::OpenMenu => self.build_menus(),
            Msg::Leave => self.leave(now),
            Msg::SetAway => self.chat.set_away(),
            Msg::SetBack => self.chat.set_back(),
            Msg::ChooseTheme(choice) => self.appearance.choose(choice),
            Msg::ToggleTheme => self.appearance.toggle(),
            Msg::Encrypt(encryption) => self.choose_encryption(encryption),
            Msg::Switch(setting) => self.change_privacy(|privacy| *setting(privacy) = !*setting(privacy)),
            Msg::AwayAfter(time) => self.change_privacy(|privacy| privacy.away_after = time),
            Msg::ChooseJoins(joins) => self.choose_joins(joins),
            Msg::Unignore(name) => self.unignore(&name),
            Msg::AlertOn(part, on) => self.change_alerts(|alerts| *part(alerts) = on),
            Msg::ShowAlertText => self.change_alerts(|alerts| alerts.shows_text = !alerts.shows_text),
            Msg::Ignore(name) => self.ignore(&name),
            Msg::OpenRegister => self.open_register(),
            Msg::Register => self.register(),
            Msg::CloseRegister => _ = self.close_register(),
            Msg::Trust => self.trust(now),
            Msg::Distrust => self.distrust(),
            Msg::CopyFingerprint => {
                if let Some(prompt) = self.chat.link.trust_prompt() {
                    app::copy(&prompt.fingerprint);
                }
            }
            Msg::ToggleWire => self.toggle_wire(),
            Msg::Inject(fault) => self.chat.toggle_fault(fault),
            Msg::Vanish => self.chat.abort(now),
            Msg::OpenPrivate(name) => self.open_private(&name),
            Msg::Mention(name) => self.mention(&name),
            Msg::CopyName(name) => app::copy(&name),
            Msg::ClosePrivate(at) => self.close_window(at),
            Msg::ShowTalk(talk) => self.show_talk(talk),
            Msg::OwnWindow(talk) => self.open_own_window(talk),
            Msg::CloseTalk(talk) => self.close_talk(talk),
            Msg::CloseShownTalk => self.close_talk(self.room.talk),
            Msg::StepTalk { backwards } => self.step_talk(backwards),
            Msg::GoToUnread => self.go_to_unread(),
            Msg::OpenFilter => self.widgets.sidebar.open_filter(self.widgets.window.w()),
            Msg::CloseFilter => self.close_filter(),
            Msg::OpenFirstMatch => self.open_first_match(),
            Msg::GoToList => self.widgets.sidebar.go_to_list(),
            Msg::ToggleSidebar => self.toggle_sidebar(),
            Msg::DragSidebar(step) => return self.widgets.sidebar.drag(step),
            Msg::ToggleOwnWindows => self.toggle_own_windows(),
            Msg::ShowHelp => self.help.show(&self.widgets.window),
            Msg::Escape(pane) => self.escape(pane),
            // The next tick draws what these change: they come with every key and every move of the mouse.
            Msg::In(pane, action) if action.is_frequent() => return self.act(pane, action),
            Msg::In(pane, action) => self.act(pane, action),
            Msg::Quit if self.quit() => return,
            // What follows, such as the question, is drawn below.
            Msg::Quit | Msg::Filter => {}
            Msg::Stay => self.stay(),
        }
        self.open_requested();
        self.draw();
    }

    fn act(&mut self, pane: Pane, action: Action) {
        if pane == Pane::Room && action.opens_bar() {
            self.widgets.show_middle(Middle::Conversation);
        }
        // What is found was said to everybody.
        if matches!(action, Action::OpenResult(_)) {
            self.turn_main(self.chat.talks.room_id());
        }
        match self.view(pane).and_then(|(view, chat)| view.act(action, chat)) {
            Some(Wish::Quit) => _ = self.quit(),
            Some(Wish::Help) => self.help.show(&self.widgets.window),
            None => {}
        }
    }

    /// Returns the conversation in a window, and the model.
    fn view(&mut self, pane: Pane) -> Option<(&mut ConversationView, &mut Chat)> {
        let view = match pane {
            Pane::Room => &mut self.room,
            Pane::Private(at) => &mut self.privates.get_mut(at)?.conversation,
        };
        Some((view, &mut self.chat))
    }

    /// Returns whether something waits for a tick: events of the connection, or the wish to end.
    pub(super) fn has_news(&self) -> bool {
        let hears = self.listener.as_ref().is_some_and(Listener::has_news);
        self.chat.link.has_events() || hears || self.widgets.wire.pane.has_lines() || self.stop.load(Ordering::Relaxed)
    }

    /// Runs up to 30 times a second: takes the model's events, and redraws if they change something.
    fn tick(&mut self) {
        self.widgets.wire.tick();
        self.note_password();
        if self.stop.load(Ordering::Relaxed) {
            // Nothing that arrives now may open another window.
            return self.hide();
        }
        if self.zoomed.has_changed(&self.widgets.window) {
            self.widgets.size.fit(&mut self.widgets.window);
            self.privates.iter_mut().for_each(PrivateWindow::fit);
            self.help.fit();
            self.widgets.top.fit_zoomed();
        }
        self.appearance.tick();
        self.listen_for_servers();
        let was_folded = !self.widgets.sidebar.is_shown();
        self.widgets.sidebar.fit(self.widgets.window.w());
        self.fit_top_bar();
        let now = Instant::now();
        let mut changed = self.chat.tick(now);
        // Beside a folded sidebar the top bar says more.
        changed |= was_folded == self.widgets.sidebar.is_shown();
        self.open_requested();
        let Windows { settings, chat, appearance, widgets, zoom, privates, room, .. } = self;
        settings.save_if_changed(now, |settings| {
            room.widgets.drawer.remember(settings);
            note_settings(settings, chat, appearance, widgets, zoom, privates);
        });
        changed |= self.room.tick(&mut self.chat);
        for private in &mut self.privates {
            changed |= private.tick(&mut self.chat);
        }
        if changed {
            self.draw();
        }
        self.alert(now);
        self.hand_over_focus();
    }

    /// Updates every widget. Widgets whose content has not changed are not touched.
    pub(super) fn draw(&mut self) {
        self.room.draw(&mut self.chat);
        self.privates.iter_mut().for_each(|private| private.draw(&mut self.chat));
        self.follow_hidden();
        self.widgets.register.forget();
        if let Some(password) = self.chat.link.take_new_password() {
            self.widgets.card.set_password(password.reveal());
        }
        let (seen, title) = (self.seen(), self.title());
        self.widgets.sidebar.draw(&self.chat, seen, self.room.talk, &self.clock);
        set_label(&mut self.widgets.window, &title);
        let names_talk = !self.widgets.sidebar.is_shown() && self.widgets.middle() == Middle::Conversation;
        let talk = names_talk.then(|| self.room.title().unwrap_or_else(|| "Everybody".to_owned()));
        self.widgets.top.show_talk(talk);
        let phase = self.chat.link.phase();
        let before = std::mem::replace(&mut self.phase, phase);
        if phase != before {
            self.widgets.card.show_phase(phase);
            self.on_phase_change(before, phase);
            if phase == Phase::Online {
                self.remember_recent();
            }
        }
        self.widgets.top.security.show(self.chat.link.security());
        self.draw_card();
        self.draw_trust_prompt();
        self.refresh_menus();
        self.fit_top_bar();
    }

    /// Divides the top bar, which has a button for the sidebar while that is folded.
    fn fit_top_bar(&mut self) {
        let (folded, unread) = (!self.widgets.sidebar.is_shown(), self.chat.talks.unread_in_private(|_| false));
        self.widgets.top.show_list_button(folded, unread);
        self.widgets.top.fit();
    }

    /// Closes all windows, which ends the event loop.
    pub(super) fn hide(&mut self) {
        self.privates.iter_mut().for_each(|private| ui::hide_window(&mut private.window));
        self.help.close();
        self.widgets.window.hide();
        ui::close_menu();
    }

    /// Closes what is open in a window: the card, or the newest of the rows below the conversation.
    fn escape(&mut self, pane: Pane) {
        let is_room = pane == Pane::Room;
        match self.widgets.middle() {
            Middle::Question if is_room => return self.distrust(),
            Middle::Card if is_room => return self.close_card(),
            _ => {}
        }
        let (drawer, widgets) = (&self.room.widgets.drawer, &self.widgets);
        if is_room && drawer.is_newest(&widgets.quit.row) {
            self.stay();
        } else if is_room && drawer.is_newest(&widgets.register.row) {
            self.close_register();
        } else if is_room && drawer.is_newest(&widgets.wire.column) {
            self.close_wire();
        } else if let Some((view, chat)) = self.view(pane) {
            view.escape(chat);
        }
    }
}
