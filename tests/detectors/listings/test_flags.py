"""The two text flags: what they quote, and how rarely they speak about ordinary adverts."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.console.detail import comparisons
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import TextFlag
from manumit.detectors.listings.crypto_discount_or_only import FLAG as CRYPTO
from manumit.detectors.listings.job_all_paid_travel import FLAG as TRAVEL
from manumit.detectors.stories import advert
from manumit.detectors.text.advert import said
from manumit.schemas.listing import LISTING_KINDS, Listing, ListingKind
from manumit.streams.watching import listing_signals


def quoted(flag: TextFlag, listing: Listing) -> list[tuple[str, str]]:
    spans = flag.find(listing, flag.about.values())
    assert all(said(listing)[span.start : span.stop] == span.text for span in spans if span.facet != "payments")
    return [(span.facet, span.text) for span in spans]


def test_the_evidence_is_in_the_adverts_own_spelling() -> None:
    listing = advert("a", "escort", "Pay in ＢＴＣ only, NO cash.", title="Hello")
    assert quoted(CRYPTO, listing) == [("crypto", "ＢＴＣ"), ("only", "only"), ("no-cash", "cash")]


def test_each_promise_is_quoted_once() -> None:
    listing = advert("a", "job", "FREE flight, flights, visa & meals! Leave immediately!")
    assert quoted(TRAVEL, listing) == [
        ("flight", "flight"),
        ("visa", "visa"),
        ("meals", "meals"),
        ("urgency", "Leave immediately"),
    ]


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("Flight, lodging and meals paid. Urgent.", {"promises": 3}),
        ("Flight, visa, lodging and meals paid. You fly within 5 days.", {"promises": 4, "departure_days": 5}),
        ("Flight, visa and lodging paid. You fly in 2 weeks.", {"promises": 3, "departure_days": 14}),
    ],
)
def test_what_is_measured_stands_beside_the_thresholds(text: str, measured: dict[str, float]) -> None:
    listing, values = advert("a", "job", text), TRAVEL.about.values()
    assert TRAVEL.find(listing, values)
    assert TRAVEL.measure(listing, values) == measured
    (signal,) = listing_signals(listing, [TRAVEL], {TRAVEL.about.id: values})
    shown = {row.name: (row.value, row.threshold) for row in comparisons(signal.values, values.of)}
    assert shown["min_promises"] == (measured["promises"], 3)
    assert shown["max_departure_days"] == (measured.get("departure_days"), 14)


@pytest.mark.parametrize(
    ("text", "gap"), [("Bitcoin only", 1), ("only " + "x" * 38 + " bitcoin", 40), ("No cash, crypto please", None)]
)
def test_the_nearest_condition_is_measured(text: str, gap: float | None) -> None:
    listing, values = advert("a", "escort", text), CRYPTO.about.values()
    assert CRYPTO.find(listing, values)
    assert CRYPTO.measure(listing, values).get("gap") == gap


@pytest.mark.parametrize("text", ["New in town, leaving soon", "22 years old, new here", "Asian, Latina, European"])
def test_wording_that_research_found_innocent_is_no_sign(text: str) -> None:
    """NIJ 2024 for movement and age; protected traits never."""
    for flag in (CRYPTO, TRAVEL):
        for kind in flag.kinds:
            listing = msgspec.structs.replace(advert("a", "other", text), kind=kind)
            assert flag.find(listing, flag.about.values()) == ()


def ordinary(folder: Path) -> Iterator[str]:
    """Real job adverts (half of them fraudulent, none about travel), housing posts and messages."""
    with (folder / "emscad-flags50" / "sample_for_review_utf8.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield "\n".join(row[k] for k in ("title", "company_profile", "description", "requirements", "benefits"))
    with (folder / "craigslist-auburn" / "CraigslistHousing_alabama_auburn.csv").open(encoding="utf-8") as file:
        yield from (f"{row['Title']} {row['Price']} {row['Location']}" for row in csv.DictReader(file))
    with (folder / "sms-spam" / "sms_masked.tsv").open(encoding="utf-8") as file:
        yield from (line.partition("\t")[2] for line in file)


def test_ordinary_adverts_stay_silent(shared_data: Path) -> None:
    """Even read as if they were of the watched kinds, fewer than 10 in 10,000 carry a sign."""
    texts = list(ordinary(shared_data / "listings"))
    assert len(texts) > 6_000
    signs = 0
    kinds: tuple[tuple[TextFlag, ListingKind], ...] = ((CRYPTO, "escort"), (TRAVEL, "job"))
    for text in texts:
        signs += any(flag.find(advert("a", kind, text), flag.about.values()) for flag, kind in kinds)
    assert signs / len(texts) < 10 / 10_000


FLAGS = [one for one in detectors() if isinstance(one, TextFlag)]
PIECES = st.sampled_from(
    (
        *("no ", "passport ", "kept by us ", "registration fee ", "maid ", "for sale ", "live-in ", "12 hours a day "),
        *(
            "young ",
            "lady ",
            "trust me ",
            "new in town ",
            "16 ",
            "years old ",
            "20 usd ",
            "护照",
            "保管",
            "不",
            "ค่าสมัคร",
        ),
        *("ค่าสมัคร", "ไม่มี ", "والجواز ", ". ", ", ", "\n", "\u200b", "\ud800", "😀", "[tel in words] "),
    )
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40), st.sampled_from(LISTING_KINDS))
def test_any_text_is_read(pieces: list[str], kind: ListingKind) -> None:
    """No flag fails; what it quotes stands in the advert, and is bounded."""
    listing = msgspec.structs.replace(advert("a", "other", "".join(pieces)), kind=kind)
    for flag in FLAGS:
        if kind in flag.kinds:
            found = flag.find(listing, flag.about.values())
            assert len(found) <= 60
            assert all(said(listing)[span.start : span.stop] == span.text for span in found if span.stop)
            assert all(isinstance(value, float) for value in flag.measure(listing, flag.about.values()).values())


def adverts(folder: Path) -> Iterator[str]:
    """Real housing posts and holiday lets: ordinary adverts of another kind."""
    with (folder / "craigslist-auburn" / "CraigslistHousing_alabama_auburn.csv").open(encoding="utf-8") as file:
        yield from (f"{row['Title']} {row['Price']} {row['Location']}" for row in csv.DictReader(file))
    with (folder / "insideairbnb-oslo" / "listings_min.csv").open(encoding="utf-8") as file:
        yield from (row["name"] for row in csv.DictReader(file))


def test_no_flag_speaks_of_ordinary_adverts(shared_data: Path) -> None:
    """Each text flag, asked as if the adverts were of a kind it watches, and the guard too: near 0 in 10,000."""
    rows = list(adverts(shared_data / "listings"))
    assert len(rows) > 10_000
    signs: dict[str, int] = {flag.about.id: 0 for flag in FLAGS}
    for text in rows:
        for flag in FLAGS:
            kind = "escort" if "escort" in flag.kinds else flag.kinds[0]
            listing = msgspec.structs.replace(advert("a", "other", text), kind=kind)
            signs[flag.about.id] += bool(flag.find(listing, flag.about.values()))
    assert max(signs.values()) <= len(rows) * 5 / 10_000, signs
