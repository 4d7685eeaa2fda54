"""A job advert that says passports or papers are kept by the employer or agent.

Catalogue entry li-job-document-retention. Papers and a word of keeping stand in one clause, or papers are handed over
to somebody there. Not counted: what is denied, copies, a short hand-over for a visa, papers the worker keeps.
"""

from __future__ import annotations

from collections.abc import Iterator

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import Marks
from manumit.detectors.text.structure import denied, listed, paired, spans
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("job", "domestic", "recruitment-post")
PURPOSE_GAP = 48  # ours: characters between the papers and what they are wanted for

THRESHOLDS = (
    Threshold(name="max_gap", value=32, unit="characters", origin="ours: between the papers and who keeps them"),
)


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = listed("job_documents", listing)
    return spans(listing, _kept(found, v["max_gap"])) if found.has("papers") else ()


def _kept(found: Marks, max_gap: float) -> Iterator[Hit]:
    """Papers, each followed by who keeps them or takes them."""
    for papers, keeping in paired(found, "papers", "kept", max_gap):
        if not _harmless(papers, keeping, found):
            yield from (papers, keeping)
    holders = dict(paired(found, "given", "holder", max_gap))
    for papers, giving in paired(found, "papers", "given", max_gap):
        if giving in holders and not _harmless(papers, giving, found):
            yield from (papers, giving, holders[giving])


def _harmless(papers: Hit, keeping: Hit, found: Marks) -> bool:
    if found.near("purpose", papers, PURPOSE_GAP, PURPOSE_GAP):
        return True
    return denied(keeping, found) or denied(papers, found)


def said(text: str, kind: ListingKind = "job") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("kept by the agent", said("Passports are kept by the agent until you have paid."), on="a"),
    fires("we hold", said("We hold your passport for the whole contract."), on="a"),
    fires("handed over", said("You hand over your identity card to the employer."), on="a"),
    fires("collected on arrival", said("Bring a passport, it is collected on arrival."), on="a"),
    fires("a household", said("Housemaid, live-in. The family holds the passport.", kind="domestic"), on="a"),
    near_miss("never", said("We never keep passports.")),
    near_miss("a passport is needed", said("A valid passport is required.")),
    near_miss("handed over to nobody named", said("Hand over your identity card.")),
    innocent("a copy", said("A copy of your passport is kept by the office.")),
    innocent("for the visa", said("We hold your passport for the visa application, returned the same day.")),
    innocent("the worker keeps them", said("You keep your passport; documents held by nobody else.")),
    innocent("a hostel", said("Passport is held by reception.", kind="rental")),
    edge("32 characters between", said("passport " + "x" * 30 + " kept by us"), on="a"),
    edge("33 characters between", said("passport " + "x" * 31 + " kept by us")),
)

FLAG = TextFlag(
    about=About(
        id="li-job-document-retention",
        version=1,
        title="Employer holds passport or identity documents",
        status="trial",
        severity="critical",
        entries=("li-job-document-retention",),
        reason="Job adverts of {subject} say that employer or agent keeps the worker's passport or papers.",
        innocent=("a short hand-over for a visa", "a safe that the worker can open", "a clumsy translation"),
        blind_to=("papers taken after arrival", "papers called by another name", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Read the clause whole: who keeps the papers, for how long, and whether the worker can have them back.",
            "Check whether the law of the place forbids it, and whether the employer is licensed.",
            "Look for the same contact or text in other adverts; do not contact anybody named in them.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
)
