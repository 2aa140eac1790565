#!/usr/bin/env python3
"""Prints the licences of all crates that are linked into the programs, with their texts, for a package without source.

    script/lib/licences.py TARGET

TARGET is the system that the programs are for, as rustc names it. A crate's text is what its folder has: a file that is named
after a licence, or the copyright of the C or C++ source inside it. The text of one that has none is that of its kind.
"""

import json
import os
import subprocess
import sys

NAMES = ("license", "licence", "copying", "copyright", "notice", "unlicense")
# C and C++ sources inside of crates, with their own texts.
INSIDE = {
    "fltk-sys": ["cfltk/fltk/COPYING", "cfltk/fltk/png/LICENSE", "cfltk/fltk/zlib/LICENSE", "cfltk/fltk/jpeg/README.ijg",
                 "cfltk/LICENSE"],
    "libdbus-sys": ["vendor/dbus/COPYING"],
}


def linked(target):
    """Returns the crates that are linked, sorted by name."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    seen, waiting = set(), [root]
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        # Build scripts and macros run on the computer that builds.
        if any("proc-macro" in made["kind"] for made in packages[at]["targets"]):
            seen.discard(at)
            continue
        for needed in nodes[at]["deps"]:
            if any(kind["kind"] is None for kind in needed["dep_kinds"]):
                waiting.append(needed["pkg"])
    return sorted((packages[at] for at in seen - {root}), key=lambda package: (package["name"], package["version"]))


def texts(package):
    """Returns the texts of a crate's licence, by the names of their files."""
    folder = os.path.dirname(package["manifest_path"])
    names = [name for name in sorted(os.listdir(folder)) if name.lower().startswith(NAMES)]
    names += [name for name in INSIDE.get(package["name"], []) if os.path.exists(os.path.join(folder, name))]
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            yield name, open(path, encoding="utf-8", errors="replace").read().strip()


def main(target):
    """Prints all."""
    crates = linked(target)
    where = {}
    print("Multichat is made of the following parts beside its own. The texts of their licences are below.\n")
    for package in crates:
        licence = package["license"] or "see below"
        authors = ", ".join(author.split(" <")[0] for author in package["authors"])
        print(f"- {package['name']} {package['version']}: {licence}" + (f" ({authors})" if authors else ""))
        for name, text in texts(package):
            # Many are the same, word by word.
            where.setdefault(text, []).append(f"{package['name']} {package['version']} ({name})")
    for text, names in where.items():
        print("\n" + "=" * 100 + "\n" + "\n".join(names) + "\n" + "-" * 100 + "\n" + text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
