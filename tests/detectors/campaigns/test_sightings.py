"""Contacts joined and forgotten, and distinct values against counting them anew."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.campaigns.features import distinct
from manumit.detectors.campaigns.roots import Roots
from manumit.detectors.campaigns.sightings import MOST_IDENTIFIERS, Sightings, country
from manumit.detectors.stories import DAY, START_US, advert

CELLS = distinct("cells", by="contact", window="3d")
AUTHORS = distinct("authors", by="campaign", window="5d")


def test_a_giant_is_refused() -> None:
    roots = Roots(100, 3)
    assert roots.join("a", "b", 1) == ("a", "b")
    assert roots.join("b", "c", 1) == ("a", "c")
    assert roots.join("c", "d", 1) is None
    assert [roots.root(name) for name in "abcd"] == ["a", "a", "a", "d"]


def test_links_are_forgotten_and_sizes_follow() -> None:
    roots = Roots(100, 9)
    roots.join("a", "b", 1)
    roots.join("c", "d", 50)
    roots.join("a", "c", 60)
    assert roots.size("a") == 4
    roots.forget(101)
    assert (roots.root("b"), roots.size("a")) == ("b", 3)
    roots.forget(160)
    assert [roots.root(name) for name in "abcd"] == ["a", "b", "c", "d"]
    assert all(roots.size(name) == 1 for name in "abcd")


rows = st.lists(st.tuples(st.integers(0, DAY), st.sampled_from("pqr"), st.sampled_from(["", "XA-1", "XA-2", "XB-1"])))


@settings(max_examples=60, deadline=None)
@given(rows)
def test_counts_are_those_of_counting_anew(story: list[tuple[int, str, str]]) -> None:
    sightings, past, now = Sightings([CELLS, AUTHORS]), [], 0
    for wait, contact, place in story:
        now += wait
        row = advert("t", "escort", "", at=now, contact=contact, place=place)
        sightings.see(row, "campaign:1", START_US + now, ())
        past.append((now, contact, place))
        near = {p for at, c, p in past if c == contact and p and at > now - 3 * DAY}
        assert sightings.count(CELLS, row, "campaign:1") == len(near)
        assert sightings.count(AUTHORS, row, "campaign:1") == len({c for at, c, _ in past if at > now - 5 * DAY})
        again = Sightings([CELLS, AUTHORS])
        again.load(sightings.dump())
        sightings = again


def test_contacts_that_stand_together_are_one_author() -> None:
    sightings = Sightings([CELLS, AUTHORS])
    for i, contact in enumerate(("p", "q", "p q")):
        row = advert(f"t{i}", "escort", "", at=i, contact=contact, place=f"XA-{i}")
        sightings.see(row, "campaign:1", START_US + i, ())
    assert sightings.count(AUTHORS, row, "campaign:1") == 1
    assert sightings.count(CELLS, row, "campaign:1") == 3


def test_a_hub_that_stands_in_everybodys_advert_makes_no_giant() -> None:
    """A site's own number beside 500 unrelated ones: it takes in as many as one author may have, then nobody."""
    sightings = Sightings([CELLS, AUTHORS])
    for i in range(500):
        row = advert(f"t{i}", "escort", "", at=i, contact=f"p{i:03} hub", place=f"XA-{i}")
        sightings.see(row, f"campaign:{i}", START_US + i, ())
        assert sightings.count(CELLS, row, f"campaign:{i}") <= MOST_IDENTIFIERS
    groups = [
        sightings.group("contact", advert("q", "escort", "", at=500, contact=f"p{i:03}"), "campaign:0")
        for i in range(500)
    ]
    assert max(groups.count(group) for group in set(groups)) == MOST_IDENTIFIERS - 1
    assert len(set(groups)) == 500 - (MOST_IDENTIFIERS - 1) + 1


def test_country() -> None:
    assert [country(place) for place in ("XA-01", "xa", "", "X", "XAB", "12-3")] == ["XA", "XA", "", "", "", ""]
