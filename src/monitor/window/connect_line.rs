//! Two lines in the top row: the address that others connect to, and the key by which they verify the server. Main thread only.

use fltk::draw;
use fltk::enums::{Font, LabelType};
use fltk::frame::Frame;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use crate::monitor::model::{Model, State, reach};
use crate::options::{Key, Value};
use crate::protocol::escape::escape;
use crate::ui::{self, theme};

/// Words before the address, and shorter ones for a narrow window. They give way first.
const PREFIX: &str = "Others connect to ";
const SHORT_PREFIX: &str = "Connect to ";
/// Words about a server without a password, without TLS, and where to change both.
const OPEN: &str = "No password";
const PLAIN: &str = "Not encrypted";
const ADVICE: &str = "Password and encryption are on the page Settings";
/// Words before the name under which clients find the server, and about a server that they do not find.
const ANNOUNCED: &str = "Announced as ";
const HIDDEN: &str = "Not announced on this network: clients need the address";
/// Sizes of the two texts.
const TEXTS: [i32; 2] = [ui::TEXT_SIZE + 1, 12];

/// The lines. They are the label of the widget, which draws them itself.
#[derive(Debug)]
pub(super) struct ConnectLine {
    frame: Frame,
}

impl ConnectLine {
    /// Creates the lines in the current group.
    pub(super) fn new() -> ConnectLine {
        let mut frame = Frame::default();
        frame.set_label_type(LabelType::None);
        frame.draw(draw_lines);
        ConnectLine { frame }
    }

    /// Returns the widget for a layout.
    pub(super) fn widget(&self) -> &Frame {
        &self.frame
    }

    /// Shows how others connect to the server.
    pub(super) fn show(&mut self, model: &Model) {
        let [first, second] = lines(model);
        let label = format!("{first}\n{second}");
        if self.frame.label() != label {
            self.frame.set_label(&label);
            self.frame.redraw();
        }
        self.frame.set_tooltip(&ui::escape_label(&tooltip(model)));
    }
}

/// Returns the two lines. A server that does not listen has none: the status line says what it does.
fn lines(model: &Model) -> [String; 2] {
    let State::Listening(listening) = model.state() else { return [String::new(), String::new()] };
    let key = match model.fingerprint() {
        Some(fingerprint) => format!("Key {} …", reach::beginning(fingerprint, 2)),
        None => PLAIN.to_owned(),
    };
    let is_open = model.room_password().is_none() && !is_for_members(model);
    let second = if is_open { format!("{OPEN}. {key}") } else { key };
    // First the name, which people look for.
    let second = match model.announced() {
        Some(name) => format!("{ANNOUNCED}{}. {second}", escape(name)),
        None => second,
    };
    match model.addresses().first() {
        Some(first) => [format!("{PREFIX}{first}"), second],
        None if listening.iter().any(|address| address.ip().is_unspecified()) => {
            ["Others cannot connect".into(), "This computer has no network".into()]
        }
        None => ["Only this computer can connect".into(), "For others, choose This network".into()],
    }
}

/// Returns true if the running server rejects names that are not registered.
fn is_for_members(model: &Model) -> bool {
    model.settings.overview().is_some_and(|options| {
        options.value(Key::MembersOnly) == Some(&Value::Switch(true)) && !options.waiting.contains(&Key::MembersOnly)
    })
}

/// Returns all that there is to know: every address, the whole key, and where to set a missing password or key.
fn tooltip(model: &Model) -> String {
    let addresses = model.addresses().into_iter().map(|address| address.to_string());
    let key = model.fingerprint().map(|fingerprint| format!("Key {fingerprint}"));
    let advice = [OPEN, PLAIN].iter().any(|word| lines(model)[1].contains(word)).then(|| ADVICE.to_owned());
    let announced = match model.announced() {
        Some(name) => format!("On this network, clients list it as {}", escape(name)),
        None => HIDDEN.to_owned(),
    };
    let announced = (!model.addresses().is_empty()).then_some(announced);
    addresses.chain(announced).chain(key).chain(advice).collect::<Vec<_>>().join("\n")
}

fn draw_lines(frame: &mut Frame) {
    let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
    draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
    let label = frame.label();
    let (first, second) = label.split_once('\n').unwrap_or((&label, ""));
    let (first_bottom, second_bottom) = (y + h / 2, y + h);
    let mut left = x + 3;
    let right = x + w;
    let mut write = |text: &str, font, size, color, bottom: i32| {
        draw::set_font(font, size);
        draw::set_draw_color(color);
        let text = ui::elide(text, right - left);
        draw::draw_text(&text, left, bottom - draw::descent());
        left += ui::text_width(&text);
    };
    match first.strip_prefix(PREFIX) {
        Some(address) => {
            draw::set_font(Font::HelveticaBold, TEXTS[0]);
            let address_width = ui::text_width(address);
            draw::set_font(Font::Helvetica, TEXTS[0]);
            let fits = |prefix: &&str| ui::text_width(prefix) + address_width <= w - 3;
            let prefix = [PREFIX, SHORT_PREFIX].into_iter().find(fits).unwrap_or_default();
            write(prefix, Font::Helvetica, TEXTS[0], theme::TEXT, first_bottom);
            write(address, Font::HelveticaBold, TEXTS[0], theme::TEXT, first_bottom);
        }
        None => write(first, Font::HelveticaBold, TEXTS[0], theme::TEXT, first_bottom),
    }
    left = x + 3;
    draw::set_font(Font::Helvetica, TEXTS[1]);
    draw::set_draw_color(theme::MUTED);
    draw::draw_text(&ui::elide(second, right - left), left, second_bottom - draw::descent());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    use crate::monitor::messages::{Reply, Update};
    use crate::options::{Layer, Options, Overview};
    use crate::server::{Password, Snapshot, Totals};

    fn announce(model: &mut Model, name: Option<&str>) {
        let snapshot =
            Snapshot { taken: Instant::now(), people: Vec::new(), totals: Totals::default(), disconnects: Vec::new() };
        model.apply_update(Update { snapshot, announced: name.map(Into::into), threads: Vec::new(), chat: None });
    }

    #[test]
    fn a_missing_password_and_a_name_on_the_network_are_told() {
        let mut model = Model::default();
        let addr = "192.168.1.20:5555".parse().unwrap();
        model.apply_reply(&Reply::Listening {
            addresses: vec![addr],
            fingerprint: None,
            updates: crossbeam_channel::never(),
        });
        let second = |model: &Model| lines(model)[1].clone();
        assert_eq!(second(&model), "No password. Not encrypted");
        let mut line = Layer::default();
        line.set(Key::MembersOnly, Some(Value::Switch(true)));
        let apply = |model: &mut Model, waiting| {
            let overview = Overview::of(&Options::new(line.clone(), None), None, waiting);
            model.apply_reply(&Reply::Options(Box::new(overview)));
        };
        model.take_changes();
        apply(&mut model, vec![Key::MembersOnly]);
        assert_eq!(second(&model), "No password. Not encrypted", "the rule waits for a restart");
        apply(&mut model, vec![]);
        assert_eq!((second(&model).as_str(), model.take_changes().state), ("Not encrypted", true));
        apply(&mut model, vec![Key::MembersOnly]);
        model.apply_reply(&Reply::RoomPassword(Some(Password::parse("sesame").unwrap())));
        assert_eq!(second(&model), "Not encrypted");
        let hidden = "Not announced on this network: clients need the address";
        let advice = "Password and encryption are on the page Settings";
        assert_eq!(tooltip(&model), format!("192.168.1.20:5555\n{hidden}\n{advice}"));
        model.take_changes();
        announce(&mut model, Some("Room 12"));
        assert!(model.take_changes().state);
        announce(&mut model, Some("Room 12"));
        assert!(!model.take_changes().state, "nothing to draw");
        assert_eq!(second(&model), "Announced as Room 12. Not encrypted");
        let listed = "On this network, clients list it as Room 12";
        assert_eq!(tooltip(&model), format!("192.168.1.20:5555\n{listed}\n{advice}"));
        announce(&mut model, None);
        assert_eq!(second(&model), "Not encrypted");
    }
}
