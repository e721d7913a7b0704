"""A line between a client and the studio that breaks once, at a chosen place."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Relay:
    """Forwards connections to a port; the first one breaks after `bytes_back` of the answer.

    -1 breaks it as soon as the request has gone through, None never. A broken line is reset, and
    what the client has not read is lost with it.
    """

    port_behind: int
    bytes_back: int | None
    listener: socket.socket = field(init=False)

    def __enter__(self) -> "Relay":
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.listener.close()

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def _accept(self) -> None:
        breaks = self.bytes_back
        with suppress(OSError):
            while True:
                client, _address = self.listener.accept()
                threading.Thread(target=self._serve, args=(client, breaks), daemon=True).start()
                breaks = None

    def _serve(self, client: socket.socket, breaks: int | None) -> None:
        try:
            studio = socket.create_connection(("127.0.0.1", self.port_behind))
        except OSError:
            client.close()
            return
        # What the studio sends must not rest here: nobody would know that it never arrived.
        studio.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        back = threading.Thread(target=_copy, args=(studio, client, breaks), daemon=True)
        if breaks == -1:
            _copy_request(client, studio)
            _reset(client, studio)
            return
        back.start()
        _copy(client, studio, None)


def _copy(source: socket.socket, target: socket.socket, most: int | None) -> None:
    left = float("inf") if most is None else most
    with suppress(OSError):
        while left > 0 and (data := source.recv(min(2048, int(min(left, 2048))))):
            target.sendall(data)
            left -= len(data)
        if left > 0:
            target.shutdown(socket.SHUT_WR)
            return
    _reset(source, target)


def _copy_request(client: socket.socket, studio: socket.socket) -> None:
    client.settimeout(0.3)
    with suppress(OSError):
        while data := client.recv(2**16):
            studio.sendall(data)


def _reset(*lines: socket.socket) -> None:
    for line in lines:
        with suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            line.shutdown(socket.SHUT_RDWR)
        line.close()
