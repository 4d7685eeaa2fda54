"""Hostile feeds over real HTTP: nothing executes, nothing stalls, each gives an event or a dead letter."""

from __future__ import annotations

import gc
import gzip
import json
from collections.abc import Iterator
from time import process_time

import pytest

from manumit.connectors.contract import Batch
from manumit.connectors.listings.feed import FeedSource
from manumit.connectors.listings.feed_parse import parse_feed
from manumit.connectors.listings.register import register
from manumit.detectors.text.reading import read
from manumit.schemas.unfit import UNFIT
from tests.connectors.listings.crawling.site import NOW_US, Answer, Site, entry, serving

SCRIPT = '<script>alert(1)</script><img src=x onerror="alert(1)">'
RTL = "\u202e\u2066"
TEXT = "A cook is wanted at the harbour kitchen."
MEGABYTE = 1 << 20
BAIT = "1-(" * 1_300 + "@a." * 1_300 + "€1," * 2_000 + "a" * 4_000 + "!"
DEEP = "[" * 10_000 + "]" * 10_000


def jsonfeed(*items: dict[str, object]) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def hostile() -> dict[str, bytes]:
    escaped = SCRIPT.replace("<", "&lt;")
    every = {"id": f"s{SCRIPT}", "title": f"{SCRIPT}Cook", "content_html": f"{SCRIPT}{TEXT}", "date_modified": SCRIPT}
    return {
        "script in every field": jsonfeed({**every, "date_published": "2026-03-10T10:00:00Z"}),
        "script in every field of RSS": (
            f"<rss><channel><item><guid>{escaped}</guid><title>{escaped}Cook</title>"
            f"<description>{escaped}{TEXT}</description></item></channel></rss>"
        ).encode(),
        "script in a time": jsonfeed({"id": "1", "title": "Cook", "content_text": TEXT, "date_published": SCRIPT}),
        "direction overrides": jsonfeed({"id": f"{RTL}1", "title": f"{RTL}Cook", "content_text": f"{RTL}{TEXT}{RTL}"}),
        "deep JSON": b'{"version": "1", "items": ' + DEEP.encode() + b"}",
        "deep JSON in an item": b'{"version": "1", "items": [{"id": "1", "title": ' + DEEP.encode() + b"}]}",
        "deep JSON lines": b'{"id": "1", "content_text": "a"}\n' + DEEP.encode(),
        "regex bait": jsonfeed({"id": "1", "title": BAIT[:900], "content_text": BAIT}),
        "regex bait in HTML": jsonfeed({"id": "1", "title": "x", "content_html": "<p>" + "<a <a " * 9_000 + BAIT}),
        "entities": b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss><item>&b;</item></rss>',
        "a file as an entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><rss><item>&a;</item></rss>',
        "nothing": b"",
        "noise": bytes(range(256)) * 400,
    }


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


def asked(site: Site, answer: Answer) -> Batch:
    site.pages["/feed"] = answer
    source = FeedSource(url=site.url("/feed"), register=register([entry(site.netloc)]), now_us=lambda: NOW_US)
    return next(source.batches(None))


@pytest.mark.parametrize("name", hostile())
def test_each_gives_an_event_or_a_dead_letter(site: Site, name: str) -> None:
    batch = asked(site, Answer(hostile()[name]))
    assert len(batch.listings) + len(batch.dead_letters) >= 1
    for row in batch.listings:
        assert "alert(" not in (row.text if name == "script in every field" else f"{row.title}{row.text}"), (
            "a JSON Feed's title is plain text, in which a tag is only words"
        )
        assert UNFIT.search(f"{row.title}{row.text}") is None
        got = read(row, lambda contact: "contact:x")
        assert "<script" not in got.listing_id
        assert not any(mark in got.listing_id for mark in RTL)


@pytest.mark.parametrize("name", hostile())
def test_none_stalls(name: str) -> None:
    """Parsing and reading each within the time of an advert, with a slow machine's room; unbounded takes seconds."""
    spent = []
    gc.disable()
    try:
        for _ in range(3):
            began = process_time()
            entries, _ = parse_feed(hostile()[name])
            spent.append(process_time() - began)
            assert len(entries) <= 1 or name == "noise"
    finally:
        gc.enable()
    assert min(spent) < 0.05


def test_bodies_that_never_end_or_swell_are_cut(site: Site) -> None:
    packed = (("Content-Encoding", "gzip"),)
    for answer in (
        Answer(b"<rss>" + b"x" * 65_531, times=1_600),
        Answer(gzip.compress(b"<rss>" + bytes(100 * MEGABYTE), 9), headers=packed),
    ):
        (letter,) = asked(site, answer).dead_letters
        assert (letter.reason, "larger than" in letter.message) == ("malformed", True)
    assert site.sent["/feed"] < 40 * MEGABYTE, "cut while it streams"


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/feed",
        "http://192.168.0.1/feed",
        "http://[::1]/feed",
        "http://[::ffff:169.254.169.254]/feed",
        "http://metadata.google.internal/",
        "http://localhost/feed",
        "http://2130706433/feed",
        "//10.0.0.1/feed",
        "file:///etc/hostname",
        "ftp://127.0.0.1/feed",
        "gopher://127.0.0.1/",
        "javascript:alert(1)",
        "http://[",
    ],
)
def test_no_redirect_leads_anywhere_else(site: Site, target: str) -> None:
    batch = asked(site, Answer(status=302, headers=(("Location", target),)))
    assert [letter.reason for letter in batch.dead_letters] == ["refused-address"]
    assert site.paths() == ["/robots.txt", "/feed"]


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "100.100.100.200", "192.168.0.1"])
def test_a_registered_host_that_is_not_public_is_refused_unasked(address: str) -> None:
    known = register([entry(address, is_test=False, delay_s=1.0)])
    batch = next(FeedSource(url=f"http://{address}/feed", register=known, now_us=lambda: NOW_US).batches(None))
    assert [letter.reason for letter in batch.dead_letters] == ["refused-address"]
