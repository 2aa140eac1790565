//! Tests of the wire format of D-Bus.

use proptest::prelude::*;

use crate::desktop::bus::wire::*;

fn values() -> Vec<Value> {
    let hints = vec![Value::entry("urgency", Value::Byte(1)), Value::entry("suppress-sound", Value::Bool(true))];
    vec![
        Value::Byte(7),
        "ann: 小明".into(),
        5.into(),
        Value::Array("s", vec!["default".into(), "Show".into()]),
        Value::Array("{sv}", hints),
        Value::Array("{sv}", Vec::new()),
        Value::Array("as", Vec::new()),
        Value::Int(-1),
        Value::Struct(vec![Value::Path("/a".into()), Value::Signature("a{sv}".into())]),
        Value::Variant(Box::new(Value::Variant(Box::new(1.into())))),
    ]
}

fn bytes_of(values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    values.iter().for_each(|value| value.write(&mut bytes));
    bytes
}

#[test]
fn values_have_the_bytes_of_the_specification() {
    let bytes = bytes_of(&[Value::Byte(1), "ab".into(), Value::Variant(Box::new(Value::Byte(2)))]);
    assert_eq!(bytes, [&[1, 0, 0, 0][..], &2u32.to_ne_bytes(), b"ab\0", &[1, b'y', 0, 2]].concat());
    let entry = bytes_of(&[Value::Array("{sv}", vec![Value::entry("a", 3.into())])]);
    let expected = [&16u32.to_ne_bytes()[..], &[0; 4], &1u32.to_ne_bytes(), b"a\0\x01u\0\0\0\0", &3u32.to_ne_bytes()];
    // The number begins at a multiple of four.
    assert_eq!(entry.len() % 4, 0);
    assert_eq!(entry[..14], expected.concat()[..14]);
    assert_eq!(entry[entry.len() - 4..], 3u32.to_ne_bytes());
}

#[test]
fn what_is_written_is_read_again() {
    let (values, bytes) = (values(), bytes_of(&values()));
    assert_eq!(signature(&values), "ysuasa{sv}a{sv}aasi(og)v");
    let read = read(&signature(&values), &bytes, 0).unwrap();
    // Written once more, because the arrays that are read do not know the types of their elements.
    assert_eq!(read.len(), values.len());
    assert_eq!(read[1].text(), Some("ann: 小明"));
    assert_eq!((read[2].number(), read[9].number()), (Some(5), Some(1)));
    assert_eq!(format!("{:?}", read[4]), format!("{:?}", values[4]).replace("\"{sv}\"", "\"\""));
    assert_eq!(read[8], values[8]);
}

#[test]
fn nesting_has_an_end() {
    let mut value = Value::Byte(1);
    for _ in 0..=DEPTH_MAX {
        value = Value::Variant(Box::new(value));
    }
    assert!(read("v", &bytes_of(&[value]), 0).is_err());
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_read_or_rejected(
        types in "[ybiusogva(){}x]{0,12}",
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        cut in 0usize..200,
    ) {
        let _ = read(&types, &bytes, 0);
        let good = bytes_of(&values());
        let _ = read(&signature(&values()), &good[..cut.min(good.len())], 0);
    }
}
