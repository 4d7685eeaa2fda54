"""Beds sold by the head in a crowded room, or lodging that hangs on a job and comes out of the wage.

Catalogue entry li-rental-overcrowded-tied. Adverts give no count of beds as a field, so it is read from the text: a
number with people or beds, to a room. Hostels, students and holidays count against it.
"""

from __future__ import annotations

from collections.abc import Iterator

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import marks
from manumit.detectors.text.signs import Signs, Weighed, different, numbered, seeks, signs, warnings, weighed
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("rental", "job", "domestic", "recruitment-post")
SIGNS = ("to_a_room", "bed", "tied", "deducted")
REACH = 16  # ours: characters between the number and `per room`
NOUN_REACH = 8  # ours: characters behind a number in which its noun stands
MOST = 60  # ours: a larger number beside a room is a price or a street

THRESHOLDS = (
    Threshold(name="min_beds", value=4, unit="beds", origin="ours"),
    Threshold(name="min_facets", value=2, unit="facets", origin="ours"),
)


def weigh(listing: Listing, v: Values) -> Weighed:
    text = folded(listing).text
    if not marks("crowded_let", text).has("to_a_room", "deducted"):
        return Weighed()
    told = dict(signs("crowded_let", text, (*SIGNS, "guests")))
    crowded = tuple(hit for hit, beds in to_a_room(text, told) if beds >= v["min_beds"])
    told.pop("to_a_room", None)
    told |= {"to_a_room": crowded} if crowded else {}
    in_debt = "deducted" in told and bool({"tied", "bed", "to_a_room"} & told.keys())
    if (not crowded and not in_debt) or seeks(text, "room", "work"):
        return Weighed()
    return weighed(told, SIGNS, different(text, told.get("guests", ())) + warnings(text))


def to_a_room(text: str, told: Signs) -> Iterator[tuple[Hit, int]]:
    """Numbers of people or beds to a room."""
    for hit in told.get("to_a_room", ()):
        found = numbered(text, hit, REACH)
        if found is None or found[1] > MOST:
            continue
        with_number, beds = found
        if marks("crowded_let", text).within("sleeper", with_number.start, with_number.stop + NOUN_REACH):
            yield with_number, beds


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = weigh(listing, v)
    if not found.hits or found.balance < v["min_facets"]:
        return ()
    return tuple(quote(listing, folded(listing), hit) for hit in found.hits)


def measure(listing: Listing, v: Values) -> dict[str, float]:
    """The most beds or people to a room that it tells of, beside the signs."""
    text = folded(listing).text
    beds = [beds for _, beds in to_a_room(text, signs("crowded_let", text, ("to_a_room",)))]
    return {"facets": float(weigh(listing, v).balance)} | ({"beds": float(max(beds))} if beds else {})


def said(text: str, kind: ListingKind = "rental") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("bunks, eight to a room", said("Bed space for workers, bunk beds, 8 people per room"), on="a"),
    fires(
        "a room that hangs on the job",
        said("Packers wanted. Room only with the job, rent deducted from wages.", "job"),
        on="a",
    ),
    near_miss("a price for a room", said("Bunk beds, 50 EUR per room")),
    near_miss("crowded, no bed sold", said("8 people per room")),
    near_miss("a deduction, no lodging", said("Lunch is deducted from wages", "job")),
    near_miss("it denies it", said("Bunk beds, never 8 people per room")),
    innocent("a hostel", said("Hostel for backpackers: bunk beds, 8 beds per room, breakfast")),
    innocent("students", said("Bunk beds, 6 people per room, near the university, for students")),
    innocent("somebody who seeks a room", said("I need a room, not bunk beds with 8 people per room, bunks again")),
    innocent("two friends", said("Two beds to a room, deducted from nobody")),
    edge("four to a room", said("Bunk beds, 4 people per room"), on="a"),
    edge("three to a room", said("Bunk beds, 3 people per room")),
    edge("five to a room", said("Bunk beds, 5 people per room"), on="a"),
    edge("two signs, one word against", said("Bunk beds, 8 people per room, near the airport")),
    edge(
        "three signs, one word against",
        said("Bunk beds, 8 people per room, deducted from wages, near the airport"),
        on="a",
    ),
)  # fmt: skip

FLAG = TextFlag(
    about=About(
        id="li-rental-overcrowded-tied",
        version=1,
        title="Beds sold per head in an overcrowded or job-tied dwelling",
        status="trial",
        severity="medium",
        entries=("li-rental-overcrowded-tied",),
        reason="Adverts of {subject} sell beds in crowded rooms, or lodging that hangs on a job and its wage.",
        innocent=("hostels and student housing", "seasonal housing under inspection", "crews of ships and camps"),
        blind_to=("rooms told of at arrival", "counts shown only in pictures", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Check whether the dwelling is registered as lodging and for how many.",
            "Look for job adverts with the same contact or place.",
            "Look for wages that are paid and returned, or collected by one person.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
