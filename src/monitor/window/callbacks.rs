//! The callbacks of the operator's controls: the action bar, the table, and the tools of the tabs.
//!
//! Main thread only. An action goes to the server worker, and its outcome arrives with a later tick. Until then, the typed text
//! stays in its field. A callback must not wait for anything.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::SystemTime;

use fltk::app;
use fltk::enums::{CallbackTrigger, Shortcut};
use fltk::prelude::WidgetExt as _;

use super::view::View;
use super::{Monitor, callback};
use crate::files::typed_path;
use crate::monitor::messages::{Action, MemberAction};
use crate::monitor::model::{BanBy, BanDuration, Confirmation, LEVELS};

/// Connects the controls to their callbacks.
pub(super) fn connect(monitor: &Rc<RefCell<Monitor>>) {
    let callback = |method| callback(monitor, method);
    let (kick, ban, delete) =
        (callback(Monitor::kick_pressed), callback(Monitor::ban_pressed), callback(Monitor::delete_pressed));
    let (enter, send) = (callback(Monitor::announce), callback(Monitor::announce));
    let (reason, file, yes, no) =
        (callback(Monitor::confirm), callback(Monitor::confirm), callback(Monitor::confirm), callback(Monitor::cancel));
    let (ban_by, ban_duration) = (callback(Monitor::ban_by_chosen), callback(Monitor::ban_duration_chosen));
    let (tab, level, words) = (callback(Monitor::tab_chosen), callback(Monitor::filter), callback(Monitor::filter));
    let thread_words = callback(Monitor::filter_threads);
    let (pause, save) = (callback(Monitor::pause_pressed), callback(Monitor::save_pressed));
    let (unban, unban_too) = (callback(Monitor::unban_pressed), callback(Monitor::unban_pressed));
    let (search, history_delete) = (callback(Monitor::search_history), callback(Monitor::history_delete_pressed));
    let (delete_message, delete_all, export) = (
        callback(Monitor::delete_message_pressed),
        callback(Monitor::delete_all_pressed),
        callback(Monitor::export_pressed),
    );
    let (add, add_too) = (callback(Monitor::add_member), callback(Monitor::add_member));
    let (reset, remove) = (callback(Monitor::reset_member), callback(Monitor::remove_member));

    let View { clients, action_bar, tabs, .. } = &mut monitor.borrow_mut().view;
    clients.on_delete(delete);
    action_bar.kick.set_callback(move |_| kick());
    action_bar.ban.set_callback(move |_| ban());
    action_bar.announcement.on_enter(enter);
    action_bar.send.set_callback(move |_| send());
    action_bar.reason.on_enter(reason);
    action_bar.file.on_enter(file);
    action_bar.ban_by.on_change(ban_by);
    action_bar.ban_duration.on_change(ban_duration);
    action_bar.yes.set_callback(move |_| yes());
    action_bar.no.set_callback(move |_| no());
    tabs.selector.on_change(tab);
    tabs.level.on_change(level);
    tabs.words.input().set_trigger(CallbackTrigger::Changed);
    tabs.words.input().set_callback(move |_| words());
    tabs.thread_words.on_change(move |_| thread_words());
    let weak = Rc::downgrade(monitor);
    tabs.wire.on_send(move |bytes| {
        let monitor = weak.upgrade().ok_or("The window closes")?;
        monitor.borrow().send_raw(bytes)
    });
    tabs.pause.set_callback(move |_| pause());
    tabs.save.set_callback(move |_| save());
    tabs.unban.set_callback(move |_| unban());
    tabs.bans.on_delete(unban_too);
    tabs.history_search.on_enter(search);
    tabs.history.list.on_delete(history_delete);
    tabs.delete_message.set_callback(move |_| delete_message());
    tabs.delete_all.set_callback(move |_| delete_all());
    tabs.export.set_callback(move |_| export());
    let tools = &mut tabs.members.tools;
    tools.name.on_enter(add);
    tools.add.set_callback(move |_| add_too());
    tools.reset.set_callback(move |_| reset());
    tools.remove.set_callback(move |_| remove());
}

/// Clears the field whose text an action has used, unless the user has typed something else since.
pub(super) fn clear_used_field(view: &mut View, action: &Action) {
    match action {
        Action::Announce(text) if view.action_bar.announcement.value().trim() == text => {
            view.action_bar.announcement.set_value("");
        }
        Action::Member(MemberAction::Add, name) if view.tabs.members.tools.name.value().trim() == name.as_str() => {
            view.tabs.members.tools.name.set_value("");
        }
        Action::Kick { reason, .. } if view.action_bar.reason.value().trim() == reason => {
            view.action_bar.reason.set_value("");
        }
        _ => {}
    }
}

/// Clears the file name after a save, so that the next file gets a name of its own.
pub(super) fn clear_file_field(view: &mut View) {
    view.action_bar.file.set_value("");
}

impl Monitor {
    fn kick_pressed(&mut self) {
        self.model.borrow_mut().ask_kick();
        self.draw();
    }

    fn ban_pressed(&mut self) {
        self.model.borrow_mut().ask_ban();
        self.draw();
    }

    fn delete_pressed(&mut self) {
        if app::event_state().contains(Shortcut::Shift) { self.ban_pressed() } else { self.kick_pressed() }
    }

    fn ban_by_chosen(&mut self) {
        let by = BanBy::ALL.get(self.view.action_bar.ban_by.chosen()).copied().unwrap_or_default();
        self.model.borrow_mut().actions_mut().set_ban_by(by);
        self.draw();
    }

    fn ban_duration_chosen(&mut self) {
        let duration = BanDuration::ALL.get(self.view.action_bar.ban_duration.chosen()).copied().unwrap_or_default();
        self.model.borrow_mut().actions_mut().set_ban_duration(duration);
        self.draw();
    }

    /// Answers the pending question with yes.
    fn confirm(&mut self) {
        let pending = self.model.borrow().actions().pending().cloned();
        if matches!(pending, Some(Confirmation::SaveLog | Confirmation::ExportHistory)) {
            let file = typed_path(&self.view.action_bar.file.value(), self.view.tabs.home());
            match file {
                Ok(file) if pending == Some(Confirmation::SaveLog) => self.save(file),
                Ok(file) => self.worker.export_history(file),
                Err(why) => {
                    self.model.borrow_mut().actions_mut().report_error(format!("Not saved: {why}"));
                    self.draw();
                }
            }
        } else {
            let reason = self.view.action_bar.reason.value();
            let action = self.model.borrow_mut().actions_mut().confirm(&reason, SystemTime::now());
            self.perform(action);
        }
    }

    /// Answers the pending question, if there is one, with no.
    pub(super) fn cancel(&mut self) {
        self.model.borrow_mut().actions_mut().cancel();
        self.draw();
    }

    fn announce(&mut self) {
        let action = self.model.borrow_mut().actions_mut().announce(&self.view.action_bar.announcement.value());
        self.perform(action);
    }

    fn unban_pressed(&mut self) {
        let action = self.model.borrow().bans().unban();
        self.perform(action);
    }

    fn add_member(&mut self) {
        let action = self.model.borrow_mut().add_member(&self.view.tabs.members.tools.name.value());
        self.perform(action);
    }

    fn reset_member(&mut self) {
        self.model.borrow_mut().ask_reset_password();
        self.draw();
    }

    fn remove_member(&mut self) {
        self.model.borrow_mut().ask_unregister();
        self.draw();
    }

    fn perform(&mut self, action: Option<Action>) {
        if let Some(action) = action {
            self.worker.perform(action);
        }
        self.draw();
    }

    fn tab_chosen(&mut self) {
        self.view.tabs.show_page();
        if self.view.tabs.shows_history() {
            self.search_history();
        }
        let watches = self.view.tabs.shows_threads();
        self.worker.watch_threads(watches);
        self.worker.watch_members(self.view.tabs.shows_members());
        if !watches {
            // Otherwise outdated activities would be visible for a moment the next time.
            self.model.borrow_mut().set_threads(Vec::new());
        }
    }

    /// Sends the bytes typed on the page of the protocol lines to the marked client.
    fn send_raw(&self, bytes: Vec<u8>) -> Result<String, String> {
        let action = self.model.borrow().raw(bytes)?;
        self.worker.perform(action);
        // The outcome appears as the note below the action bar.
        Ok(String::new())
    }

    fn filter_threads(&mut self) {
        self.model.borrow_mut().set_thread_filter(&self.view.tabs.thread_words.value());
        self.draw();
    }

    fn filter(&mut self) {
        let tabs = &self.view.tabs;
        let (level, _) = LEVELS[tabs.level.chosen().min(LEVELS.len() - 1)];
        self.model.borrow_mut().set_log_filter(level, &tabs.words.value());
        self.draw();
    }

    fn pause_pressed(&mut self) {
        let mut model = self.model.borrow_mut();
        let paused = model.log().new_lines().is_some();
        model.pause(!paused);
        drop(model);
        self.draw();
    }

    fn save_pressed(&mut self) {
        self.suggest_file();
        self.model.borrow_mut().actions_mut().ask_save_log();
        self.draw();
    }

    fn export_pressed(&mut self) {
        self.suggest_file();
        self.model.borrow_mut().actions_mut().ask_export_history();
        self.draw();
    }

    /// Fills the file field with a suggestion, if it is empty.
    fn suggest_file(&mut self) {
        // A name that could not be used stays, so that the user can correct it.
        if self.view.action_bar.file.value().is_empty() {
            let file = self.view.tabs.file_to_save();
            self.view.action_bar.file.set_value(&file);
        }
    }

    /// Requests the messages for the search field's words.
    fn search_history(&mut self) {
        self.model.borrow_mut().history_mut().on_request();
        self.worker.search_history(self.view.tabs.history_search.value());
    }

    fn history_delete_pressed(&mut self) {
        if app::event_state().contains(Shortcut::Shift) {
            self.delete_all_pressed();
        } else {
            self.delete_message_pressed();
        }
    }

    fn delete_message_pressed(&mut self) {
        let marked = self.model.borrow().history().list().marked().cloned();
        if let Some(message) = marked {
            self.model.borrow_mut().ask_delete_message(message);
            self.draw();
        }
    }

    fn delete_all_pressed(&mut self) {
        let marked = self.model.borrow().history().list().marked().cloned();
        if let Some(message) = marked {
            self.model.borrow_mut().ask_delete_all_from(message.from);
            self.draw();
        }
    }

    fn save(&mut self, file: PathBuf) {
        let lines = self.model.borrow().log().lines();
        self.worker.save(file, self.view.tabs.log_text(lines));
    }
}
