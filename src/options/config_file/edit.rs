//! Changes of single lines in the text of a config file: everything else stays, byte for byte. Pure.

use toml_edit::{Array, DocumentMut, Item, TomlError};

use crate::options::key::Key;
use crate::options::kind::{Kind, Value};
use crate::options::table::info;
use crate::server::Listen;

/// The beginning of a new file.
const BEGINNING: &str =
    "# Options of the multichat server. The page Settings of its window changes single lines of this file.\n";

/// The mark with which some editors of Windows begin a file of UTF-8.
const MARK: char = '\u{feff}';

/// Returns the text with options set, or removed where there is no value. An option that is not in the text yet goes to its end,
/// unless the value is the default.
///
/// # Errors
/// The text is not TOML.
pub(super) fn edited(text: &str, changes: &[(Key, Option<Value>)]) -> Result<String, TomlError> {
    let (mark, text) = text.split_at(if text.starts_with(MARK) { MARK.len_utf8() } else { 0 });
    let text = if text.trim().is_empty() { BEGINNING } else { text };
    let mut document: DocumentMut = text.parse()?;
    for (key, value) in changes {
        match value {
            None => remove(&mut document, key.name()),
            Some(value) => set(&mut document, *key, value),
        }
    }
    let mut new = document.to_string();
    // The parser has made them line feeds.
    if text.contains("\r\n") {
        new = new.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    Ok(mark.to_owned() + &new)
}

fn set(document: &mut DocumentMut, key: Key, value: &Value) {
    let before = document.get(key.name()).and_then(Item::as_value);
    if before.is_none() && info(key).default_value().as_ref() == Some(value) {
        return;
    }
    let mut new: toml_edit::Value = match value {
        Value::Switch(on) => (*on).into(),
        // No option has a number that TOML could not hold.
        Value::Number(number) => i64::try_from(*number).unwrap_or(i64::MAX).into(),
        Value::Text(text) if info(key).kind == Kind::Addresses => {
            let several: Array = Listen::from(text.as_str()).iter().collect();
            if several.len() > 1 { several.into() } else { text.as_str().into() }
        }
        Value::Text(text) => text.as_str().into(),
        Value::File(file) => file.to_string_lossy().as_ref().into(),
        Value::Secret(password) => password.reveal().into(),
    };
    if let Some(before) = before {
        *new.decor_mut() = before.decor().clone();
        document[key.name()] = Item::Value(new);
    } else {
        // Comments at the end are about what is before them.
        let end = take_end(document);
        document.insert(key.name(), Item::Value(new));
        prepend(document, key.name(), &end);
    }
}

/// Removes an option. Comments above it and behind it stay, above the next option or at the end.
fn remove(document: &mut DocumentMut, name: &str) {
    let names: Vec<String> = document.iter().map(|(name, _)| name.to_owned()).collect();
    let next = names.iter().skip_while(|other| *other != name).nth(1).cloned();
    let Some((key, item)) = document.remove_entry(name) else { return };
    let above = key.leaf_decor().prefix().and_then(|text| text.as_str()).unwrap_or_default();
    let behind = item.as_value().and_then(|value| value.decor().suffix()?.as_str()).unwrap_or_default().trim();
    let mut kept = above.to_owned();
    if !behind.is_empty() {
        kept += behind;
        kept.push('\n');
    }
    if let Some(next) = next {
        prepend(document, &next, &kept);
    } else {
        let end = kept + &take_end(document);
        document.set_trailing(end);
    }
}

/// Takes what follows the last option.
fn take_end(document: &mut DocumentMut) -> String {
    let end = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing("");
    end
}

/// Puts comments above an option.
fn prepend(document: &mut DocumentMut, name: &str, comments: &str) {
    if let Some(mut key) = document.key_mut(name) {
        let decor = key.leaf_decor_mut();
        let all = comments.to_owned() + decor.prefix().and_then(|text| text.as_str()).unwrap_or_default();
        decor.set_prefix(all);
    }
}
