"""What the listing rules see of an advert does not depend on batches or restarts; revisions replace."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import ListingRule, TextFlag
from manumit.detectors.listings.job_pay_outlier import LISTING_RULE as PAY
from manumit.detectors.stories import DAY, advert
from manumit.schemas.listing import Listing, Price
from manumit.schemas.signal import Signal
from manumit.streams.repetition import Repetition
from manumit.streams.watching import listing_signals

RULES = [one for one in detectors() if isinstance(one, ListingRule)]
VALUES = {one.about.id: one.about.values() for one in RULES} | {
    PAY.about.id: PAY.about.values({"min_peers": 1, "min_deviations": 1})
}
TEXTS = (
    "calm evening company near the river park every weekday after six o'clock {} only",
    "deep tissue work by certified hands in a quiet {} studio behind the old theatre",
    "typing clerk typist wanted good salary free training young friendly {} team start soon write to the office",
    "short {}",
)

adverts = st.builds(
    lambda name, revision, kind, text, slot, contact, place, pay, op: msgspec.structs.replace(
        advert(name, kind, TEXTS[text].format(slot), contact=contact, place=place),
        revision=revision,
        prices=(Price(amount=pay, currency="USD", per="month"),),
        op=op,
    ),
    st.sampled_from("abcdefgh"),
    st.integers(0, 3),
    st.sampled_from(["escort", "massage", "job", "rental"]),
    st.integers(0, 3),
    st.sampled_from(["rose", "iris", "olive"]),
    st.sampled_from(["p", "q", "r", "p q"]),
    st.sampled_from(["", "XA-1", "XA-2", "XB-1"]),
    st.sampled_from(["900", "1000", "9000"]),
    st.sampled_from([1, 1, 1, -1]),
)
stories = st.lists(st.tuples(adverts, st.sampled_from([0, 1, DAY // 3, 9 * DAY, 70 * DAY])), max_size=40)


def timed(story: list[tuple[Listing, int]]) -> list[Listing]:
    rows, now = [], 0
    for row, wait in story:
        now += wait
        rows.append(msgspec.structs.replace(row, at_us=row.at_us + now))
    return rows


@settings(max_examples=50, deadline=None)
@given(stories, st.integers(1, 7))
def test_signals_do_not_depend_on_batches_or_restarts(story: list[tuple[Listing, int]], batch: int) -> None:
    rows = timed(story)
    whole = Repetition(RULES, VALUES).take(rows)
    running: Repetition = Repetition(RULES, VALUES)
    parted: list[Signal] = []
    for start in range(0, len(rows), batch):
        parted += running.take(rows[start : start + batch])
        dump = running.dump()
        running = Repetition(RULES, VALUES)
        running.load(dump)
        assert running.dump() == dump
    assert parted == whole


def test_a_revision_takes_the_place_of_the_one_before() -> None:
    first = advert("a", "escort", TEXTS[0], contact="p", place="XA-1")
    copies = [msgspec.structs.replace(first, revision=i, at_us=first.at_us + i, place=f"XA-{i}") for i in range(5)]
    signals = Repetition(RULES, VALUES).take(copies)
    assert {signal.detector for signal in signals} == {"li-phone-many-cities"}
    assert [signal.values["campaign_size"] for signal in signals] == [1.0, 1.0, 1.0]
    assert signals[-1].evidence == tuple(copy.event_id for copy in copies)


def test_an_advert_that_was_taken_down_leaves_its_campaign_and_says_nothing() -> None:
    first = advert("a", "escort", TEXTS[0], contact="p", place="XA-1")
    copies = [
        msgspec.structs.replace(first, listing_id=f"a{i}", at_us=first.at_us + i, place=f"XA-{i}") for i in range(4)
    ]
    gone = msgspec.structs.replace(copies[1], op=-1, revision=1, title="", text="", at_us=first.at_us + 9)
    again = msgspec.structs.replace(copies[1], revision=2, at_us=first.at_us + 10)
    running = Repetition(RULES, VALUES)
    before = running.take(copies)
    assert [signal.values["campaign_size"] for signal in before] == [3.0, 4.0]
    assert running.take([gone, gone]) == []
    assert listing_signals(gone, [one for one in detectors() if isinstance(one, TextFlag)], VALUES) == []
    assert [signal.values["campaign_size"] for signal in running.take([again])] == [4.0]


def test_nothing_of_a_text_or_a_name_is_kept() -> None:
    running = Repetition(RULES, VALUES)
    running.take([advert("a", "escort", TEXTS[0].format("rose"), contact="p", place="XA-1")])
    assert b"river" not in running.dump()
    assert b"rose" not in running.dump()
