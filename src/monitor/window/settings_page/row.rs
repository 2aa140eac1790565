//! A row of the page Settings: title, control and remark of one option, and below them what it does, or why a text was not taken.
//!
//! Main thread only. What was typed stays in its field until it is in force: a value that comes from elsewhere replaces only what
//! the user has not touched.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::{Align, Event, Font};
use fltk::frame::Frame;
use fltk::prelude::WidgetExt;

use crate::monitor::model::settings::Settings;
use crate::monitor::window::context::{Context, Msg};
use crate::monitor::window::widgets::label;
use crate::mood::Mood;
use crate::options::{Info, Key, Kind};
use crate::ui::{self, CheckBox, Field, theme};

/// Height of a row without the line below it, in pixels.
pub(super) const HEIGHT: i32 = 30;
/// Width of the titles, of a number's field, and of the remarks, in pixels.
const TITLE: i32 = 230;
const NUMBER: i32 = 120;
const REMARK: i32 = 200;
/// Space between the three.
const GAP: i32 = 10;
/// Size of the text below.
const HELP_SIZE: i32 = 12;

/// The row.
#[derive(Debug)]
pub(super) struct Row {
    key: Key,
    kind: Kind,
    /// Empty beside a check box, which has the title itself.
    title: Frame,
    control: Control,
    remark: Frame,
    help: Frame,
    /// The text that was put into the field last.
    shown: RefCell<String>,
}

#[derive(Debug)]
enum Control {
    Check(CheckBox),
    Text(Field),
}

impl Row {
    /// Creates the row in the current group.
    pub(super) fn new(info: &Info, context: &Context) -> Row {
        let key = info.key;
        let is_switch = info.kind == Kind::Switch;
        let mut title = label(if is_switch { "" } else { info.title });
        title.set_label_color(theme::TEXT);
        if is_switch {
            title.hide();
        }
        let send = Rc::clone(&context.send);
        let control = if is_switch {
            let mut check = CheckBox::new(info.title);
            let checked = check.clone();
            check.on_change(move || send(Msg::EnterOption(key, checked.is_checked().to_string())));
            // Until the options are known.
            check.set_active(false);
            Control::Check(check)
        } else {
            let mut field = Field::bare();
            let entered = field.clone();
            let enter = move || send(Msg::EnterOption(key, entered.value()));
            let leave = enter.clone();
            field.on_event(move |event| {
                if event == Event::Unfocus {
                    leave();
                }
                false
            });
            field.on_enter(enter);
            field.set_active(false);
            Control::Text(field)
        };
        let remark = label("");
        let mut help = label("");
        help.set_label_size(HELP_SIZE);
        help.set_align(Align::Left | Align::Inside | Align::Wrap | Align::Top);
        Row { key, kind: info.kind, title, control, remark, help, shown: RefCell::default() }
    }

    /// Draws the option.
    pub(super) fn show(&self, settings: &Settings) {
        let text = settings.text(self.key);
        let can_change = settings.can_change(self.key);
        match &self.control {
            Control::Check(check) => {
                let mut check = check.clone();
                check.set_checked(text == "true");
                check.set_active(can_change);
            }
            Control::Text(field) => {
                let mut field = field.clone();
                // Otherwise the user has typed on.
                if *self.shown.borrow() == field.value() && field.value() != text {
                    field.set_value(&text);
                }
                if field.value() == text {
                    self.shown.replace(text);
                }
                field.set_active(can_change);
            }
        }
        let (mood, remark) = settings.remark(self.key);
        colored(&mut self.remark.clone(), mood, &remark);
        self.remark.clone().set_tooltip(&ui::escape_label(&remark));
        let (mood, help) = settings.help(self.key);
        colored(&mut self.help.clone(), mood, &help);
    }

    /// Moves the keyboard focus to the control. Returns whether it takes it.
    pub(super) fn focus(&self) -> bool {
        match &self.control {
            Control::Check(check) => check.clone().focus(),
            Control::Text(field) => {
                field.clone().focus();
                true
            }
        }
    }

    /// Returns true if a widget is the control.
    pub(super) fn has(&self, widget: &impl WidgetExt) -> bool {
        match &self.control {
            Control::Check(check) => widget.is_same(check.widget()),
            Control::Text(field) => widget.inside(field.group()),
        }
    }

    /// Returns the upper and the lower end, in the pixels of the window.
    pub(super) fn extent(&self) -> (i32, i32) {
        (self.title.y(), self.help.y() + self.help.h())
    }

    /// Places the row, and returns its height.
    pub(super) fn place(&self, x: i32, y: i32, width: i32) -> i32 {
        let right = x + width - REMARK;
        let left = x + TITLE + GAP;
        self.title.clone().resize(x, y, TITLE, HEIGHT);
        match &self.control {
            Control::Check(check) => check.widget().clone().resize(x, y, right - GAP - x, HEIGHT),
            Control::Text(field) => {
                let wide = if matches!(self.kind, Kind::Number { .. }) { NUMBER } else { right - GAP - left };
                field.group().clone().resize(left, y, wide, HEIGHT);
            }
        }
        self.remark.clone().resize(right, y, REMARK, HEIGHT);
        draw::set_font(Font::Helvetica, HELP_SIZE);
        let (_, lines) = draw::wrap_measure(&self.help.label(), width, false);
        self.help.clone().resize(x, y + HEIGHT + 2, width, lines + 2);
        HEIGHT + 2 + lines + 2
    }
}

/// Sets the text of a label, in the colour of its level.
pub(super) fn colored(frame: &mut Frame, mood: Mood, text: &str) {
    frame.set_label_color(match mood {
        Mood::Busy | Mood::Warn => theme::WARN,
        Mood::Error => theme::ERROR,
        Mood::Good => theme::GOOD,
        Mood::Idle => theme::MUTED,
    });
    frame.set_label(&ui::escape_label(text));
}
