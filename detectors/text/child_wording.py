"""Whether an advert goes the way of child protection: plain wording of minors, or the operator's hashed terms.

Such an advert is not analysed and not stored (`streams/protecting.py`). Plain wording is asked of commercial-sex
adverts only; hashed terms of any text. No coded term stands in this repository.
"""

from __future__ import annotations

import re

from manumit.detectors.text.advert import MAX_CHARACTERS
from manumit.detectors.text.contacts import contacts_in
from manumit.detectors.text.hashed_terms import HashedTerms
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import Marks, marks
from manumit.detectors.text.normalise import Folded, fold
from manumit.detectors.text.prices import prices_in
from manumit.schemas.listing import Listing

COMMERCIAL_SEX = ("escort", "massage")
ADULT = 18
YOUNGEST = 3  # ours: smaller numbers count things
MIN_CODES = 2  # source: catalogue entry li-coded-child-terms, check
GUARD_GAP = 24  # ours: characters
NUMBER_BEFORE = re.compile(r"(?<!\d)(?<!\d[.,:/])(?<![$€£-])(\d{1,2})\s{0,2}-?\s{0,2}$")
NUMBER_BEHIND = re.compile(r"\s{0,2}(?:is|es|est|ist|é|:|=)?\s{0,2}(\d{1,2})(?![\d:/%$€£]|[.,]\d|\s{0,2}[-–+])")
MAX_BESIDE, EACH_BESIDE = 40, 600  # payments and contacts that are asked, and characters of each
ROOM = 6  # characters in which a number stands before its unit


def implies_minor(text: str) -> bool:
    """True for folded text of a commercial-sex advert that speaks of a minor, unless it says that none is meant."""
    found = marks("minors", text)
    if any(not _meant_otherwise(hit, found, "adults") for hit in found.of("minor")):
        return True
    return any(YOUNGEST <= age < ADULT for age in _ages(found))


def child_wording(listing: Listing, terms: HashedTerms) -> bool:
    """True for an advert, as the edge gives it or as it was read, that goes the way of child protection."""
    if listing.kind not in COMMERCIAL_SEX and not terms:
        return False
    told = fold("\n".join((listing.title[:MAX_CHARACTERS], listing.text[:MAX_CHARACTERS], _beside(listing))))
    if listing.kind in COMMERCIAL_SEX and implies_minor(told.text):
        return True
    reachable = bool(listing.prices or listing.contacts or listing.wallets)
    return coded(told, terms, reachable=reachable)


def _beside(listing: Listing) -> str:
    """What else of an advert is free text, as much of it as may be kept."""
    few = (listing.listing_id, listing.poster, *listing.payments[:MAX_BESIDE], *listing.contacts[:MAX_BESIDE])
    return "\n".join(words[:EACH_BESIDE] for words in few)[:MAX_CHARACTERS]


def coded(folded: Folded, terms: HashedTerms, *, reachable: bool = False) -> bool:
    """Two different terms of the operator's list, or one beside a price or a contact; `reachable`: there is one."""
    codes = terms.found(folded.text)
    if len(codes) >= MIN_CODES or not codes:
        return bool(codes)
    return reachable or bool(prices_in(folded)) or bool(contacts_in(folded))


def _ages(found: Marks) -> list[int]:
    """Numbers that are somebody's age: `16 years old`, `age: 16`."""
    text, ages = found.text, []
    for hit in found.of("years"):
        number = NUMBER_BEFORE.search(text[max(0, hit.start - ROOM) : hit.start])
        if number is not None and not _meant_otherwise(hit, found, "other_years"):
            ages.append(int(number[1]))
    for hit in found.of("age"):
        number = NUMBER_BEHIND.match(text, hit.stop)
        if number is not None and not _meant_otherwise(hit, found, "other_years"):
            ages.append(int(number[1]))
    return ages


def _meant_otherwise(hit: Hit, found: Marks, guard: str) -> bool:
    """Words close by, or around it, that turn it round; those within the hit itself do not."""
    near = found.near(guard, hit, GUARD_GAP, GUARD_GAP)
    return any(one.start < hit.start or hit.stop < one.stop for one in near)
