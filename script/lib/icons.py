#!/usr/bin/env python3
"""Makes the icon file of a program for Windows or macOS from a drawing.

    script/lib/icons.py DRAWING.svg FILE.ico
    script/lib/icons.py DRAWING.svg FILE.icns

Each is a list of PNG pictures behind a header, for each size one. rsvg-convert (Debian: librsvg2-bin; macOS: brew install librsvg)
draws them. `script/lib/icons.py --check FILE` says which sizes a file has, and fails if a picture is not of its size.
"""

import struct
import subprocess
import sys

# Windows takes the nearest: 16 to 48 at 100 % to 200 % of the usual resolution, 64 and 256 for large icons in Explorer.
ICO = [16, 20, 24, 32, 40, 48, 64, 256]
# The type of each picture, by Apple's names; those for dense screens have twice the size of what they are shown as.
ICNS = [("icp4", 16), ("icp5", 32), ("ic11", 32), ("ic12", 64), ("ic07", 128), ("ic13", 256), ("ic08", 256), ("ic14", 512),
        ("ic09", 512), ("ic10", 1024)]


def draw(drawing, size):
    """Returns the PNG of a drawing."""
    command = ["rsvg-convert", "--width", str(size), "--height", str(size), drawing]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def ico(drawing):
    """Returns the file for Windows."""
    pictures = [draw(drawing, size) for size in ICO]
    header = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(header) + 16 * len(pictures)
    for size, picture in zip(ICO, pictures):
        # 256 is written as 0; one plane of 32 bits.
        header += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return header + b"".join(pictures)


def icns(drawing):
    """Returns the file for macOS."""
    drawn = {size: draw(drawing, size) for size in {size for _, size in ICNS}}
    parts = [kind.encode() + struct.pack(">I", 8 + len(drawn[size])) + drawn[size] for kind, size in ICNS]
    return b"icns" + struct.pack(">I", 8 + sum(map(len, parts))) + b"".join(parts)


def png_size(data):
    """Returns width and height of a PNG."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
    return struct.unpack(">II", data[16:24])


def check(path):
    """Returns the sizes in a file."""
    data = open(path, "rb").read()
    sizes = []
    if data[:4] == b"icns":
        assert struct.unpack(">I", data[4:8])[0] == len(data), "a wrong length"
        at = 8
        while at < len(data):
            kind, length = data[at:at + 4].decode(), struct.unpack(">I", data[at + 4:at + 8])[0]
            sizes.append(dict(ICNS)[kind])
            assert png_size(data[at + 8:at + length]) == (sizes[-1],) * 2, f"{kind} has another size"
            at += length
        assert sizes == [size for _, size in ICNS], sizes
    else:
        zero, kind, count = struct.unpack("<HHH", data[:6])
        assert (zero, kind) == (0, 1), "neither .icns nor .ico"
        for number in range(count):
            width, _, _, _, _, bits, length, at = struct.unpack("<BBBBHHII", data[6 + 16 * number:22 + 16 * number])
            sizes.append(width or 256)
            assert bits == 32 and png_size(data[at:at + length]) == (sizes[-1],) * 2, f"{sizes[-1]} has another size"
        assert sizes == ICO, sizes
    return sizes


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[1] == "--check":
        print(sys.argv[2], check(sys.argv[2]))
    else:
        made = ico(sys.argv[1]) if sys.argv[2].endswith(".ico") else icns(sys.argv[1])
        open(sys.argv[2], "wb").write(made)
