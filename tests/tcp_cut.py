"""A line between a client and a server on loopback that can be cut: what a firewall or a broken switch does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK = 65_536


class Line:
    """Passes bytes on from `port` to `target`. While it is cut every connection is dropped and none is taken."""

    def __init__(self, port: int, target: int) -> None:
        self._target = target
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._whole = threading.Event()
        self._whole.set()
        self._closed = False
        self._listener = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        self.dropped = 0

    def cut(self) -> None:
        self._whole.clear()
        self._drop()

    def mend(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self._closed = True
        self._whole.clear()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self._drop()

    def _drop(self) -> None:
        with self._lock:
            found = list(self._open)
        for one in found:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:  # its other end was faster
                continue

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            if not self._whole.is_set():
                self.dropped += 1
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # the broker is away
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._pair, args=(client, server), daemon=True).start()

    def _pair(self, client: socket.socket, server: socket.socket) -> None:
        back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
        back.start()
        _pass_on(client, server)
        back.join()
        with self._lock:
            self._open -= {client, server}
        client.close()
        server.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while part := source.recv(CHUNK):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # cut: the other direction ends too
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


@contextmanager
def line(port: int, target: int) -> Iterator[Line]:
    made = Line(port, target)
    try:
        yield made
    finally:
        made.close()
