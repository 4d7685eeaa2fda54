"""The feed source against a real HTTP server on loopback."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import msgspec
import pytest

from manumit.connectors.listings.feed import FeedSource, FeedState
from manumit.connectors.listings.register import SourceEntry, SourceRegister, read_register, register
from manumit.schemas.errors import ConfigError, EdgeDown
from tests.connectors.listings.test_feed_parse import LAUGHS, RSS

NOW_US = 1_773_200_000_000_000
NEXT_DAY_US = 86_400_000_000


@dataclass
class Board:
    """What the server answers, and what it was asked."""

    body: bytes = RSS
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    stall: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/feed"


def handler_of(board: Board) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/robots.txt":
                self.send_error(404)
                return
            board.asked.append(dict(self.headers))
            known = board.headers.get("ETag") is not None and self.headers.get("If-None-Match") == board.headers["ETag"]
            self.send_response(304 if known else board.status)
            for name, value in board.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not known:
                self.write()

        def write(self) -> None:
            try:
                self.wfile.write(board.body)
            except (BrokenPipeError, ConnectionResetError):
                return
            if board.status == 299:
                board.stall.wait(10)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(board))
    server.daemon_threads = True
    board.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield board
    board.stall.set()
    server.shutdown()
    thread.join()
    server.server_close()


def entry(host: str) -> SourceEntry:
    return SourceEntry(
        host=host,
        name="board",
        kind="job",
        legal_basis="invented",
        terms="https://board.example/terms",
        contact="a desk",
        test_only_loopback=True,
    )


def feed(board: Board, **changes: Any) -> FeedSource:
    known = register([entry(f"127.0.0.1:{board.port}")])
    plain: dict[str, Any] = {"url": board.url, "register": known, "poll_s": 0.0, "now_us": lambda: NOW_US}
    return FeedSource(**{**plain, "client": lambda: httpx.Client(trust_env=False, timeout=5.0), **changes})


def test_adverts_come_in_order_and_once(board: Board) -> None:
    batches = feed(board).batches(None)
    first, second = next(batches), next(batches)
    assert [(x.listing_id, x.revision, x.kind, x.source) for x in first.listings] == [
        ("a-1", 0, "job", "board"),
        ("http://board.example/a-2", 0, "job", "board"),
    ]
    assert [x.at_us for x in first.listings] == [1_773_133_200_000_000, NOW_US], "undated: when first seen"
    assert {x.seen_us for x in first.listings} == {NOW_US}
    assert second.listings == ()
    assert first.dead_letters == ()


def test_changed_words_are_the_next_revision_and_resume_goes_on(board: Board) -> None:
    source = feed(board)
    first = next(source.batches(None))
    board.body = RSS.replace(b"Kitchen help", b"Kitchen help, Friday")
    again = next(source.batches(first.position))
    assert [(x.listing_id, x.revision, x.at_us) for x in again.listings] == [("a-1", 1, NOW_US)]
    assert next(source.batches(again.position)).listings == ()


def test_conditional_requests(board: Board) -> None:
    board.headers = {"ETag": '"v1"', "Last-Modified": "Tue, 10 Mar 2026 09:00:00 GMT"}
    source = feed(board)
    first = next(source.batches(None))
    second = next(source.batches(first.position))
    assert (len(first.listings), second.listings) == (2, ())
    assert board.asked[1]["If-None-Match"] == '"v1"'
    assert board.asked[1]["If-Modified-Since"] == "Tue, 10 Mar 2026 09:00:00 GMT"
    assert FeedState.of(second.position).etag == '"v1"'


def test_gzip_answers_and_gzip_bombs(board: Board) -> None:
    board.headers = {"Content-Encoding": "gzip"}
    board.body = gzip.compress(RSS)
    assert len(next(feed(board).batches(None)).listings) == 2
    board.body = gzip.compress(b"<rss>" + b" " * (64 << 20))
    (letter,) = next(feed(board).batches(None)).dead_letters
    assert (letter.reason, "larger than" in letter.message) == ("malformed", True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (LAUGHS, "malformed"),
        (b"<rss>" + b"x" * (9 << 20), "malformed"),
        (RSS[: RSS.index(b"No id")], "truncated"),
        (b"not a feed", "malformed"),
        (b"<urlset><url><loc>http://board.example/</loc></url></urlset>", "malformed"),
        (RSS.replace(b"10 Mar 2026", b"10 Mar 2027"), "bad-time"),
        (RSS.replace(b"Tue, 10 Mar 2026 10:00:00 +0100", b"lately"), "bad-time"),
    ],
)
def test_hostile_feeds_are_dead_letters(board: Board, body: bytes, reason: str) -> None:
    board.body = body
    source = feed(board)
    batch = next(source.batches(None))
    assert [letter.reason for letter in batch.dead_letters] == [reason]
    assert all(letter.source == source.name for letter in batch.dead_letters)
    board.body = RSS.replace(b"a-1", b"a-9")
    after = next(source.batches(batch.position))
    assert "a-9" in {x.listing_id for x in after.listings}, "reading goes on"


@pytest.mark.parametrize("status", [301, 403, 404, 429, 500, 503])
def test_a_host_that_refuses_is_an_edge_down(board: Board, status: int) -> None:
    board.status = status
    with pytest.raises(EdgeDown, match=str(status)):
        next(feed(board).batches(None))


def test_a_host_that_is_away_or_stalls(board: Board) -> None:
    board.status, board.headers = 299, {"Content-Length": "1000000"}
    slow = feed(board, client=lambda: httpx.Client(trust_env=False, timeout=0.2))
    with pytest.raises(EdgeDown):
        next(slow.batches(None))
    board.status, board.body = 200, RSS
    with pytest.raises(EdgeDown, match=r"(?i)protocol|body"):
        next(feed(board).batches(None))
    gone = feed(board, url="http://127.0.0.1:1/feed", register=register([entry("127.0.0.1:1")]))
    with pytest.raises(EdgeDown):
        next(gone.batches(None))


def test_redirects_stay_inside_the_register(board: Board) -> None:
    board.status = 302
    for elsewhere in ("http://elsewhere.example/feed", "file:///etc/hostname", "http://169.254.169.254/latest"):
        board.headers = {"Location": elsewhere}
        batch = next(feed(board).batches(None))
        assert [letter.reason for letter in batch.dead_letters] == ["refused-address"]
        assert not batch.listings
    board.headers = {"Location": board.url}
    with pytest.raises(EdgeDown, match="redirects"):
        next(feed(board).batches(None))


@pytest.mark.parametrize(
    "url",
    ["file:///etc/hostname", "ftp://127.0.0.1/", "http://127.0.0.1/feed", "http://other.example/", "http://[", ""],
)
def test_nothing_outside_the_register_is_asked(board: Board, url: str) -> None:
    with pytest.raises(ConfigError):
        next(feed(board, url=url).batches(None))
    with pytest.raises(ConfigError, match="password"):
        next(feed(board, url=board.url.replace("http://", "http://user:word@")).batches(None))
    assert board.asked == []


def test_an_address_that_is_not_public_is_refused_before_it_is_asked(board: Board) -> None:
    known = register([msgspec.structs.replace(entry(f"127.0.0.1:{board.port}"), test_only_loopback=False)])
    (letter,) = next(feed(board, register=known).batches(None)).dead_letters
    assert (letter.reason, board.asked) == ("refused-address", [])


def test_stop_ends_the_source(board: Board) -> None:
    source = feed(board, poll_s=60.0)
    batches = source.batches(None)
    next(batches)
    source.stop()
    started = time.monotonic()
    assert next(batches, None) is None
    assert time.monotonic() - started < 10
    assert source.live


def test_a_foreign_position_is_a_config_error(board: Board) -> None:
    with pytest.raises(ConfigError, match="no position in a feed"):
        next(feed(board).batches("12:3:4:1"))


def test_the_register_file(tmp_path: Any) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(
        '[[source]]\nhost = "Board.example"\nname = "board"\nkind = "job"\n'
        'legal_basis = "b"\nterms = "t"\ncontact = "c"\n'
    )
    known = read_register(path)
    assert isinstance(known, SourceRegister)
    assert known.entry("https://board.example/x").name == "board"
    path.write_text(path.read_text().replace('"b"', '" "'))
    with pytest.raises(ConfigError, match="legal_basis"):
        read_register(path)
    path.write_text("[[source]]\nhost = 1\n")
    with pytest.raises(ConfigError, match=r"sources\.toml"):
        read_register(path)
