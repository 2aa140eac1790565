//! Constructors for the widgets that both windows use, in their common look. Runs on the UI thread.

use fltk::app;
use fltk::button::Button;
use fltk::draw;
use fltk::enums::{Align, Color, Event, Font, FrameType, Key};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::menu::MenuButton;
use fltk::prelude::{ButtonExt as _, GroupExt as _, MenuExt as _, WidgetBase as _, WidgetExt, WindowExt};
use fltk::window::Window;
use thiserror::Error;

use super::modifiers::is_altgr;
use super::program::Program;
use super::theme;
use super::theme::Theme;
use crate::desktop::WindowId;

/// Size of all text that is read or written.
pub const TEXT_SIZE: i32 = 14;
/// Size of the labels above fields.
const CAPTION_SIZE: i32 = 12;
/// Height of such a label, with the gap below it.
pub const CAPTION_HEIGHT: i32 = 20;
/// Height of buttons and fields.
pub const CONTROL_HEIGHT: i32 = 36;
/// Space between widgets.
pub const GAP: i32 = 10;
/// Space between the widgets and the window's edge.
pub const MARGIN: i32 = 14;

/// Error: there is no display for windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no display for the window (DISPLAY is not set)")]
pub struct NoDisplay;

/// Checks that there is a display for windows. Without one, FLTK would exit the program itself, with a shorter message.
///
/// # Errors
///
/// Returns [`NoDisplay`] under X11 if `DISPLAY` is not set.
pub fn find_display() -> Result<(), NoDisplay> {
    let is_x11 = cfg!(all(unix, not(target_os = "macos")));
    if is_x11 && std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
        return Err(NoDisplay);
    }
    Ok(())
}

/// Starts FLTK. Must be called once, on the main thread, before the first widget is created.
pub fn start_app(theme: Theme) -> app::App {
    let app = app::App::default();
    Theme::set_shapes();
    set_fonts();
    app::set_font_size(TEXT_SIZE);
    app::set_scrollbar_size(12);
    theme.apply();
    app
}

/// Chooses the fonts of the system. FLTK does, but on Windows its choice is Arial and Courier New, which look foreign among the
/// programs of today and have fewer scripts. The first letter of a name is the style.
fn set_fonts() {
    if cfg!(windows) {
        Font::set_font(Font::Helvetica, " Segoe UI");
        Font::set_font(Font::HelveticaBold, "BSegoe UI");
        Font::set_font(Font::HelveticaItalic, "ISegoe UI");
        Font::set_font(Font::Courier, " Consolas");
        Font::set_font(Font::CourierBold, "BConsolas");
    }
}

/// Creates a window of a program, empty and not shown.
pub fn window(width: i32, height: i32, title: &str, program: Program) -> Window {
    let mut window = Window::default().with_size(width, height);
    window.set_label(title);
    window.set_xclass(program.class());
    window.set_icon(program.icon());
    window.set_color(theme::BACKGROUND);
    window
}

/// Returns the number of a window for `desktop`, once the window was shown and if it has one there.
pub fn window_id(window: &Window) -> Option<WindowId> {
    let handle = window.shown().then(|| window.raw_handle());
    #[cfg(all(unix, not(target_os = "macos")))]
    return handle.and_then(|handle| handle.try_into().ok());
    // A pointer in form only: it has 32 bits.
    #[cfg(windows)]
    return handle.and_then(|handle| handle.addr().try_into().ok());
    #[cfg(target_os = "macos")]
    return handle.and(None);
}

/// Wraps the focus around: Tab behind the last widget goes to the first, and Shift+Tab before the first to the last. A
/// window calls this with each event that none of its widgets has handled. FLTK does it by itself only in a window with
/// several children, and ours have one layout.
///
/// A letter that was typed with AltGr ends here, too. Otherwise FLTK would take it for the key of a menu.
pub fn wrap_focus(window: &Window, event: Event) -> bool {
    event == Event::KeyDown
        && (is_altgr()
            || app::event_key() == Key::Tab
            // A group inspects the key, and focuses its first or its last widget that takes the focus.
            && window.child(0).is_some_and(|mut all| all.take_focus().is_ok()))
}

/// Makes Enter press a button that has the focus; FLTK does that for the space bar only. One Enter too many must not press
/// the button to which the focus went when another was hidden: a focus that FLTK gave by itself does not count.
#[derive(Debug, Default)]
pub struct EnterPresses {
    /// The button was not chosen by anybody.
    is_given: bool,
}

impl EnterPresses {
    /// Returns whether an event presses the button, which must call this with each of its events.
    pub fn takes(&mut self, event: Event) -> bool {
        match event {
            // What was hidden no longer has the focus, and nothing else has it yet. A window that comes back to the front
            // restores its focus.
            Event::Focus if app::event() != Event::Focus => {
                let is_tab = app::event() == Event::KeyDown && app::event_key() == Key::Tab;
                self.is_given = app::focus().is_none() && !is_tab;
                false
            }
            Event::KeyDown => !self.is_given && matches!(app::event_key(), Key::Enter | Key::KPEnter),
            _ => false,
        }
    }
}

/// Makes Enter in one of the choices of a question press the button that says yes. A window calls this with each event
/// that none of its widgets has handled.
pub fn confirm_on_enter(event: Event, choices: &[impl WidgetExt], yes: &Button) -> bool {
    let is_enter = event == Event::KeyDown && matches!(app::event_key(), Key::Enter | Key::KPEnter);
    let answers = is_enter && choices.iter().any(WidgetExt::has_focus);
    if answers {
        yes.clone().do_callback();
    }
    answers
}

/// Creates a flat button.
pub fn button(label: &str) -> Button {
    flat_button(label, false)
}

/// Creates the primary button of a window or a row.
pub fn primary_button(label: &str) -> Button {
    flat_button(label, true)
}

/// Makes a button the primary one of its row, or one like any other.
pub fn set_primary(button: &mut Button, is_primary: bool) {
    let text = if is_primary { theme::ON_ACCENT } else { theme::TEXT };
    if button.label_color() != text {
        button.set_label_color(text);
        button.set_color(ground(button).0);
        button.redraw();
    }
}

/// Returns the colour of a button, and the one that is mixed into it while the mouse is over it. The label tells them.
fn ground(button: &Button) -> (Color, Color) {
    if button.label_color() == theme::ON_ACCENT { (theme::ACCENT, Color::Black) } else { (theme::RAISED, theme::TEXT) }
}

/// Creates a button that opens a menu.
pub fn menu_button(label: &str) -> MenuButton {
    let mut menu = MenuButton::default().with_label(label);
    menu.set_frame(FrameType::RFlatBox);
    menu.set_color(theme::RAISED);
    menu.set_label_color(theme::TEXT);
    menu.set_text_color(theme::TEXT);
    menu.set_label_size(TEXT_SIZE);
    menu.set_text_size(TEXT_SIZE);
    menu.set_selection_color(theme::ACCENT);
    menu
}

fn flat_button(label: &str, is_primary: bool) -> Button {
    let mut button = Button::default().with_label(label);
    button.set_frame(FrameType::RFlatBox);
    button.set_down_frame(FrameType::RFlatBox);
    button.set_label_color(if is_primary { theme::ON_ACCENT } else { theme::TEXT });
    button.set_color(ground(&button).0);
    button.set_label_size(TEXT_SIZE);
    // While pressed, and while the mouse is over it, another colour is mixed into the button's own.
    let mixed = |button: &Button, weight| {
        let (ground, touched) = ground(button);
        Color::color_average(touched, ground, weight)
    };
    button.set_selection_color(mixed(&button, theme::PRESSED));
    // FLTK mixes so much of the background into an inactive label that it cannot be read.
    button.draw(|button| {
        if button.active_r() {
            return;
        }
        let (x, y, w, h) = (button.x(), button.y(), button.w(), button.h());
        draw::draw_box(FrameType::RFlatBox, x, y, w, h, theme::RAISED);
        draw::set_draw_color(theme::MUTED);
        draw::set_font(button.label_font(), button.label_size());
        draw::draw_text2(&button.label(), x, y, w, h, Align::Center);
    });
    // Once FLTK has handled a press, it can no longer be suppressed.
    button.super_handle_first(false);
    let (mut pressed, mut enter) = (false, EnterPresses::default());
    button.handle(move |button, event| {
        if enter.takes(event) {
            button.do_callback();
            return true;
        }
        match event {
            // The second click of a double click belongs to the target of the first one, which may be hidden by now.
            Event::Push => {
                pressed |= !app::event_clicks();
                return !pressed;
            }
            Event::Leave | Event::Hide | Event::Deactivate => pressed = false,
            _ => {}
        }
        match event {
            Event::Enter => {
                // Mixed only now, because the theme may have changed after the button was created.
                button.set_selection_color(mixed(button, theme::PRESSED));
                button.set_color(mixed(button, theme::BELOW_MOUSE));
            }
            Event::Leave | Event::Hide | Event::Deactivate => button.set_color(ground(button).0),
            _ => return false,
        }
        button.redraw();
        // Enter must be claimed, or FLTK does not send the Leave.
        event == Event::Enter
    });
    button
}

/// Creates a row of widgets. It has a background of its own, so that no trace is left of a widget that it hides or
/// moves.
pub fn row() -> Flex {
    let mut row = Flex::default();
    row.set_frame(FrameType::FlatBox);
    row.set_color(theme::BACKGROUND);
    row.set_pad(GAP);
    row
}

/// Gives a button of a row its width and its tooltip.
pub fn place(row: &mut Flex, mut button: Button, width: i32, tooltip: &str) -> Button {
    button.set_tooltip(tooltip);
    row.fixed(&button, width);
    button
}

/// Creates a plate with rounded corners for the table on it.
pub fn card() -> Flex {
    let mut card = Flex::default();
    card.set_frame(FrameType::RFlatBox);
    card.set_color(theme::SURFACE);
    card.set_margins(2, 2, 2, 6);
    card
}

/// Shows or hides a widget of a row or of a column, and redistributes its space to the others.
pub fn set_shown(widget: &mut impl WidgetExt, shown: bool) {
    if widget.visible() == shown {
        return;
    }
    if shown {
        widget.show();
    } else {
        widget.hide();
    }
    if let Some(mut parent) = widget.parent().and_then(|parent| Flex::from_dyn_widget(&parent)) {
        parent.layout();
        parent.redraw();
    }
}

/// Draws the window of a widget anew, after the widget was laid out in another way: what overflowed it before was drawn over
/// others.
pub fn redraw_window(widget: &impl WidgetExt) {
    if let Some(mut window) = widget.window() {
        window.redraw();
    }
}

/// Creates a title above a part of the window.
pub fn heading(text: &str) -> Frame {
    let mut frame = caption(text);
    frame.set_label_font(Font::HelveticaBold);
    frame
}

/// Creates a line of text in a row of widgets.
pub fn note(text: &str) -> Frame {
    let mut frame = caption(text);
    frame.set_label_size(TEXT_SIZE);
    frame.set_label_color(theme::TEXT);
    frame
}

/// Creates the label above a field.
pub(super) fn caption(text: &str) -> Frame {
    let mut frame = Frame::default().with_label(text);
    frame.set_align(Align::Left | Align::Inside);
    frame.set_label_size(CAPTION_SIZE);
    frame.set_label_color(theme::MUTED);
    frame
}

/// Escapes text for a label, in which FLTK would read `@` as the start of a symbol.
pub fn escape_label(text: &str) -> String {
    text.replace('@', "@@")
}

/// Returns true while a mouse button is down that was pressed in this widget. Nothing under the mouse must move then.
pub fn is_held(widget: &impl WidgetExt) -> bool {
    app::pushed().is_some_and(|pushed| pushed.is_same(widget))
}

/// Sets the tooltip of a widget whose parts have tooltips of their own. To be called with each move of the mouse in it.
pub fn set_tip(widget: &mut impl WidgetExt, tip: &str) {
    let tip = escape_label(tip);
    if widget.tooltip().unwrap_or_default() != tip {
        widget.set_tooltip(&tip);
        // FLTK shows another tooltip only to a mouse that has come from another widget. With the next move it has.
        if let Some(parent) = widget.parent() {
            app::set_belowmouse(&parent);
        }
    }
}

/// Hides a window, after another window has become the one that FLTK draws into.
///
/// FLTK 1.4.5 keeps the Cairo context of the window that it has drawn last, and touches it before it draws the next one
/// (`Fl_X11_Window_Driver::make_current`), even if the window and its context are gone. Cairo keeps sixteen contexts for
/// later use, two for each window, so the memory is freed when many windows are closed. Valgrind shows the read of freed
/// memory when fourteen private windows are closed one by one without this.
pub fn hide_window(window: &mut Window) {
    let others = app::windows().into_iter().flatten();
    if let Some(mut other) = others.into_iter().find(|other| !other.is_same(window)) {
        other.make_current();
    }
    window.hide();
}

/// Closes the menu that is open, as a click beside it does. While a menu is open, its own event loop runs, so a program whose
/// windows are hidden does not end. To be called when they are: what is shown then are the menu and its submenus.
pub fn close_menu() {
    let Some(menu) = app::grab() else { return };
    for mut window in app::windows().unwrap_or_default().into_iter().filter(WindowExt::shown) {
        // Away from the mouse, so that the click is not on an item.
        window.set_pos(-window.w() - 10_000, -window.h() - 10_000);
    }
    // FLTK returns an error for its own use of events, which none of ours is.
    let _ = app::handle(Event::Push, &menu);
}
