"""What hostile adverts may cost, and what of their fields may stay."""

from __future__ import annotations

from hashlib import sha256
from itertools import combinations
from time import process_time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.detectors.listings.crypto_discount_or_only import FLAG as CRYPTO
from manumit.detectors.stories import advert
from manumit.detectors.text.child_wording import child_wording
from manumit.detectors.text.digit_runs import runs
from manumit.detectors.text.hashed_terms import NO_TERMS
from manumit.detectors.text.phones import MAX_DIGITS, MIN_DIGITS, candidates
from manumit.detectors.text.reading import read
from manumit.schemas.listing import Price
from manumit.schemas.unfit import UNFIT


def token(identifier: str) -> str:
    return "contact:" + sha256(identifier.encode()).hexdigest()[:16]


DENSE = "20-25/55 01.47*20_25 55~01-47 " * 500


@pytest.mark.parametrize(
    "fields",
    [
        {"contacts": tuple(f"{i} {DENSE[:250]}" for i in range(1_000))},
        {"contacts": (DENSE,)},
        {"payments": (DENSE[:12_000],) * 12},
        {"payments": ("call 202-555-0147",) * 1_000},
        {"title": DENSE, "poster": DENSE * 40},
        {"listing_id": DENSE},
        {"wallets": (DENSE, "call: +1 202 555 : 0147", "a:b:" + DENSE) * 500},
        {"prices": (Price(amount="1" * 9_999, currency="USD"),) * 9_999},
        {"place": DENSE, "language": DENSE},
        {"contacts": ("contact:2025550147", "contact: call 202 555 0147"), "poster": "contact: 202 555 0147"},
    ],
)
def test_fields_without_end_are_bounded_before_they_are_read(fields: dict[str, object]) -> None:
    """Nothing of them is kept as it was; the time is that of reading and asking, the least of three."""
    listing = msgspec.structs.replace(advert("a", "escort", "Call me"), **fields)
    best = float("inf")
    for _ in range(3):
        start = process_time()
        child_wording(listing, NO_TERMS)
        got = read(listing, token)
        CRYPTO.find(got, CRYPTO.about.values())
        best = min(best, process_time() - start)
    assert best < 0.15, "bounded: unbounded it takes seconds"
    assert len(msgspec.json.encode(got)) < 6_000
    told = str(msgspec.structs.replace(got, title=""))
    for part in ("202 555", "202-555", "20-25", "2025550147"):
        assert part not in told


DIGITS = {
    "groups of two": "".join(f"{i * 37 % 90 + 10}{'-. /_~*'[i * i % 7]}" for i in range(4_000)),
    "mixed separators": "".join(f"{i * 7 % 10}{'-. /_~*'[i * i % 5]}" for i in range(6_000)),
    "spaced": "".join(f"{i * 7 % 10} " for i in range(6_000)),
    "cards": "".join(f"{i * 7919 % 9000 + 1000}{' ' if i % 4 else chr(10)}" for i in range(2_400)),
}


@pytest.mark.parametrize("kind", DIGITS)
def test_dense_digits_cost_little(kind: str) -> None:
    """Reading and asking together, the least of three; what is too much to read is masked."""
    listing = msgspec.structs.replace(advert("a", "escort", DIGITS[kind][:12_000]), place="US-NY")
    best = float("inf")
    for _ in range(3):
        start = process_time()
        child_wording(listing, NO_TERMS)
        got = read(listing, token)
        CRYPTO.find(got, CRYPTO.about.values())
        best = min(best, process_time() - start)
    assert best < 0.15, "three times of what it should take"


def test_dense_digits_hide_no_number() -> None:
    got = read(advert("a", "escort", DIGITS["groups of two"][:12_000] + "\n\n\ncall: 20/25.55*01/47"), token)
    assert not got.text.endswith("47")


GROUPS = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(("-", " ", "/", ". "))), min_size=1, max_size=14)


@given(GROUPS)
def test_parts_are_those_that_separators_set_apart(groups: list[tuple[int, str]]) -> None:
    """Against the definition: no separator at an edge stands inside, or the part is one of two like halves."""
    text = "".join("1" * size + gap for size, gap in groups)
    (run,) = runs(text)
    sizes, gaps = [size for size, _ in groups], [gap for _, gap in groups]
    want = []
    for start, stop in combinations(range(len(groups) + 1), 2):
        edges = {*gaps[max(0, start - 1) : start], *(gaps[stop - 1 : stop] if stop < len(groups) else ())}
        half = (start, stop) in ((0, len(groups) / 2), (len(groups) / 2, len(groups)))
        alike = half and sizes[: stop - start] == sizes[-(stop - start) :]
        if MIN_DIGITS <= sum(sizes[start:stop]) <= MAX_DIGITS + 2:
            want += [range(start, stop)] if alike or not edges & set(gaps[start : stop - 1]) else []
    assert candidates(text, run) == sorted(want, key=lambda part: (-sum(sizes[part.start : part.stop]), part.start))


def test_what_turns_text_round_leaves_an_advert() -> None:
    """`gnp.exe` shown as `exe.png`; a script stays the text it is."""
    listing = msgspec.structs.replace(
        advert("x\u202e1", "job", "pay bit\u202ecoin\u2066 now\x00\r\n<script>1</script>", title="a\u202eb\x1b[2J"),
        payments=("ca\u202esh",),
    )
    got = read(listing, token)
    assert (got.title, got.text, got.payments) == ("ab [2J", "pay bitcoin now \n<script>1</script>", ("cash",))
    assert got.listing_id.startswith("listing-")
    assert UNFIT.search("".join((got.listing_id, got.title, got.text, *got.payments))) is None
