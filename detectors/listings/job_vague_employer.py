"""A job advert that names neither who employs nor what is to be done.

Catalogue entry li-job-vague-employer. The absence of a name is no sign: agencies leave it out, and short adverts too.
The advert must say so itself (a company abroad, easy work, details in private), and must name no employer and hardly
a task. Nobody looks the employer up here; an analyst does.
"""

from __future__ import annotations

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.marks import marks
from manumit.detectors.text.signs import MAX_HITS, Weighed, different, seeks, signs, warnings, weighed
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("job", "domestic", "recruitment-post")
SIGNS = ("hidden_employer", "vague_work", "told_later", "anybody", "high_pay")
CORE = ("vague_work", "told_later")

THRESHOLDS = (
    Threshold(name="min_facets", value=2, unit="facets", origin="ours"),
    Threshold(name="max_tasks", value=2, unit="tasks", origin="ours"),
)


def weigh(listing: Listing) -> Weighed:
    text = folded(listing).text
    listed = marks("vague_employer", text)
    if not listed.has(*CORE) or listed.has("named"):
        return Weighed()
    told = signs("vague_employer", text, SIGNS)
    if not any(facet in told for facet in CORE) or seeks(text, "work"):
        return Weighed()
    return weighed(told, SIGNS, warnings(text))


def tasks(listing: Listing) -> int:
    """How many different concrete tasks and tools the advert names."""
    text = folded(listing).text
    return different(text, marks("vague_employer", text).of("task")[:MAX_HITS])


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = weigh(listing)
    if not found.hits or found.balance < v["min_facets"] or tasks(listing) > v["max_tasks"]:
        return ()
    return tuple(quote(listing, folded(listing), hit) for hit in found.hits)


def measure(listing: Listing, v: Values) -> dict[str, float]:
    return {"facets": float(weigh(listing).balance), "tasks": float(tasks(listing))}


def said(text: str, kind: ListingKind = "job") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("nobody and nothing", said("Company abroad. Easy work, no experience. Details in private."), on="a"),
    fires("easy work, told later", said("Easy job for everybody, DM for details"), on="a"),
    near_miss("an employer's name", said("Easy work at Imagined Bakery Ltd, details by message")),
    near_miss("a site", said("Easy work, details later at www.example.org")),
    near_miss("it denies it", said("This is not easy work. International company")),
    innocent(
        "an agency with real work",
        said("International company: cook and clean, drive to clients, some easy work, no experience needed"),
    ),
    innocent("a warning", said("Warning: easy work, details in private is how victims were lured. Police hotline.")),
    innocent("somebody who seeks work", said("Looking for work: easy work, no experience, details in private")),
    innocent("a flat", said("Easy job to move in, details by message", "rental")),
    edge("two signs", said("Easy work. No experience."), on="a"),
    edge("one sign", said("Easy work. Start Monday.")),
    edge("two tasks", said("Easy work. No experience. Pack and clean."), on="a"),
    edge("three tasks", said("Easy work. No experience. Pack and clean and paint.")),
    edge("one task", said("Easy work. No experience. Pack."), on="a"),
)  # fmt: skip

FLAG = TextFlag(
    about=About(
        id="li-job-vague-employer",
        version=1,
        title="Employer cannot be identified",
        status="trial",
        severity="medium",
        entries=("li-job-vague-employer",),
        reason="Job adverts of {subject} name no employer and hardly a task, and say that details come later.",
        innocent=("agencies that hide their clients", "day work between neighbours", "a first short post"),
        blind_to=("invented employer names", "copied task lists", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Look the contact up in company and recruiter registers.",
            "Look for the same contact or text under other employers or places.",
            "Many ordinary adverts are as short: weigh it only together with others.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
