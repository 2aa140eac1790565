//! Certificates that are made and renewed, and files that are not what they should be.

use std::sync::Barrier;
use std::thread;

use crate::server::connect::tls::Identity;
use crate::server::connect::tls::certificate::*;
use crate::transport::key_fingerprint;

/// Makes a certificate that is missing and reads it, as a start does.
fn load(certificate: &Certificate) -> Result<Identity, CertificateError> {
    Identity::make_missing(certificate)?;
    Identity::read(certificate)
}

#[test]
fn a_certificate_is_made_once_and_kept_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let own = Certificate::SelfSigned(folder.path().join("data/server.pem"));
    let first = load(&own).unwrap();
    assert_eq!(load(&own).unwrap().fingerprint(), first.fingerprint());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.path().join("data/server.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{mode:o}");
    }
    let files: Vec<_> =
        fs::read_dir(folder.path().join("data")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["server.pem"], "nothing else is left");
}

#[test]
fn servers_that_start_at_once_have_one_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let own = Certificate::SelfSigned(folder.path().join("server.pem"));
    let begin = Barrier::new(8);
    let shown = thread::scope(|scope| {
        let start = || {
            begin.wait();
            load(&own).map(|identity| identity.fingerprint().to_owned()).map_err(|error| error.to_string())
        };
        [(); 8].map(|()| scope.spawn(start)).map(|server| server.join().unwrap())
    });
    let kept = load(&own).unwrap().fingerprint().to_owned();
    assert_eq!(shown, [(); 8].map(|()| Ok(kept.clone())));
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["server.pem"], "nothing else is left");
}

#[test]
fn each_wrong_file_has_its_own_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = write("certificate", &own.cert.pem());
    let key = write("key", &own.signing_key.serialize_pem());
    let others_key = write("others_key", &other.signing_key.serialize_pem());
    let text = write("text", "what I had for dinner\n");
    let cut = write("cut", &own.cert.pem()[..200]);
    let garbage = write("garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let complaint = |certificate: &Path, key: &Path| {
        let files = Certificate::Files { certificate: certificate.to_owned(), key: key.to_owned() };
        load(&files).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(complaint(&certificate, &key), Ok(()));
    for (certificate, key, part) in [
        (&folder.path().join("none"), &key, "cannot be read"),
        (&folder.path().to_path_buf(), &key, "cannot be read"),
        (&certificate, &folder.path().join("none"), "cannot be read"),
        (&text, &key, "there is no certificate in"),
        (&key, &key, "there is no certificate in"),
        (&certificate, &certificate, "there is no private key in"),
        (&cut, &key, "has no certificate in PEM form"),
        (&garbage, &key, "cannot be used"),
        (&certificate, &others_key, "belongs to another key"),
    ] {
        let error = complaint(certificate, key).unwrap_err();
        assert!(error.contains(part), "{part:?} is not in: {error}");
    }
    let nowhere = Certificate::SelfSigned(text.join("server.pem"));
    let error = load(&nowhere).unwrap_err().to_string();
    assert!(error.contains("cannot be kept in"), "{error}");
}

const YEAR: Duration = Duration::from_hours(24 * 365);

/// Reads the certificate in a file.
fn kept(file: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file).unwrap()
}

/// Writes the certificate that a server would have made at that time, and returns the fingerprint of its key.
fn made_at(file: &Path, then: SystemTime) -> String {
    let key = KeyPair::generate().unwrap();
    let made = self_signed::make(&key, then).unwrap();
    fs::write(file, made.pem() + &key.serialize_pem()).unwrap();
    key_fingerprint(made.der()).unwrap()
}

#[test]
fn a_certificate_of_our_own_says_whose_it_is_and_is_valid_for_some_years() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.pem");
    load(&Certificate::SelfSigned(file.clone())).unwrap();
    let certificate = kept(&file);
    let text = String::from_utf8_lossy(&certificate);
    assert!(text.contains("multichat on ") && !text.contains("rcgen"), "{text}");
    assert_eq!(dates::complaint(&certificate, Duration::ZERO), None);
    assert_eq!(dates::complaint(&certificate, YEAR * 4), None);
    assert!(dates::complaint(&certificate, YEAR * 6).unwrap().starts_with("was valid until 20"));
}

#[test]
fn a_certificate_that_is_about_to_expire_or_has_or_is_not_valid_yet_is_renewed_with_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.pem");
    let now = SystemTime::now();
    for then in [now - YEAR * 4 - YEAR / 2, now - YEAR * 9, now + YEAR] {
        let key = made_at(&file, then);
        let old = kept(&file);
        let identity = load(&Certificate::SelfSigned(file.clone())).unwrap();
        assert_eq!((identity.fingerprint(), identity.complaint()), (&*key, None));
        let new = kept(&file);
        assert_ne!(new, old);
        assert_eq!(key_fingerprint(&new).unwrap(), key);
        assert_eq!(dates::complaint(&new, YEAR * 4), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{mode:o}");
        }
        load(&Certificate::SelfSigned(file.clone())).unwrap();
        assert_eq!(kept(&file), new, "once is enough");
    }
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["server.pem"], "nothing else is left");
}

#[test]
fn a_certificate_of_an_earlier_version_that_people_have_pinned_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.pem");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&file, made.cert.pem() + &made.signing_key.serialize_pem()).unwrap();
    load(&Certificate::SelfSigned(file.clone())).unwrap();
    assert_eq!(kept(&file), *made.cert.der());
}

#[test]
fn a_certificate_that_expires_while_the_server_runs_is_complained_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("their.pem");
    let left = Duration::from_hours(1);
    made_at(&file, SystemTime::now() + left - YEAR * 5);
    let identity = load(&Certificate::Files { certificate: file.clone(), key: file }).unwrap();
    assert_eq!(identity.complaint(), None);
    let (_, why) = identity.complaint_after(left * 2).unwrap();
    assert!(why.starts_with("was valid until 20"), "{why}");
}

#[test]
fn somebody_elses_certificate_is_never_renewed_and_its_dates_are_complained_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("their.pem");
    let now = SystemTime::now();
    for (then, complaint) in [(now - YEAR * 6, "was valid until 20"), (now + YEAR, "is not valid before 20")] {
        made_at(&file, then);
        let old = kept(&file);
        let files = Certificate::Files { certificate: file.clone(), key: file.clone() };
        let (of, why) = load(&files).unwrap().complaint().unwrap();
        assert!(of == file && why.starts_with(complaint), "{why}");
        assert_eq!(kept(&file), old);
    }
    // One of those behind it counts, too.
    made_at(&file, now);
    let own = fs::read_to_string(&file).unwrap();
    made_at(&file, now - YEAR * 6);
    let text = own + &fs::read_to_string(&file).unwrap();
    fs::write(&file, text).unwrap();
    let files = Certificate::Files { certificate: file.clone(), key: file };
    assert!(load(&files).unwrap().complaint().is_some());
}
