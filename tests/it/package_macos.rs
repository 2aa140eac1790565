//! The package for macOS as far as it can be made elsewhere: programs that stand in for the real ones are put into bundles, and the
//! property lists, the icons and the rights of the files are read back. macOS itself is not part of it.

// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// Unpacks the zip that is its argument, and checks it. `zipfile` does not restore the rights, so they are read from the zip.
const CHECK: &str = r#"
import plistlib, sys, zipfile
sys.path.insert(0, "script/lib")
import icons

package = zipfile.ZipFile(sys.argv[1])
names = package.namelist()
top = names[0].split("/")[0]
ids = set()
for app, program in [("Multichat", "multichat"), ("Multichat Server", "multichat-server")]:
    contents = f"{top}/{app}.app/Contents"
    info = plistlib.loads(package.read(f"{contents}/Info.plist"))
    assert info["CFBundleName"] == app and info["CFBundlePackageType"] == "APPL", info
    assert info["CFBundleVersion"] == info["CFBundleShortVersionString"] == sys.argv[2], info
    assert info["NSHighResolutionCapable"] is True
    assert info["NSBonjourServices"] == ["_multichat._tcp"]
    assert info["NSLocalNetworkUsageDescription"].startswith(app)
    assert "@" not in str(info), info
    ids.add(info["CFBundleIdentifier"])
    binary = package.getinfo(f"{contents}/MacOS/{info['CFBundleExecutable']}")
    assert binary.external_attr >> 16 & 0o777 == 0o755, oct(binary.external_attr >> 16)
    assert package.read(binary) == program.encode(), "the other program"
    open(sys.argv[3], "wb").write(package.read(f"{contents}/Resources/{info['CFBundleIconFile']}.icns"))
    assert max(icons.check(sys.argv[3])) == 1024
assert len(ids) == 2, ids
for text in ["README.txt", "LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.txt"]:
    assert f"{top}/{text}" in names, text
assert "fltk-sys" in package.read(f"{top}/THIRD-PARTY.txt").decode()
assert "@" not in package.read(f"{top}/README.txt").decode()
"#;

#[test]
fn both_programs_become_bundles_that_macos_can_show() {
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("programs");
    fs::create_dir(&programs).unwrap();
    for (binary, text) in [("client", "multichat"), ("server", "multichat-server")] {
        fs::write(programs.join(binary), text).unwrap();
        fs::set_permissions(programs.join(binary), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let output = folder.path().join("package");
    let mut script = Command::new("script/package-macos");
    script.args([Path::new("--folder"), &output, Path::new("--programs"), &programs]);
    run(&mut script);
    let zips: Vec<_> = fs::read_dir(&output).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [zip] = &zips[..] else { panic!("not one zip: {zips:?}") };
    let name = zip.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with(concat!("multichat-", env!("CARGO_PKG_VERSION"), "-macos-")), "{name}");
    let icon = folder.path().join("one.icns");
    run(Command::new("python3").args(["-c", CHECK]).arg(zip).arg(env!("CARGO_PKG_VERSION")).arg(icon));
}

/// Both files were made by `script/lib/icons.py`, with a picture of its size for each entry.
#[test]
fn the_icons_for_windows_have_all_sizes() {
    for program in ["multichat", "multichat-server"] {
        let icon = format!("packaging/windows/{program}.ico");
        run(Command::new("script/lib/icons.py").args(["--check", &icon]));
    }
}

/// Runs a command in the project's folder, and expects success.
fn run(command: &mut Command) {
    let done = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{command:?}: {}{}", text(&done.stdout), text(&done.stderr));
}
