from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.listings.feed_parse import feed_time_us, parse_feed
from manumit.connectors.listings.plain import plain_text
from manumit.schemas.errors import BadRecord

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>board</title>
<item><guid>a-1</guid><title>Kitchen help</title><link>http://board.example/a-1</link>
<description>short</description>
<content:encoded><![CDATA[<p>Room &amp; board</p><script>alert(1)</script>
<p>call</p>]]></content:encoded>
<pubDate>Tue, 10 Mar 2026 10:00:00 +0100</pubDate></item>
<item><title>No id</title><link>http://board.example/a-2</link><description>a &lt;b&gt; c</description></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>
<entry><id>urn:1</id><title type="html">A &lt;b&gt;title&lt;/b&gt;</title><link href="http://x.example/1"/>
<published>2026-03-10T09:00:00Z</published><updated>2026-03-11T09:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>one</p><p>two</p></div></content></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item><title>old style</title><link>http://x.example/r</link>
<dc:date>2026-03-10</dc:date></item></rdf:RDF>"""
JSON_FEED = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [
{"id": "j1", "title": "one", "content_html": "<p>a</p><style>p{}</style>b", "date_published": "2026-03-10T09:00:00Z"},
{"id": 2, "content_text": "plain <b> stays"}, {"id": []}, 7]}"""
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss><channel><item><title>&c;</title></item></channel></rss>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<rss><channel><item><title>&x;</title></item></channel></rss>"""


def test_rss() -> None:
    entries, faults = parse_feed(RSS)
    assert faults == []
    assert [(e.entry_id, e.title, e.text) for e in entries] == [
        ("a-1", "Kitchen help", "Room & board\ncall"),
        ("http://board.example/a-2", "No id", "a c"),
    ], "markup and scripts are not text"
    assert feed_time_us(entries[0].posted) == 1_773_133_200_000_000
    assert entries[1].posted == ""


def test_atom_and_rdf() -> None:
    (atom,), faults = parse_feed(ATOM)
    assert (atom.entry_id, atom.title, atom.text, faults) == ("urn:1", "A title", "one\ntwo", [])
    assert feed_time_us(atom.changed) - feed_time_us(atom.posted) == 86_400_000_000
    (rdf,), faults = parse_feed(RDF)
    assert (rdf.entry_id, rdf.title, rdf.posted, faults) == ("http://x.example/r", "old style", "2026-03-10", [])


def test_json_feed_keeps_its_good_items() -> None:
    entries, faults = parse_feed(JSON_FEED)
    assert [(e.entry_id, e.text) for e in entries] == [("j1", "a\nb"), ("2", "plain <b> stays")]
    assert [f.reason for f in faults] == ["malformed", "malformed"]


@pytest.mark.parametrize("raw", [LAUGHS, EXTERNAL])
def test_entities_are_refused(raw: bytes) -> None:
    entries, faults = parse_feed(raw)
    assert entries == []
    assert "entities" in str(faults[0])


def test_a_truncated_feed_keeps_what_came_before() -> None:
    entries, faults = parse_feed(RSS[: RSS.index(b"No id")])
    assert [e.entry_id for e in entries] == ["a-1"]
    assert [f.reason for f in faults] == ["truncated"]


def test_a_feed_that_declares_the_wrong_encoding() -> None:
    raw = RSS.replace(b"Kitchen help", "Küche".encode("latin-1"))
    entries, faults = parse_feed(raw, "iso-8859-1")
    assert [e.title for e in entries] == ["Küche", "No id"]
    assert faults == []
    entries, faults = parse_feed(raw)
    assert [e.title for e in entries] == ["K\ufffdche", "No id"]
    assert faults == []


@pytest.mark.parametrize("raw", [b"", b"words", b"<html><body>no</body></html>", b"\x00\xff", b"{}", b"<", b"[1]"])
def test_what_is_no_feed(raw: bytes) -> None:
    entries, faults = parse_feed(raw)
    assert entries == []
    assert faults


def test_plain_text_of_hostile_html() -> None:
    assert plain_text("<img src=x onerror=alert(1)>a<svg><script>b</script></svg>c<!-- d --><p>e") == "ac\ne"
    assert plain_text("<script>never closed") == ""
    assert len(plain_text("<p>x" * 1_000_000)) < 200_000


@given(st.binary(max_size=300), st.sampled_from(["", "latin-1", "utf-16", "no-such"]))
def test_any_bytes_are_entries_or_faults(raw: bytes, charset: str) -> None:
    parse_feed(raw, charset)
    parse_feed(b"<rss><channel><item><title>" + raw, charset)
    parse_feed(b'{"version": "", "items": [' + raw + b"]}", charset)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_bad_record(text: str) -> None:
    try:
        feed_time_us(text)
    except BadRecord as error:
        assert error.reason == "bad-time"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<a ", "<!--", '<a b="', "</", "<?", "<!", "<div>", "<b>", "&#", "<c:"])
def test_hostile_html_costs_linear_time(piece: str) -> None:
    """Python's own parser needs minutes for some of these."""
    assert len(plain_text(piece * 60_000)) <= 200_000


def test_text_holds_nothing_that_turns_it_round() -> None:
    assert plain_text("<p>pay \u202egnp\u2066 now\x00</p>") == "pay gnp now"
