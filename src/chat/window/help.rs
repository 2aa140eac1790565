//! The window "Keys and commands": a list of both, made from their tables. It needs no network and no browser. It is built
//! when it is first shown, and hidden afterwards. Runs on the UI thread.

use fltk::app;
use fltk::draw;
use fltk::enums::{Event, Font, Key};
use fltk::group::Group;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _, WindowExt as _};
use fltk::window::Window;

use super::widgets::{page, plate};
use crate::chat::input::keys_page::{Line, lines};
use crate::ui::{self, MARGIN, RowColumn, Rows, WindowSize, theme};

/// Default height. The default width is that of the longest lines.
const HEIGHT: i32 = 560;
/// Space beside the columns: of the window, of the plate, and of the scrollbar.
const BESIDE: i32 = 2 * MARGIN + 12 + 20;
/// Space beside a text in its column.
const PADDING: i32 = 16;
/// Minimum size.
const SMALLEST: (i32, i32) = (420, 240);

/// The window, once it was needed.
#[derive(Default)]
pub(super) struct HelpWindow(Option<(Window, WindowSize)>);

impl HelpWindow {
    /// Shows the window on the screen of the main one, or raises it.
    pub(super) fn show(&mut self, main: &Window) {
        let (window, size) = self.0.get_or_insert_with(build);
        if !window.shown() {
            window.set_screen_num(main.screen_num());
            size.fit(window);
        }
        window.show();
    }

    /// Adapts the window to its screen, after the zoom has changed.
    pub(super) fn fit(&mut self) {
        if let Some((window, size)) = self.0.as_mut().filter(|(window, _)| window.shown()) {
            size.fit(window);
        }
    }

    /// Hides the window.
    pub(super) fn close(&mut self) {
        if let Some((window, _)) = self.0.as_mut().filter(|(window, _)| window.shown()) {
            ui::hide_window(window);
        }
    }
}

/// Returns the widths of the two columns: no text is cut.
fn widths(shown: &[Line]) -> [i32; 2] {
    let texts = |column: usize| {
        shown.iter().filter_map(move |line| match (line, column) {
            (Line::Heading(words), 0) => Some(*words),
            (Line::Entry(keys, _), 0) => Some(keys.as_str()),
            (Line::Entry(_, what), _) => Some(*what),
            (Line::Heading(_), _) => None,
        })
    };
    [(0, Font::HelveticaBold), (1, Font::Helvetica)].map(|(column, font)| {
        draw::set_font(font, ui::TEXT_SIZE);
        texts(column).map(ui::text_width).max().unwrap_or(0) + PADDING
    })
}

fn build() -> (Window, WindowSize) {
    let current = Group::try_current();
    Group::set_current(None::<&Group>);
    let shown: Vec<Line> = lines().collect();
    let widths = widths(&shown);
    let width = widths.iter().sum::<i32>() + BESIDE;
    let mut window = ui::window(width, HEIGHT, "Keys and commands - multichat", ui::Program::Chat);
    let all = page();
    let plate = plate();
    let columns = vec![
        RowColumn { font: Font::HelveticaBold, ..RowColumn::new("Keys and commands", widths[0], 0) },
        RowColumn::new("Effect", widths[1], 1),
    ];
    let count = shown.len();
    let mut rows = Rows::new(columns, move |row, column| {
        Some(match (shown.get(usize::try_from(row).ok()?)?, column) {
            (Line::Heading(words), 0) => ((*words).to_owned(), theme::NAMES[0]),
            (Line::Entry(keys, _), 0) => (keys.clone(), theme::TEXT),
            (Line::Entry(_, what), _) => ((*what).to_owned(), theme::TEXT),
            (Line::Heading(_), _) => return None,
        })
    });
    plate.end();
    all.end();
    window.end();
    Group::set_current(current.as_ref());
    window.resizable(&all);
    let size = WindowSize::at_least(SMALLEST, &mut window);
    rows.show(0, count, false);
    window.handle(|window, event| {
        let closes =
            matches!(event, Event::KeyDown | Event::Shortcut) && matches!(app::event_key(), Key::Escape | Key::F1);
        if closes {
            ui::hide_window(window);
        }
        closes
    });
    window.set_callback(ui::hide_window);
    (window, size)
}
