"""A commercial-sex advert whose telephone number is written so that a filter misses it.

Catalogue entry li-obscured-phone. The number itself is gone when the advert comes here; in its place stands how it was
written (`[tel in words]`, put there by `detectors/text/contacts.py`): words, look-alike letters, signs such as emoji,
or digits one by one. Digits of any script with usual separators are plain writing.
"""

from __future__ import annotations

import re

from manumit.detectors.contract import About, Span, TextFlag, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import said as whole
from manumit.detectors.text.hiding import MANNERS
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("escort", "massage")
HIDDEN = re.compile(rf"\[tel in ({'|'.join(MANNERS)})\]")
MOST_SPANS = 6


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = list(HIDDEN.finditer(whole(listing)))[:MOST_SPANS]
    return tuple(Span(facet=match[1], start=match.start(), stop=match.end(), text=match[0]) for match in found)


def said(text: str, kind: ListingKind = "escort") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("in words", said("Call [tel in words]"), on="a"),
    fires("in look-alike letters", said("Text me: [tel in letters], evenings"), on="a"),
    fires("in signs", said("[tel in signs]"), on="a"),
    fires("digit by digit", said("[tel in single digits] any time", kind="massage"), on="a"),
    near_miss("a plain number", said("Call [tel]")),
    near_miss("digits in no numbering plan", said("Call [number]")),
    near_miss("words that only look like it", said("Call [tel in the morning]")),
    innocent("a room to let", said("Call [tel in words]", kind="rental")),
    innocent("a messenger", said("Write to [telegram] or [email]")),
    edge("one plain, one hidden", said("[tel] or [tel in letters]"), on="a"),
    edge("no number at all", said("No calls.")),
)

FLAG = TextFlag(
    about=About(
        id="li-obscured-phone",
        version=1,
        title="Phone number written to dodge filters",
        status="trial",
        severity="medium",
        entries=("li-obscured-phone",),
        reason="Adverts of {subject} write the telephone number in words, look-alike letters or signs.",
        innocent=("a board that deletes numbers", "somebody who avoids spam calls", "a playful way to write"),
        blind_to=("numbers in pictures", "numbers that are said only in private chat", "ciphers of the reader's own"),
        needs=("listings",),
        next_steps=(
            "Look whether the same contact writes its number plainly elsewhere.",
            "Weigh it only together with other signs: on some boards most adverts do it.",
            "Do not call the number.",
        ),
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
)
