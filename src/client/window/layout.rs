//! Which widgets the window has, and where. No behaviour: callbacks are in the parent module.

use fltk::button::Button;
use fltk::enums::{Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{DisplayExt as _, GroupExt as _, WidgetBase as _, WidgetExt as _, WindowExt as _};
use fltk::text::{StyleTableEntryExt, TextAttr, TextDisplay};
use fltk::window::Window;

use super::reading::Bars;
use super::writing::Writing;
use crate::client::Phase;
use crate::client::model::{NAME_COLORS, Style};
use crate::ui::{self, CONTROL_HEIGHT, Field, GAP, MARGIN, StatusLine, Theme, theme};

/// The widgets. Cloning them gives other handles to the same.
#[derive(Clone)]
pub(super) struct Widgets {
    pub(super) window: Window,
    pub(super) server: Field,
    pub(super) port: Field,
    pub(super) name: Field,
    pub(super) connect: Button,
    /// In the place of `connect`, while there is a connection.
    pub(super) leave: Button,
    pub(super) theme: Button,
    pub(super) conversation: TextDisplay,
    pub(super) count: Frame,
    pub(super) people: TextDisplay,
    pub(super) find: Button,
    pub(super) save: Button,
    pub(super) bars: Bars,
    pub(super) question: Question,
    pub(super) entry: Field,
    pub(super) counter: Frame,
    /// "3 new below".
    pub(super) newer: Button,
    pub(super) send: Button,
    pub(super) status: StatusLine,
    /// These place their children anew when some are shown or hidden.
    all: Flex,
    top: Flex,
    bottom: Flex,
}

const CAPTION: i32 = ui::CAPTION_HEIGHT;

/// The width of the scrollbars beside text.
pub(super) const SCROLLBAR: i32 = 10;

impl Widgets {
    /// Makes all of them, in the order in which Tab goes through them.
    pub(super) fn build(theme: Theme) -> Widgets {
        let mut window = ui::window(960, 640, "multichat", "multichat");
        let mut all = Flex::default_fill().column();
        all.set_frame(FrameType::FlatBox);
        all.set_color(theme::BACKGROUND);
        all.set_margins(MARGIN, MARGIN, MARGIN, 6);
        all.set_pad(GAP);

        let mut top = row();
        let server = Field::labelled("Server");
        let port = Field::labelled("Port");
        top.fixed(port.group(), 84);
        let name = Field::labelled("Username");
        top.fixed(name.group(), 180);
        let mut connect = below_caption(&mut top, 124, || ui::primary_button("Connect"));
        connect.set_tooltip("Enters the room (Enter in one of the fields)");
        let leave = below_caption(&mut top, 124, || ui::button("Disconnect"));
        let mut theme_button = below_caption(&mut top, 72, || ui::button(""));
        theme_button.set_tooltip("Light or dark (Ctrl+T).\nCtrl and +, - or 0: larger, smaller, as it was.");
        top.end();
        all.fixed(&top, CAPTION + CONTROL_HEIGHT);

        let mut middle = row();
        let mut plate = plate();
        let conversation = text(&mut plate);
        let mut side = Flex::default().column();
        side.set_pad(GAP);
        let mut here = self::plate();
        let count = ui::heading("");
        here.fixed(&count, CAPTION);
        let people = text(&mut here);
        let tools = row();
        let mut find = ui::button("Find");
        find.set_tooltip("Finds something in the conversation (Ctrl+F)");
        let mut save = ui::button("Save");
        save.set_tooltip("Saves the conversation as text (Ctrl+S)");
        tools.end();
        side.fixed(&tools, CONTROL_HEIGHT);
        side.end();
        middle.fixed(&side, 190);
        middle.end();

        let bars = Bars::build(&mut all);

        let question = Question::build();
        all.fixed(&question.row, CONTROL_HEIGHT);

        let mut bottom = row();
        let entry = Field::bare();
        let counter = Writing::build_counter(&mut bottom);
        let mut newer = ui::button("");
        newer.set_tooltip("Goes to the newest line (Ctrl+End)");
        bottom.fixed(&newer, 120);
        let mut send = ui::primary_button("Send");
        send.set_tooltip("Sends the message (Enter).\nUp and Down: what you sent. Tab: completes a name.");
        bottom.fixed(&send, 84);
        bottom.end();
        all.fixed(&bottom, CONTROL_HEIGHT);

        let status = StatusLine::new();
        all.fixed(status.widget(), StatusLine::HEIGHT);
        all.end();
        window.end();
        window.resizable(&all);
        window.size_range(640, 400, 0, 0);

        let mut widgets = Widgets {
            window,
            server,
            port,
            name,
            connect,
            leave,
            theme: theme_button,
            conversation,
            count,
            people,
            find,
            save,
            bars,
            question,
            entry,
            counter,
            newer,
            send,
            status,
            all,
            top,
            bottom,
        };
        widgets.show_theme(theme);
        widgets.show_phase(Phase::Offline);
        widgets.show_count(0);
        widgets.newer.hide();
        widgets.bottom.layout();
        widgets.question.row.hide();
        widgets.all.layout();
        widgets
    }

    /// Asks what to do with so many lines that were pasted, or asks no more.
    pub(super) fn ask_about(&mut self, lines: Option<usize>) {
        let row = &mut self.question.row;
        match lines {
            Some(lines) => {
                self.question.text.set_label(&format!("You have pasted {lines} lines."));
                self.question.send.set_label(&format!("Send {lines} messages"));
                row.show();
            }
            None => row.hide(),
        }
        self.all.layout();
        self.all.redraw();
    }

    /// The button says what it changes to.
    pub(super) fn show_theme(&mut self, theme: Theme) {
        self.theme.set_label(if theme == Theme::Light { "Dark" } else { "Light" });
    }

    /// Lets be pressed and written what makes sense in this phase.
    pub(super) fn show_phase(&mut self, phase: Phase) {
        let offline = phase == Phase::Offline;
        for field in [&mut self.server, &mut self.port, &mut self.name] {
            field.set_active(offline);
        }
        let cancels = matches!(phase, Phase::Connecting | Phase::Waiting);
        self.leave.set_label(if cancels { "Cancel" } else { "Disconnect" });
        if phase == Phase::Leaving {
            self.leave.deactivate();
        } else {
            self.leave.activate();
        }
        let (shown, hidden) = if offline { (&self.connect, &self.leave) } else { (&self.leave, &self.connect) };
        // Each has a column of its own, which is what the row places.
        if let (Some(mut shown), Some(mut hidden)) = (shown.parent(), hidden.parent()) {
            hidden.hide();
            shown.show();
        }
        self.top.layout();
        self.top.redraw();
    }

    /// How many people are here.
    pub(super) fn show_count(&mut self, count: usize) {
        let label = if count == 0 { "Who is here".to_owned() } else { format!("Who is here: {count}") };
        if self.count.label() != label {
            self.count.set_label(&label);
        }
    }

    /// The hint that something new is below what is seen.
    pub(super) fn show_newer(&mut self, unseen: u64) {
        if unseen == 0 && !self.newer.visible() {
            return;
        }
        let label = if unseen > 999 { "999+ new below".to_owned() } else { format!("{unseen} new below") };
        if self.newer.label() != label {
            self.newer.set_label(&label);
        }
        if self.newer.visible() != (unseen > 0) {
            if unseen > 0 {
                self.newer.show();
            } else {
                self.newer.hide();
            }
            self.bottom.layout();
            self.bottom.redraw();
        }
    }
}

/// What to do with several lines that were pasted. It is a row in the window and not a dialog: FLTK's dialogs run a loop of
/// their own inside of the callback that opens them, and the callback could then be entered a second time.
#[derive(Clone)]
pub(super) struct Question {
    row: Flex,
    text: Frame,
    pub(super) send: Button,
    pub(super) join: Button,
    pub(super) cancel: Button,
}

impl Question {
    fn build() -> Question {
        let mut row = row();
        let text = ui::note("");
        let send = ui::primary_button("");
        row.fixed(&send, 176);
        let join = ui::button("Make it one");
        row.fixed(&join, 108);
        let cancel = ui::button("Cancel");
        row.fixed(&cancel, 84);
        row.end();
        Question { row, text, send, join, cancel }
    }
}

/// Shows a row of a column, or hides it and gives its place to the others.
pub(super) fn show_row(row: &mut Flex, shown: bool) {
    if row.visible() == shown {
        return;
    }
    if shown {
        row.show();
    } else {
        row.hide();
    }
    if let Some(mut column) = row.parent().and_then(|column| Flex::from_dyn_widget(&column)) {
        column.layout();
        column.redraw();
    }
}

/// A row of widgets. It has a ground of its own, so that no trace is left of what it hides or moves.
pub(super) fn row() -> Flex {
    let mut row = Flex::default();
    row.set_frame(FrameType::FlatBox);
    row.set_color(theme::BACKGROUND);
    row.set_pad(GAP);
    row
}

/// Puts a button into a row of labelled fields, in line with the fields.
fn below_caption(row: &mut Flex, width: i32, make: impl FnOnce() -> Button) -> Button {
    let mut column = Flex::default().column();
    column.set_pad(0);
    let gap = Frame::default();
    column.fixed(&gap, CAPTION);
    let button = make();
    column.end();
    row.fixed(&column, width);
    button
}

/// A rounded plate for text to be read.
fn plate() -> Flex {
    let mut plate = Flex::default().column();
    plate.set_frame(FrameType::RFlatBox);
    plate.set_color(theme::SURFACE);
    plate.set_margins(8, 6, 4, 6);
    plate.set_pad(0);
    plate
}

/// The text itself, as the last thing on its plate.
fn text(plate: &mut Flex) -> TextDisplay {
    let mut text = TextDisplay::default();
    text.set_frame(FrameType::FlatBox);
    text.set_color(theme::SURFACE);
    text.set_text_size(ui::TEXT_SIZE);
    text.set_text_color(theme::TEXT);
    text.set_selection_color(theme::ACCENT);
    text.set_scrollbar_size(SCROLLBAR);
    text.show_cursor(false);
    ui::style_scrollbars(&text);
    plate.end();
    ui::ring(plate, &text);
    text
}

const _: () = assert!(theme::NAMES.len() == NAME_COLORS, "each colour of the model is one of the palette");

/// The look of each style, in the order of their letters. All have one size: sizes that differ within a line would clip
/// what hangs below it.
pub(super) fn style_table() -> Vec<StyleTableEntryExt> {
    let look = |style| match style {
        Style::Text => (theme::TEXT, Font::Helvetica, TextAttr::None),
        Style::Muted => (theme::MUTED, Font::Helvetica, TextAttr::None),
        Style::Pale => (theme::MUTED, Font::HelveticaItalic, TextAttr::None),
        Style::Private => (theme::GOOD, Font::HelveticaItalic, TextAttr::None),
        Style::Announcement => (theme::WARN, Font::HelveticaBold, TextAttr::None),
        // The first colour of the names is a blue that is readable in both themes, as the accent is not.
        Style::Link => (theme::NAMES[0], Font::Helvetica, TextAttr::Underline),
        Style::Mention => (theme::TEXT, Font::HelveticaBold, TextAttr::BgColor),
        Style::Mark => (theme::ERROR, Font::HelveticaBold, TextAttr::None),
        Style::Name(color) => (theme::NAMES[color], Font::HelveticaBold, TextAttr::None),
    };
    Style::all()
        .map(|style| {
            let (color, font, attr) = look(style);
            StyleTableEntryExt { color, font, size: ui::TEXT_SIZE, attr, bgcolor: theme::HIGHLIGHT }
        })
        .collect()
}
