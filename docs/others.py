#!/usr/bin/env python3
"""Measures what one stalled reader does to a chat server that listens on this machine: see others.md.

    python3 docs/others.py PROTOCOL PORT [--pid PID] [--megabytes 64]

Ann speaks, Ben reads, and Carl stops reading once he is in. Ann numbers her lines, and says the next when Ben has the one before.
With the server's PID its memory is measured, too (Linux only). No line from the server is parsed: the number is looked for in
whatever Ben gets, so a further protocol is one more line of PROTOCOLS. A line is its number, over and over: a header in the middle
of it hides one of them, not all.
"""

import argparse
import re
import socket
import sys
import time

PATIENCE = 10  # seconds that Ben waits for a line
REPEATS = 50  # numbers of eight bytes in a line: some servers refuse more than 512 bytes


def redis(*words):
    """Returns a command of Redis: an array of strings."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def websocket(text):
    """Returns a frame of text, masked with zeros: a client has to mask."""
    return b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text


UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

# What a reader sends first, what Ann sends first, and how she says something.
PROTOCOLS = {
    "plain": (lambda name: b"", b"", lambda text: text + b"\n"),
    "name": (lambda name: name + b"\n", b"ann\n", lambda text: text + b"\n"),
    "to": (lambda name: name + b"\n", b"ann\n", lambda text: b"ben, carl: " + text + b"\n"),
    "redis": (lambda name: redis(b"SUBSCRIBE", b"room"), b"", lambda text: redis(b"PUBLISH", b"room", text)),
    "websocket": (lambda name: UPGRADE, UPGRADE, websocket),
    "hello": (lambda name: b"HELLO " + name + b"\n", b"HELLO ann\n", lambda text: b"MSG ann " + text + b"\n"),
}


class Client:
    """A connection, and the end of what came over it."""

    def __init__(self, port, hello):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.sendall(hello)
        self.tail, self.bytes = b"", 0
        if hello == UPGRADE:
            self.hears(b"\r\n\r\n")

    def hears(self, token, patience=PATIENCE):
        """Reads until the token comes; returns False if it does not come in time."""
        end = time.monotonic() + patience
        while token not in self.tail:
            self.socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                came = self.socket.recv(65536)
            except TimeoutError:
                return False
            if not came:
                raise ConnectionResetError("the server has closed the connection of one who reads")
            self.tail = self.tail[-len(token) :] + came
            self.bytes += len(came)
        return True

    def discard(self):
        """Reads what is there already."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(65536):
                pass
        except BlockingIOError:
            pass
        self.socket.settimeout(PATIENCE)

    def rest(self):
        """Reads to the end, or until nothing comes for three seconds: returns the bytes, and how it ended."""
        came = [self.tail]
        self.socket.settimeout(3)
        try:
            while part := self.socket.recv(1 << 20):
                came.append(part)
        except TimeoutError:
            return b"".join(came), "he is still connected"
        except ConnectionError:
            pass
        return b"".join(came), "the server has closed his connection"


class Ann(Client):
    """The one who speaks."""

    def __init__(self, port, hello, say):
        super().__init__(port, hello)
        self.say, self.number = say, 0

    def next_line(self):
        """Says the next line; returns what Ben has to find."""
        self.number += 1
        self.discard()
        self.socket.sendall(self.say(b"#%07d" % self.number * REPEATS))
        return self.token()

    def token(self):
        """Returns what is in the last line and in no other."""
        return b"#%07d#" % self.number


def print_memory(pid, when):
    """Prints the resident memory of a process, if it is known."""
    if pid is not None:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            kibibytes = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
        print(f"memory {when}: {kibibytes * 1024 / 1e6:.0f} MB")


def measure(protocol, port, pid, megabytes):
    """Measures, and prints the result."""
    hello, ann_hello, say = PROTOCOLS[protocol]
    ann = Ann(port, ann_hello, say)
    # A client that has got a line is in.
    ben = Client(port, hello(b"ben"))
    while not ben.hears(ann.next_line(), 1):
        pass
    carl = Client(port, hello(b"carl"))
    while not carl.hears(ann.next_line(), 1):
        pass

    # From here on Carl reads nothing.
    print_memory(pid, "when carl has come")
    first, slowest, ben.bytes, frozen = ann.number, 0, 0, False
    while ben.bytes < megabytes * 1e6 and not frozen:
        start = time.monotonic()
        try:
            frozen = not ben.hears(ann.next_line())
        except TimeoutError:
            frozen = True
        slowest = max(slowest, time.monotonic() - start)
    print_memory(pid, "at the end")

    if frozen:
        print(f"FROZEN after {ben.bytes / 1e6:.1f} MB: ben waits for line {ann.number - first}")
        carl.socket.close()
        try:
            goes_on = ben.hears(ann.token()) and all(ben.hears(ann.next_line()) for _ in range(10))
            print("carl hangs up:", "it goes on" if goes_on else "it stays frozen")
        except ConnectionError as error:
            print(f"carl hangs up: the others lose their connections ({error})")
        return
    print(f"NOT FROZEN after {ben.bytes / 1e6:.1f} MB; the slowest line took {slowest * 1000:.0f} ms")
    rest, end = carl.rest()
    got = {int(token) for token in re.findall(rb"#(\d{7})(?=#)", rest)}
    lost = [number for number in range(first, ann.number + 1) if number not in got]
    print(f"carl reads again: {len(got)} lines come, {len(lost)} are lost; {end}")
    if lost:
        print(f"he got {lost[0] - first} lines before the first that is lost, and {ann.number - lost[-1]} after the last")


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Measures what one stalled reader does to a chat server.")
    parser.add_argument("protocol", choices=PROTOCOLS)
    parser.add_argument("port", type=int)
    parser.add_argument("--pid", type=int, help="the server's process, to measure its memory")
    parser.add_argument("--megabytes", type=float, default=64, help="what Ben shall get (default: 64)")
    options = parser.parse_args()
    try:
        measure(options.protocol, options.port, options.pid, options.megabytes)
    except ConnectionRefusedError:
        sys.exit(f"nothing listens on port {options.port} of this machine")
    except ConnectionError as error:
        sys.exit(f"{error}. Does the server speak the protocol {options.protocol}?")


if __name__ == "__main__":
    main()
