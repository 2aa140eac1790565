//! Certificates and keys in files: reading those that somebody has, making one where there is none.
//!
//! A certificate of our own is signed by nobody but itself: people trust it because they have compared the fingerprint
//! of its key, or because that is the same as the last time. So the key is made once and kept, with its certificate, in one
//! file that appears as a whole or not at all and that only its owner can read. A certificate that is about to expire is
//! renewed when the server starts, with the same key.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::KeyPair;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{dates, self_signed};
use crate::files;
use crate::server::config::Certificate;

/// Why there is no certificate to be used.
#[derive(Debug)]
pub enum CertificateError {
    /// A file cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file has something else in it than was wanted.
    Missing {
        /// The file.
        file: PathBuf,
        /// What was wanted.
        what: &'static str,
        /// What was found wrong.
        error: pem::Error,
    },
    /// The certificate and the key are no use together.
    Unusable {
        /// The file with the certificate.
        file: PathBuf,
        /// Why not.
        error: rustls::Error,
    },
    /// A certificate of our own cannot be made.
    NotMade(rcgen::Error),
    /// A certificate of our own cannot be kept.
    NotKept {
        /// Where it was to be kept.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CertificateError::Unreadable { file, error } => {
                write!(f, "{} cannot be read: {error}. --tls-cert and --tls-key name files in PEM form", file.display())
            }
            CertificateError::Missing { file, what, error: pem::Error::NoItemsFound } => {
                write!(f, "there is no {what} in {}: it is wanted in PEM form (-----BEGIN ...)", file.display())
            }
            CertificateError::Missing { file, what, error } => {
                write!(f, "{} has no {what} in PEM form that can be read: {error}", file.display())
            }
            CertificateError::Unusable { file, error: rustls::Error::InconsistentKeys(_) } => {
                write!(
                    f,
                    "the certificate in {} belongs to another key: check which key it was made for",
                    file.display()
                )
            }
            CertificateError::Unusable { file, error } => {
                write!(f, "the certificate in {} and its key cannot be used: {error}", file.display())
            }
            CertificateError::NotMade(error) => write!(f, "a certificate cannot be made: {error}"),
            CertificateError::NotKept { file, error } => write!(
                f,
                "a new certificate cannot be kept in {}: {error}. Bring one with --tls-cert and --tls-key instead",
                file.display()
            ),
        }
    }
}

impl std::error::Error for CertificateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CertificateError::Unreadable { error, .. } | CertificateError::NotKept { error, .. } => Some(error),
            CertificateError::Missing { error, .. } => Some(error),
            CertificateError::Unusable { error, .. } => Some(error),
            CertificateError::NotMade(error) => Some(error),
        }
    }
}

/// What a server shows, what proves it, and where the former was found.
pub(super) type Loaded = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, PathBuf);

/// Reads certificate and key; one of our own is made if there is none yet, and renewed if it is about to expire. The chain
/// is never empty.
pub(super) fn load(certificate: &Certificate) -> Result<Loaded, CertificateError> {
    let (certificate, key) = match certificate {
        Certificate::Files { certificate, key } => return read_both(certificate, key),
        Certificate::SelfSigned(file) => (file, file),
    };
    if !certificate.exists() {
        make(certificate)?;
    }
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
    let text = read(certificate)?;
    let missing = |file: &Path, what, error| CertificateError::Missing { file: file.to_owned(), what, error };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|error| missing(certificate, "certificate", error))?;
    let key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| missing(key, "private key", error))?;
    Ok((chain, key, certificate.to_owned()))
}

fn read(file: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(file).map_err(|error| CertificateError::Unreadable { file: file.to_owned(), error })
}

/// Makes a certificate and keeps it, unless another server was quicker: then theirs is kept.
fn make(file: &Path) -> Result<(), CertificateError> {
    let key = KeyPair::generate().map_err(CertificateError::NotMade)?;
    let made = self_signed::make(&key, SystemTime::now()).map_err(CertificateError::NotMade)?;
    keep(file, &(made.pem() + &key.serialize_pem()), IfThere::Leave)
}

/// Makes another certificate with the same key, and keeps it in the place of the old one.
fn renew(file: &Path, key: &PrivateKeyDer<'_>) -> Result<CertificateDer<'static>, CertificateError> {
    let key = KeyPair::try_from(key.secret_der()).map_err(CertificateError::NotMade)?;
    let made = self_signed::make(&key, SystemTime::now()).map_err(CertificateError::NotMade)?;
    keep(file, &(made.pem() + &key.serialize_pem()), IfThere::Replace)?;
    Ok(made.into())
}

/// What happens to a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IfThere {
    Leave,
    Replace,
}

fn keep(file: &Path, text: &str, if_there: IfThere) -> Result<(), CertificateError> {
    write_secret(file, text, if_there).map_err(|error| CertificateError::NotKept { file: file.to_owned(), error })
}

/// Writes a secret beside its place and then gives it its name, so that it is there as a whole or not at all.
fn write_secret(file: &Path, text: &str, if_there: IfThere) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = files::sibling(file);
    // A crash may have left one.
    let _ = fs::remove_file(&new);
    let kept = create_secret(&new)
        .and_then(|mut secret| secret.write_all(text.as_bytes()).and_then(|()| secret.sync_all()))
        .and_then(|()| match if_there {
            IfThere::Replace => fs::rename(&new, file),
            IfThere::Leave => match fs::hard_link(&new, file) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                // Not every file system has links. There, the last of two who begin at once keeps its own.
                Err(_) => fs::rename(&new, file),
                Ok(()) => Ok(()),
            },
        });
    // It is renamed, or it has two names, or it is half.
    let _ = fs::remove_file(&new);
    kept
}

/// A new file that nobody but its owner can ever read.
fn create_secret(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
