"""A live-in household job whose terms confine: no day off, very long hours, no phone or going out, pay kept back, or
the work of a whole staff for one.

Catalogue entry li-domestic-confinement-terms. One such term is common and means nothing; several together do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import Marks
from manumit.detectors.text.structure import denied, listed, overlap, spans
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("domestic",)
PLAIN = ("no_day_off", "shut_in", "paid_late")
DUTIES = ("cooking", "cleaning", "laundry", "children", "elders", "outside")
HOURS_BEFORE = re.compile(r"(?<!\d)(?<!\d[.,:])(\d{1,2})(?:\s?[-–]\s?(\d{1,2}))?\s{0,2}(?:de )?$")
NUMBER_ROOM = 12  # characters before `hours` in which its number stands
DAY_GAP = 24  # ours: characters between the hours and `a day`
MOST_HOURS = 24

THRESHOLDS = (
    Threshold(name="min_terms", value=2, unit="terms", origin="ours"),
    Threshold(name="min_hours_a_day", value=12, unit="hours of a day", origin="ours"),
    Threshold(name="min_duties", value=5, unit="duties", origin="ours: of six kinds of work"),
)


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = listed("domestic_terms", listing)
    if not found.has("live_in"):
        return ()
    terms = _terms(found, v)
    if len({hit.facet for hit in terms}) < v["min_terms"]:
        return ()
    return spans(listing, (found.of("live_in")[0], *terms))


def measure(listing: Listing, v: Values) -> dict[str, float]:
    """Confining terms, kinds of work asked of one person, and the longest working day named."""
    found = listed("domestic_terms", listing)
    hours = [number for number, _ in _days(found)]
    counted = {"terms": float(len({hit.facet for hit in _terms(found, v)})), "duties": float(len(_duties(found)))}
    return counted | ({"hours_a_day": float(max(hours))} if hours else {})


def _terms(found: Marks, v: Values) -> list[Hit]:
    """One hit for each kind of confining term, of `many_duties` one for each duty."""
    terms: dict[str, Hit] = {}
    granted = _granted(found)
    for facet in PLAIN:
        hit = next((hit for hit in found.of(facet) if found.clause(hit) not in granted), None)
        if hit is not None:
            terms[facet] = hit
    long_days = [hit for number, hit in _days(found) if number >= v["min_hours_a_day"]]
    for hit in (*long_days, *found.of("round_the_clock")):
        if found.clause(hit) not in granted:
            terms.setdefault("long_hours", Hit("long_hours", hit.start, hit.stop))
    duties = _duties(found)
    many = [Hit("many_duties", hit.start, hit.stop) for hit in duties] if len(duties) >= v["min_duties"] else []
    return [*terms.values(), *many]


def _granted(found: Marks) -> frozenset[tuple[int, int]]:
    """Clauses that grant rest: what they seem to take is not counted. `No day off` grants nothing."""
    grants = (grant for grant in found.of("granted") if not denied(grant, found))
    real = (one for one in grants if not any(overlap(one, no) for no in found.near("no_day_off", one, 0, 0)))
    return frozenset(found.clause(one) for one in real)


def _days(found: Marks) -> Iterator[tuple[int, Hit]]:
    """Working days such as `14 hours a day`: the hours, the upper of a range, and where they stand."""
    for hit in found.of("hours"):
        ahead = max(0, hit.start - NUMBER_ROOM)
        number = HOURS_BEFORE.search(found.text[ahead : hit.start])
        if number is None or not found.near("a_day", hit, DAY_GAP, DAY_GAP):
            continue
        hours = int(number[2] or number[1])
        if hours <= MOST_HOURS:
            yield hours, Hit("long_hours", ahead + number.start(), hit.stop)


def _duties(found: Marks) -> list[Hit]:
    return [found.of(duty)[0] for duty in DUTIES if found.has(duty)]


def said(text: str, kind: ListingKind = "domestic") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("no day off and no phone", said("Live-in maid. No day off, no phone."), on="a"),
    fires("long days, pay kept", said("Live-in. 15 hours a day. Salary at the end of the contract."), on="a"),
    fires("at all hours, may not go out", said("Live-in nanny, day and night. Not allowed to go out."), on="a"),
    fires(
        "a staff in one person, every day",
        said("Live-in: cooking, cleaning, laundry, children and garden. Seven days a week."),
        on="a",
    ),
    near_miss("not live-in", said("Maid by the day. No day off, no phone.")),
    near_miss("one term", said("Live-in maid. No phone at work.")),
    near_miss("the hours are not of a day", said("Live-in. Course of 40 hours. No phone in class.")),
    near_miss("a day off is granted", said("Live-in. Seven days a week is too much: sundays off. No phone.")),
    innocent("an au pair", said("Live-in au pair, 5 hours a day, children and a dog, weekends off.")),
    innocent("a hotel", said("Live-in staff, no day off in season, 24 hours on call.", kind="job")),
    edge("two terms", said("Live-in. No day off. Around the clock."), on="a"),
    edge("12 hours a day", said("Live-in. No day off, 12 hours a day."), on="a"),
    edge("11 hours a day", said("Live-in. No day off, 11 hours a day.")),
    edge("up to 12 hours", said("Live-in. No day off, 10-12 hours daily."), on="a"),
    edge("five duties", said("Live-in. No day off. Cook, clean, laundry, children, elderly."), on="a"),
    edge("four duties", said("Live-in. No day off. Cook, clean, laundry, children.")),
)

FLAG = TextFlag(
    about=About(
        id="li-domestic-confinement-terms",
        version=1,
        title="Live-in domestic job with confining terms",
        status="trial",
        severity="high",
        entries=("li-domestic-confinement-terms",),
        reason="Household adverts of {subject} join several confining terms for somebody who lives in the house.",
        innocent=("a badly written au-pair advert", "care of somebody ill, shared by several", "a short holiday job"),
        blind_to=("terms told in private chat", "terms that only the contract holds", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Read the terms together: rest, hours, phone, going out, and when and to whom the pay goes.",
            "Compare with the law for household work of the place and with the household's other adverts.",
            "Do not contact the worker through the advert; leave that to a service that protects workers.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
