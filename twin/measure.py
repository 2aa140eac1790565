#!/usr/bin/env python3
"""Measures rung 8 and its two twins in one run: lines, memory, processor time.

    cargo build --release --manifest-path ladder/Cargo.toml && cargo build --release --manifest-path twin/Cargo.toml
    python3 twin/measure.py

Each program serves 1000 clients that are silent, and then 100 of which one speaks: a line every two milliseconds, so that no two
can be written at once. Linux only: the numbers are from /proc. Compare within one run.
"""

import os
import selectors
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = [
    ("threads (rung 8)", "ladder/target/release/rung08_outbox_solution", "ladder/rung08_outbox/solution.rs"),
    ("tasks, locks", "twin/target/release/outbox", "twin/src/bin/outbox.rs"),
    ("tasks, actors", "twin/target/release/actors", "twin/src/bin/actors.rs"),
]
SILENT, LISTENERS, LINES = 1000, 100, 1000
TICKS = os.sysconf("SC_CLK_TCK")


def code_lines(path):
    """Returns the number of lines that are neither empty nor a comment."""
    lines = (line.strip() for line in open(os.path.join(ROOT, path), encoding="utf-8"))
    return sum(bool(line) and not line.startswith("//") for line in lines)


def memory(process):
    """Returns the resident memory in KiB."""
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1])


def processor(process):
    """Returns the processor time so far, in seconds."""
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def join(port, name):
    """Returns a socket of somebody who has joined."""
    one = socket.create_connection(("127.0.0.1", port))
    one.sendall(f"HELLO {name}\n".encode())
    came = b""
    while f"HELLO {name}\n".encode() not in came:
        came = came[-64:] + one.recv(65536)
    one.setblocking(False)
    return one


class Crowd:
    """Clients that read whatever comes."""

    def __init__(self, port, count):
        self.selector = selectors.DefaultSelector()
        self.bytes = 0
        for number in range(count):
            self.selector.register(join(port, f"client-{number}"), selectors.EVENT_READ)
            self.read(0)

    def read(self, wait):
        """Reads what is there; waits at most so many seconds for it."""
        ready = self.selector.select(wait)
        for key, _ in ready:
            self.bytes += len(key.fileobj.recv(1 << 20))
        return bool(ready)


def measure(program):
    """Returns KiB per silent client, and microseconds of processor time per delivery."""
    def start():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen([os.path.join(ROOT, program), f"127.0.0.1:{port}"], stdout=subprocess.PIPE)
        process.stdout.readline()
        return process, port

    process, port = start()
    before = memory(process)
    crowd = Crowd(port, SILENT)
    while crowd.read(1):
        pass
    each = (memory(process) - before) / SILENT
    process.kill()
    process.wait()

    process, port = start()
    crowd = Crowd(port, LISTENERS)
    speaker = join(port, "speaker")
    while crowd.read(0.5):
        pass
    line = b"MSG speaker " + b"x" * 50 + b"\n"
    crowd.bytes, before = 0, processor(process)
    for number in range(1, LINES + 1):
        speaker.sendall(line)
        # All have it before the next is said.
        while crowd.bytes < number * LISTENERS * len(line):
            crowd.read(5)
        time.sleep(0.002)
    spent = processor(process) - before
    process.kill()
    process.wait()
    return each, spent / (LINES * LISTENERS) * 1e6


def main():
    """Prints the table."""
    print("| | lines | memory of a silent client | processor time of a delivery |")
    print("| --- | ---: | ---: | ---: |")
    for name, program, source in PROGRAMS:
        each, delivery = measure(program)
        print(f"| {name} | {code_lines(source)} | {each:.1f} KiB | {delivery:.1f} us |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
