"""Near-identical escort or massage adverts under several contacts that never stood together, posted fast.

Catalogue entry li-same-author-cluster. The cluster is a campaign of near-duplicates. Style makes no alert: other
campaigns in the same manner (`campaigns/manners.py`) stand beside one as a weak hint, so one author who writes anew
each time is not seen by this rule alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.campaigns.features import Distinct, Seen, distinct
from manumit.detectors.contract import About, ListingRule, Threshold, Values
from manumit.detectors.stories import DAY, HOUR, MICROSECOND, advert, edge, fires, innocent, near_miss
from manumit.schemas.listing import Listing, ListingKind

WINDOW = "30d"  # source: catalogue entry, check.window
RATE_WINDOW = "1d"
KINDS = ("escort", "massage")

THRESHOLDS = (
    Threshold(name="min_authors", value=3, unit="contacts", origin="ours"),
    Threshold(name="min_adverts_a_day", value=3, unit="adverts", origin="ours"),
)


def features(v: Values) -> Mapping[str, Distinct]:
    return {
        "authors": distinct("authors", by="campaign", window=WINDOW, kinds=KINDS),
        "adverts_a_day": distinct("adverts", by="campaign", window=RATE_WINDOW, kinds=KINDS),
    }


def one_hand(seen: Seen, v: Values) -> bool:
    return seen["authors"] >= v["min_authors"] and seen["adverts_a_day"] >= v["min_adverts_a_day"]


TEXT = "sweet {} just for you discreet upscale apartment near the harbour call now for a warm welcome every night"
OWN = (
    "calm evening company near the river park every weekday after six o'clock only",
    "deep tissue work by certified hands in a quiet studio behind the old theatre",
    "dinner dates and long walks with someone who loves jazz records and strong coffee",
)
NAMES = ("poppy", "iris", "dahlia", "olive", "hazel", "fern")


def post(tag: str, name: int, at: int, contact: str, text: str = TEXT, kind: ListingKind = "escort") -> Listing:
    return advert(tag, kind, text.format(NAMES[name]), at=at, contact=contact)


TWO = (post("a", 0, 0, "one"), post("b", 1, HOUR, "two"))

CASES = (
    fires("one template, three contacts in a day", *TWO, post("c", 2, 2 * HOUR, "three"), on="c"),
    fires("four, and a burst later", *TWO, *(post(f"c{i}", i, 9 * DAY + i * HOUR, f"c{i}") for i in range(3)), on="c2"),
    near_miss("one contact posts three times", *(post(f"a{i}", i, i * HOUR, "one") for i in range(5))),
    near_miss("the contacts stand together", *TWO, post("c", 2, 2 * HOUR, "one two three")),
    near_miss("slowly over a month", *(post(f"a{i}", i, i * 2 * DAY, f"c{i}") for i in range(6))),
    innocent("texts of their own", *(post(f"t{i}", i, i * HOUR, f"c{i}", text) for i, text in enumerate(OWN))),
    innocent("a chain's job template", *(post(f"j{i}", i, i * HOUR, f"c{i}", kind="job") for i in range(5))),
    edge("a third and a fourth", *TWO, *(post(f"c{i}", i, 2 * HOUR + i, f"c{i}") for i in range(2)), on="c0 c1"),
    edge("three adverts of two contacts", *TWO, post("c", 2, 2 * HOUR, "two")),
    edge("three contacts, two in a day", *TWO, post("c", 2, 26 * HOUR, "three")),
    edge("the first exactly a day old", *TWO, post("c", 2, DAY, "three")),
    edge("the first a microsecond younger", *TWO, post("c", 2, DAY - MICROSECOND, "three"), on="c"),
    edge(
        "a contact exactly 30 d old", post("o", 0, 0, "old"), post("m", 0, 15 * DAY, "two"),
        *(post(f"c{i}", i, 30 * DAY - (2 - i) * HOUR, c) for i, c in enumerate(("two", "two", "new"))),
    ),
    edge(
        "a contact a microsecond younger", post("o", 0, MICROSECOND, "old"), post("m", 0, 15 * DAY, "two"),
        *(post(f"c{i}", i, 30 * DAY - (2 - i) * HOUR, c) for i, c in enumerate(("two", "two", "new"))), on="c2",
    ),
)  # fmt: skip

LISTING_RULE = ListingRule(
    about=About(
        id="li-same-author-cluster",
        version=1,
        title="Adverts of one text under many contacts",
        status="trial",
        severity="medium",
        entries=("li-same-author-cluster",),
        reason=(
            "Near-identical escort or massage adverts ({subject}) carry {authors} unrelated contacts within 30 days, "
            "{adverts_a_day} of them within a day. This resembles one hidden author."
        ),
        innocent=("a template copied from elsewhere", "an advert-writing service", "text stolen by a scammer"),
        blind_to=("an author who writes anew each time", "translations", "adverts shorter than eight words"),
        needs=("listings",),
        next_steps=(
            "Compare the adverts: what is the same in all, and what differs in each.",
            "Look whether the contacts share payments, posters or places.",
            "Search the text: a template that stands everywhere names no author.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    subject="campaign",
    features=features,
    fires=one_hand,
)
