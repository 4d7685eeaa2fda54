"""One entry of a feed may cost little, and what it costs too much for is a dead letter."""

from __future__ import annotations

import json
from time import process_time

import pytest

from manumit.connectors.listings.feed_parse import feed_time_us, parse_feed
from manumit.connectors.listings.plain import plain_text
from manumit.schemas.errors import BadRecord
from manumit.schemas.unfit import UNFIT

FINE = "<entry><id>fine</id><title>Room</title><content>near the station</content></entry>"


def atom(content: str) -> bytes:
    return f"<feed>{FINE}<entry><id>bad</id><content>{content}</content></entry></feed>".encode()


def json_feed(html: str) -> bytes:
    items = [{"id": "bad", "content_html": html}, {"id": "fine", "content_html": "<p>near</p>"}]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def attributes(count: int) -> str:
    return " ".join(f"a{i}='1'" for i in range(count))


TOO_LARGE = {
    "wide": atom("<d>x</d>" * 900_000),
    "wide in UTF-16": atom("<d>x</d>" * 300_000).decode().encode("utf-16"),
    "deep": atom("<d>" * 200_000 + "x" + "</d>" * 200_000),
    "attributes": atom(f"<d {attributes(500_000)}>x<b/></d>"),
    "long": atom("x" * 8_000_000),
    "tags in words": atom("<![CDATA[" + "<p>x" * 50_000 + "]]>"),
    "paragraphs": json_feed("<p>x" * 50_000),
    "a long item": json_feed("x" * 2_000_000),
}
DEAR = {
    "attributes of HTML": json_feed(f"<p {attributes(18_000)}>x</p>"),
    "bare attributes": json_feed("<p " + " ".join(f"a{i}" for i in range(30_000)) + ">x</p>"),
    "attributes of XHTML": atom(f"<d {attributes(14_000)}>x<b/></d>"),
    "a long comment": atom("<!--" + "x" * 1_000_000 + "-->"),
    "names": atom("".join(f"<a{i}:d xmlns:a{i}='b{i}'/>" for i in range(3_900))),
    "equal signs": json_feed("<p " + "=\"'" * 60_000 + ">x</p>"),
    "nested": json_feed("<b><i><p>" * 1_300),
}


def cost_s(raw: bytes) -> float:
    best = float("inf")
    for _ in range(3):
        start = process_time()
        parse_feed(raw)
        best = min(best, process_time() - start)
    return best


@pytest.mark.parametrize("name", TOO_LARGE)
def test_an_entry_without_end_is_a_dead_letter(name: str) -> None:
    entries, faults = parse_feed(TOO_LARGE[name])
    assert [entry.entry_id for entry in entries] == ["fine"]
    assert [fault.reason for fault in faults] == ["too-large"]


@pytest.mark.parametrize("name", [*TOO_LARGE, *DEAR])
def test_no_entry_stalls_the_feed(name: str) -> None:
    """In processor time, three times of what it should take: without a bound these take up to three seconds."""
    assert cost_s({**TOO_LARGE, **DEAR}[name]) < 0.15


def test_an_entry_with_too_many_tags_costs_no_other_entry() -> None:
    bad = "<entry><id>bad</id><content><![CDATA[" + "<p>x" * 5_000 + "]]></content></entry>"
    entries, faults = parse_feed(f"<feed>{bad}{FINE}</feed>".encode())
    assert [entry.entry_id for entry in entries] == ["fine"]
    assert [fault.reason for fault in faults] == ["too-large"]


def test_attributes_are_no_text() -> None:
    assert plain_text("a<img alt=\"x > y\" src='data:,11'>b<a href=x>c</a> 1 < 2 & 3") == "abc 1 < 2 & 3"


def test_json_holds_nothing_that_turns_it_round() -> None:
    item = {"id": "1", "title": "Ro\u202eom\u0000", "content_text": "pay \u202egnp\u2066 now\u001b[2J <b> stays"}
    (entry,), faults = parse_feed(json.dumps({"version": "1", "items": [item]}).encode())
    assert (entry.title, entry.text, faults) == ("Room", "pay gnp now [2J <b> stays", [])
    assert UNFIT.search(entry.title + entry.text) is None


def test_a_long_time_is_not_read() -> None:
    with pytest.raises(BadRecord, match="not a time"):
        feed_time_us("1 " * 500_000)
