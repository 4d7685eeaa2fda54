"""`/metrics`, `/healthz` and `/readyz` on a port of its own, for Prometheus and whoever supervises the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from manumit.schemas.errors import ConfigError

TEXT = "text/plain; version=0.0.4; charset=utf-8"


@contextmanager
def metrics_page(
    host: str, port: int, metrics: Callable[[], bytes], waits_for: Callable[[], tuple[str, ...]]
) -> Iterator[int]:
    """Serves until the context ends; gives the port. `waits_for` says why the process is not ready.

    `/healthz` answers as long as the process does. Raises ConfigError when the port is taken.
    """

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, metrics())
            elif self.path == "/healthz":
                self._answer(200, b"alive\n")
            elif self.path == "/readyz":
                reasons = waits_for()
                self._answer(503 if reasons else 200, ("; ".join(reasons) or "ready").encode() + b"\n")
            else:
                self._answer(404, b"there is /metrics, /healthz and /readyz\n")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given: object) -> None:
            """Says nothing: a scrape is no event."""

    try:
        server = ThreadingHTTPServer((host, port), Page)
    except OSError as error:
        raise ConfigError(f"metrics_host and metrics_port: {host}:{port} cannot be listened on: {error}") from error
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
