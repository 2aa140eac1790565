//! The widgets of the room's window and their layout: a bar at the top, below it the conversation or the card, beside it
//! the people, and at the bottom the status line. A button here only sends its [`Msg`](super::messages::Msg). Runs on
//! the UI thread.

use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};
use fltk::window::Window;

use super::connect_card::ConnectCard;
use super::conversation::{ConversationWidgets, Drawer, MessagePane, SearchResults, ToolBars};
use super::fault_injection::WireRow;
use super::messages::{Pane, Sender};
use super::quit::QuitBar;
use super::register::RegisterBar;
use super::sidebar::Sidebar;
use super::top_bar::TopBar;
use super::trust_card::TrustCard;
use super::widgets::{Middle, column, page};
use crate::clock::Clock;
use crate::ui::{self, Entry, Settings, WindowSize, row, set_shown};
use crate::wire::TapReceiver;

/// The widgets.
pub(super) struct Widgets {
    pub(super) window: Window,
    pub(super) size: WindowSize,
    pub(super) top: TopBar,
    /// The conversation, with the rows below it.
    view: Flex,
    pub(super) card: ConnectCard,
    pub(super) sidebar: Sidebar,
    pub(super) trust: TrustCard,
    pub(super) register: RegisterBar,
    pub(super) quit: QuitBar,
    pub(super) wire: WireRow,
    /// The entry of the conversation.
    pub(super) entry: Entry,
}

impl Widgets {
    /// Creates all widgets, in the order in which Tab visits them.
    pub(super) fn build(
        wire: TapReceiver,
        clock: Clock,
        settings: &Settings,
        sender: &Sender,
    ) -> (Widgets, (ConversationWidgets, ToolBars)) {
        let send = sender.messages();
        let mut window = ui::window(960, 640, "multichat", ui::Program::Chat);
        let mut all = page();
        let top = TopBar::build(&mut all, sender);

        let mut middle = row();
        middle.set_pad(0);
        let card = ConnectCard::build(sender);
        let trust = TrustCard::build(&send);
        let mut view = column();
        let messages = MessagePane::build();
        view.end();
        view.hide();
        let sidebar = Sidebar::build(&mut middle, settings, &send);
        middle.end();

        view.begin();
        let drawer = Drawer::build(&mut view);
        drawer.restore(settings);
        let wire = WireRow::build(&mut view, &drawer, wire, clock);
        let actions = sender.actions(Pane::Room);
        let results = SearchResults::build(&mut view, &drawer, actions.clone());
        let register = RegisterBar::build(&mut view, &drawer, &send);
        let quit = QuitBar::build(&mut view, &drawer, &send);
        let drawer = (drawer, Some(results));
        let conversation = ConversationWidgets::build(all.clone(), view.clone(), messages, drawer, &actions);
        window.end();
        window.resizable(&all);
        let window_size = WindowSize::at_least((640, 400), &mut window);

        let widgets = Widgets {
            window,
            size: window_size,
            top,
            view,
            card,
            sidebar,
            trust,
            register,
            quit,
            wire,
            entry: conversation.0.entry.clone(),
        };
        (widgets, conversation)
    }

    /// Shows one of the three in the middle.
    pub(super) fn show_middle(&mut self, what: Middle) {
        let shown = |widget: Middle| widget == what;
        // What is hidden first leaves the other its place.
        for visible in [false, true] {
            if shown(Middle::Conversation) == visible {
                set_shown(&mut self.view, visible);
            }
            if shown(Middle::Card) == visible {
                set_shown(self.card.place(), visible);
            }
            if shown(Middle::Question) == visible {
                set_shown(self.trust.place(), visible);
            }
        }
    }

    /// Returns what the middle shows.
    pub(super) fn middle(&mut self) -> Middle {
        if self.card.place().visible() {
            Middle::Card
        } else if self.trust.place().visible() {
            Middle::Question
        } else {
            Middle::Conversation
        }
    }
}
