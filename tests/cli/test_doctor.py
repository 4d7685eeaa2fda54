"""`manumit doctor` on feeds: the source register, and each feed asked once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.connectors.listings.test_feed_parse import RSS
from tests.servers import free_port


class Board(BaseHTTPRequestHandler):
    """/feed is a feed, everything else is none."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(RSS if self.path == "/feed" else b"<html>no feed")

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Board)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


def entry(host: str) -> str:
    return (
        f'[[source]]\nhost = "{host}"\nname = "board"\nkind = "job"\n'
        'legal_basis = "invented"\nterms = "none"\ncontact = "nobody@example.org"\ntest_only_loopback = true\n'
    )


def test_feeds_and_their_register_are_looked_at(tmp_path: Path, port: int) -> None:
    register, away = tmp_path / "sources.toml", free_port()
    rules = '[source.crawl]\nadverts = ["/ads/*"]\ndelay_s = 0.0\n'
    register.write_text(entry(f"127.0.0.1:{port}") + rules + entry(f"127.0.0.1:{away}"))
    feeds = {
        "well": f"http://127.0.0.1:{port}/feed",
        "broken": f"http://127.0.0.1:{port}/page",
        "away": f"http://127.0.0.1:{away}/feed",
        "strange": "http://board.example/feed",
    }
    program = Program(tmp_path)
    crawls = [f"http://127.0.0.1:{port}/list", f"http://127.0.0.1:{away}/list"]
    program.configure(feeds=list(feeds.values()), crawls=crawls, source_register=str(register))
    said = program.run("doctor", "--json")
    assert said.code == 1
    parts = {part["part"]: part for part in said.json}
    assert (parts["source register"]["healthy"], parts["source register"]["says"]) == (True, "2 hosts may be asked")
    assert {name: parts[f"feed {url}"]["healthy"] for name, url in feeds.items()} == {
        "well": True,
        "broken": False,
        "away": False,
        "strange": False,
    }
    assert parts[f"feed {feeds['well']}"]["says"].endswith(" adverts")
    assert "source register" in parts[f"feed {feeds['strange']}"]["says"]
    crawl = parts[f"crawl 127.0.0.1:{port}"]
    assert (crawl["healthy"], crawl["says"][:22]) == (True, "the first page has 0 l")
    assert parts[f"crawl 127.0.0.1:{away}"]["healthy"] is False
    assert "[source.crawl]" in parts[f"crawl 127.0.0.1:{away}"]["says"]


def test_a_register_that_leaves_out_a_reason_is_sick(tmp_path: Path) -> None:
    register = tmp_path / "sources.toml"
    register.write_text(entry("board.example").replace("invented", " "))
    program = Program(tmp_path)
    program.configure(feeds=["http://board.example/feed"], source_register=str(register))
    parts = {part["part"]: part for part in program.run("doctor", "--json").json}
    assert not parts["source register"]["healthy"]
    assert "legal_basis" in parts["source register"]["says"]
