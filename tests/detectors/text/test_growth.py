"""What an advert costs grows as its length: counted in calls, which no busy machine can change.

Calls of Python and of C are counted; patterns' own steps are not, so time is looked at too, as a ratio only.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from time import process_time

import msgspec
import pytest

from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import TextFlag
from manumit.detectors.stories import advert
from manumit.detectors.text.advert import MAX_CHARACTERS
from manumit.detectors.text.child_wording import child_wording
from manumit.detectors.text.hashed_terms import NO_TERMS
from manumit.detectors.text.reading import MAX_TITLE, read
from manumit.schemas.listing import Listing
from tests.detectors.text.shapes import SHAPES
from tests.detectors.text.test_bounds import token

FLAGS = [one for one in detectors() if isinstance(one, TextFlag) and not one.guard]
TIMES = 4
MOST_CALLS = 220_000  # of one advert: less than 50 ms at 0.2 us a call
SPREAD = 2.5  # of time, beside linear: a square would be four


def listing(shape: str, size: int) -> Listing:
    text = SHAPES[shape](size)
    return msgspec.structs.replace(advert("a", "escort", text, title=text[:MAX_TITLE]), place="US-NY")


def whole(row: Listing) -> None:
    """All that one advert is asked."""
    child_wording(row, NO_TERMS)
    got = read(row, token)
    for flag in FLAGS:
        flag.find(got, flag.about.values())


def calls(work: Callable[[], None]) -> int:
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def cost_s(work: Callable[[], None]) -> float:
    spent = []
    for _ in range(3):
        began = process_time()
        work()
        spent.append(process_time() - began)
    return min(spent)


@pytest.mark.parametrize("shape", SHAPES)
def test_calls_grow_no_faster_than_the_text(shape: str) -> None:
    short, long = (listing(shape, size) for size in (MAX_CHARACTERS // TIMES, MAX_CHARACTERS))
    for size in (MAX_CHARACTERS // TIMES, MAX_CHARACTERS):
        whole(listing(shape, size - 9))  # what is loaded once is not the advert's, nor what is kept of like texts
    few, many = calls(lambda: whole(short)), calls(lambda: whole(long))
    assert many <= TIMES * few * 1.3
    assert many <= MOST_CALLS


@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_no_faster_than_the_text(shape: str) -> None:
    short, long = (listing(shape, size) for size in (MAX_CHARACTERS // TIMES, MAX_CHARACTERS))
    gc.disable()
    try:
        assert cost_s(lambda: whole(long)) <= SPREAD * TIMES * cost_s(lambda: whole(short))
    finally:
        gc.enable()


def test_what_is_beyond_the_bound_costs_nothing() -> None:
    short, long = listing("groups of two", MAX_CHARACTERS), listing("groups of two", 40 * MAX_CHARACTERS)
    whole(short)
    assert calls(lambda: whole(long)) <= 1.1 * calls(lambda: whole(short))
