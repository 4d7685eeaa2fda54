"""A commercial-sex advert of adults whose words suggest youth.

Catalogue entry li-youth-language. Words only, never an age that is stated, never a picture; nothing is said of
anybody's age. Wording of minors goes the way of child protection before any flag reads it; should one come here all
the same, this flag is silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.child_wording import implies_minor
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import Marks
from manumit.detectors.text.structure import denied, listed, paired, spans
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("escort", "massage")
OTHER_GAP = 8  # ours: characters between the word and whom it really speaks of

THRESHOLDS = (Threshold(name="max_gap", value=16, unit="characters", origin="ours: between `young` and who is"),)


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = listed("youth", listing)
    if not found.has("young", "phrase") or implies_minor(found.text):
        return ()
    return spans(listing, _wording(found, v["max_gap"]))


def _wording(found: Marks, max_gap: float) -> Iterator[Hit]:
    for hit, person in paired(found, "young", "person", max_gap):
        if _speaks_of_the_offer(hit, found):
            yield from (hit, person)
    yield from (hit for hit in found.of("phrase") if _speaks_of_the_offer(hit, found))


def _speaks_of_the_offer(hit: Hit, found: Marks) -> bool:
    return not denied(hit, found) and not found.near("other", hit, OTHER_GAP, OTHER_GAP)


def said(text: str, kind: ListingKind = "escort") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("young and a person", said("Young lady, evenings only."), on="a"),
    fires("a phrase", said("Company of a university student."), on="a"),
    near_miss("young, of nobody", said("Young in spirit. A lady of the house.")),
    near_miss("of the clients", said("Lady seeks young men.")),
    near_miss("denied", said("No young girls here.")),
    near_miss("a stated age alone", said("22 years old, evenings.")),
    near_miss("wording of a minor goes another way", said("Young girl, underage.")),
    innocent("a tutor", said("University student gives lessons to young people.", kind="job")),
    innocent("no such words", said("Mature lady, evenings, card or cash.")),
    edge("16 characters between", said("young " + "x" * 14 + " lady"), on="a"),
    edge("17 characters between", said("young " + "x" * 15 + " lady")),
)

FLAG = TextFlag(
    about=About(
        id="li-youth-language",
        version=1,
        title="Wording that suggests youth",
        status="trial",
        severity="low",
        entries=("li-youth-language",),
        reason="Adverts of {subject} use wording that suggests youth. Nothing is said of anybody's age.",
        innocent=("a convention of marketing, used by adults of any age", "text copied from another advert"),
        blind_to=(
            "pictures, which are never looked at",
            "wording outside of the list",
            "languages without a word list",
        ),
        needs=("listings",),
        next_steps=(
            "A hint beside other signs: do not guess anybody's age from words.",
            "Where anything points to a minor, stop, and report it to the hotline (`manumit child-wording`).",
            "Do not contact anybody named in the adverts.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
)
