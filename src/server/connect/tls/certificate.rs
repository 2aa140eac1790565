//! Certificates and keys in files: reads the operator's own, and makes a self-signed one where there is none.
//!
//! Users trust a self-signed certificate because they have compared the fingerprint of its key, or because that is the
//! same as the last time (trust on first use). So the key is made once and kept, with its certificate, in one file that
//! appears as a whole or not at all and that only its owner can read. A certificate that is about to expire is renewed
//! at a start, with the same key.
//!
//! Waits for a disk: called by the thread that starts or reloads the server, and by no connection's thread.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::KeyPair;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

use super::{dates, self_signed};
use crate::files;
use crate::server::config::Certificate;

/// The reason for which a server has no usable certificate. Displays as a sentence for the operator.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{file} cannot be read: {error}")]
    Unreadable {
        /// The file in question.
        file: PathBuf,
        /// The system's error.
        #[source]
        error: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}", missing(.file, .what, .error))]
    Missing {
        /// The file in question.
        file: PathBuf,
        /// The missing part: a certificate or a private key.
        what: &'static str,
        /// The parser's error.
        #[source]
        error: pem::Error,
    },
    /// The certificate and the key do not belong together, or TLS does not support them.
    #[error("{}", unusable(.file, .error))]
    Unusable {
        /// The file with the certificate.
        file: PathBuf,
        /// The TLS library's error.
        #[source]
        error: rustls::Error,
    },
    /// A self-signed certificate cannot be made.
    #[error("a certificate cannot be made: {0}")]
    NotMade(#[source] rcgen::Error),
    /// A self-signed certificate cannot be written to its file.
    #[error("a new certificate cannot be kept in {file}: {error}")]
    NotKept {
        /// The file in question.
        file: PathBuf,
        /// The system's error.
        #[source]
        error: io::Error,
    },
}

fn missing(file: &Path, what: &str, error: &pem::Error) -> String {
    let file = file.display();
    match error {
        pem::Error::NoItemsFound => format!("there is no {what} in {file}: it must be in PEM form (-----BEGIN ...)"),
        error => format!("{file} has no {what} in PEM form that can be read: {error}"),
    }
}

fn unusable(file: &Path, error: &rustls::Error) -> String {
    let file = file.display();
    match error {
        rustls::Error::InconsistentKeys(_) => {
            format!("the certificate in {file} belongs to another key: check which key it was made for")
        }
        error => format!("the certificate in {file} and its key cannot be used: {error}"),
    }
}

/// A chain of certificates, the private key of the first, and the file that the chain comes from.
pub(super) type Loaded = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, PathBuf);

/// Reads certificate and key; renews a self-signed certificate that is about to expire. The chain is never empty.
pub(super) fn read(certificate: &Certificate) -> Result<Loaded, CertificateError> {
    let (certificate, key) = match certificate {
        Certificate::Files { certificate, key } => return read_both(certificate, key),
        Certificate::SelfSigned(file) => (file, file),
    };
    let (chain, key, file) = read_both(certificate, key)?;
    let complaint = dates::complaint(&chain[0], self_signed::RENEWED_BEFORE);
    let Some(why) = complaint.or_else(|| dates::complaint(&chain[0], Duration::ZERO)) else {
        return Ok((chain, key, file));
    };
    match renew(&file, &key) {
        Ok(certificate) => {
            log::info!("the certificate in {} {why}: it was renewed, with the same key", file.display());
            Ok((vec![certificate], key, file))
        }
        Err(error) => {
            log::warn!("the certificate in {} {why}, and is not renewed: {error}", file.display());
            Ok((chain, key, file))
        }
    }
}

fn read_both(certificate: &Path, key: &Path) -> Result<Loaded, CertificateError> {
    let text = read_file(certificate)?;
    let missing = |file: &Path, what, error| CertificateError::Missing { file: file.to_owned(), what, error };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|error| missing(certificate, "certificate", error))?;
    let key = PrivateKeyDer::from_pem_slice(&read_file(key)?).map_err(|error| missing(key, "private key", error))?;
    Ok((chain, key, certificate.to_owned()))
}

fn read_file(file: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(file).map_err(|error| CertificateError::Unreadable { file: file.to_owned(), error })
}

/// Makes a certificate and writes it, unless another server was quicker: then that one's file stays.
pub(super) fn make(file: &Path) -> Result<(), CertificateError> {
    let (_, pem) = self_signed(&KeyPair::generate().map_err(CertificateError::NotMade)?)?;
    fs::create_dir_all(file.parent().unwrap_or(Path::new(""))).map_err(|error| not_kept(file, error))?;
    match files::write_new(file, &pem) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(not_kept(file, error)),
        _ => Ok(()),
    }
}

/// Makes another certificate with the same key, and replaces the old one.
fn renew(file: &Path, key: &PrivateKeyDer<'_>) -> Result<CertificateDer<'static>, CertificateError> {
    let (made, pem) = self_signed(&KeyPair::try_from(key.secret_der()).map_err(CertificateError::NotMade)?)?;
    files::write_atomic(file, &pem).map_err(|error| not_kept(file, error))?;
    Ok(made)
}

/// Makes a certificate for a key. Returns it, and the content of the file with both.
fn self_signed(key: &KeyPair) -> Result<(CertificateDer<'static>, String), CertificateError> {
    let made = self_signed::make(key, SystemTime::now()).map_err(CertificateError::NotMade)?;
    let pem = made.pem() + &key.serialize_pem();
    Ok((made.into(), pem))
}

fn not_kept(file: &Path, error: io::Error) -> CertificateError {
    CertificateError::NotKept { file: file.to_owned(), error }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
