//! Certificates that are made, and files that are not what they should be.

use std::sync::Barrier;
use std::thread;

use super::*;
use crate::server::tls::Identity;

/// A folder that is gone when the test ends well.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("multichat-certificate-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_certificate_is_made_once_and_kept_for_its_owner_alone() {
    let folder = folder("made");
    let own = Certificate::SelfSigned(folder.join("data/server.pem"));
    let first = Identity::load(&own).unwrap();
    assert_eq!(Identity::load(&own).unwrap().fingerprint(), first.fingerprint());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.join("data/server.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{mode:o}");
    }
    let files: Vec<_> = fs::read_dir(folder.join("data")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["server.pem"], "nothing else is left");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn servers_that_start_at_once_have_one_certificate() {
    let folder = folder("race");
    let own = Certificate::SelfSigned(folder.join("server.pem"));
    let begin = Barrier::new(8);
    let shown = thread::scope(|scope| {
        let load = || {
            begin.wait();
            Identity::load(&own).map(|identity| identity.fingerprint().to_owned()).map_err(|error| error.to_string())
        };
        [(); 8].map(|()| scope.spawn(load)).map(|server| server.join().unwrap())
    });
    let kept = Identity::load(&own).unwrap().fingerprint().to_owned();
    assert_eq!(shown, [(); 8].map(|()| Ok(kept.clone())));
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["server.pem"], "nothing else is left");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn each_wrong_file_has_its_own_complaint() {
    let folder = folder("wrong");
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name)
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
        Identity::load(&files).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(complaint(&certificate, &key), Ok(()));
    for (certificate, key, part) in [
        (&folder.join("none"), &key, "cannot be read"),
        (&folder, &key, "cannot be read"),
        (&certificate, &folder.join("none"), "cannot be read"),
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
    let error = Identity::load(&nowhere).unwrap_err().to_string();
    assert!(error.contains("cannot be kept in") && error.contains("--tls-cert"), "{error}");
    fs::remove_dir_all(folder).unwrap();
}
