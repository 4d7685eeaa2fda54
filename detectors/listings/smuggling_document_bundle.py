"""A post that sells visas nobody examines, or false papers, with prices.

Catalogue entry li-smuggling-document-bundle: a document, a promise that no examination stands before it (or that it is
false), and a price. Words of lawful advice, warnings and news count against it.
"""

from __future__ import annotations

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import marks
from manumit.detectors.text.prices import prices_in
from manumit.detectors.text.signs import Weighed, different, seeks, signs, warnings, weighed
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("travel", "other", "supply-post")
SIGNS = ("document", "unexamined", "false")

THRESHOLDS = (
    Threshold(name="min_facets", value=2, unit="facets", origin="ours"),
    Threshold(name="min_prices", value=1, unit="prices", origin="ours"),
)


def weigh(listing: Listing) -> Weighed:
    text = folded(listing).text
    if not marks("papers", text).has("document"):
        return Weighed()
    told = signs("papers", text, (*SIGNS, "lawful"))
    if "document" not in told or not {"unexamined", "false"} & told.keys() or seeks(text, "way"):
        return Weighed()
    return weighed(told, SIGNS, different(text, told.get("lawful", ())) + warnings(text))


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = weigh(listing)
    if not found.hits or found.balance < v["min_facets"] or prices(listing) < v["min_prices"]:
        return ()
    return tuple(quote(listing, folded(listing), hit) for hit in _first(found.hits))


def _first(hits: tuple[Hit, ...]) -> list[Hit]:
    return sorted(hits, key=lambda hit: hit.start)


def prices(listing: Listing) -> int:
    """Prices the source gave, else those the text states."""
    return len(listing.prices or prices_in(folded(listing)))


def measure(listing: Listing, v: Values) -> dict[str, float]:
    return {"facets": float(weigh(listing).balance), "prices": float(prices(listing))}


def said(text: str, kind: ListingKind = "travel") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("a visa for everybody", said("Schengen visa guaranteed, no interview, 750 EUR, voucher 100 EUR"), on="a"),
    fires("false papers", said("Fake passports and ID cards, registered in the system, from $900"), on="a"),
    near_miss("no price", said("Schengen visa guaranteed, no interview")),
    near_miss("an honest agent", said("Visa 90 EUR, we cannot guarantee it, the decision rests with the embassy")),
    near_miss("it denies it", said("Passport photos 5 EUR, we sell no fake documents")),
    innocent("a law firm", said("Visa refused? Law firm, licensed, consultation 80 EUR, results guaranteed")),
    innocent("somebody who needs one", said("I need a visa, guaranteed, no interview, I pay 500 EUR")),
    innocent("news", said("Police: fake passports were sold for $900, two arrested")),
    innocent("a job", said("Visa guaranteed, 2000 EUR a month", "job")),
    edge("two signs, one price", said("Visa guaranteed 500 EUR"), on="a"),
    edge("three signs, one word of lawful trade", said("Fake visa, guaranteed, licensed, 500 EUR"), on="a"),
    edge("two signs, one such word", said("Visa guaranteed, licensed, 500 EUR")),
    edge("no price stands at the edge of one", said("Visa guaranteed, fake passports")),
)  # fmt: skip

FLAG = TextFlag(
    about=About(
        id="li-smuggling-document-bundle",
        version=1,
        title="Advert for guaranteed visas, false papers or supporting documents",
        status="trial",
        severity="high",
        entries=("li-smuggling-document-bundle",),
        reason="Posts of {subject} offer visas or papers without examination, or false ones, at stated prices.",
        innocent=("visa agents and lawyers", "photographers and translators", "reporting on forgery"),
        blind_to=("prices told in private chat", "samples shown as pictures", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Check whether the poster is a registered adviser.",
            "Look for the same contact beside adverts for passage or for work abroad.",
            "Look for payments of the stated prices to wallets the contact prints.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
