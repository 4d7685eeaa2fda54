"""Whether an advert goes the way of child protection: plain wording of minors, or the operator's hashed terms.

Such an advert is not analysed and not stored (`streams/protecting.py`). Plain wording is asked of commercial-sex
adverts, and of others that offer company or sex for money; hashed terms of any text. No coded term stands in this
repository.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from manumit.detectors.text.advert import MAX_CHARACTERS
from manumit.detectors.text.contacts import contacts_in
from manumit.detectors.text.digit_runs import is_letter
from manumit.detectors.text.hashed_terms import HashedTerms
from manumit.detectors.text.lexicon import Hit, any_of
from manumit.detectors.text.lexicon import terms as listed_terms
from manumit.detectors.text.marks import Marks, marks
from manumit.detectors.text.normalise import Folded, fold
from manumit.detectors.text.prices import prices_in
from manumit.schemas.listing import Listing

COMMERCIAL_SEX = ("escort", "massage")
ADULT = 18
YOUNGEST = 3  # ours: smaller numbers count things
MIN_CODES = 2  # source: catalogue entry li-coded-child-terms, check
GUARD_GAP = 24  # ours: characters
NUMBER_BEFORE = re.compile(r"(?<!\d)(?<!\d[.,:/])(?<![$€£-])(\d{1,2})\s{0,2}(?:-|na\s|\+\s?)?\s{0,2}$")
JOINT = r"\s{0,2}(?:-|na\s)?\s{0,2}"
LONGEST_WORD = 32  # characters before a unit in which a number word and its tens stand
NUMBER_BEHIND = re.compile(
    r"\s{0,2}(?:is|es|est|ist|é|of|de|:|=)?\s{0,2}(\d{1,2})(?![\d:/%$€£'’\"″]|[.,]\d|\s{0,2}[-–+]|\s?(?:st|nd|rd|th)(?!\w))"
)
WORD_BEHIND = r"\s{0,2}(?:is|es|est|ist|é|of|:|=)?\s{0,2}"
COUNTED = re.compile(
    r"\s{0,2}(?:min|mins|minutes?|minuten|minutos?|hours?|hrs?|h|stunden?|horas?|heures?|days?|tage?|dias?|jours?|weeks?|"
    r"months?|km|miles?|m2|m|cm|inch(?:es)?|in|ft|feet|foot|kg|usd|eur|gbp|euros?|dollars?|bucks|times|people|guests?|"
    r"rooms?|beds?|clients?|minut|phut|phút|gio|giờ|мин|час|сантиметр|см|分钟|分鐘|分|小时|小時|米|个|個|元|名|นาที|ชั่วโมง|k)(?!\w)"
)
MAX_BESIDE, EACH_BESIDE = 40, 600  # payments and contacts that are asked, and characters of each
ROOM = 6  # characters in which a number stands before its unit


def implies_minor(text: str) -> bool:
    """True for folded text of a commercial-sex advert that speaks of a minor, unless it says that none is meant."""
    found = marks("minors", text)
    if any(not _meant_otherwise(hit, found, "adults") for hit in found.of("minor")):
        return True
    return any(age < ADULT for age in _ages(found))


def sells_company(text: str) -> bool:
    """True for folded text of an advert of any kind that offers company or sex for money."""
    return marks("minors", text).has("companionship")


def child_wording(listing: Listing, terms: HashedTerms) -> bool:
    """True for an advert, as the edge gives it or as it was read, that goes the way of child protection."""
    told = fold("\n".join((listing.title[:MAX_CHARACTERS], listing.text[:MAX_CHARACTERS], _beside(listing))))
    if (listing.kind in COMMERCIAL_SEX or sells_company(told.text)) and implies_minor(told.text):
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
    """Numbers that are somebody's age: `16 years old`, `sixteen years old`, `age: 16`, `just turned 16`."""
    text, ages = found.text, []
    for facet, youngest in (("years_old", 0), ("years", YOUNGEST)):
        for hit in found.of(facet):
            number = _number_before(text, hit.start)
            if number is not None and number >= youngest and not _meant_otherwise(hit, found, "other_years"):
                ages.append(number)
    for facet, youngest in (("age", 0), ("turned", YOUNGEST)):
        for hit in found.of(facet):
            number = _number_behind(text, hit.stop)
            if number is not None and number >= youngest and not _meant_otherwise(hit, found, "other_years"):
                ages.append(number)
    return ages


def _number_before(text: str, stop: int) -> int | None:
    digits = NUMBER_BEFORE.search(text[max(0, stop - ROOM) : stop])
    if digits is not None:
        return int(digits[1])
    ahead = text[max(0, stop - LONGEST_WORD) : stop]
    word = _word_before().search(ahead)
    if word is None or _is_part(ahead, word.start()) or _tens().search(ahead[: word.start()]):
        return None
    return _values()[_bare(word["word"])]


def _number_behind(text: str, start: int) -> int | None:
    found = NUMBER_BEHIND.match(text, start)
    if found is not None:
        return None if COUNTED.match(text, found.end()) else int(found[1])
    word = _word_behind().match(text, start)
    if word is None or _goes_on(text, word.end()) or COUNTED.match(text, word.end()):
        return None
    return _values()[_bare(word["word"])]


def _is_part(text: str, at: int) -> bool:
    """What begins at `at` is the end of a longer word."""
    return at > 0 and is_letter(text[at - 1]) and is_letter(text[at])


def _goes_on(text: str, at: int) -> bool:
    """The word that ends at `at` is the beginning of a longer one, or of a larger number."""
    return is_letter(text[at : at + 1]) or _larger().match(text, at) is not None


def _bare(word: str) -> str:
    return " ".join(word.replace("-", " ").split())


@cache
def _values() -> Mapping[str, int]:
    """Number words, folded, and what they are."""
    table = listed_terms("ages")
    return {
        _bare(fold(word).text): int(number)
        for number, row in table.items()
        if number.isdigit()
        for word in row["words"]
    }


@cache
def _spelt() -> str:
    return any_of((*(r"[\s-]" if c == " " else re.escape(c) for c in word),) for word in _values())


@cache
def _word_before() -> re.Pattern[str]:
    return re.compile(rf"(?P<word>{_spelt()}){JOINT}$")


@cache
def _word_behind() -> re.Pattern[str]:
    return re.compile(rf"{WORD_BEHIND}(?P<word>{_spelt()})")


@cache
def _tens() -> re.Pattern[str]:
    """At the end of what stands before a number word: it is part of a larger number."""
    listed = any_of(tuple(map(re.escape, fold(word).text)) for word in listed_terms("ages")["tens"]["words"])
    return re.compile(rf"{listed}[\s-]{{0,2}}$")


@cache
def _larger() -> re.Pattern[str]:
    """Behind a number word: it begins a larger number, or a count."""
    return re.compile(r"[\s-]{0,2}(?:hundred|thousand|puluh|ratus|mươi|muoi|ร้อย|พัน|สิบ|百|千|十|万|萬|fold|of)")


def _meant_otherwise(hit: Hit, found: Marks, guard: str) -> bool:
    """Words close by, or around it, that turn it round; those within the hit itself do not."""
    near = found.near(guard, hit, GUARD_GAP, GUARD_GAP)
    return any(one.start < hit.start or hit.stop < one.stop for one in near)
