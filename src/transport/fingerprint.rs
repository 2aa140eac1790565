//! Fingerprints of keys and certificates, in a form that two people can compare over the phone. Pure.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;

/// Returns the SHA-256 of some bytes as pairs of hexadecimal digits. For a certificate in DER it is the value that `openssl x509
/// -fingerprint -sha256` prints.
pub fn fingerprint(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold("SHA256".to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, ":{byte:02X}");
        text
    })
}

/// Returns the SHA-256 of the public key of a certificate: of its `SubjectPublicKeyInfo` in DER, as in RFC 7469, section 2.4. It
/// stays the same when a certificate is renewed with the same key.
///
/// # Errors
/// The bytes are not a certificate.
pub fn key_fingerprint(certificate: &CertificateDer<'_>) -> Result<String, rustls::Error> {
    Ok(fingerprint(&ParsedCertificate::try_from(certificate)?.subject_public_key_info()))
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

    #[test]
    fn two_certificates_with_one_key_have_one_fingerprint_of_the_key() {
        let key = rcgen::KeyPair::generate().unwrap();
        let [one, other] = ["one", "other"]
            .map(|name| rcgen::CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap());
        assert_ne!(fingerprint(one.der()), fingerprint(other.der()));
        assert_eq!(key_fingerprint(one.der()), key_fingerprint(other.der()));
        assert!(key_fingerprint(&CertificateDer::from_slice(b"no certificate")).is_err());
    }
}
