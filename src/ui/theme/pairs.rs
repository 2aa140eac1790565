//! The pairs of colours that are drawn one on the other, as data, and the tests that hold both themes to the contrast
//! that WCAG 2 asks for, and the drawing code to the list.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;

/// Minimum contrast of text (WCAG 1.4.3), and of parts that are no text (1.4.11).
const TEXT_MIN: f64 = 4.5;
const SIGN_MIN: f64 = 3.0;

/// Minimum difference between two colours of names: CIE76, the distance in Lab.
const NAMES_APART: f64 = 35.0;

/// A colour that is drawn.
#[derive(Clone, Copy)]
enum Paint {
    /// A role of the palette.
    Role(Color),
    /// Each colour of the names in turn.
    Names,
    /// The second colour, with a part of the first mixed in.
    Mixed(Color, Color, f32),
    /// The colour that FLTK writes with on the ground if the text is of this colour: black or white if that is too alike.
    Picked(Color),
    /// The same for the colours of the names.
    PickedNames,
}
use Paint::{Mixed, Names, Picked, PickedNames, Role};

/// Colours that are drawn on each of some others.
struct Pair {
    what: &'static str,
    /// Beginnings of the paths of the files that draw it.
    by: &'static [&'static str],
    marks: &'static [Paint],
    grounds: &'static [Paint],
    least: f64,
}

const fn text(
    what: &'static str,
    by: &'static [&'static str],
    marks: &'static [Paint],
    grounds: &'static [Paint],
) -> Pair {
    Pair { what, by, marks, grounds, least: TEXT_MIN }
}

const fn sign(
    what: &'static str,
    by: &'static [&'static str],
    marks: &'static [Paint],
    grounds: &'static [Paint],
) -> Pair {
    Pair { what, by, marks, grounds, least: SIGN_MIN }
}

/// Lines without which nothing is misunderstood.
const fn ornament(
    what: &'static str,
    by: &'static [&'static str],
    marks: &'static [Paint],
    grounds: &'static [Paint],
) -> Pair {
    Pair { what, by, marks, grounds, least: 1.1 }
}

const BUTTON: [Paint; 3] = [Role(RAISED), Mixed(TEXT, RAISED, BELOW_MOUSE), Mixed(TEXT, RAISED, PRESSED)];
const PRIMARY: [Paint; 3] =
    [Role(ACCENT), Mixed(Color::Black, ACCENT, BELOW_MOUSE), Mixed(Color::Black, ACCENT, PRESSED)];
const MOODS: [Paint; 5] = [Role(MUTED), Role(ACCENT), Role(GOOD), Role(WARN), Role(ERROR)];

#[rustfmt::skip]
const PAIRS: &[Pair] = &[
    text("a button", &["ui/widgets.rs"], &[Role(TEXT)], &BUTTON),
    text("an inactive button", &["ui/widgets.rs"], &[Role(MUTED)], &[Role(RAISED)]),
    text("the primary button", &["ui/widgets.rs"], &[Role(ON_ACCENT)], &PRIMARY),
    text("captions, notes, outcomes, and the status line", &["ui/", "chat/window/", "monitor/window/"],
        &[Role(TEXT), Role(MUTED), Role(GOOD), Role(WARN), Role(ERROR)], &[Role(BACKGROUND), Role(SURFACE)]),
    sign("the dot of the status line, and the padlock", &["ui/status.rs", "chat/window/security_badge.rs"],
        &MOODS, &[Role(BACKGROUND)]),
    text("a field", &["ui/field.rs"], &[Role(TEXT), Role(MUTED)], &[Role(SURFACE), Role(BACKGROUND)]),
    sign("the outline of a field", &["ui/field.rs"], &[Role(OUTLINE), Role(FOCUS)], &[Role(SURFACE), Role(BACKGROUND)]),
    sign("the cursor in a field", &["ui/field.rs", "ui/entry.rs", "chat/window/"], &[Role(ACCENT)], &[Role(SURFACE)]),
    text("selected text in a field", &["ui/field.rs", "ui/entry.rs", "ui/long_text.rs"],
        &[Picked(TEXT), Picked(MUTED)], &[Role(ACCENT), Mixed(SURFACE, ACCENT, 0.4)]),
    sign("the thumb of a scrollbar", &["ui/scrollbar.rs", "chat/window/conversation/transcript/drawing.rs"], &[Role(OUTLINE), Role(MUTED)], &[Role(SURFACE)]),
    sign("a check box", &["ui/check_box.rs"], &[Role(OUTLINE), Role(ACCENT), Role(FOCUS)], &[Role(SURFACE), Role(BACKGROUND)]),
    sign("its tick", &["ui/check_box.rs"], &[Role(ON_ACCENT)], &[Role(ACCENT)]),
    sign("a box to be ticked in a menu", &["ui/theme.rs"], &[Role(OUTLINE)], &[Role(SURFACE), Role(BACKGROUND), Role(RAISED)]),
    text("a menu", &["chat/window/", "monitor/window/"], &[Role(TEXT)], &[Role(RAISED)]),
    text("the chosen line of a menu", &["ui/context_menu.rs", "monitor/window/"], &[Picked(TEXT)], &[Role(ACCENT)]),
    text("a tooltip", &["ui/theme.rs"], &[Role(TEXT)], &[Role(RAISED)]),
    text("segments", &["ui/segments.rs"], &[Role(TEXT), Role(MUTED)], &[Role(RAISED), Role(SURFACE)]),
    sign("the focus ring of segments, lists, tables and the badge",
        &["ui/segments.rs", "ui/rows/", "chat/window/"],
        &[Role(FOCUS)], &[Role(RAISED), Role(SURFACE), Role(BACKGROUND)]),
    text("the rows of a table, marked or not", &["ui/rows/", "ui/wire_pane.rs", "monitor/window/", "chat/window/"],
        &[Role(TEXT), Role(MUTED), Role(GOOD), Role(WARN), Role(ERROR), Names], &[Role(SURFACE), Role(RAISED)]),
    text("the conversation", &["chat/window/"],
        &[Role(TEXT), Role(MUTED), Role(GOOD), Role(WARN), Role(ERROR), Names], &[Role(SURFACE)]),
    text("a block of code", &["chat/window/"],
        &[Role(TEXT), Role(MUTED), Role(GOOD), Role(ERROR), Role(NAMES[0])], &[Role(CODE_GROUND)]),
    text("a mention, and what a search has found", &["chat/window/"],
        &[Role(TEXT)], &[Role(HIGHLIGHT), Role(HIT), Role(CURRENT_HIT)]),
    text("selected text of a conversation", &["chat/window/"],
        &[Picked(TEXT), Picked(MUTED), Picked(GOOD), Picked(WARN), Picked(ERROR), PickedNames],
        &[Role(ACCENT), Role(RAISED), Mixed(SURFACE, ACCENT, 0.4), Mixed(HIGHLIGHT, ACCENT, 0.4)]),
    text("people and talks, chosen or not", &["chat/window/"],
        &[Role(TEXT), Role(MUTED), Names], &[Role(SURFACE), Role(RAISED)]),
    text("the number of unread lines", &["chat/window/"], &[Role(ON_ACCENT)], &[Role(ACCENT)]),
    sign("the grip of a border that can be dragged", &["ui/splitter.rs"], &[Role(OUTLINE)], &[Role(BACKGROUND)]),
    ornament("outlines around texts and lists, lines in tables and graphs", &["ui/", "chat/window/", "monitor/window/"],
        &[Role(RAISED)], &[Role(SURFACE), Role(BACKGROUND)]),
    sign("the graph of the monitor", &["monitor/window/graph.rs"], &[Role(ACCENT), Role(MUTED)], &[Role(SURFACE)]),
];

/// Returns the number of a palette's colour, as the palette has it.
fn of_palette(color: Color, palette: &Palette) -> u32 {
    let role = ROLES.iter().position(|(_, role)| *role == color);
    let name = NAMES.iter().position(|name| *name == color);
    match (role, name) {
        (Some(at), _) => palette.roles[at],
        (_, Some(at)) => palette.names[at],
        _ => hex(color),
    }
}

/// Returns the colours of a paint on a ground.
fn colors(paint: Paint, ground: u32, palette: &Palette) -> Vec<u32> {
    match paint {
        Role(color) => vec![of_palette(color, palette)],
        Names => palette.names.to_vec(),
        Mixed(one, other, weight) => {
            let [one, other] = [one, other].map(|color| Color::from_u32(of_palette(color, palette)));
            vec![hex(Color::color_average(one, other, weight))]
        }
        Picked(color) => vec![picked(of_palette(color, palette), ground)],
        PickedNames => palette.names.iter().map(|name| picked(*name, ground)).collect(),
    }
}

fn picked(text: u32, ground: u32) -> u32 {
    hex(Color::contrast(Color::from_u32(text), Color::from_u32(ground)))
}

/// Returns the number of a colour, as the palette has it.
fn hex(color: Color) -> u32 {
    let (r, g, b) = color.to_rgb();
    u32::from_be_bytes([0, r, g, b])
}

/// Returns red, green and blue as shares of the light.
fn linear(hex: u32) -> [f64; 3] {
    let (r, g, b) = rgb(hex);
    [r, g, b].map(|byte| {
        let part = f64::from(byte) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    })
}

/// Returns the contrast of two colours as WCAG 2 defines it.
fn contrast(one: u32, other: u32) -> f64 {
    let [one, other] = [one, other].map(|hex| {
        let [r, g, b] = linear(hex);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    });
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Returns lightness, red against green, and yellow against blue, as CIELAB has them (D65).
fn lab(hex: u32) -> [f64; 3] {
    let [red, green, blue] = linear(hex);
    let [x, y, z] = [
        (0.412_456 * red + 0.357_576 * green + 0.180_438 * blue) / 0.950_47,
        0.212_673 * red + 0.715_152 * green + 0.072_175 * blue,
        (0.019_334 * red + 0.119_192 * green + 0.950_304 * blue) / 1.088_83,
    ]
    .map(|part| if part > 216.0 / 24389.0 { part.cbrt() } else { (24389.0 / 27.0 * part + 16.0) / 116.0 });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Returns the difference between two colours.
fn difference(one: u32, other: u32) -> f64 {
    let (one, other) = (lab(one), lab(other));
    one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn every_pair_that_is_drawn_has_the_contrast_that_wcag_asks_for() {
    app::set_contrast_level(CONTRAST_MIN);
    let mut failures = Vec::new();
    for (theme, palette) in [("light", LIGHT), ("dark", DARK)] {
        for Pair { what, marks, grounds, least, .. } in PAIRS {
            for ground in grounds.iter().flat_map(|ground| colors(*ground, 0, &palette)) {
                for mark in marks.iter().flat_map(|mark| colors(*mark, ground, &palette)) {
                    let is = contrast(mark, ground);
                    if is < *least {
                        failures.push(format!("{theme}, {what}: {mark:06x} on {ground:06x} is {is:.2}, not {least}"));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn no_two_colours_of_names_are_alike() {
    for (theme, Palette { names, .. }) in [("light", LIGHT), ("dark", DARK)] {
        for (at, one) in names.iter().enumerate() {
            for other in &names[..at] {
                let is = difference(*one, *other);
                assert!(is >= NAMES_APART, "{theme}: {one:06x} and {other:06x} are only {is:.1} apart");
            }
        }
    }
}

#[test]
fn the_difference_is_that_of_cie76() {
    // Black and white; red and green, as other implementations have them.
    assert!((difference(0, 0x00ff_ffff) - 100.0).abs() < 0.1);
    assert!((difference(0x00ff_0000, 0x0000_ff00) - 170.6).abs() < 0.2);
}

/// The roles by the names that the source has for them.
const ROLES: [(&str, Color); ROLE_COUNT] = [
    ("BACKGROUND", BACKGROUND),
    ("SURFACE", SURFACE),
    ("RAISED", RAISED),
    ("TEXT", TEXT),
    ("MUTED", MUTED),
    ("ACCENT", ACCENT),
    ("ON_ACCENT", ON_ACCENT),
    ("GOOD", GOOD),
    ("WARN", WARN),
    ("ERROR", ERROR),
    ("HIGHLIGHT", HIGHLIGHT),
    ("CODE_GROUND", CODE_GROUND),
    ("HIT", HIT),
    ("CURRENT_HIT", CURRENT_HIT),
    ("OUTLINE", OUTLINE),
    ("FOCUS", FOCUS),
];

/// Returns true if a pair of this file has the role.
fn is_listed(path: &str, role: &str) -> bool {
    let color = ROLES.iter().find(|(name, _)| *name == role).map(|(_, color)| color.bits());
    let is_it = |paint: &Paint| match *paint {
        Role(is) | Picked(is) => Some(is.bits()) == color,
        Mixed(one, other, _) => [one, other].iter().any(|is| Some(is.bits()) == color),
        Names | PickedNames => role == "NAMES",
    };
    let of_file = |pair: &&Pair| pair.by.iter().any(|by| path.starts_with(by));
    PAIRS.iter().filter(of_file).any(|pair| pair.marks.iter().chain(pair.grounds).any(is_it))
}

/// Calls `each` with the path below `src` and the text of every source file.
fn sources(folder: &Path, root: &Path, each: &mut impl FnMut(&str, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, root, each);
        } else if let Some(name) = path.strip_prefix(root).unwrap().to_str() {
            each(name, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_colour_that_the_source_names_is_in_the_list_of_pairs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut missing, mut files) = (BTreeSet::new(), BTreeSet::new());
    sources(&root, &root, &mut |path, text| {
        files.insert(path.to_owned());
        for (at, word) in text.match_indices("theme::") {
            let name: String =
                text[at + word.len()..].chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
            let is_color = ROLES.iter().any(|(role, _)| *role == name) || name == "NAMES";
            if is_color && !is_listed(path, &name) {
                missing.insert(format!("{path}: {name}"));
            }
        }
    });
    assert!(missing.is_empty(), "PAIRS in src/ui/theme/pairs.rs has no pair for {missing:#?}");
    for by in PAIRS.iter().flat_map(|pair| pair.by) {
        assert!(files.iter().any(|file| file.starts_with(by)), "PAIRS names {by}, which is no file");
    }
}
