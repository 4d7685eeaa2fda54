"""A real web site on loopback that the tests serve, and a crawl of it."""

from __future__ import annotations

import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from manumit.connectors.contract import Batch
from manumit.connectors.listings.crawling.source import CrawlSource
from manumit.connectors.listings.register import CrawlRules, SourceEntry, register
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.listing import Listing, ListingKind

NOW_US = 1_773_200_000_000_000  # 11 March 2026
SECOND_US, HOUR_US, DAY_US = 1_000_000, 3_600_000_000, 86_400_000_000
ROBOTS = b"User-agent: *\nDisallow: /private/\n"


@dataclass(frozen=True)
class Answer:
    """`body` is sent `times` over."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    times: int = 1


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    at_s: float


@dataclass
class Site:
    """What each path answers, what was asked, and how much of an answer was taken."""

    pages: dict[str, Answer] = field(default_factory=lambda: {"/robots.txt": Answer(ROBOTS)})
    asked: list[Asked] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    connections: int = 0
    port: int = 0
    on_ask: Callable[[str], None] = field(default=lambda path: None)

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.netloc}{path}"

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def advert(self, path: str, text: str, *headers: tuple[str, str], head: str = "") -> None:
        body = f"<html><head><title>Advert</title>{head}</head><body><p>{text}</p></body></html>"
        self.pages[path] = Answer(body.encode(), headers=headers)

    def sitemap(self, *paths: str) -> None:
        urls = "".join(f"<url><loc>{self.url(path)}</loc></url>" for path in paths)
        self.pages["/sitemap.xml"] = Answer(f"<urlset>{urls}</urlset>".encode())


def handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            site.connections += 1

        def do_GET(self) -> None:
            site.asked.append(Asked(self.path, dict(self.headers), time.monotonic()))
            site.on_ask(self.path)
            answer = site.pages.get(self.path, Answer(status=404))
            etag = dict(answer.headers).get("ETag")
            if etag and self.headers.get("If-None-Match") == etag:
                answer = Answer(status=304)
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if "Content-Type" not in dict(answer.headers):
                self.send_header("Content-Type", "text/html; charset=utf-8")
            if "Content-Length" in dict(answer.headers):
                self.close_connection = True
            elif answer.times == 1:
                self.send_header("Content-Length", str(len(answer.body)))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            self.write(answer)

        def write(self, answer: Answer) -> None:
            for _ in range(answer.times):
                try:
                    self.wfile.write(answer.body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                    return
                site.sent[self.path] = site.sent.get(self.path, 0) + len(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class Server(ThreadingHTTPServer):
    """Says nothing about clients that leave in the middle."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as the base class declares


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Site]:
    """With a certificate over TLS."""
    site = Site()
    server = Server(("127.0.0.1", 0), handler_of(site))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def key() -> bytes:
    return bytes(range(32))


@dataclass
class Clock:
    now_us: int = NOW_US

    def __call__(self) -> int:
        return self.now_us


def entry(netloc: str, *, is_test: bool = True, kind: ListingKind = "job", **rules: Any) -> SourceEntry:
    plain: dict[str, Any] = {"adverts": ("/ads/*",), "pages": ("/list*",), "delay_s": 0.0, "look_s": 900.0}
    return SourceEntry(
        host=netloc,
        name="board",
        kind=kind,
        legal_basis="invented",
        terms="https://board.example/terms",
        contact="desk@board.example",
        crawl=CrawlRules(**{**plain, **rules}),
        test_only_loopback=is_test,
    )


@dataclass
class Crawl:
    """A crawl that can be asked for all it has for now."""

    source: CrawlSource
    running: Iterator[Batch]
    position: str | None = None

    def drain(self) -> tuple[list[Listing], list[DeadLetter]]:
        """Until nothing is due."""
        listings: list[Listing] = []
        letters: list[DeadLetter] = []
        while True:
            batch = next(self.running)
            listings += batch.listings
            letters += batch.dead_letters
            if batch.position == self.position:
                return listings, letters
            self.position = batch.position


@contextmanager
def crawling(
    site: Site, folder: Path, clock: Clock, *starts: str, after: str | None = None, **rules: Any
) -> Iterator[Crawl]:
    source = CrawlSource(
        starts=[site.url(path) for path in starts],
        register=register([entry(site.netloc, **rules)]),
        folder=folder,
        key=key,
        now_us=clock,
    )
    crawl = Crawl(source, source.batches(after), after)
    try:
        yield crawl
    finally:
        crawl.source.stop()
        for _ in crawl.running:
            pass
