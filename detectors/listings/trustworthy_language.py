"""A commercial-sex advert that insists on being real, safe or to be trusted.

Catalogue entry li-trustworthy-language. A strong phrase ("no scam") counts two, a weak one ("genuine") one; what is
asked of clients ("genuine clients only") is not counted. A weight beside other signs, nothing by itself.
"""

from __future__ import annotations

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.structure import listed, spans
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("escort", "massage")
CLIENT_GAP = 24  # ours: characters between the phrase and the client it is asked of
WEIGHTS = {"strong": 2, "weak": 1}

THRESHOLDS = (Threshold(name="min_weight", value=2, unit="points", origin="ours: a strong phrase 2, a weak one 1"),)


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    phrases = _phrases(listing)
    return spans(listing, phrases) if _weight(phrases) >= v["min_weight"] else ()


def measure(listing: Listing, v: Values) -> dict[str, float]:
    """The points of all different phrases together."""
    return {"weight": float(_weight(_phrases(listing)))}


def _phrases(listing: Listing) -> list[Hit]:
    """Each different phrase once, in order of weight; none that lies within another."""
    found = listed("trust", listing)
    kept: dict[str, Hit] = {}
    taken: list[Hit] = []
    for hit in (*found.of("strong"), *found.of("weak")):
        inside = any(hit.start < one.stop and one.start < hit.stop for one in taken)
        if not inside and not found.near("client", hit, CLIENT_GAP, CLIENT_GAP):
            kept.setdefault(found.text[hit.start : hit.stop], hit)
            taken.append(hit)
    return list(kept.values())


def _weight(phrases: list[Hit]) -> int:
    return sum(WEIGHTS[hit.facet] for hit in phrases)


def said(text: str, kind: ListingKind = "escort") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("no scam", said("Hello, this is no scam."), on="a"),
    fires("two weak phrases", said("Genuine and verified."), on="a"),
    fires("look-alike letters", said("You can trust mе"), on="a"),
    near_miss("asked of clients", said("Genuine clients only, please be honest.")),
    near_miss("the same word twice", said("Genuine. Really genuine.")),
    innocent("an honest landlord", said("No scam, 100% real flat.", kind="rental")),
    innocent("plain terms", said("By appointment, weekdays, cash or card.")),
    edge("one strong phrase", said("No scams."), on="a"),
    edge("three points", said("Trust me, reliable."), on="a"),
    edge("one weak phrase", said("Genuine.")),
)

FLAG = TextFlag(
    about=About(
        id="li-trustworthy-language",
        version=1,
        title="Wording that vouches for the provider's trustworthiness",
        status="trial",
        severity="low",
        entries=("li-trustworthy-language",),
        reason="Adverts of {subject} insist on being real, safe or to be trusted.",
        innocent=("most adult adverts, by consenting adults", "a board full of false adverts", "a site's own template"),
        blind_to=("trust told in pictures or private chat", "new ways to say it", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Nothing follows from such wording alone: look at the other signs of the same contact.",
            "Look whether the same phrases stand in adverts of other contacts.",
            "Do not contact anybody named in the adverts.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
