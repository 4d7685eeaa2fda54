"""A job advert that puts money on the worker: a fee or deposit, a deduction, a debt, a penalty for leaving.

Catalogue entry li-job-fee-or-debt. Not counted: what is denied ("no fee"), what the employer pays, what payroll law
takes off, what customers, tenants or students pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import Marks, marks
from manumit.detectors.text.normalise import Folded
from manumit.detectors.text.prices import prices_in
from manumit.detectors.text.structure import MAX_SPANS, amount, denied, listed, overlap, paired, spans
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("job", "domestic", "recruitment-post")
SUM_GAP = 60  # ours: characters between a charge and its sum
BORNE_GAP = 40  # ours: characters between a charge and who else bears it

THRESHOLDS = (
    Threshold(
        name="max_gap", value=40, unit="characters", origin="ours: between a charge and what ties it to the worker"
    ),
)


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = listed("job_fee", listing)
    if not found.has("fee", "deposit", "deducted", "debt", "penalty"):
        return ()
    charges = list(islice(_charges(found, v["max_gap"]), MAX_SPANS))
    sums = (amount(found, hit) for hit in charges if hit.facet in ("fee", "deposit", "penalty"))
    return spans(listing, (*charges, *(hit for hit in sums if hit is not None)))


def measure(listing: Listing, v: Values) -> dict[str, float]:
    """The first sum named in a clause of a charge, in its own currency; nothing where none is."""
    found = listed("job_fee", listing)
    for hit in islice(_charges(found, v["max_gap"]), MAX_SPANS):
        start, stop = found.clause(hit)
        text = found.text[max(start, hit.start - SUM_GAP) : min(stop, hit.stop + SUM_GAP)]
        prices = prices_in(Folded(text, range(len(text) + 1)))
        if prices:
            return {"amount": float(prices[0].amount)}
    return {}


def _charges(found: Marks, max_gap: float) -> Iterator[Hit]:
    """Terms that lay a charge on the worker, each followed by what ties it to them."""
    yield from (hit for hit in found.of("fee") if not _borne(hit, found))
    for hit, tie in paired(found, "deposit", "asked", max_gap):
        inside = any(overlap(hit, fee) for fee in found.near("fee", hit, 0, 0))
        if not inside and not _borne(hit, found) and not denied(tie, found):
            yield from (hit, tie)
    for hit, tie in paired(found, "deducted", "wages", max_gap):
        if not _borne(hit, found):
            yield from (hit, tie)
    yield from (hit for hit in found.of("debt") if not denied(hit, found))
    for hit, tie in paired(found, "penalty", "leaving", max_gap):
        if not denied(hit, found):
            yield from (hit, tie)


def _borne(hit: Hit, found: Marks) -> bool:
    """Denied, borne by the employer or by customers, or what payroll law takes off."""
    employer = marks("guards", found.text).near("employer_pays", hit, BORNE_GAP, BORNE_GAP)
    return (
        bool(employer)
        or denied(hit, found)
        or any(found.near(f, hit, BORNE_GAP, BORNE_GAP) for f in ("lawful", "others"))
    )


def said(text: str, kind: ListingKind = "job") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("a fee before the start", said("Registration fee of 200 USD, payable before you start."), on="a"),
    fires("a deposit asked", said("A deposit of 300 EUR must be paid in advance."), on="a"),
    fires("off the pay", said("The ticket is deducted from your salary over six months."), on="a"),
    fires("a debt to work off", said("You work off the ticket, then you are paid in full."), on="a"),
    fires("a penalty for leaving", said("Penalty of 500 USD if you leave before the contract ends."), on="a"),
    fires("a household", said("Nanny wanted. Agency fee 150 USD, you pay before arrival.", kind="domestic"), on="a"),
    near_miss("no fee", said("We do not charge any registration fee.")),
    near_miss("no deposit", said("No deposit required, no fees.")),
    near_miss("the employer pays", said("Visa fees are paid by the company.")),
    near_miss("a deposit named, nobody asked", said("Bonus by deposit.")),
    innocent("taxes", said("Taxes and social security are deducted from your salary.")),
    innocent("payroll", said("Weekly pay by direct deposit, required paperwork on day one.")),
    innocent("fees of customers", said("You collect the registration fee from students.")),
    innocent("a letting agent", said("Deposit of one month required in advance.", kind="rental")),
    edge("40 characters between", said("deposit " + "x" * 38 + " payable"), on="a"),
    edge("41 characters between", said("deposit " + "x" * 39 + " payable")),
)

FLAG = TextFlag(
    about=About(
        id="li-job-fee-or-debt",
        version=1,
        title="Fees, deposits, debts or deductions put on the worker",
        status="trial",
        severity="high",
        entries=("li-job-fee-or-debt",),
        reason="Job adverts of {subject} ask the worker for money: a fee, a deposit, a deduction, a debt or a penalty.",
        innocent=("a lawful training bond", "a deposit for keys or a uniform that is given back", "a fee fixed by law"),
        blind_to=("charges told in private chat", "charges called by another name", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Read what the money is for, how much it is against the pay, and whether the law there allows it.",
            "Look for payments of like sums from many people to one account or wallet.",
            "Weigh it only together with other signs of the same contact.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
