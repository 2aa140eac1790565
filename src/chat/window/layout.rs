//! The widgets of the room's window and their layout. A button here only sends its [`Msg`]. Runs on the UI thread.

use fltk::button::Button;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::menu::MenuButton;
use fltk::prelude::{GroupExt as _, WidgetExt};
use fltk::window::Window;

use super::conversation::{Action, ConversationWidgets, MessagePane, ToolBars};
use super::fault_injection::WireRow;
use super::messages::{Msg, Pane, Sender};
use super::people::PeopleList;
use super::register::RegisterBar;
use super::trust_prompt::TrustPromptBar;
use super::widgets::{on_click, page, plate, set_label};
use crate::chat::state::Phase;
use crate::clock::Clock;
use crate::ui::{self, CONTROL_HEIGHT, Field, GAP, Theme, WindowSize, row, set_shown};
use crate::wire::TapReceiver;

/// The widgets.
pub(super) struct Widgets {
    pub(super) window: Window,
    pub(super) size: WindowSize,
    pub(super) server: Field,
    pub(super) port: Field,
    pub(super) name: Field,
    pub(super) password: Field,
    pub(super) connect: Button,
    /// Replaces `connect` while there is a connection.
    pub(super) leave: Button,
    pub(super) theme: Button,
    pub(super) menu: MenuButton,
    pub(super) count: Frame,
    pub(super) people: PeopleList,
    pub(super) trust_prompt: TrustPromptBar,
    pub(super) register: RegisterBar,
    pub(super) wire: WireRow,
    /// The entry of the conversation.
    pub(super) entry: Field,
}

const CAPTION: i32 = ui::CAPTION_HEIGHT;

impl Widgets {
    /// Creates all widgets, in the order in which Tab visits them.
    pub(super) fn build(
        theme: Theme,
        wire: TapReceiver,
        clock: Clock,
        sender: &Sender,
    ) -> (Widgets, (ConversationWidgets, ToolBars)) {
        let send = sender.messages();
        let mut window = ui::window(960, 640, "multichat", "multichat");
        let mut all = page();
        let mut top = row();
        let server = Field::labelled("Server");
        let port = Field::labelled("Port");
        top.fixed(port.group(), 64);
        let name = Field::labelled("Username");
        let mut password = Field::labelled("Password").masked();
        password.input().set_tooltip("The room's, or that of your name, if it has one. It is kept nowhere.");
        let mut connect = below_caption(&mut top, 104, || ui::primary_button("Connect"));
        connect.set_tooltip("Enters the room (Enter in one of these fields)");
        on_click(&mut connect, &send, Msg::Connect);
        let mut leave = below_caption(&mut top, 104, || ui::button("Disconnect"));
        on_click(&mut leave, &send, Msg::Leave);
        let mut theme_button = below_caption(&mut top, 64, || ui::button(""));
        theme_button.set_tooltip("Light or dark (Ctrl+T).\nCtrl and +, - or 0: larger, smaller, as it was.");
        on_click(&mut theme_button, &send, Msg::ChangeTheme);
        let menu = below_caption(&mut top, 96, menu_button);
        top.end();
        all.fixed(&top, CAPTION + CONTROL_HEIGHT);

        let mut middle = row();
        let messages = MessagePane::build();
        let mut side = Flex::default().column();
        side.set_pad(GAP);
        let mut here = plate();
        let count = ui::heading("");
        here.fixed(&count, CAPTION);
        let people = PeopleList::build(&mut here);
        here.end();
        let tools = row();
        let mut find = ui::button("Find");
        find.set_tooltip("Finds something in the conversation (Ctrl+F)");
        on_click(&mut find, &send, Msg::In(Pane::Room, Action::OpenFind));
        let mut save = ui::button("Save");
        save.set_tooltip("Saves the conversation as text (Ctrl+S)");
        on_click(&mut save, &send, Msg::In(Pane::Room, Action::OpenSave));
        tools.end();
        side.fixed(&tools, CONTROL_HEIGHT);
        side.end();
        middle.fixed(&side, 190);
        middle.end();

        let trust_prompt = TrustPromptBar::build(&mut all, &send);
        let register = RegisterBar::build(&mut all, &send);
        let wire = WireRow::build(&mut all, wire, clock);
        let conversation = ConversationWidgets::build(all.clone(), messages, false, &sender.actions(Pane::Room));
        window.end();
        window.resizable(&all);
        let window_size = WindowSize::at_least((640, 400), &mut window);

        let mut widgets = Widgets {
            window,
            size: window_size,
            server,
            port,
            name,
            password,
            connect,
            leave,
            theme: theme_button,
            menu,
            count,
            people,
            trust_prompt,
            register,
            wire,
            entry: conversation.0.entry.clone(),
        };
        widgets.show_theme(theme);
        widgets.show_phase(Phase::Offline);
        widgets.show_count(0);
        (widgets, conversation)
    }

    /// Labels the button with the theme that it changes to.
    pub(super) fn show_theme(&mut self, theme: Theme) {
        self.theme.set_label(if theme == Theme::Light { "Dark" } else { "Light" });
    }

    /// Enables the fields and buttons that make sense in this phase.
    pub(super) fn show_phase(&mut self, phase: Phase) {
        let offline = phase == Phase::Offline;
        let presses = self.connect.has_focus() || self.leave.has_focus();
        for field in [&mut self.server, &mut self.port, &mut self.name, &mut self.password] {
            field.set_active(offline);
            // Until the outcome is known, the focus may stay. After a look at another program FLTK would otherwise give
            // it to Cancel, which the next space would press.
            field.input().visible_focus(offline || phase == Phase::Connecting);
        }
        let cancels = matches!(phase, Phase::Connecting | Phase::Waiting);
        self.leave.set_label(if cancels { "Cancel" } else { "Disconnect" });
        if phase == Phase::Leaving {
            self.leave.deactivate();
        } else {
            self.leave.activate();
        }
        // Each button has a column of its own, which is what the row places.
        for (button, shown) in [(&self.connect, offline), (&self.leave, !offline)] {
            if let Some(mut column) = button.parent() {
                set_shown(&mut column, shown);
            }
        }
        // FLTK would give the focus of a hidden button to any other button, which the next key would press.
        match phase {
            Phase::Offline if presses => drop(self.connect.take_focus()),
            Phase::Leaving if presses => self.entry.focus(),
            _ if presses => drop(self.leave.take_focus()),
            _ => {}
        }
    }

    /// Returns whether a widget is one of those that connect or disconnect.
    pub(super) fn is_at_the_top(&self, widget: &impl WidgetExt) -> bool {
        let fields = [&self.server, &self.port, &self.name, &self.password];
        let buttons = [&self.connect, &self.leave];
        fields.into_iter().any(|field| widget.inside(field.group())) || buttons.into_iter().any(WidgetExt::has_focus)
    }

    /// Shows the number of users in the room.
    pub(super) fn show_count(&mut self, count: usize) {
        let label = if count == 0 { "Who is here".to_owned() } else { format!("Who is here: {count}") };
        set_label(&mut self.count, &label);
    }
}

/// Creates a button in a row of labelled fields, in line with the fields.
fn below_caption<W: WidgetExt>(row: &mut Flex, width: i32, make: impl FnOnce() -> W) -> W {
    let mut column = Flex::default().column();
    column.set_pad(0);
    let gap = Frame::default();
    column.fixed(&gap, CAPTION);
    let button = make();
    column.end();
    row.fixed(&column, width);
    button
}

/// Creates the button that opens the settings menu.
fn menu_button() -> MenuButton {
    let mut menu = ui::menu_button("Settings");
    menu.set_tooltip("What others are told of you, and you of them");
    menu
}
