"""A job advert that promises flight, visa, lodging or meals together, and wants people to leave at once.

Catalogue entry li-job-all-paid-travel. A promise is a noun of travel with a word of giving in the same
clause (or list under one heading) and no word of own cost there. Crew trades, which carry and house their
people as a rule, are left out.
"""

from __future__ import annotations

import re

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import Marks, marks
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("job", "domestic", "recruitment-post")
PROMISES = ("flight", "visa", "lodging", "meals")
NUMBER = re.compile(r"(?<![\d.,])(\d{1,3})(?![\d.,])")
UNIT_ROOM = 12  # characters behind a number in which its unit stands
MAX_UNIT_GAP = 3  # ours: characters between a number and its "days"

THRESHOLDS = (
    Threshold(name="min_promises", value=3, unit="promises", origin="ours"),
    Threshold(name="max_departure_days", value=14, unit="days", origin="ours"),
)


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    text = folded(listing)
    found = marks("job_travel", text.text)
    if sum(_mentions(found, promise) for promise in PROMISES) < v["min_promises"] or found.has("crew_trade"):
        return ()
    promised: dict[str, Hit] = {}
    hurry: list[Hit] = []
    for start, stop in found.clauses:
        for hit in _promises(found, start, stop):
            promised.setdefault(hit.facet, hit)
        hurry += _hurry(found, start, stop, v["max_departure_days"])
    if len(promised) < v["min_promises"] or not hurry:
        return ()
    return tuple(quote(listing, text, hit) for hit in (*promised.values(), hurry[0]))


def measure(listing: Listing, v: Values) -> dict[str, float]:
    """The promises, and the days to the nearest departure where one is named."""
    found = marks("job_travel", folded(listing).text)
    near = [(start, stop) for start, stop in found.clauses if found.within("departure", start, stop)]
    days = [days for start, stop in near for days, _ in _spells(found, start, stop)]
    promised = {span.facet for span in find(listing, v)} & set(PROMISES)
    return {"promises": float(len(promised))} | ({"departure_days": float(min(days))} if days else {})


def _mentions(found: Marks, promise: str) -> bool:
    return found.has(promise, f"{promise}_given")


def _promises(found: Marks, start: int, stop: int) -> list[Hit]:
    if found.within("own_cost", start, stop):
        return []
    given = found.within("given", start, stop)
    promises = []
    for promise in PROMISES:
        hits = (*found.within(f"{promise}_given", start, stop), *(found.within(promise, start, stop) if given else ()))
        promises += [Hit(promise, hit.start, hit.stop) for hit in hits[:1]]
    return promises


def _hurry(found: Marks, start: int, stop: int, max_days: float) -> list[Hit]:
    """Words of urgency, or a departure said to be at most `max_days` away."""
    hits = list(found.within("urgent", start, stop))
    if found.within("departure", start, stop):
        hits += [hit for days, hit in _spells(found, start, stop) if days <= max_days]
    return [Hit("urgency", hit.start, hit.stop) for hit in hits]


def _spells(found: Marks, start: int, stop: int) -> list[tuple[int, Hit]]:
    """Spells of time such as `10 days` or `2 weeks`, in days."""
    spells = []
    for number in NUMBER.finditer(found.text, start, stop):
        for facet, factor in (("days", 1), ("weeks", 7)):
            unit = next(iter(found.within(facet, number.end(), number.end() + UNIT_ROOM)), None)
            if unit is not None and unit.start <= number.end() + MAX_UNIT_GAP:
                spells.append((int(number[1]) * factor, Hit("urgency", number.start(), unit.stop)))
    return spells


def said(text: str, kind: ListingKind = "job") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("all paid, leave at once", said("Free flight, visa and meals included. Immediate departure."), on="a"),
    fires(
        "a list under one heading",
        said("We provide:\n- air ticket\n- visa\n- accommodation\nFly within 5 days"),
        on="a",
    ),
    fires("es", said("Vuelo, visado y alojamiento pagados. Salida inmediata."), on="a"),
    fires("pt", said("Passagem, visto e alojamento pagos pela empresa. Embarque imediato."), on="a"),
    fires("fr", said("Vol, visa et logement pris en charge. Départ sous 7 jours."), on="a"),
    fires("ro", said("Cazare, masă și transport asigurate. Plecare imediată."), on="a"),
    fires("ru", said("Бесплатно: перелёт, виза, проживание. Вылет через 10 дней."), on="a"),
    fires("vi", said("Bao ăn ở, miễn phí vé máy bay và visa. Đi ngay."), on="a"),
    fires("vi without marks", said("Bao an o, mien phi ve may bay. Di ngay."), on="a"),
    fires("zh", said("包吃住，机票签证公司负责，随时出发"), on="a"),
    fires("id", said("Tiket pesawat, visa dan makan ditanggung. Segera berangkat."), on="a"),
    fires("th", said("ตั๋วเครื่องบินฟรี วีซ่า ที่พักฟรี เดินทางด่วน"), on="a"),
    near_miss("no hurry", said("Free flight, visa and meals included.")),
    near_miss("own cost", said("Flight, visa and meals not included. Immediate start.")),
    near_miss("named but not given", said("You need a visa, a flight and accommodation. Urgent!")),
    innocent("a cruise line", said("Cruise ship crew: flight, visa, meals and lodging paid. Immediate start.")),
    innocent("an offshore rig", said("Offshore rotation. Flights, visa, meals, housing covered. Urgent.")),
    innocent("a rental", said("Free flight, visa, meals included. Immediate departure.", kind="rental")),
    innocent("a local job", said("Kitchen hand wanted urgently. Free meals and paid holidays. Start this week.")),
    edge("exactly three promises", said("Flight, lodging and meals paid. Urgent."), on="a"),
    edge("two promises", said("Flight and lodging paid. Urgent.")),
    edge("departure in 14 days", said("Flight, visa and lodging paid. You fly within 14 days."), on="a"),
    edge("departure in 2 weeks", said("Flight, visa and lodging paid. You fly in 2 weeks."), on="a"),
    edge("departure in 15 days", said("Flight, visa and lodging paid. You fly within 15 days.")),
)

FLAG = TextFlag(
    about=About(
        id="li-job-all-paid-travel",
        version=1,
        title="Flights, visa, lodging and meals all arranged by the recruiter",
        status="trial",
        severity="medium",
        entries=("li-job-all-paid-travel",),
        reason="Job adverts of {subject} promise travel and housing all arranged and paid, and a departure at once.",
        innocent=("a cruise, oil, mining or camp job", "a household that must pay its worker's travel by law"),
        blind_to=("promises told in private chat", "a crew trade named as a pretext", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Check whether the employer exists, is licensed to recruit, and where the place of work is.",
            "Look for the same contact or text under other employers or destinations.",
            "Most work-abroad adverts carry one such sign: weigh it only together with others.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
