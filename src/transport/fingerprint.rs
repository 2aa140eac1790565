//! A certificate in a form that two people can compare over the phone.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

/// The SHA-256 of a certificate (in DER), as `openssl x509 -fingerprint -sha256` shows it behind the word `SHA256`.
pub fn fingerprint(certificate: &[u8]) -> String {
    digest(&SHA256, certificate).as_ref().iter().fold("SHA256".to_owned(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, ":{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_in_pairs() {
        // The SHA-256 of nothing, as `sha256sum /dev/null` prints it.
        let text = fingerprint(b"");
        assert!(text.starts_with("SHA256:E3:B0:C4:42:98:FC"), "{text}");
        assert_eq!(text.len(), "SHA256".len() + 32 * 3);
    }
}
