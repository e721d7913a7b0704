"""Ways of putting an answer on the wire, good and bad. One table, one function each."""

import select
import socket
import struct
import threading
from collections.abc import Callable
from http import HTTPStatus

from .answers import Answer

# Claimed by the endless answers; no client can wait for its end.
ENDLESS_BYTES = 2**40
DRIP_SECONDS = 0.05
Way = Callable[[socket.socket, Answer, threading.Event], None]


def send(sock: socket.socket, answer: Answer, closing: threading.Event) -> bool:
    """Write an answer in its manner. True when all of it went out and the connection may be
    used again; OSError when the client is gone."""
    MANNERS[answer.manner](sock, answer, closing)
    return answer.manner in ("whole", "trickle")


def head(answer: Answer, length: int) -> bytes:
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {phrase}", f"Content-Type: {answer.content_type}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def whole(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    # One write: a head and a body in two packets would wait for each other.
    sock.sendall(head(answer, len(answer.body)) + answer.body)


def trickle(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    """Everything, in twenty pieces with a pause before each."""
    sock.sendall(head(answer, len(answer.body)))
    step = max(1, -(-len(answer.body) // 20))
    for start in range(0, len(answer.body), step):
        closing.wait(DRIP_SECONDS)
        sock.sendall(answer.body[start : start + step])


def cut(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    """Half of the promised body, then a clean close."""
    sock.sendall(head(answer, len(answer.body)) + answer.body[: len(answer.body) // 2])


def reset(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    """RST instead of an answer."""
    abort_on_close(sock)


def reset_mid(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    """RST in the middle of the body."""
    cut(sock, answer, closing)
    # The kernel throws unread bytes away with the reset; let the client have some first.
    closing.wait(DRIP_SECONDS)
    abort_on_close(sock)


def abort_on_close(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    """Nothing: the connection simply ends."""


def hang(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    """Nothing, until the client goes or the sandbox closes."""
    while not closing.is_set():
        readable, _, _ = select.select([sock], [], [], DRIP_SECONDS)
        if readable and not sock.recv(4096):
            return


def drip(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    """An endless body, one byte at a time."""
    sock.sendall(head(answer, ENDLESS_BYTES) + answer.body)
    while not closing.wait(DRIP_SECONDS):
        sock.sendall(b" ")


def flood(sock: socket.socket, answer: Answer, closing: threading.Event) -> None:
    """An endless body as fast as the client reads."""
    sock.sendall(head(answer, ENDLESS_BYTES) + answer.body)
    while not closing.is_set():
        sock.sendall(b" " * 65536)


MANNERS: dict[str, Way] = {
    "whole": whole,
    "trickle": trickle,
    "cut": cut,
    "reset": reset,
    "reset-mid": reset_mid,
    "close": close,
    "hang": hang,
    "drip": drip,
    "flood": flood,
}
