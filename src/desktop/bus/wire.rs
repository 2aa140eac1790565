//! The wire format of D-Bus: values as bytes, and back. No input or output.
//!
//! A value begins at a multiple of its own alignment, counted from the start of the message. Its type is a signature: `u`
//! is a number, `s` a text, `as` an array of texts, `a{sv}` a dictionary. Both ends of our connection are on one computer,
//! so numbers have its byte order (<https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-marshaling>).

use std::io::{self, ErrorKind};

/// Maximum depth of values in values: more than any message that concerns us has.
const DEPTH_MAX: usize = 16;

/// A value, of one of the types that occur in our messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `y`
    Byte(u8),
    /// `b`
    Bool(bool),
    /// `i`
    Int(i32),
    /// `u`
    Uint(u32),
    /// `s`
    Text(String),
    /// `o`, the path of an object.
    Path(String),
    /// `g`, the types of values.
    Signature(String),
    /// `v`, a value together with its type.
    Variant(Box<Value>),
    /// `a`, values of the type that the signature names.
    Array(&'static str, Vec<Value>),
    /// `(...)`
    Struct(Vec<Value>),
    /// `{..}`, an entry of a dictionary, which is an array of them.
    Entry(Box<[Value; 2]>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Uint(number)
    }
}

impl Value {
    /// Returns an entry of a dictionary from texts to values of any type.
    pub fn entry(key: &str, value: Value) -> Value {
        Value::Entry(Box::new([key.into(), Value::Variant(Box::new(value))]))
    }

    /// Returns the text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Path(text) | Value::Signature(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number, if it is one without a sign, also inside of variants.
    pub fn number(&self) -> Option<u32> {
        match self {
            Value::Uint(number) => Some(*number),
            Value::Variant(value) => value.number(),
            _ => None,
        }
    }

    /// Returns the signature.
    fn signature(&self) -> String {
        match self {
            Value::Byte(_) => "y".into(),
            Value::Bool(_) => "b".into(),
            Value::Int(_) => "i".into(),
            Value::Uint(_) => "u".into(),
            Value::Text(_) => "s".into(),
            Value::Path(_) => "o".into(),
            Value::Signature(_) => "g".into(),
            Value::Variant(_) => "v".into(),
            Value::Array(of, _) => format!("a{of}"),
            Value::Struct(values) => format!("({})", signature(values)),
            Value::Entry(pair) => format!("{{{}}}", signature(&**pair)),
        }
    }

    /// Appends the value to the bytes of a message.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        pad(bytes, alignment(self.signature().as_bytes()));
        match self {
            Value::Byte(byte) => bytes.push(*byte),
            Value::Bool(is) => bytes.extend(u32::from(*is).to_ne_bytes()),
            Value::Int(number) => bytes.extend(number.to_ne_bytes()),
            Value::Uint(number) => bytes.extend(number.to_ne_bytes()),
            Value::Text(text) | Value::Path(text) => {
                bytes.extend(length(text.len()).to_ne_bytes());
                bytes.extend(text.as_bytes());
                bytes.push(0);
            }
            Value::Signature(types) => write_signature(types, bytes),
            Value::Variant(value) => {
                write_signature(&value.signature(), bytes);
                value.write(bytes);
            }
            Value::Array(of, values) => {
                let at = bytes.len();
                bytes.extend([0; 4]);
                // The padding before the first value is not part of the length.
                pad(bytes, alignment(of.as_bytes()));
                let begin = bytes.len();
                values.iter().for_each(|value| value.write(bytes));
                let written = length(bytes.len() - begin);
                bytes[at..at + 4].copy_from_slice(&written.to_ne_bytes());
            }
            Value::Struct(values) => values.iter().for_each(|value| value.write(bytes)),
            Value::Entry(pair) => pair.iter().for_each(|value| value.write(bytes)),
        }
    }
}

/// Returns the signature of several values.
pub fn signature(values: &[Value]) -> String {
    values.iter().map(Value::signature).collect()
}

fn write_signature(types: &str, bytes: &mut Vec<u8>) {
    bytes.push(u8::try_from(types.len()).unwrap_or(u8::MAX));
    bytes.extend(types.as_bytes());
    bytes.push(0);
}

/// Appends zeros up to a multiple.
pub fn pad(bytes: &mut Vec<u8>, alignment: usize) {
    bytes.resize(bytes.len().next_multiple_of(alignment), 0);
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Returns the alignment of a value whose signature begins like this.
fn alignment(types: &[u8]) -> usize {
    match types.first() {
        Some(b'y' | b'g' | b'v') | None => 1,
        Some(b'(' | b'{') => 8,
        Some(_) => 4,
    }
}

/// Reads values of these types, which begin at an offset of a message.
///
/// # Errors
/// The bytes are no such values, or the types do not occur in our messages.
pub fn read(types: &str, bytes: &[u8], at: usize) -> io::Result<Vec<Value>> {
    let mut reader = Reader { bytes, at, depth: 0 };
    let (mut rest, mut values) = (types.as_bytes(), Vec::new());
    while !rest.is_empty() {
        values.push(reader.value(&mut rest)?);
    }
    Ok(values)
}

/// Reads values one after the other.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    /// Reads a value of the first type, which is taken from `types`.
    fn value(&mut self, types: &mut &[u8]) -> io::Result<Value> {
        self.at = self.at.next_multiple_of(alignment(types));
        let (first, rest) = types.split_first().ok_or_else(|| invalid("a signature that ends too soon"))?;
        *types = rest;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(invalid("values that are nested too deeply"));
        }
        let value = match first {
            b'y' => Value::Byte(self.take(1)?[0]),
            b'b' => Value::Bool(self.number()? != 0),
            b'i' => Value::Int(self.number()?.cast_signed()),
            b'u' => Value::Uint(self.number()?),
            b's' => Value::Text(self.text()?),
            b'o' => Value::Path(self.text()?),
            b'g' => Value::Signature(self.signature()?),
            b'v' => {
                let types = self.signature()?;
                Value::Variant(Box::new(self.value(&mut types.as_bytes())?))
            }
            b'a' => self.array(types)?,
            b'(' => Value::Struct(self.until(b')', types)?),
            b'{' => {
                let pair = <[Value; 2]>::try_from(self.until(b'}', types)?);
                Value::Entry(Box::new(pair.map_err(|_| invalid("an entry of a dictionary that is no pair"))?))
            }
            other => return Err(invalid(&format!("a value of the type {}", other.escape_ascii()))),
        };
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self, types: &mut &[u8]) -> io::Result<Value> {
        let length = self.length()?;
        self.at = self.at.next_multiple_of(alignment(types));
        let end = self.at + length;
        let (of, mut values) = (*types, Vec::new());
        while self.at < end {
            *types = of;
            let before = self.at;
            values.push(self.value(types)?);
            if self.at == before {
                return Err(invalid("an array of nothing"));
            }
        }
        if values.is_empty() {
            skip(types)?;
        }
        // What is received is not sent again, so the signature of the elements is not needed.
        Ok(Value::Array("", values))
    }

    /// Reads values until the signature closes.
    fn until(&mut self, close: u8, types: &mut &[u8]) -> io::Result<Vec<Value>> {
        let mut values = Vec::new();
        while types.first() != Some(&close) {
            values.push(self.value(types)?);
        }
        *types = &types[1..];
        Ok(values)
    }

    fn take(&mut self, count: usize) -> io::Result<&[u8]> {
        let taken = self.bytes.get(self.at..self.at + count).ok_or_else(|| invalid("a message that ends too soon"))?;
        self.at += count;
        Ok(taken)
    }

    fn number(&mut self) -> io::Result<u32> {
        let bytes = self.take(4)?;
        Ok(u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Reads the length of what follows.
    fn length(&mut self) -> io::Result<usize> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if length > self.bytes.len() { Err(invalid("a value that is longer than its message")) } else { Ok(length) }
    }

    fn text(&mut self) -> io::Result<String> {
        let length = self.length()?;
        self.terminated(length)
    }

    fn signature(&mut self) -> io::Result<String> {
        let length = usize::from(self.take(1)?[0]);
        self.terminated(length)
    }

    /// Reads a text and the zero behind it.
    fn terminated(&mut self, length: usize) -> io::Result<String> {
        let text = String::from_utf8(self.take(length)?.to_vec()).map_err(|_| invalid("a text that is not UTF-8"))?;
        self.take(1)?;
        Ok(text)
    }
}

/// Takes the first type from a signature: that of the elements of an empty array.
fn skip(types: &mut &[u8]) -> io::Result<()> {
    let mut open = 0;
    while let Some((first, rest)) = types.split_first() {
        *types = rest;
        match first {
            b'(' | b'{' => open += 1,
            b')' | b'}' => open -= 1,
            _ => {}
        }
        if open <= 0 && *first != b'a' {
            return Ok(());
        }
    }
    Err(invalid("a signature that ends too soon"))
}

pub(super) fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("the bus has sent {what}"))
}

#[cfg(test)]
mod tests;
