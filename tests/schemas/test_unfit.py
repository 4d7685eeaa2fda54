"""Marks that nobody sees leave a text without a trace, and what a script needs to be read stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.listings.feed_parse import parse_feed
from manumit.connectors.listings.plain import lines_of, plain_text
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.unfit import UNFIT, fit, fitted

MARKS = "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\U000e0041\x00\x1b\x9f\ud800\r"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("bit\u202ecoin", "bitcoin"),
        ("bit\u200bco\u200d\u00adin\ufeff", "bitcoin"),
        ("a\x00b\x1b[2J", "a b [2J"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👧 \u200d", "👩\u200d👧 "),
        ("ខ្ញុំ\u200bធ្វើ", "ខ្ញុំធ្វើ"),
        ("plain\ttext", "plain\ttext"),
    ],
)
def test_what_leaves_and_what_stays(text: str, want: str) -> None:
    assert fit(text) == want


@given(st.text(st.sampled_from(MARKS + "aش👩\n "), max_size=30))
def test_nothing_unfit_is_left_and_a_second_time_changes_nothing(text: str) -> None:
    once = fit(text)
    assert UNFIT.search(once) is None
    assert fit(once) == once


@given(st.text(st.sampled_from(MARKS + "ab"), max_size=20))
def test_every_door_does_the_same(text: str) -> None:
    """A feed's title and text, a page's lines, a field of a record."""
    marked = f"x{text}y"
    event = AccountEvent(exchange="e", account_event_id="1", customer_id="c", at_us=0, kind="note", counterparty=marked)
    assert fitted(event).counterparty == fit(marked)
    assert lines_of(marked) == "\n".join(" ".join(line.split()) for line in fit(marked).split("\n") if line.strip())


def test_a_json_feed_loses_them() -> None:
    raw = (
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "bit\\u202ecoin\\u200b",'
        ' "content_text": "on\\u2066ly\\ufeff\\u0000 now", "content_html": "<p>x</p>"}, {"id": "2",'
        ' "content_html": "<p>ca\\u202esh &#x202e;on\\u200bly</p>"}]}'
    )
    (first, second), faults = parse_feed(raw.encode())
    assert (first.title, first.text, second.text) == ("bitcoin", "only now", "cash only")
    assert not faults
    assert plain_text("<b>ca\u202esh</b>") == "cash"


def test_a_record_without_them_is_the_same_record() -> None:
    event = AccountEvent(exchange="e", account_event_id="1", customer_id="c", at_us=0, kind="note", note="rent")
    assert fitted(event) is event
