#!/usr/bin/env python3
"""Rung 8 in Python: the same outbox, and the same checks.

    cargo climb 8 -- python3 rung08_outbox/outbox.py
"""

import socket
import sys
import threading

LINE_MAX = 4096
QUEUE_MAX = 1 << 20  # a client for which more bytes would wait is disconnected

room = {}  # name: Member
room_lock = threading.Lock()  # the lock order: this one, then one outbox's; nothing is written under either


class Member:
    """A socket, and what waits for it."""

    def __init__(self, sock):
        self.sock = sock
        self.lock = threading.Lock()
        self.queue = bytearray()
        self.writing = False  # a thread is writing to this socket

    def push(self, line):
        """Appends a line. Returns whether the caller has become the writer."""
        with self.lock:
            if len(self.queue) + len(line) > QUEUE_MAX:
                self.shut()
                return False
            self.queue += line
            was_writing, self.writing = self.writing, True
            return not was_writing

    def take(self):
        """Takes all that waits; if nothing does, clears the flag under the same lock."""
        with self.lock:
            taken, self.queue = bytes(self.queue), bytearray()
            self.writing = bool(taken)
            return taken

    def write(self):
        """Writes until nothing waits, or until the socket is full: then another thread waits in place of this one."""
        while rest := self.take():
            while rest:
                try:
                    rest = rest[self.sock.send(rest, socket.MSG_DONTWAIT):]
                except BlockingIOError:
                    threading.Thread(target=self.drain, args=(rest,), daemon=True).start()
                    return
                except OSError:
                    return self.shut()

    def drain(self, rest):
        try:
            self.sock.sendall(rest)
        except OSError:
            return self.shut()
        self.write()

    def answer(self, line):
        if self.push(line):
            self.write()

    def shut(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def push_to_others(author, line):
    """Pushes a line for all but its author; the caller holds the room's lock. Returns those whose writer it has become."""
    return [member for name, member in room.items() if name != author and member.push(line)]


def write_all(claimed):
    for member in claimed:
        member.write()


def join(name, me):
    with room_lock:
        if name in room:
            return False
        claimed = push_to_others(name, f"HELLO {name}\n".encode())
        here = "".join(f"HELLO {other}\n" for other in [*room, name])
        claimed += [me] if me.push(here.encode()) else []
        room[name] = me
    write_all(claimed)
    return True


def leave(name, me):
    with room_lock:
        del room[name]
        claimed = push_to_others(name, f"BYE {name}\n".encode())
    write_all(claimed)


def lines(sock):
    """The lines that come, in bounded memory; None for one that is too long."""
    waiting, skipping = b"", False
    while piece := sock.recv(LINE_MAX):
        waiting += piece
        while b"\n" in waiting:
            line, waiting = waiting.split(b"\n", 1)
            if not skipping:
                yield None if len(line) >= LINE_MAX else line.removesuffix(b"\r")
            skipping = False
        if len(waiting) >= LINE_MAX or skipping:
            if not skipping:
                yield None
            waiting, skipping = b"", True


def is_name(name):
    return 1 <= len(name) <= 32 and all(letter.isalnum() or letter in "_-." for letter in name)


def serve(sock):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    me, coming = Member(sock), lines(sock)
    first = (next(coming, None) or b"").decode(errors="replace").split(" ")
    if first[0] != "HELLO":
        return me.answer(b"ERR HELLO_EXPECTED the first line is HELLO <name>\n")
    if len(first) < 2 or not is_name(first[1]):
        return me.answer(b"ERR BAD_USERNAME a name has 1 to 32 letters, digits, _ - or .\n")
    name = first[1]
    if not join(name, me):
        return me.answer(b"ERR USERNAME_TAKEN choose another name\n")
    try:
        for line in coming:
            match (line or b"?").split(b" ", 2):
                case [b""]:
                    pass
                case [b"MSG", author, text] if author == name.encode():
                    with room_lock:
                        claimed = push_to_others(name, b"MSG " + author + b" " + text + b"\n")
                    write_all(claimed)
                case [b"MSG", *_]:
                    me.answer(f"ERR NOT_YOUR_NAME you are {name}: write MSG {name} <text>\n".encode())
                case [b"BYE"]:
                    break
                case _ if line is None:
                    me.answer(b"ERR LINE_TOO_LONG a line has at most 4096 bytes\n")
                case _:
                    me.answer(b"ERR BAD_LINE the verbs are HELLO, MSG and BYE\n")
    finally:
        leave(name, me)


def serve_and_close(sock):
    try:
        serve(sock)
    except OSError:
        pass  # the usual end of a connection
    finally:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def main():
    host, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:5555").rsplit(":", 1)
    listener = socket.create_server((host, int(port)))
    print(f"listening on {host}:{port}", flush=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve_and_close, args=(sock,), daemon=True).start()


main()
