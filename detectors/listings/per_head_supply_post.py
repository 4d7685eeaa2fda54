"""A post that offers or asks for people at a price each, against escrow, or moves them between sites.

Catalogue entry li-per-head-supply-post. A price for each person alone is any excursion: escrow or a transfer between
sites must stand beside it, and the post must speak of people as what is delivered or of how many. Wording of lawful
staffing, warnings and news count against it.
"""

from __future__ import annotations

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import marks
from manumit.detectors.text.signs import NUMBER, Weighed, different, numbered, signs, warnings, weighed
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("supply-post", "recruitment-post", "job", "other")
SIGNS = ("people", "person", "each", "escrow", "transfer")
PRICE_REACH = 24  # ours: characters between a price and its `per head`
COUNT_REACH = 5  # ours: characters in which a number of people ends before them
LEAST_PRICE = 10  # ours: a smaller number beside `per person` is no price for a person

THRESHOLDS = (Threshold(name="min_facets", value=3, unit="facets", origin="ours"),)


def weigh(listing: Listing) -> Weighed:
    text = folded(listing).text
    listed = marks("per_head", text)
    if not listed.has("each") or not listed.has("escrow", "transfer"):
        return Weighed()
    told = dict(signs("per_head", text, (*SIGNS, "lawful")))
    priced = [found[0] for hit in told.pop("each", ()) if (found := priced_each(text, hit))]
    counted = [people for hit in told.pop("person", ()) if (people := counts(text, hit))]
    told |= {"person": tuple(counted)} if counted else {}
    if not priced or not {"escrow", "transfer"} & told.keys() or not {"people", "person"} & told.keys():
        return Weighed()
    told["each"] = tuple(priced)
    return weighed(told, SIGNS, different(text, told.get("lawful", ())) + warnings(text))


def priced_each(text: str, hit: Hit) -> tuple[Hit, int] | None:
    """The hit with the number beside it, where that may be a price."""
    found = numbered(text, hit, PRICE_REACH)
    return found if found is not None and found[1] >= LEAST_PRICE else None


def counts(text: str, hit: Hit) -> Hit | None:
    """`20 people`: the hit with the number right before it."""
    start = max(0, hit.start - COUNT_REACH)
    ahead = list(NUMBER.finditer(text, start, hit.start))
    near = bool(ahead) and not text[ahead[-1].end() : hit.start].strip()
    return Hit(hit.facet, ahead[-1].start(), hit.stop) if near else None


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = weigh(listing)
    if not found.hits or found.balance < v["min_facets"]:
        return ()
    return tuple(quote(listing, folded(listing), hit) for hit in found.hits)


def measure(listing: Listing, v: Values) -> dict[str, float]:
    return {"facets": float(weigh(listing).balance)}


def said(text: str, kind: ListingKind = "supply-post") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("people for a price, held in escrow", said("20 workers available, 5000 USDT per head, escrow only"), on="a"),
    fires("moved between sites", said("Transfer between compounds: 6 people, 8000 per person"), on="a"),
    near_miss("no escrow", said("20 workers available, 5000 per head")),
    near_miss("it refuses escrow", said("20 workers available, 5000 per head, no escrow")),
    near_miss("escrow for a house", said("House 5000 down payment, escrow, 20 people visited")),
    innocent("a staffing agency", said("Licensed agency: 20 workers, 30 per person an hour, escrow, invoice, payroll")),
    innocent("an excursion", said("Tour for 20 people, 50 per person, deposit with the guarantor, tickets")),
    innocent("news", said("Police rescued 20 people sold at 5000 per head through escrow; two arrested")),
    innocent("another kind of advert", said("20 workers available, 5000 per head, escrow", "rental")),
    edge("three signs", said("20 workers, 5000 per head, escrow"), on="a"),
    edge("two words of lawful trade", said("Workers available: 20 people, 500 per head, escrow, tour, event")),
    edge("one such word", said("Workers available: 20 people, 500 per head, escrow, invoice"), on="a"),
)  # fmt: skip

FLAG = TextFlag(
    about=About(
        id="li-per-head-supply-post",
        version=1,
        title="Post offering or asking for workers per head against escrow",
        status="trial",
        severity="critical",
        entries=("li-per-head-supply-post",),
        reason="Posts of {subject} offer or ask for people at a price each, with escrow or a transfer between sites.",
        innocent=("staffing agencies", "excursions and events", "reporting on such posts"),
        blind_to=("closed channels", "slang that changes", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Keep the post's reference: such channels vanish.",
            "Look for the wallets and the guarantee platform it names on chain.",
            "Look for the same contact beside job adverts that promise travel.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
