"""Feeds keep the crawl's manners: a real site says what may be asked, how often, and when not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from manumit.connectors.listings.crawling.source import CrawlSource
from manumit.connectors.listings.feed import FeedSource
from manumit.connectors.listings.fetch import Manners
from manumit.connectors.listings.pace import Pace
from manumit.connectors.listings.register import FEED_DELAY_S, SourceEntry, register
from manumit.schemas.errors import ConfigError, EdgeDown
from tests.connectors.listings.crawling.site import NOW_US, Answer, Clock, Site, entry, key, serving
from tests.connectors.listings.test_feed_parse import RSS


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.pages["/feed"] = Answer(RSS)
        yield site


def feed(site: Site, path: str = "/feed", **changes: Any) -> FeedSource:
    plain: dict[str, Any] = {"url": site.url(path), "poll_s": 0.0, "now_us": lambda: NOW_US}
    return FeedSource(**{**plain, "register": register([entry(site.netloc)]), **changes})


def test_robots_is_asked_first_and_once(site: Site) -> None:
    batches = feed(site).batches(None)
    assert len(next(batches).listings) == 2
    next(batches)
    assert site.paths() == ["/robots.txt", "/feed", "/feed"]
    assert {one.headers["User-Agent"] for one in site.asked} == {"manumit (desk@board.example)"}


def test_what_robots_forbids_is_a_dead_letter_and_not_asked(site: Site) -> None:
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n\nUser-agent: manumit\nDisallow: /feed")
    batch = next(feed(site).batches(None))
    assert [letter.reason for letter in batch.dead_letters] == ["robots"]
    assert (batch.listings, site.paths()) == ((), ["/robots.txt"])


def test_a_redirect_to_what_robots_forbids_is_not_followed(site: Site) -> None:
    site.pages["/feed"] = Answer(status=302, headers=(("Location", "/private/feed"),))
    (letter,) = next(feed(site).batches(None)).dead_letters
    assert (letter.reason, site.paths()) == ("robots", ["/robots.txt", "/feed"])


@pytest.mark.parametrize(
    "robots",
    [
        Answer(status=503),
        Answer(b"User-agent: *\n", times=200_000),
        Answer(status=302, headers=(("Location", "http://elsewhere.example/robots.txt"),)),
        Answer(status=302, headers=(("Location", "/robots.txt"),)),
    ],
)
def test_without_a_readable_robots_file_nothing_is_asked(site: Site, robots: Answer) -> None:
    site.pages["/robots.txt"] = robots
    with pytest.raises(EdgeDown, match=r"robots\.txt"):
        next(feed(site).batches(None))
    assert set(site.paths()) == {"/robots.txt"}


def test_the_delay_of_robots_holds_between_all_feeds_of_a_host(site: Site) -> None:
    site.pages |= {"/robots.txt": Answer(b"User-agent: *\nCrawl-delay: 0.3"), "/other": Answer(RSS)}
    manners = Manners()
    next(feed(site, manners=manners).batches(None))
    next(feed(site, "/other", manners=manners).batches(None))
    assert site.paths() == ["/robots.txt", "/feed", "/other"]
    times = [one.at_s for one in site.asked]
    assert min(later - sooner for sooner, later in pairwise(times)) >= 0.29


def test_a_crawl_and_a_feed_of_one_host_share_its_pace(site: Site, tmp_path: Path) -> None:
    site.pages["/list"] = Answer(b"<p>nothing")
    known, manners = register([entry(site.netloc, delay_s=0.4)]), Manners()
    next(feed(site, register=known, manners=manners).batches(None))
    crawl = CrawlSource(
        starts=[site.url("/list")],
        register=known,
        folder=tmp_path,
        key=key,
        now_us=Clock(),
        pace=manners.pace(site.netloc),
    )
    running = crawl.batches(None)
    next(running)
    crawl.stop()
    assert list(running) == []
    by_path = {one.path: one.at_s for one in site.asked}
    assert by_path["/list"] - by_path["/feed"] >= 0.39


@pytest.mark.parametrize(("status", "retry_after"), [(429, "120"), (503, "Fri, 13 Mar 2126 00:00:00 GMT"), (403, "")])
def test_a_host_that_wants_to_be_left_alone_is(site: Site, status: int, retry_after: str) -> None:
    site.pages["/feed"] = Answer(status=status, headers=(("Retry-After", retry_after),))
    source = feed(site)
    with pytest.raises(EdgeDown, match=str(status)):
        next(source.batches(None))
    asked = len(site.asked)
    with pytest.raises(EdgeDown, match="left alone"):
        next(source.batches(None))
    assert len(site.asked) == asked


def test_a_host_without_rules_for_a_crawl_is_asked_slowly() -> None:
    plain = SourceEntry(host="b.example", name="b", kind="job", legal_basis="b", terms="t", contact="c")
    assert plain.delay_s == FEED_DELAY_S >= 1


def test_stop_ends_a_wait_for_ones_turn(site: Site) -> None:
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 3600")
    source = feed(site)
    site.on_ask = lambda path: source.stop()
    reader = threading.Thread(target=lambda: list(source.batches(None)))
    reader.start()
    reader.join(10)
    assert not reader.is_alive()
    assert site.paths() == ["/robots.txt"]


def test_turns_are_given_one_by_one() -> None:
    pace, waits = Pace(lambda: 100.0), []

    class Listening(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return False

    assert [pace.turn(2.0, Listening()) for _ in range(3)] == [True] * 3
    assert waits == [0.0, 2.0, 4.0]


def test_a_name_that_changes_its_mind_is_refused_before_it_is_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """robots.txt from this machine, then the name leads to the cloud's metadata."""
    answers = iter(["127.0.0.1", "169.254.169.254"])
    found: list[str] = []

    def leads_to(host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        address = next(answers) if host == "board.test" else host
        found.append(address)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr("manumit.connectors.listings.addresses.socket.getaddrinfo", leads_to)
    netloc = f"board.test:{site.port}"
    source = feed(site, register=register([entry(netloc)]), url=f"http://{netloc}/feed")
    (letter,) = next(source.batches(None)).dead_letters
    assert (letter.reason, site.paths()) == ("refused-address", ["/robots.txt"])
    assert "169.254.169.254" in found
    assert site.asked[0].headers["Host"] == netloc


def test_ndjson(site: Site) -> None:
    lines = [
        json.dumps({"id": "n-1", "title": "Cook", "content_text": "A cook is wanted"}),
        '{"id": "n-2", "title": ',
        "",
        json.dumps({"id": "n-3", "content_html": "<p>Room <b>two</b>", "date_published": "2026-03-10T10:00:00Z"}),
        "[" * 10_000,
    ]
    site.pages["/feed"] = Answer("\n".join(lines).encode(), headers=(("Content-Type", "application/x-ndjson"),))
    batch = next(feed(site).batches(None))
    assert {(x.listing_id, x.text) for x in batch.listings} == {("n-1", "A cook is wanted"), ("n-3", "Room two")}
    assert [letter.reason for letter in batch.dead_letters] == ["malformed", "malformed"]


def test_a_host_outside_the_register_is_not_even_asked_for_robots(site: Site) -> None:
    with pytest.raises(ConfigError, match="source register"):
        next(feed(site, register=register([])).batches(None))
    assert site.connections == 0
