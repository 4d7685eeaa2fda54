"""A listing that offers a household worker like a thing: to sell, exchange or hand over, at a price.

Catalogue entry li-domestic-person-for-transfer. The person and the verb stand in one clause, no other thing between
them; a price stands in the advert. Left out: what a worker writes of herself, adverts that seek somebody.
"""

from __future__ import annotations

from collections.abc import Iterator

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import Marks
from manumit.detectors.text.prices import prices_in
from manumit.detectors.text.structure import denied, listed, paired, spans
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("domestic", "recruitment-post", "supply-post", "other")
THING_GAP = 24  # ours: characters between the person and the thing that is really offered

THRESHOLDS = (Threshold(name="max_gap", value=32, unit="characters", origin="ours: between the person and the verb"),)


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = listed("person_transfer", listing)
    if not found.has("person") or not found.has("transfer") or found.has("first_person"):
        return ()
    offered = list(_offered(found, v["max_gap"]))
    if not offered or not (listing.prices or prices_in(folded(listing))):
        return ()
    return spans(listing, offered)


def _offered(found: Marks, max_gap: float) -> Iterator[Hit]:
    """Persons, each followed by the verb that offers them."""
    for person, verb in paired(found, "person", "transfer", max_gap):
        sought = any(not denied(hit, found) for hit in found.near("sought", person, int(max_gap), 0))
        if not sought and not found.near("thing", person, THING_GAP, THING_GAP) and not denied(verb, found):
            yield from (person, verb)


def said(text: str, kind: ListingKind = "domestic") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("for sale", said("Housemaid for sale, two years left, 3000 USD."), on="a"),
    fires("to exchange", said("We exchange for another one: our maid to exchange, 500 USD on top."), on="a"),
    fires("to hand over, in a post", said("Nanny to hand over. Price 1200 USD.", kind="other"), on="a"),
    near_miss("no price", said("Housemaid for transfer.")),
    near_miss("not for sale", said("A maid is not for sale. We pay 1200 USD per month.")),
    near_miss("far apart", said("Maid " + "x" * 40 + " for sale 300 USD")),
    innocent("the worker writes", said("I am a housemaid, my sponsor agrees, available for transfer. 1200 USD.")),
    innocent("a family seeks", said("Looking for a maid, visa for transfer is fine, 1200 USD per month.")),
    innocent("a uniform", said("Maid uniform for sale, 20 USD.", kind="other")),
    innocent("a rental", said("Flat with maid's room for sale, 300000 USD", kind="rental")),
    edge("32 characters between", said("maid " + "x" * 30 + " for sale 300 USD"), on="a"),
    edge("33 characters between", said("maid " + "x" * 31 + " for sale 300 USD")),
)

FLAG = TextFlag(
    about=About(
        id="li-domestic-person-for-transfer",
        version=1,
        title="Advert offering a domestic worker as a thing to transfer",
        status="trial",
        severity="critical",
        entries=("li-domestic-person-for-transfer",),
        reason="Listings of {subject} offer a household worker for sale, exchange or handing over, at a price.",
        innocent=(
            "a lawful change of sponsor written clumsily",
            "an agency's fee for placing a worker",
            "satire or a warning",
        ),
        blind_to=("offers in pictures or voice messages", "a price told in private", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Read who speaks and who would be paid: worker, agency or present employer.",
            "Keep the evidence and look for other persons offered by the same contact.",
            "Do not answer the advert; hand it to the authority or service that protects workers there.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
)
