//! A text field: a label above, a rounded plate around, and a ring around it while it has the keyboard
//! focus. Runs on the UI thread.
//!
//! FLTK draws an input's text right at its edge, where a rounded corner would cut it. So the input itself has no
//! corners: it lies, a few pixels in, on a rounded plate of the same colour.

use fltk::app;
use fltk::draw;
use fltk::enums::{Align, CallbackTrigger, Color, Event, Font, FrameType};
use fltk::group::Flex;
use fltk::input::{Input, InputType};
use fltk::prelude::{GroupExt as _, InputExt as _, WidgetBase, WidgetExt as _};

use super::long_text::LongText;
use super::theme;
use super::widgets::{CAPTION_HEIGHT, CONTROL_HEIGHT, TEXT_SIZE, caption};

/// Space between the plate's edge and the text.
const PADDING: i32 = 10;
/// Radius of the plate's corners, as [`Theme::set_shapes`](super::theme::Theme) sets it for FLTK's own.
const RADIUS: i32 = 8;

/// A single-line text field. Cloning it gives another handle to the same widgets.
#[derive(Clone, Debug)]
pub struct Field {
    outer: Flex,
    plate: Flex,
    input: Input,
    long: LongText,
}

impl Field {
    /// Creates a field with a label above it, in the open group.
    pub fn labelled(label: &str) -> Field {
        let mut outer = Flex::default().column();
        outer.set_pad(0);
        let caption = caption(label);
        outer.fixed(&caption, CAPTION_HEIGHT);
        let (plate, input, long) = plate();
        outer.fixed(&plate, CONTROL_HEIGHT);
        outer.end();
        Field { outer, plate, input, long }
    }

    /// Creates a field without a label.
    pub fn bare() -> Field {
        let (plate, input, long) = plate();
        Field { outer: plate.clone(), plate, input, long }
    }

    /// Creates a field without a label, which shows a hint while it is empty, with a tooltip.
    pub fn hinted(hint: &'static str, tooltip: &str) -> Field {
        let mut field = Field::bare();
        field.input.set_tooltip(tooltip);
        let long = field.long.clone();
        field.input.draw(move |input| {
            long.draw(input);
            if input.value().is_empty() {
                draw::push_clip(input.x(), input.y(), input.w(), input.h());
                draw::set_draw_color(theme::MUTED);
                draw::set_font(Font::Helvetica, TEXT_SIZE);
                // A little further in than the text will be, because the cursor stands there now.
                draw::draw_text2(hint, input.x() + 6, input.y(), input.w(), input.h(), Align::Left);
                draw::pop_clip();
            }
        });
        field
    }

    /// Returns the field with dots in place of the text, which it does not let be copied.
    #[must_use]
    pub fn masked(mut self) -> Field {
        self.input.set_type(InputType::Secret);
        self.long.mask();
        self
    }

    /// Returns the widget for a layout: label and plate included.
    pub fn group(&self) -> &Flex {
        &self.outer
    }

    /// Returns the input widget.
    pub fn input(&mut self) -> &mut Input {
        &mut self.input
    }

    /// Returns the text.
    pub fn value(&self) -> String {
        self.input.value()
    }

    /// Replaces the text.
    pub fn set_value(&mut self, value: &str) {
        self.input.set_value(value);
    }

    /// Calls `enter` when Enter is pressed in the field.
    pub fn on_enter(&mut self, mut enter: impl FnMut() + 'static) {
        self.input.set_trigger(CallbackTrigger::EnterKeyAlways);
        let mut field = self.clone();
        self.input.set_callback(move |_| {
            // FLTK has just selected the whole text, and the next key would replace text that was not sent.
            field.caret_to_end();
            enter();
        });
    }

    /// Moves the caret behind the text, with nothing selected.
    pub fn caret_to_end(&mut self) {
        let end = i32::try_from(self.value().len()).unwrap_or(i32::MAX);
        // FLTK clamps a position out of range, so this cannot fail in a way that matters.
        let _ = self.input.set_position(end);
    }

    /// Calls `changed` with the new text after each change.
    pub fn on_change(&mut self, mut changed: impl FnMut(String) + 'static) {
        self.input.set_trigger(CallbackTrigger::Changed);
        self.input.set_callback(move |input| changed(input.value()));
    }

    /// Calls `handler` with each event before the input sees it. If `handler` returns true, the input does not see the
    /// event.
    pub fn on_event(&mut self, mut handler: impl FnMut(Event) -> bool + 'static) {
        let (long, mut input) = (self.long.clone(), self.input.clone());
        add_outline(&mut self.plate, &self.input, move |event| handler(event) || long.handle(&mut input, event));
    }

    /// Takes the keyboard focus, if the window is shown.
    pub fn focus(&mut self) {
        if self.input.take_focus().is_ok() {
            app::set_focus(&self.input);
        }
    }

    /// Enables or disables the field. FLTK draws an inactive input too pale to be read, so a disabled field is only
    /// read-only.
    pub fn set_active(&mut self, active: bool) {
        self.set_editable(active);
        // Without it, Tab skips the field.
        self.input.visible_focus(active);
    }

    /// Makes the field editable, or only readable and copyable.
    pub fn set_editable(&mut self, editable: bool) {
        let (ground, text) = if editable { (theme::SURFACE, theme::TEXT) } else { (theme::BACKGROUND, theme::MUTED) };
        self.plate.set_color(ground);
        self.input.set_color(ground);
        self.input.set_text_color(text);
        self.input.set_readonly(!editable);
        self.plate.redraw();
    }
}

/// Creates the plate, the input on it, and the drawing of a long text in the input.
fn plate() -> (Flex, Input, LongText) {
    let mut plate = Flex::default();
    plate.set_frame(FrameType::RFlatBox);
    plate.set_color(theme::SURFACE);
    plate.set_margins(PADDING, 2, PADDING, 2);
    let mut input = Input::default();
    input.set_frame(FrameType::FlatBox);
    input.set_color(theme::SURFACE);
    input.set_text_color(theme::TEXT);
    input.set_cursor_color(theme::ACCENT);
    input.set_selection_color(theme::ACCENT);
    input.set_text_size(TEXT_SIZE);
    // FLTK's default maximum would silently truncate pasted text at 32,767 characters.
    input.set_maximum_size(i32::MAX);
    let long = LongText::default();
    let drawn = long.clone();
    input.draw(move |input| drawn.draw(input));
    plate.end();

    add_outline(&mut plate, &input, |_| false);
    (plate, input, long)
}

/// Draws a ring around a plate that shows whether `widget` has the keyboard focus, and calls `handler` with each event before the
/// widget sees it. If `handler` returns true, the widget does not see the event. A widget has only one handler, so code that
/// needs its events passes them here.
pub fn add_focus_ring<W>(plate: &mut Flex, widget: &W, handler: impl FnMut(Event) -> bool + 'static)
where
    W: WidgetBase + Clone + 'static,
{
    add_ring(plate, widget, theme::RAISED, handler);
}

/// Draws the same ring for a field to type in, whose outline has to be seen without the focus, too.
pub fn add_outline<W>(plate: &mut Flex, widget: &W, handler: impl FnMut(Event) -> bool + 'static)
where
    W: WidgetBase + Clone + 'static,
{
    add_ring(plate, widget, theme::OUTLINE, handler);
}

/// Draws a ring around a plate, within FLTK's draw.
pub fn draw_ring(plate: &Flex, color: Color) {
    draw::set_draw_color(color);
    draw::draw_rounded_rect(plate.x(), plate.y(), plate.w(), plate.h(), RADIUS);
}

fn add_ring<W>(plate: &mut Flex, widget: &W, idle: Color, mut handler: impl FnMut(Event) -> bool + 'static)
where
    W: WidgetBase + Clone + 'static,
{
    let ringed = widget.clone();
    plate.draw(move |plate| {
        draw_ring(plate, if ringed.has_focus() { theme::FOCUS } else { idle });
    });
    let mut around = plate.clone();
    let mut widget = widget.clone();
    widget.super_handle_first(false);
    widget.handle(move |_, event| {
        if matches!(event, Event::Focus | Event::Unfocus) {
            around.redraw();
        }
        handler(event)
    });
}
