"""The same photograph of a room elsewhere: looked up by parts as by comparing with all, and evidence in alerts only."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.campaigns import rooms
from manumit.detectors.campaigns.rooms import MOST_BITS, WINDOW_US, Rooms, room_photos
from manumit.detectors.catalogue import detector
from manumit.detectors.contract import TextFlag
from manumit.detectors.stories import HOUR, START_US, advert
from manumit.detectors.text.reading import read
from manumit.schemas.listing import Listing
from manumit.schemas.signal import Signal
from manumit.streams.adverts import Adverts

PHOTO = int("5a3c" * 16, 16)


def let(tag: str, photo: int, *, at: int = 0, contact: str = "", kind: str = "rental") -> Listing:
    row = advert(tag, kind, "a flat", at=at, contact=contact)  # type: ignore[arg-type]  # one of the kinds
    return msgspec.structs.replace(row, photos=(f"phash:{photo:064x}",))


def flipped(photo: int, bits: int) -> int:
    """With `bits` of them turned, spread over the parts."""
    for i in range(bits):
        photo ^= 1 << (i * 17 % 256)
    return photo


def told(seen: Rooms, row: Listing) -> tuple[str, ...]:
    return seen.see(row, row.contacts[0])


def test_the_same_room_under_another_contact_is_told_until_the_window_ends() -> None:
    seen = Rooms()
    assert told(seen, let("a", PHOTO)) == ()
    assert told(seen, let("a2", PHOTO, at=1, contact="a")) == ()
    (where,) = told(seen, let("b", flipped(PHOTO, MOST_BITS), at=2))[-1:]
    assert where.startswith("photograph of a room also in listing:made-up-board:a")
    assert told(seen, let("c", flipped(PHOTO, 3 * MOST_BITS), at=3)) == ()
    assert told(seen, let("d", PHOTO, at=WINDOW_US + 3)) == ()
    assert len(seen) == 1


photos = st.builds(flipped, st.sampled_from([0, PHOTO, 2**256 - 1]), st.integers(0, 40))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(photos, st.sampled_from("pqr")), max_size=40), st.integers(0, 40))
def test_it_is_that_of_comparing_with_all_and_stands_a_restart(story: list[tuple[int, str]], cut: int) -> None:
    seen = Rooms()
    past: list[tuple[str, int, str]] = []
    for i, (photo, contact) in enumerate(story):
        if i == cut:
            again = Rooms()
            again.load(seen.dump())
            seen = again
        near = {tag for tag, one, who in past if who != contact and (one ^ photo).bit_count() <= MOST_BITS}
        found = told(seen, let(f"t{i}", photo, at=i, contact=contact))
        assert {line.split(":")[2] for line in found} <= near
        assert len(found) == min(len(near), rooms.MOST_TOLD)
        past.append((f"t{i}", photo, contact))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MOST_REMEMBERED", 20)
    monkeypatch.setattr(rooms, "MOST_IN_PART", 5)
    seen = Rooms()
    for i in range(200):
        told(seen, let(f"t{i}", flipped(PHOTO, i % 7), at=i))
        assert len(seen) <= 21
    assert all(len(part) <= 5 for part in seen._parts.values())
    told(seen, let("last", 0, at=WINDOW_US + 500))
    assert (len(seen), len(seen._parts)) == (1, rooms.PARTS)


def test_only_hashes_of_lets_pass_the_edge() -> None:
    row = msgspec.structs.replace(
        let("a", PHOTO),
        photos=("https://board.example/face.jpg", f"phash:{PHOTO:064x}", "phash:zz", "phash:" + "0" * 65),
    )
    assert read(row, lambda contact: "contact:" + "0" * 16).photos == (f"phash:{PHOTO:064x}",)
    escort = msgspec.structs.replace(row, kind="escort")
    assert read(escort, lambda contact: "contact:" + "0" * 16).photos == ()
    assert room_photos(msgspec.structs.replace(row, op=-1)) == ()


def test_it_stands_as_evidence_in_what_a_flag_says_and_says_nothing_alone() -> None:
    flag = detector("li-rental-anonymous-payment")
    assert isinstance(flag, TextFlag)
    text = next(case for case in flag.about.cases if case.kind == "fires").events[0]
    assert isinstance(text, Listing)
    values = {flag.about.id: flag.about.values()}
    rows = [let("quiet", PHOTO), let("quiet2", PHOTO, at=HOUR)]
    rows += [
        msgspec.structs.replace(rows[0], listing_id=f"x{i}", at_us=START_US + (2 + i) * HOUR, text=text.text, title="")
        for i in range(2)
    ]
    rows[3] = msgspec.structs.replace(rows[3], contacts=("contact:" + "1" * 16,))
    whole = Adverts([flag], values).signals(rows)
    first, second = Adverts([flag], values), Adverts([flag], values)
    before = first.signals(rows[:3])
    second.load(first.dump())
    assert [*before, *second.signals(rows[3:])] == whole
    assert {one.event_id.split(":")[2] for one in whole if isinstance(one, Signal)} == {"x0", "x1"}
    last = whole[-1]
    assert isinstance(last, Signal)
    assert any("photograph of a room also in" in span for span in last.spans)
