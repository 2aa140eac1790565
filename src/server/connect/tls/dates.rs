//! The dates of a certificate: checks its validity at some time. Pure.

use std::time::Duration;

use jiff::Timestamp;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};

/// Returns what is wrong with a certificate's dates at the time `from_now` after the present, in words that follow its
/// name; `None` if it is valid.
pub(super) fn complaint(certificate: &CertificateDer<'_>, from_now: Duration) -> Option<String> {
    let at = UnixTime::since_unix_epoch(Duration::from_secs(UnixTime::now().as_secs()) + from_now);
    // The list of trusted issuers is empty, so there is an error in any case. The dates are checked before the issuer.
    let verified = ParsedCertificate::try_from(certificate).and_then(|certificate| {
        verify_server_cert_signed_by_trust_anchor(&certificate, &RootCertStore::empty(), &[], at, &[])
    });
    match verified {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            Some(format!("was valid until {} only", in_words(not_after)))
        }
        Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => {
            Some(format!("is not valid before {}", in_words(not_before)))
        }
        _ => None,
    }
}

fn in_words(at: UnixTime) -> String {
    let at = i64::try_from(at.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    at.map_or_else(|| "the end of time".into(), |at| at.to_string())
}
