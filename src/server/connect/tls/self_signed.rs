//! Self-signed certificates: their names, dates and renewal. Pure but for the name of the computer.
//!
//! Users compare and pin the public key of such a certificate (trust on first use). So the key is made once and kept,
//! and a renewed certificate has the same key.

use std::time::{Duration, SystemTime};

use rcgen::{Certificate, CertificateParams, DistinguishedName, DnType, Error, KeyPair, SerialNumber};

use crate::computer;

/// Validity of a new certificate.
const VALID: Duration = Duration::from_hours(24 * 365 * 5);

/// Time before its end at which a certificate is renewed. Long, since that happens only at a start, and a server may
/// run for months.
pub(super) const RENEWED_BEFORE: Duration = Duration::from_hours(24 * 365);

/// Time before its making from which a certificate is valid: the clocks of clients differ.
const EARLIER: Duration = Duration::from_hours(24);

/// Maximum number of characters of the host name in the common name, which has at most 64 (RFC 5280, `ub-common-name`).
const HOST_MAX: usize = 48;

/// Makes a certificate for this key, as of this time.
pub(super) fn make(key: &KeyPair, now: SystemTime) -> Result<Certificate, Error> {
    let host = host();
    // Clients that check names find those of this machine; all others go by the fingerprint.
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".into(), "::1".into()];
    if host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) {
        names.push(host.clone());
    }
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("multichat on {host}"));
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    // Two certificates of one issuer have different numbers (RFC 5280, section 4.1.2.2).
    params.serial_number = Some(SerialNumber::from(u64::try_from(since.as_micros()).unwrap_or(u64::MAX)));
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since.saturating_sub(EARLIER);
    params.not_after = epoch + since + VALID;
    params.self_signed(key)
}

/// Returns the name of this computer, or a substitute if the system does not know it.
fn host() -> String {
    computer::name().map_or_else(|| "this computer".into(), |name| name.chars().take(HOST_MAX).collect())
}
