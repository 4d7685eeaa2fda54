"""What stands between us and the node in the tests: an HTTP stub that may answer otherwise, and a TCP proxy to cut."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import msgspec

from tests.connectors.chains.anvil import PLAIN

Changed = Callable[[str, list[Any], Any], Any]


def unchanged(method: str, params: list[Any], result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class Fault:
    """Returned by a `change`: an error instead of the result."""

    code: int
    message: str


@dataclass(slots=True)
class Between:
    """Forwards JSON-RPC to `target`. `refuse` gives (status, headers) to answer instead; `change` alters results."""

    target: str = ""
    refuse: Callable[[str], tuple[int, dict[str, str]] | None] = lambda method: None
    change: Changed = unchanged
    asked: list[tuple[str, list[Any]]] = field(default_factory=list)
    url: str = ""

    def answer(self, body: bytes, forward: httpx.Client) -> tuple[int, dict[str, str], bytes]:
        questions = msgspec.json.decode(body)
        each = questions if isinstance(questions, list) else [questions]
        self.asked += [(q["method"], q["params"]) for q in each]
        refused = self.refuse(each[0]["method"])
        if refused:
            return refused[0], refused[1], b"busy"
        answers = msgspec.json.decode(forward.post(self.target, content=body).content) if self.target else []
        replies = answers if isinstance(answers, list) else [answers]
        by_id = {reply["id"]: reply for reply in replies}
        changed = [self._reply(q, by_id.get(q["id"], {"id": q["id"], "result": None})) for q in each]
        return 200, {}, msgspec.json.encode(changed if isinstance(questions, list) else changed[0])

    def _reply(self, question: dict[str, Any], reply: dict[str, Any]) -> dict[str, Any]:
        result = self.change(question["method"], question["params"], reply.get("result"))
        if isinstance(result, Fault):
            return {"jsonrpc": "2.0", "id": reply["id"], "error": {"code": result.code, "message": result.message}}
        return reply if reply.get("error") else {**reply, "result": result}

    def count(self, method: str) -> int:
        return sum(asked == method for asked, _ in self.asked)


@contextlib.contextmanager
def between(target: str = "") -> Iterator[Between]:
    """Serve a Between on a free port until the block ends."""
    stub = Between(target)
    forward = httpx.Client(headers={"content-type": "application/json"}, verify=PLAIN)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers, content = stub.answer(body, forward)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
        forward.close()


class Wire:
    """A TCP proxy on a free port. `cut` drops every connection and takes no new one until `mend`."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._is_cut = threading.Event()
        self._ended = threading.Event()
        self.connections = 0
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        self._is_cut.set()
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._is_cut.clear()

    def close(self) -> None:
        self._ended.set()
        self.cut()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            if not select.select([self._listener], [], [], 0.05)[0]:
                continue
            near, _ = self._listener.accept()
            if self._is_cut.is_set():
                near.close()
                continue
            self.connections += 1
            far = socket.create_connection(("127.0.0.1", self._target_port))
            self._open += [near, far]
            thread = threading.Thread(target=self._carry, args=(near, far))
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with near, far:
            while self._carry_once(near, far):
                pass
        self._open.remove(near)
        self._open.remove(far)

    def _carry_once(self, near: socket.socket, far: socket.socket) -> bool:
        for end in select.select([near, far], [], [], 0.2)[0]:
            try:
                data = end.recv(65536)
                (far if end is near else near).sendall(data)
            except OSError:
                return False
            if not data:
                return False
        return not self._ended.is_set()
