//! What the window does at the operator's desk: questions, answers, announcements, and how the log is read.
//!
//! Main thread only. What is to be done goes to the operator's thread, and what came of it comes back with a tick; until
//! then, what was typed stays where it was typed.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::SystemTime;

use fltk::app;
use fltk::enums::{CallbackTrigger, Key, Shortcut};
use fltk::prelude::{BrowserExt as _, WidgetExt as _};

use super::view::View;
use super::{Monitor, doing};
use crate::files::typed_path;
use crate::monitor::model::{BanBy, BanDuration, Confirmation, LEVELS};
use crate::monitor::worker::{Action, MemberAct};

/// Gives the controls of the desk their work.
pub(super) fn connect(monitor: &Rc<RefCell<Monitor>>) {
    let doing = |act| doing(monitor, act);
    let (kick, ban, delete) =
        (doing(Monitor::kick_pressed), doing(Monitor::ban_pressed), doing(Monitor::delete_pressed));
    let (enter, send) = (doing(Monitor::announce), doing(Monitor::announce));
    let (reason, file, yes, no) =
        (doing(Monitor::confirm), doing(Monitor::confirm), doing(Monitor::confirm), doing(Monitor::cancel));
    let (by, span) = (doing(Monitor::by_chosen), doing(Monitor::span_chosen));
    let (tab, level, words) = (doing(Monitor::tab_chosen), doing(Monitor::filter), doing(Monitor::filter));
    let thread_words = doing(Monitor::filter_threads);
    let (pause, save, let_in) =
        (doing(Monitor::pause_pressed), doing(Monitor::save_pressed), doing(Monitor::let_in_pressed));
    let marked = doing(Monitor::ban_marked);
    let (search, past_delete) = (doing(Monitor::look_up), doing(Monitor::past_delete_pressed));
    let (forget, forget_all, export) =
        (doing(Monitor::forget_pressed), doing(Monitor::forget_all_pressed), doing(Monitor::export_pressed));
    let (member, add, add_too) =
        (doing(Monitor::member_marked), doing(Monitor::add_member), doing(Monitor::add_member));
    let (reset, remove) = (doing(Monitor::reset_member), doing(Monitor::remove_member));

    let View { clients, bar, drawer, .. } = &mut monitor.borrow_mut().view;
    clients.on_delete(delete);
    bar.kick.set_callback(move |_| kick());
    bar.ban.set_callback(move |_| ban());
    bar.announcement.on_enter(enter);
    bar.send.set_callback(move |_| send());
    bar.reason.on_enter(reason);
    bar.file.on_enter(file);
    bar.by.on_change(by);
    bar.span.on_change(span);
    bar.yes.set_callback(move |_| yes());
    bar.no.set_callback(move |_| no());
    drawer.tabs.on_change(tab);
    drawer.level.on_change(level);
    drawer.words.input().set_trigger(CallbackTrigger::Changed);
    drawer.words.input().set_callback(move |_| words());
    drawer.thread_words.on_change(move |_| thread_words());
    let weak = Rc::downgrade(monitor);
    drawer.wire.on_send(move |bytes| {
        let monitor = weak.upgrade().ok_or("The window closes")?;
        monitor.borrow().send_raw(bytes)
    });
    drawer.pause.set_callback(move |_| pause());
    drawer.save.set_callback(move |_| save());
    drawer.let_in.set_callback(move |_| let_in());
    drawer.bans.set_callback(move |_| marked());
    drawer.past_words.on_enter(search);
    drawer.past.rows.on_delete(past_delete);
    drawer.forget.set_callback(move |_| forget());
    drawer.forget_all.set_callback(move |_| forget_all());
    drawer.export.set_callback(move |_| export());
    drawer.members.list.set_callback(move |_| member());
    let tools = &mut drawer.members.tools;
    tools.name.on_enter(add);
    tools.add.set_callback(move |_| add_too());
    tools.reset.set_callback(move |_| reset());
    tools.remove.set_callback(move |_| remove());
}

/// What was typed and has been sent need not be kept; unless something else has been typed since.
pub(super) fn forget_what_was_sent(view: &mut View, act: &Action) {
    match act {
        Action::Announce(text) if view.bar.announcement.value().trim() == text => view.bar.announcement.set_value(""),
        Action::Member(MemberAct::Add, name) if view.drawer.members.tools.name.value().trim() == name.as_str() => {
            view.drawer.members.tools.name.set_value("");
        }
        Action::Kick { reason, .. } if view.bar.reason.value().trim() == reason => view.bar.reason.set_value(""),
        _ => {}
    }
}

/// A log was saved: the next one gets a name of its own.
pub(super) fn forget_the_file(view: &mut View) {
    view.bar.file.set_value("");
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

    fn by_chosen(&mut self) {
        let by = BanBy::ALL.get(self.view.bar.by.chosen()).copied().unwrap_or_default();
        self.model.borrow_mut().desk_mut().set_by(by);
        self.draw();
    }

    fn span_chosen(&mut self) {
        let span = BanDuration::ALL.get(self.view.bar.span.chosen()).copied().unwrap_or_default();
        self.model.borrow_mut().desk_mut().set_span(span);
        self.draw();
    }

    /// The answer is yes.
    fn confirm(&mut self) {
        let asked = self.model.borrow().desk().ask().cloned();
        if matches!(asked, Some(Confirmation::Save | Confirmation::Export)) {
            let file = typed_path(&self.view.bar.file.value(), self.view.drawer.home());
            match file {
                Ok(file) if asked == Some(Confirmation::Save) => self.save(file),
                Ok(file) => self.operator.export(file),
                Err(why) => {
                    self.model.borrow_mut().desk_mut().complain(format!("Not saved: {why}"));
                    self.draw();
                }
            }
        } else {
            let reason = self.view.bar.reason.value();
            let act = self.model.borrow_mut().desk_mut().confirm(&reason, SystemTime::now());
            self.act(act);
        }
    }

    /// The answer is no, if something is asked.
    pub(super) fn cancel(&mut self) {
        self.model.borrow_mut().desk_mut().cancel();
        self.draw();
    }

    fn announce(&mut self) {
        let act = self.model.borrow_mut().desk_mut().announce(&self.view.bar.announcement.value());
        self.act(act);
    }

    fn ban_marked(&mut self) {
        // Lines are counted from 1, and 0 is none.
        let row = usize::try_from(self.view.drawer.bans.value()).ok().and_then(|line| line.checked_sub(1));
        self.model.borrow_mut().desk_mut().mark_ban(row.unwrap_or(usize::MAX));
        if app::event_key() == Key::Delete { self.let_in_pressed() } else { self.draw() }
    }

    fn let_in_pressed(&mut self) {
        let act = self.model.borrow().desk().let_in();
        self.act(act);
    }

    fn member_marked(&mut self) {
        let row = usize::try_from(self.view.drawer.members.list.value()).ok().and_then(|line| line.checked_sub(1));
        self.model.borrow_mut().mark_member(row.unwrap_or(usize::MAX));
        self.draw();
    }

    fn add_member(&mut self) {
        let act = self.model.borrow_mut().add_member(&self.view.drawer.members.tools.name.value());
        self.act(act);
    }

    fn reset_member(&mut self) {
        self.model.borrow_mut().ask_new_password();
        self.draw();
    }

    fn remove_member(&mut self) {
        self.model.borrow_mut().ask_unregister();
        self.draw();
    }

    fn act(&mut self, act: Option<Action>) {
        if let Some(act) = act {
            self.operator.act(act);
        }
        self.draw();
    }

    fn tab_chosen(&mut self) {
        self.view.drawer.show_page();
        if self.view.drawer.shows_past() {
            self.look_up();
        }
        let watches = self.view.drawer.shows_threads();
        self.operator.watch_threads(watches);
        self.operator.watch_members(self.view.drawer.shows_members());
        if !watches {
            // What they did a while ago is not to be seen for a moment the next time.
            self.model.borrow_mut().set_threads(Vec::new());
        }
    }

    /// A line was typed into the wire.
    fn send_raw(&self, bytes: Vec<u8>) -> Result<String, String> {
        let act = self.model.borrow().raw(bytes)?;
        self.operator.act(act);
        // What comes of it is said at the desk.
        Ok(String::new())
    }

    fn filter_threads(&mut self) {
        self.model.borrow_mut().filter_threads(&self.view.drawer.thread_words.value());
        self.draw();
    }

    fn filter(&mut self) {
        let drawer = &self.view.drawer;
        let (level, _) = LEVELS[drawer.level.chosen().min(LEVELS.len() - 1)];
        self.model.borrow_mut().filter(level, &drawer.words.value());
        self.draw();
    }

    fn pause_pressed(&mut self) {
        let mut model = self.model.borrow_mut();
        let paused = model.reading().new_lines().is_some();
        model.pause(!paused);
        drop(model);
        self.draw();
    }

    fn save_pressed(&mut self) {
        self.suggest_file();
        self.model.borrow_mut().desk_mut().ask_save();
        self.draw();
    }

    fn export_pressed(&mut self) {
        self.suggest_file();
        self.model.borrow_mut().desk_mut().ask_export();
        self.draw();
    }

    fn suggest_file(&mut self) {
        // A name that was typed and did not work is there to be mended.
        if self.view.bar.file.value().is_empty() {
            let file = self.view.drawer.file_to_save();
            self.view.bar.file.set_value(&file);
        }
    }

    /// Lists what was said before.
    fn look_up(&mut self) {
        self.model.borrow_mut().past_mut().ask();
        self.operator.look_up(self.view.drawer.past_words.value());
    }

    fn past_delete_pressed(&mut self) {
        if app::event_state().contains(Shortcut::Shift) { self.forget_all_pressed() } else { self.forget_pressed() }
    }

    fn forget_pressed(&mut self) {
        let marked = self.view.drawer.past.marked(&self.model.borrow());
        if let Some(kept) = marked {
            self.model.borrow_mut().ask_forget(kept);
            self.draw();
        }
    }

    fn forget_all_pressed(&mut self) {
        let marked = self.view.drawer.past.marked(&self.model.borrow());
        if let Some(kept) = marked {
            self.model.borrow_mut().ask_forget_all_of(kept.from);
            self.draw();
        }
    }

    fn save(&mut self, file: PathBuf) {
        let lines = self.model.borrow().lines();
        self.operator.save(file, self.view.drawer.page(lines));
    }
}
