"""A counter-indicator: a commercial-sex advert speaks of moving on, "new in town", "leaving soon".

Catalogue entry li-movement-language-counter. It stands in many lists of red flags, but the one controlled study found
it less often in adverts of trafficking cases. It lowers what other signs of the subject add up to; it never alerts.
"""

from __future__ import annotations

from manumit.detectors.contract import About, Span, TextFlag, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.structure import denied, listed, spans
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("escort", "massage")


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = listed("movement", listing)
    return spans(listing, (hit for hit in found.of("moving") if not denied(hit, found)))


def said(text: str, kind: ListingKind = "escort") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("new in town", said("New in town, evenings."), on="a"),
    fires("leaving soon", said("Here for a few days, leaving soon."), on="a"),
    near_miss("denied", said("I am not visiting, I live here.")),
    near_miss("settled", said("In the same studio for years.")),
    innocent("a removal firm", said("New in town? We move your things this week only.", kind="job")),
    innocent("opening hours", said("Open every day until nine.")),
    edge("28 characters from a negation", said("not " + "x" * 26 + " on tour")),
    edge("29 characters from a negation", said("not " + "x" * 27 + " on tour"), on="a"),
)

FLAG = TextFlag(
    about=About(
        id="li-movement-language-counter",
        version=1,
        title="Counter-indicator: wording about moving on",
        status="trial",
        severity="low",
        entries=("li-movement-language-counter",),
        reason="Adverts of {subject} speak of moving on, which research found to speak against trafficking.",
        innocent=("independent workers on tour", "travel for study or holidays"),
        blind_to=("movement that only the places tell", "wording used to lower the score", "languages without a list"),
        needs=("listings",),
        next_steps=(
            "Take it as a note that lowers the other signs; it raises none.",
            "Do not read it as a sign of control, whatever older lists of red flags say.",
            "Look at what the other signs of the contact rest on.",
        ),
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    counts="down",
)
