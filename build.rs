//! The build script: what a program for Windows has beside its code. For other systems it does nothing.
//!
//! - An icon, which Explorer and the taskbar show, and a version, which the page Details of the file's properties shows.
//! - A manifest (`packaging/windows/program.manifest`), by which Windows draws at the resolution of each screen.
//! - The C++ runtime of MinGW, of which no Windows has a copy: it is linked into the program. That of Visual Studio is part of
//!   Windows' own downloads.

use std::env;

use winresource::WindowsResource;

/// Each program, as Cargo names it, with its name in the package, which its icon has, too, and its name in the task manager.
const PROGRAMS: [(&str, &str, &str); 2] =
    [("client", "multichat", "Multichat"), ("server", "multichat-server", "Multichat Server")];

const MANIFEST: &str = "packaging/windows/program.manifest";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The variables tell of the target. A `cfg` would tell of the computer that builds.
    if env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return;
    }
    println!("cargo::rerun-if-changed={MANIFEST}");
    for (program, file, name) in PROGRAMS {
        let icon = format!("packaging/windows/{file}.ico");
        println!("cargo::rerun-if-changed={icon}");
        let mut resource = WindowsResource::new();
        resource.set_icon(&icon).set_manifest_file(MANIFEST);
        resource
            .set("ProductName", "Multichat")
            .set("FileDescription", name)
            .set("OriginalFilename", &format!("{file}.exe"))
            .set("LegalCopyright", "MIT or Apache-2.0");
        if let Err(error) = resource.compile_for(program) {
            panic!(
                "the resource compiler, windres of binutils or rc.exe of the Windows SDK, cannot make the icon of {program}: {error}"
            );
        }
    }
    if env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|name| name == "gnu") {
        println!("cargo::rustc-link-arg-bins=-static");
    }
}
