//! Asks the layout of a window for faults: widgets that overlap, that are cut off, or that are smaller than their text.

use fltk::button::CheckButton;
use fltk::draw;
use fltk::enums::{Align, LabelType};
use fltk::group::{Group, Scroll};
use fltk::input::Input;
use fltk::prelude::*;
use fltk::table::Table;
use fltk::text::TextDisplay;
use fltk::valuator::Scrollbar;
use fltk::widget::Widget;
use fltk::window::Window;

/// A rectangle, in the window's coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area {
    x: i32,
    y: i32,
    w: i32,
    h: i32,
}

impl Area {
    fn of(widget: &impl WidgetExt) -> Area {
        Area { x: widget.x(), y: widget.y(), w: widget.w(), h: widget.h() }
    }

    fn is_empty(self) -> bool {
        self.w <= 0 || self.h <= 0
    }

    fn is_in(self, outer: Area) -> bool {
        self.x >= outer.x
            && self.y >= outer.y
            && self.x + self.w <= outer.x + outer.w
            && self.y + self.h <= outer.y + outer.h
    }

    fn overlaps(self, other: Area) -> bool {
        let [one, two] = [self, other];
        one.x < two.x + two.w && two.x < one.x + one.w && one.y < two.y + two.h && two.y < one.y + one.h
    }
}

/// More than the height of anything that is scrolled.
const TALL: i32 = 100_000;

/// A visible widget without visible parts of its own.
struct Leaf {
    name: String,
    area: Area,
}

/// Returns what is wrong with the places of the visible widgets of a window.
pub(crate) fn faults(window: &Window) -> Vec<String> {
    let (mut leaves, mut faults) = (Vec::new(), Vec::new());
    let all = Area { x: 0, y: 0, w: window.w(), h: window.h() };
    if let Some(group) = window.as_group() {
        walk(&group, all, &mut leaves, &mut faults);
    }
    find_overlaps(&leaves, &mut faults);
    faults
}

fn find_overlaps(leaves: &[Leaf], faults: &mut Vec<String>) {
    for (at, one) in leaves.iter().enumerate() {
        for other in leaves[..at].iter().filter(|other| one.area.overlaps(other.area)) {
            faults.push(format!("{} and {} overlap: {:?} and {:?}", one.name, other.name, one.area, other.area));
        }
    }
}

/// Returns the visible widgets of a window, by a few words for each.
pub(crate) fn names(window: &Window) -> Vec<String> {
    let mut leaves = Vec::new();
    if let Some(group) = window.as_group() {
        walk(&group, Area::of(window), &mut leaves, &mut Vec::new());
    }
    leaves.into_iter().map(|leaf| leaf.name).collect()
}

fn walk(group: &Group, inside: Area, leaves: &mut Vec<Leaf>, faults: &mut Vec<String>) {
    for child in (0..group.children()).filter_map(|at| group.child(at)).filter(WidgetExt::visible) {
        let (area, name) = (Area::of(&child), name(&child));
        if (area.w == 0 || area.h == 0) && child.label().is_empty() && child.tooltip().is_none() {
            // It takes the rest of a row, of which there is none.
            continue;
        }
        if area.is_empty() {
            faults.push(format!("{name} has no area: {area:?}"));
            continue;
        }
        if !area.is_in(inside) {
            faults.push(format!("{name} at {area:?} is not within {inside:?}"));
        }
        if let Some(scroll) = Scroll::from_dyn_widget(&child) {
            // What is in it is as high as it needs to be.
            let mut contents = Vec::new();
            walk(
                &Group::from_dyn_widget(&scroll).unwrap(),
                Area { y: -TALL, h: 2 * TALL, ..area },
                &mut contents,
                faults,
            );
            find_overlaps(&contents, faults);
            leaves.push(Leaf { name, area });
            continue;
        }
        if let Some(group) = child.as_group().filter(|_| !is_leaf(&child)) {
            walk(&group, area, leaves, faults);
            continue;
        }
        if let Some(need) = need(&child).filter(|need| need.0 > area.w || need.1 > area.h) {
            faults.push(format!("{name} at {area:?} is smaller than its text, which needs {need:?}"));
        }
        leaves.push(Leaf { name, area });
    }
}

/// Returns true for widgets whose parts belong to FLTK.
fn is_leaf(widget: &Widget) -> bool {
    Table::from_dyn_widget(widget).is_some() || TextDisplay::from_dyn_widget(widget).is_some()
}

/// Returns a few words by which the widget is found in the source.
fn name(widget: &Widget) -> String {
    let kind = if Input::from_dyn_widget(widget).is_some() {
        "a field"
    } else if Table::from_dyn_widget(widget).is_some() {
        "a table"
    } else if TextDisplay::from_dyn_widget(widget).is_some() {
        "a text"
    } else if Scrollbar::from_dyn_widget(widget).is_some() {
        "a scrollbar"
    } else if widget.as_group().is_some() {
        "a group"
    } else {
        "a widget"
    };
    let tip = widget.tooltip().unwrap_or_default();
    format!("{kind} {:?} ({})", widget.label(), tip.lines().next().unwrap_or_default())
}

/// Returns the size that a widget's text needs, if it has text that it draws inside of it.
fn need(widget: &Widget) -> Option<(i32, i32)> {
    if let Some(field) = Input::from_dyn_widget(widget) {
        draw::set_font(field.text_font(), field.text_size());
        return Some((8, draw::height()));
    }
    let (label, align) = (widget.label(), widget.align());
    let is_inside = align == Align::Center || align.contains(Align::Inside);
    if label.is_empty() || !is_inside || widget.label_type() == LabelType::None {
        return None;
    }
    draw::set_font(widget.label_font(), widget.label_size());
    let (w, h) = if align.contains(Align::Wrap) {
        draw::wrap_measure(&label, widget.w(), true)
    } else {
        draw::measure(&label, true)
    };
    let mark = if CheckButton::from_dyn_widget(widget).is_some() { h } else { 0 };
    // A text that may be of any length is cut where it ends.
    Some(if align.contains(Align::Clip) { (1, h) } else { (w + mark, h) })
}
